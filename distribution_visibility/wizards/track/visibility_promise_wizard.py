from odoo import api, fields, models
from odoo.exceptions import UserError

from ...lib.base.grant import WANTED_BY
from ...models.track.promise.visibility_promise import WANTED_BY_WHOM


class VisibilityPromiseWizard(models.TransientModel):
    """Move what was promised to a customer, or by a supplier, and say why."""

    _name = "visibility.promise.wizard"
    _description = "Move a promise"

    sale_order_id = fields.Many2one("sale.order", readonly=True)
    purchase_order_id = fields.Many2one("purchase.order", readonly=True)
    promised_at = fields.Datetime("New promise", required=True)
    wanted_by = fields.Selection(
        WANTED_BY_WHOM,
        "Moved because",
        help="If the customer asked for another day, that day is the one that counts from now on. The same for a "
        "supplier whom we asked.",
    )
    reason = fields.Char(required=True, help="Kept in the history of the promise, with your name.")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        order = self.env[self.env.context["active_model"]].browse(self.env.context["active_id"])
        field = "sale_order_id" if order._name == "sale.order" else "purchase_order_id"
        return {"promised_at": order.visibility_promise_at, field: order.id, **values}

    def action_confirm(self):
        """Write the date where Odoo keeps it, so that everything else in Odoo knows it too."""
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why the promise moves: it is kept in its history, with your name."))
        if self.sale_order_id:
            self._explained(self.sale_order_id).commitment_date = self.promised_at
        else:
            lines = self.purchase_order_id.order_line.filtered(lambda line: not line.display_type)
            self._explained(lines).date_planned = self.promised_at
        return {"type": "ir.actions.act_window_close"}

    def _explained(self, records):
        return records.with_context(visibility_promise_reason=self.reason, **WANTED_BY.carry(self.wanted_by))
