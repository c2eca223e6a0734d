from odoo import api, fields, models


class VisibilityException(models.Model):
    """From an exception straight to what is to be decided, and to what came instead of what was announced."""

    _inherit = "visibility.exception"

    proposal_ids = fields.Many2many(
        "visibility.proposal", string="Supplier proposals", compute="_compute_proposal_ids", compute_sudo=True
    )
    receipt_comparison_ids = fields.Many2many(
        "visibility.receipt.comparison",
        string="Announced and received",
        compute="_compute_receipt_comparison_ids",
        compute_sudo=True,
    )

    @api.depends("res_model", "res_id", "category_id")
    def _compute_proposal_ids(self):
        """The open proposals of the purchase orders that exceptions are about: one search for all."""
        about = self.filtered(lambda exception: exception.res_model == "purchase.order")
        proposals = self.env["visibility.proposal"]
        if about:
            proposals = proposals.search([("purchase_order_id", "in", about.mapped("res_id")), ("is_open", "=", True)])
        by_order = proposals.grouped(lambda proposal: proposal.purchase_order_id.id)
        for exception in self:
            mine = by_order.get(exception.res_id) if exception in about else None
            exception.proposal_ids = mine or proposals.browse()

    @api.depends("res_model", "res_id", "category_id")
    def _compute_receipt_comparison_ids(self):
        about = self.filtered(lambda exception: exception.category_id.code == "receipt_or_asn_discrepancy")
        rows = self.env["visibility.receipt.comparison"]
        if about:
            rows = rows.search([("picking_id", "in", about.mapped("res_id"))])
        by_receipt = rows.grouped(lambda row: row.picking_id.id)
        for exception in self:
            mine = by_receipt.get(exception.res_id) if exception in about else None
            exception.receipt_comparison_ids = mine or rows.browse()

    def action_open_proposals(self):
        self.ensure_one()
        return self._open_action("distribution_visibility.visibility_proposal_action", self.proposal_ids)
