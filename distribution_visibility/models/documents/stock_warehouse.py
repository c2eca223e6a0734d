from odoo import fields, models


class StockWarehouse(models.Model):
    _inherit = "stock.warehouse"

    visibility_calendar_id = fields.Many2one(
        "resource.calendar",
        "Working hours",
        check_company=True,
        help="By which what is expected of this warehouse is due, in their time zone. Empty: the company's.",
    )

    visibility_picker_ids = fields.Many2many(
        "res.users",
        "visibility_warehouse_picker_rel",
        string="Pickers",
        domain=[("share", "=", False)],
        help="They see and take the transfers of this warehouse and of others that name them, and no other ones. Who "
        "is named nowhere sees all.",
    )

    def _get_visibility_zone(self):
        """The name of the time zone of this warehouse's days: of its working hours, its address, its company."""
        warehouse = self.sudo()
        own = warehouse.visibility_calendar_id.tz or warehouse.partner_id.tz
        return own or warehouse.company_id._get_visibility_zone()
