from odoo import api, fields, models

#: Working hours before the goods leave, by Odoo's own codes of the steps of a delivery.
HOURS = {"PICK": 4, "PACK": 2}
HOURS_BEFORE_LEAVING = 1


class StockPickingType(models.Model):
    """Which operations are picked from the picking list, and how long before the goods leave they should be done."""

    _inherit = "stock.picking.type"

    visibility_is_listed = fields.Boolean(
        "On the picking list",
        compute="_compute_visibility_listing",
        store=True,
        readonly=False,
        help="Open transfers of this type are on the picking list and have a clock.",
    )
    visibility_clock_hours = fields.Float(
        "Done before the goods leave (hours)",
        compute="_compute_visibility_listing",
        store=True,
        readonly=False,
        help="Working hours of the warehouse that are needed for what comes after this operation, until the "
        "carrier collects.",
    )

    _visibility_clock_hours_positive = models.Constraint(
        "CHECK (visibility_clock_hours >= 0)", "The hours before the goods leave cannot be less than zero."
    )

    @api.depends("code")
    def _compute_visibility_listing(self):
        """Deliveries and their steps Pick and Pack; an administrator may change both."""
        for one in self:
            is_step = one.code == "internal" and one.sequence_code in HOURS
            one.visibility_is_listed = is_step or one.code == "outgoing"
            hours = HOURS.get(one.sequence_code, 0) if is_step else HOURS_BEFORE_LEAVING
            one.visibility_clock_hours = hours if one.visibility_is_listed else 0

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"visibility_is_listed", "visibility_clock_hours"}:
            self.env["stock.picking"]._refresh_queue_of([("picking_type_id", "in", self.ids)])
        return result
