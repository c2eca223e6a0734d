from odoo import api, fields, models


class VisibilityPromiseWizard(models.TransientModel):
    """Move what was promised to a customer, or by a supplier, and say why."""

    _name = "visibility.promise.wizard"
    _description = "Move a promise"

    sale_order_id = fields.Many2one("sale.order", readonly=True)
    purchase_order_id = fields.Many2one("purchase.order", readonly=True)
    promised_at = fields.Datetime("New promise", required=True)
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
        if self.sale_order_id:
            self._explained(self.sale_order_id).commitment_date = self.promised_at
        else:
            lines = self.purchase_order_id.order_line.filtered(lambda line: not line.display_type)
            self._explained(lines).date_planned = self.promised_at
        return {"type": "ir.actions.act_window_close"}

    def _explained(self, records):
        return records.with_context(visibility_promise_reason=self.reason)
