from odoo import api, fields, models
from odoo.exceptions import UserError

from .visibility_decision import OPEN_STATES


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
        return self._open_action("distribution_visibility_approvals.visibility_decision_action", self.decision_ids)
