from odoo import api, fields, models

from .visibility_decision import OPEN_STATES

READERS = "distribution_visibility.group_user,distribution_visibility.group_auditor"


class VisibilityException(models.Model):
    """An exception waits while somebody decides about it."""

    _inherit = "visibility.exception"

    decision_ids = fields.One2many("visibility.decision", "exception_id", "Decisions", readonly=True, groups=READERS)
    decision_count = fields.Integer("Number of decisions", compute="_compute_decisions", groups=READERS)
    has_requested_decision = fields.Boolean("Waits for a decision", compute="_compute_decisions", groups=READERS)

    @api.depends("decision_ids.state")
    def _compute_decisions(self):
        for exception in self:
            exception.decision_count = len(exception.decision_ids)
            exception.has_requested_decision = "requested" in exception.decision_ids.mapped("state")

    def write(self, vals):
        if "state" not in vals:
            return super().write(vals)
        were_open = self.filtered("is_open")
        result = super().write(vals)
        were_open.filtered(lambda exception: not exception.is_open).sudo()._tell_approvers()
        return result

    def _end(self, values):
        """What ended by itself needs no decision any more: nobody is asked to spend money on it."""
        result = super()._end(values)
        about = (self | self.split_ids | self.merged_into_id).exists().filtered(lambda one: not one.is_open)
        about.sudo().decision_ids.filtered(lambda decision: decision.state in OPEN_STATES)._cancel()
        return result

    def _find_who_worked(self):
        """Who asked for a decision has worked on it, unless an automation did."""
        asked = self.sudo().decision_ids.filtered(lambda decision: not decision.action_run_id)
        return super()._find_who_worked() or asked[:1].requester_id

    def _get_open_decision(self):
        return self.decision_ids.filtered(lambda decision: decision.state in OPEN_STATES)[:1]

    # ------------------------------------------------------------------ what decisions do to it
    def _await_decision(self):
        self.sudo().filtered("is_open").write({"state": "waiting"})

    def _end_decision(self, decision):
        """Tell the outcome to whoever follows the exception and to who asked, and go on working."""
        self.ensure_one()
        exception = self.sudo()
        exception.message_post(body=self._get_decision_note(decision), partner_ids=decision.requester_id.partner_id.ids)
        if exception.state == "waiting":
            exception.state = "in_progress"

    def _get_decision_note(self, decision):
        link = decision._get_html_link()
        if decision.state == "cancelled":
            return self.env._("%(decision)s was cancelled.", decision=link)
        state = decision._label("state")
        return self.env._(
            "%(decision)s: %(state)s by %(person)s. %(comment)s",
            decision=link,
            state=state,
            person=decision.decided_by_id.name,
            comment=decision.decision_note or "",
        )

    def _tell_approvers(self):
        """The exception ended while its decision was pending: those who were asked should know."""
        pending = self.decision_ids.filtered(lambda decision: decision.state == "requested")
        pending._message_log_batch(
            {
                decision.id: self.env._(
                    "Exception %(exception)s is closed meanwhile. %(resolution)s",
                    exception=decision.exception_id.name,
                    resolution=decision.exception_id.resolution or "",
                )
                for decision in pending
            }
        )

    # ------------------------------------------------------------------ buttons
    def action_request_decision(self):
        """The form of the draft, or of a new decision about this exception, in a dialog."""
        self.ensure_one()
        form = self.env.ref("distribution_visibility_approvals.visibility_decision_view_form_request")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Request decision"),
            "res_model": "visibility.decision",
            "views": [(form.id, "form")],
            "res_id": self._get_open_decision().id,
            "target": "new",
            "context": {"default_exception_id": self.id, "default_kind": self.default_approval},
        }

    def action_open_decisions(self):
        return self._open_action("distribution_visibility_approvals.visibility_decision_action", self.decision_ids)
