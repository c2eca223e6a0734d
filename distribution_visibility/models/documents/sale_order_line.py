from odoo import api, fields, models


class SaleOrderLine(models.Model):
    """Lines of customers' orders: what was promised of each."""

    _name = "sale.order.line"
    _inherit = ["sale.order.line", "visibility.promise.mixin"]
    _visibility_promise_field = "sale_line_id"

    visibility_promise_ids = fields.One2many("visibility.promise", "sale_line_id", "Promises", readonly=True)

    def _get_promised_date(self):
        if self.state != "sale" or self.display_type:
            return False
        return self.order_id.commitment_date or self._expected_date()

    def _get_visibility_zone(self):
        return self.order_id._get_visibility_zone()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered(lambda line: line.state == "sale")._keep_promises()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if "customer_lead" in vals:
            self.filtered(lambda line: line.state == "sale")._keep_promises()
        return result
