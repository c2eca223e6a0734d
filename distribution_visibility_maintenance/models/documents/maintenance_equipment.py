from odoo import fields, models


class MaintenanceEquipment(models.Model):
    """A dock, a line or a truck that operations of a warehouse cannot do without."""

    _inherit = "maintenance.equipment"

    visibility_picking_type_ids = fields.Many2many(
        "stock.picking.type",
        "visibility_equipment_picking_type_rel",
        string="Stops these operations",
        check_company=True,
        help="When this equipment is down, the transfers of these operations have to wait.",
    )
