from odoo import models

BRIEF = "visibility_brief"


class IrActionsServer(models.Model):
    """An action that has a brief written about exceptions; nothing follows from it without a person."""

    _inherit = "ir.actions.server"

    def _get_visibility_problem(self):
        if self.state == BRIEF and self.model_id.model != "visibility.exception":
            return self.env._("A brief is about an exception.")
        return super()._get_visibility_problem()

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
