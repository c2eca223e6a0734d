from odoo import api, fields, models
from odoo.addons.distribution_visibility.models.base.guard import guarded
from odoo.exceptions import UserError, ValidationError

from .visibility_decision import MONEY_KINDS


class BaseAutomation(models.Model):
    """An automation that asks first may ask for a decision: others than who answers for it decide."""

    _inherit = "base.automation"

    asks_by = fields.Selection(
        [("task", "A task"), ("decision", "A decision")],
        "Asks with",
        default="task",
        required=True,
        tracking=True,
        help="A task goes to the person who is asked. A decision is made by whom the tier definitions name, and never "
        "by the accountable owner of this automation.",
    )
    decision_kind = fields.Selection(
        selection=lambda self: self.env["visibility.decision"]._fields["kind"].selection,
        string="Kind of decision",
        tracking=True,
    )
    decision_amount = fields.Float("Costs at most", tracking=True, help="In company currency, for each record.")

    @api.constrains("asks_by", "decision_kind", "decision_amount", "model_id", "approval_mode")
    def _check_decision(self):
        asking = self.filtered(lambda one: one.asks_by == "decision" and one.approval_mode != "never")
        for automation in asking:
            if automation.model_name != "visibility.exception":
                raise ValidationError(self.env._("Decisions are about exceptions: let it ask with a task."))
            if not automation.decision_kind:
                raise ValidationError(self.env._("Choose the kind of decision that “%s” asks for.", automation.name))
            if automation.decision_kind in MONEY_KINDS and automation.decision_amount <= 0:
                raise ValidationError(self.env._("Say what it may cost at most: this decision is about money."))

    def _request_approval(self, runs):
        """Ask for a decision about each exception; where it waits for another one already, with a task."""
        automation = self.sudo()
        # Nobody can be the one who asks for it once the owner has left
        if automation.asks_by != "decision" or not automation.accountable_id.active:
            return super()._request_approval(runs)
        free = runs.filtered(lambda run: run.exception_id.is_open and not run.exception_id.sudo()._get_open_decision())
        with guarded(self.env, catches=UserError) as attempt:
            self._request_decisions(free)
        if attempt.error:
            # Nobody is named to decide, for example: whoever saves the exception must not be stopped by that
            free = runs.browse()
        return super()._request_approval(runs - free) if runs - free else None

    def _request_decisions(self, runs):
        if not runs:
            return
        decisions = self.env["visibility.decision"].with_user(self.sudo().accountable_id).sudo()
        decisions.create([self._prepare_decision(run) for run in runs]).action_request()

    def _prepare_decision(self, run):
        automation = self.sudo()
        automation = automation.with_context(lang=automation.accountable_id.lang)
        return {
            "exception_id": run.exception_id.id,
            "kind": automation.decision_kind,
            "amount": automation.decision_amount,
            "currency_id": run.exception_id.company_id.currency_id.id,
            "requester_id": automation.accountable_id.id,
            "action_run_id": run.id,
            "would_do": "\n".join(automation.action_server_ids.sorted().mapped("name")),
            "justification": automation.env._(
                "“%(automation)s” asks before it acts. %(purpose)s",
                automation=automation.name,
                purpose=automation.purpose or "",
            ),
        }
