from odoo import api, fields, models

SAFE = ("assigned", "done", "cancel")


class StockPicking(models.Model):
    """How much of a transfer was reserved once, as Odoo knows only what is reserved now; and what was announced."""

    _inherit = "stock.picking"

    visibility_reserved_peak = fields.Integer(
        compute="_compute_visibility_allocation", store=True, copy=False, help="Most moves that were reserved at once."
    )
    visibility_allocation_lost = fields.Boolean(
        "Reserved stock lost",
        compute="_compute_visibility_allocation",
        store=True,
        copy=False,
        help="Fewer of its moves are reserved than were before.",
    )

    visibility_comparison_ids = fields.One2many(
        "visibility.receipt.comparison", "picking_id", "Announced and received", readonly=True
    )

    # ------------------------------------------------------------------ reservation
    @api.model
    def _get_reservation_columns(self):
        """What transfers of the past lost nobody knows."""
        return {"visibility_reserved_peak": "int4", "visibility_allocation_lost": "bool"}

    @api.depends("move_ids.state")
    def _compute_visibility_allocation(self):
        for picking in self:
            states = picking.move_ids.mapped("state")
            safe = sum(state in SAFE for state in states)
            before = 0 if "draft" in states else picking.visibility_reserved_peak
            picking.visibility_reserved_peak = max(before, safe)
            picking.visibility_allocation_lost = bool(states) and safe < before

    # ------------------------------------------------------------------ receipts
    def _compare_with_notices(self):
        """These were validated: compare what came, or went back, with what suppliers had announced."""
        done = self.filtered(lambda picking: picking._is_of_supplier() and picking.state == "done")
        if done:
            self.env["visibility.receipt.comparison"].sudo()._compare(done.sudo())

    def _is_of_supplier(self):
        """A receipt of a purchase, or what goes back of one."""
        receipt = self.return_id or self
        return receipt.picking_type_code == "incoming" and bool(receipt._get_purchase_orders())
