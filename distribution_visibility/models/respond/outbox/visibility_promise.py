from odoo import api, models

from ....lib.respond.outbox.catalogue import when


class VisibilityPromise(models.Model):
    """Tells subscribers of promises that moved; the first one is no news."""

    _inherit = "visibility.promise"

    @api.model_create_multi
    def create(self, vals_list):
        promises = super().create(vals_list)
        outbox = self.env["visibility.outbox.message"]
        if outbox._is_wanted("promise.moved"):
            moved = promises.filtered("previous_at")
            outbox._emit("promise.moved", moved, lambda one: one._prepare_event(), lambda one: one._get_document())
        return promises

    def _get_line(self):
        return self.sale_line_id or self.purchase_line_id

    def _get_document(self):
        """The order, also of a line's promise."""
        line = self._get_line()
        return line.order_id if line else self.sale_order_id or self.purchase_order_id

    def _prepare_event(self):
        line = self._get_line()
        return {
            "document": self.env["visibility.outbox.message"]._prepare_document(self._get_document()),
            "product": line.product_id.default_code or "",
            "line_id": line.id or None,
            "promised_at": when(self.promised_at),
            "previous_at": when(self.previous_at),
            "first_at": when((line or self._get_document()).visibility_first_promise_at or None),
            "days_moved": round(self.days_moved, 3),
        }
