from odoo import api, fields, models
from odoo.addons.distribution_visibility.lib.detect.expectation.expectation_plan import Reached


class VisibilityDecision(models.Model):
    """A decision that was requested is expected to be made: what waits too long is an exception of its own."""

    _name = "visibility.decision"
    _inherit = ["visibility.decision", "visibility.subject.mixin", "visibility.expectation.mixin"]

    # ------------------------------------------------------------------ what is expected of it
    def _get_expected_triggers(self):
        asked = self.state in ("requested", "approved", "rejected")
        return {"decision_requested": self.requested_at or None} if asked else {}

    def _get_expected_end(self):
        return self.env._("The decision was cancelled.") if self.state == "cancelled" else ""

    def _get_reached_fact(self, fact):
        if fact != "decided":
            return super()._get_reached_fact(fact)
        if self.state not in ("approved", "rejected"):
            return None
        said = self._fields["state"]._description_selection(self.env)
        return Reached(self.decided_at or fields.Datetime.now(), sentence=dict(said)[self.state])

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self._note_expectations()
        return result

    # ------------------------------------------------------------------ as the subject of exceptions
    def _prepare_exception_links(self):
        about = self.exception_id.sudo()
        links = {name: [fields.Command.set(about[name].ids)] for name in about._get_document_fields()}
        return {**links, "shipment_id": about.shipment_id.id, "partner_id": about.partner_id.id}

    def _get_facts(self):
        return self.env["visibility.event"]

    def _get_exception_owners(self, role):
        return self.requester_id | self.exception_id.user_id


class VisibilityExpectationTemplate(models.Model):
    _inherit = "visibility.expectation.template"

    trigger = fields.Selection(
        selection_add=[("decision_requested", "Decision requested")],
        ondelete={"decision_requested": lambda templates: templates._remove_with_expectations()},
    )
    fact = fields.Selection(
        selection_add=[("decided", "Decided")],
        ondelete={"decided": lambda templates: templates._remove_with_expectations()},
    )

    @api.model
    def _get_trigger_models(self):
        return {**super()._get_trigger_models(), "decision_requested": "visibility.decision"}

    @api.model
    def _get_fact_models(self):
        return {**super()._get_fact_models(), "decided": ("visibility.decision",)}
