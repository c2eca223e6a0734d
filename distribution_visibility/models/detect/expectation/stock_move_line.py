from odoo import api, models


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if any(vals.get("picked") for vals in vals_list):
            lines.picking_id._note_expectations()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if vals.get("picked"):
            self.picking_id._note_expectations()
        return result
