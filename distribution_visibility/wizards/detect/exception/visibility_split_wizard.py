from odoo import api, fields, models

DOCUMENTS = ("picking_ids", "sale_order_ids", "purchase_order_ids", "invoice_ids")


class VisibilitySplitWizard(models.TransientModel):
    """Take some documents of an exception out into one of their own."""

    _name = "visibility.split.wizard"
    _description = "Split an exception"
    _inherit = ["visibility.action.mixin"]

    exception_id = fields.Many2one("visibility.exception", required=True, readonly=True)
    all_picking_ids = fields.Many2many(related="exception_id.picking_ids")
    all_sale_order_ids = fields.Many2many(related="exception_id.sale_order_ids")
    all_purchase_order_ids = fields.Many2many(related="exception_id.purchase_order_ids")
    all_invoice_ids = fields.Many2many(related="exception_id.invoice_ids", string="All invoices")
    picking_ids = fields.Many2many(
        "stock.picking", string="Transfers", domain="[('id', 'in', all_picking_ids)]"
    )
    sale_order_ids = fields.Many2many("sale.order", domain="[('id', 'in', all_sale_order_ids)]")
    purchase_order_ids = fields.Many2many("purchase.order", domain="[('id', 'in', all_purchase_order_ids)]")
    invoice_ids = fields.Many2many("account.move", string="Invoices", domain="[('id', 'in', all_invoice_ids)]")
    user_id = fields.Many2one("res.users", "Owner", domain="[('share', '=', False)]", help="Empty: as it is now.")
    reason = fields.Char(help="Kept in the log of both.")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "visibility.exception":
            values["exception_id"] = self.env.context.get("active_id")
        return values

    def action_confirm(self):
        """Split, and go to the new exception."""
        self.ensure_one()
        part = self.exception_id._split({name: self[name] for name in DOCUMENTS}, self.user_id, self.reason)
        return self._open_action("distribution_visibility.visibility_exception_action", part)
