from odoo import fields, models


class StockWarehouse(models.Model):
    _inherit = "stock.warehouse"

    visibility_calendar_id = fields.Many2one(
        "resource.calendar",
        "Working hours",
        check_company=True,
        help="By which what is expected of this warehouse is due, in their time zone. Empty: the company's.",
    )
