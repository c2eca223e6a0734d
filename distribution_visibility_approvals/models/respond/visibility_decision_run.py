from odoo import api, fields, models
from odoo.exceptions import UserError

from .visibility_decision import OPEN_STATES


class VisibilityDecision(models.Model):
    """A decision that an automation waits for is its answer."""

    _inherit = "visibility.decision"

    action_run_id = fields.Many2one(
        "visibility.action.run", "Asked by", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    would_do = fields.Text("What would be done", readonly=True, copy=False)
    value_at_risk = fields.Monetary(
        related="exception_id.value_at_risk", currency_field="company_currency_id"
    )

    _one_per_question = models.UniqueIndex(
        "(action_run_id) WHERE action_run_id IS NOT NULL", "This is asked with another decision already."
    )

    @api.model
    def _get_content_fields(self):
        return super()._get_content_fields() | {"action_run_id", "would_do"}

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**vals, "action_run_id": False, "would_do": False} for vals in vals_list]
        return super().create(vals_list)

    def _settle(self, state):
        result = super()._settle(state)
        if self.action_run_id:
            self._answer_run(state == "approved")
        else:
            self.env["visibility.action.run"]._record([self._prepare_outcome_run(state)])
        return result

    def _prepare_outcome_run(self, state):
        """That a person decided is a row of the log, too."""
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            **self.env["visibility.action.run"]._prepare_run(self.exception_id),
            "name": f"{self.display_name}: {states[state]}",
            "origin": "approval",
            "result": "done" if state == "approved" else "declined",
            "reason": self.env._("Decided by %s", self.env.user.name),
            "detail": self.decision_note,
        }

    def _cancel(self):
        result = super()._cancel()
        for decision in self:
            decision._answer_run(False)
        return result

    def _answer_run(self, is_yes):
        """Carry out what was approved, if it still applies; who decided does it in their name."""
        run = self.action_run_id
        if not run or run.status != "open":
            return
        if is_yes and not run.automation_id._get_answerable(run):
            reason = self.env._("Approved, but the conditions do not hold any more: nothing was done.")
            self._message_log(body=reason)
            run._answer(False, reason)
            return
        run._answer(is_yes)

    def _undo_creation(self):
        """What is not decided yet is withdrawn; what was decided stays."""
        self.filtered(lambda one: one.state in OPEN_STATES)._cancel()

    def action_open_run(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("distribution_visibility.visibility_action_run_action")
        return {**action, "views": [(False, "form")], "res_id": self.action_run_id.id, "context": {}}


class VisibilityActionRun(models.Model):
    """What is asked with a decision is answered there, and nowhere else."""

    _inherit = "visibility.action.run"

    decision_ids = fields.One2many("visibility.decision", "action_run_id", "Decisions", readonly=True)

    @api.depends("decision_ids")
    def _compute_can_answer(self):
        result = super()._compute_can_answer()
        for run in self:
            run.can_answer = run.can_answer and not run.sudo().decision_ids
        return result

    def _check_may_answer(self):
        decision = self.sudo().decision_ids
        if decision.state in OPEN_STATES:
            raise UserError(self.env._("This waits for a decision: %s.", decision.display_name))
        # Who decided was checked by the decision
        return None if decision else super()._check_may_answer()

    def _find_open_without_task(self):
        # A decision stands for itself on the lists of those who decide
        return super()._find_open_without_task().filtered(lambda run: not run.sudo().decision_ids)

    def action_open_decision(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "distribution_visibility_approvals.visibility_decision_action"
        )
        return {**action, "views": [(False, "form")], "res_id": self.decision_ids.id, "context": {}}
