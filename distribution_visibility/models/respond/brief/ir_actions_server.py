from odoo import fields, models

STATE = "visibility_brief"


class IrActionsServer(models.Model):
    """An action that has a brief written about exceptions; nothing follows from it without a person."""

    _inherit = "ir.actions.server"

    state = fields.Selection(selection_add=[(STATE, "Ask for a Brief")], ondelete={STATE: "cascade"})

    def _get_problem_visibility_brief(self):
        return False if self._is_on_exceptions() else self.env._("A brief is about an exception.")

    def _run_action_visibility_brief_multi(self, eval_context=None):
        self._ask_for_briefs(self._get_active_records())

    def _ask_for_briefs(self, exceptions):
        """Have briefs written, and note which are new.

        :return: the latest brief of each exception
        """
        known = exceptions.brief_id
        briefs = self.env["visibility.brief"]._write_briefs(exceptions)
        for brief in briefs:
            if brief in known:
                self._note([brief.exception_id], self.env._("Nothing has changed since: %s", brief.display_name))
            else:
                self._made(brief.exception_id, brief)
        return briefs
