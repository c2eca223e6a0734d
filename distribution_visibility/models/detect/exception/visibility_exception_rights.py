from odoo import models
from odoo.exceptions import AccessError


class VisibilityException(models.Model):
    """Who may work on what: users on what is theirs or nobody's, coordinators on everything."""

    _inherit = "visibility.exception"

    def write(self, vals):
        self._check_may_work(vals)
        return super().write(vals)

    def _check_may_work(self, vals=None):
        """Raise AccessError, and say what to do, when these belong to other people.

        :param dict vals: what is about to be written; whoever takes an exception over may do so
        """
        if self.env.su or (vals or {}).get("user_id") == self.env.uid:
            return
        others = self.filtered(lambda exception: exception.user_id and exception.user_id != self.env.user)
        if others and not self.env.user.has_group("distribution_visibility.group_coordinator"):
            raise AccessError(self._get_not_yours(others))

    def _get_not_yours(self, others):
        if len(others) == 1:
            return self.env._(
                "%(exception)s belongs to %(owner)s. Take it over first, or ask a coordinator.",
                exception=others.name,
                owner=others.user_id.name,
            )
        return self.env._(
            "%(count)s of these belong to others (%(names)s, ...): nothing was changed. Take them over first, or ask a "
            "coordinator.",
            count=len(others),
            names=", ".join(others[:3].mapped("name")),
        )

    # ------------------------------------------------------------------ results of bulk actions
    def _tell_result(self, message, done):
        """What a button on several exceptions answers; on one the screen itself shows it.

        :param done: those that were changed, the others had been closed or changed before
        """
        if len(self) < 2:
            return None
        left = len(self - done)
        rest = self.env._("%s were left as they are: closed, or done before.", left) if left else ""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if done else "warning",
                "message": f"{message} {rest}".strip(),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
