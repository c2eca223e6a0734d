from odoo import fields, models

from ...lib.base.neighbours import told


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    visibility_carrier_code = fields.Char(
        "Carrier",
        help="The carrier as it names itself in events, for example UPS or DHL Express. Events are matched to "
        "deliveries by carrier and tracking number.",
    )
    visibility_transit_days = fields.Integer(
        "On the road (working days)",
        default=1,
        help="From collection to delivery, usually. Transfers are due so much before the promise.",
    )
    visibility_has_cut_off = fields.Boolean(
        "Collects once a day", default=True, help="What is not ready by then leaves on the next working day."
    )
    visibility_cut_off = fields.Float("Collects at", default=17, help="In the time zone of the warehouse.")

    _visibility_transit_positive = models.Constraint(
        "CHECK (visibility_transit_days >= 0)", "The days on the road cannot be less than zero."
    )
    _visibility_cut_off_in_day = models.Constraint(
        "CHECK (visibility_cut_off >= 0 AND visibility_cut_off <= 24)", "A carrier collects between 0:00 and 24:00."
    )

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"visibility_transit_days", "visibility_has_cut_off", "visibility_cut_off"}:
            self.env["stock.picking"]._refresh_queue_of([("carrier_id", "in", self.ids)])
        return result

    # ------------------------------------------------------------------ several destinations
    def _get_for(self, partner):
        """Of a method that has others for its destinations, as OCA's add-on does, the one that goes to an address."""
        if told(self, "destination_type") != "multi":
            return self
        # They are hidden from searches, and what a form has read of them without this knows none
        carriers = self.sudo().with_context(show_children_carriers=True)
        children = carriers.search([("parent_id", "=", self.id)])
        return next((one.with_env(self.env) for one in children if one._match_address(partner)), self)

    def _get_code_for(self, partner):
        """How the carrier that goes to an address names itself in events; empty where nobody said."""
        return self._get_for(partner).visibility_carrier_code or self.visibility_carrier_code or ""
