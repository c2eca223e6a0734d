from odoo import fields, models
from odoo.exceptions import UserError

from .visibility_exception import CLOSED_STATES


class VisibilityException(models.Model):
    """How an exception ends: by itself or by a person, with what became of it and why it had happened."""

    _inherit = "visibility.exception"

    root_cause_id = fields.Many2one(
        "visibility.root.cause", "Root cause", index="btree_not_null", tracking=True, ondelete="restrict",
        help="Why it happened in the end; asked for when a person resolves it.",
    )  # fmt: skip
    root_cause_party = fields.Selection(
        related="root_cause_id.responsible_party", store=True, string="Responsible in the end"
    )
    closed_by_id = fields.Many2one(
        "res.users", "Closed by", readonly=True, help="Empty on a closed exception: it cleared itself."
    )
    reopen_count = fields.Integer("Times reopened", readonly=True)

    def _get_fields_of_detect(self):
        return super()._get_fields_of_detect() | {"closed_by_id", "reopen_count"}

    def _complete_state(self, vals):
        vals = super()._complete_state(vals)
        if vals.get("state") in CLOSED_STATES:
            vals = {"closed_by_id": False if self.env.su else self.env.uid, **vals}
        return vals

    def _on_reopened(self):
        result = super()._on_reopened()
        for count, exceptions in self.sudo().grouped("reopen_count").items():
            exceptions.write({"reopen_count": count + 1, "closed_by_id": False, "root_cause_id": False})
        return result

    def _close(self, state, resolution, root_cause):
        """Close those of these that are open, in the name of the user: all of them or, when one may not be, none.

        :param str state: ``resolved`` or ``dismissed``
        :return: those that were closed
        """
        exceptions = self.filtered("is_open")
        if not exceptions:
            raise UserError(self.env._("None of these is open any more: nothing was changed."))
        values = {"state": state, "root_cause_id": root_cause.id}
        exceptions.write({**values, "resolution": resolution} if resolution else values)
        return exceptions
