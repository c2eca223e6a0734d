import pytz
from odoo import api, fields, models

from ....lib.track.eta import lane_keys, zip_key


class VisibilityShipment(models.Model):
    """From where to where, by the words of its lanes. Kept as it was when it was sent."""

    _inherit = "visibility.shipment"

    picked_up_at = fields.Datetime(
        "Picked up", readonly=True, help="The first proven fact that says it is on its way: time under way starts here."
    )
    lane_origin = fields.Char(compute="_compute_lane_places", store=True)
    lane_zip = fields.Char(compute="_compute_lane_places", store=True)
    lane_state = fields.Char(compute="_compute_lane_places", store=True)
    lane_country = fields.Char(compute="_compute_lane_places", store=True)
    lane_weekday = fields.Char(compute="_compute_lane_weekday", store=True)

    _delivered_lately = models.Index("(delivered_at) WHERE delivered_at IS NOT NULL")

    @api.depends("picking_ids", "direction")
    def _compute_lane_places(self):
        for shipment in self:
            picking = shipment.picking_ids[:1]
            destination = shipment._get_destination(picking)
            country = destination.country_id.code or ""
            state = destination.state_id.code or ""
            shipment.lane_origin = shipment._get_origin_key(picking)
            shipment.lane_zip = zip_key(country, destination.zip)
            shipment.lane_state = f"{country}-{state}" if country and state else ""
            shipment.lane_country = country

    @api.depends("picked_up_at")
    def _compute_lane_weekday(self):
        for shipment in self:
            shipment.lane_weekday = shipment._get_weekday(shipment.picked_up_at) if shipment.picked_up_at else ""

    def _get_origin_key(self, picking):
        """Our warehouse; of what suppliers send, where they are."""
        if self.direction == "outbound":
            warehouse = picking.picking_type_id.warehouse_id
            return f"W{warehouse.id}" if warehouse else ""
        sender = picking.purchase_id.partner_id or picking.partner_id
        country = sender.country_id.code or ""
        return zip_key(country, sender.zip) or country

    def _get_destination(self, picking):
        if self.direction == "inbound":
            return picking.picking_type_id.warehouse_id.partner_id or picking.company_id.partner_id
        return picking.sale_id.partner_shipping_id or picking.partner_id

    def _get_timezone(self):
        """Days are days of the company that promised."""
        return pytz.timezone(self.company_id.resource_calendar_id.tz or self.company_id.partner_id.tz or "UTC")

    def _get_weekday(self, moment):
        return str(pytz.utc.localize(moment).astimezone(self._get_timezone()).weekday())

    def _get_lane_keys(self, now):
        """Lanes that this one may be compared with, the finest first; not picked up yet: as if it left now."""
        return lane_keys(
            {
                "company": str(self.company_id.id),
                "carrier": self.carrier_key or "",
                "method": f"M{self.carrier_id.id}" if self.carrier_id else "",
                "origin": self.lane_origin or "",
                "zip": self.lane_zip or "",
                "state": self.lane_state or "",
                "country": self.lane_country or "",
                "weekday": self.lane_weekday or self._get_weekday(now),
            }
        )

    def _get_estimate_key(self):
        return f"E|{self.company_id.id}|{self.carrier_key}"
