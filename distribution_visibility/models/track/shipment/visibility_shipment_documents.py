from odoo import api, fields, models
from odoo.exceptions import UserError

from ....lib.track.numbers import normalise_carrier, normalise_number, split_numbers


class VisibilityShipment(models.Model):
    """A shipment and its transfers: several parcels of one delivery, several deliveries in one shipment."""

    _inherit = "visibility.shipment"

    # ------------------------------------------------------------------ linking
    def _link_picking(self, picking):
        """Tie a delivery or receipt to this shipment, and tell it what is known already."""
        self.ensure_one()
        if picking in self.picking_ids:
            return
        self.write(self._prepare_link_values(picking))
        self._follow_links()
        if self.picked_up_at:
            self._refresh_outlook()

    def _unlink_picking(self, picking):
        """The number on the transfer was wrong: what happens to this shipment is not its concern."""
        self.ensure_one()
        self.write({"picking_ids": [fields.Command.unlink(picking.id)]})
        self._follow_links()

    def _follow_links(self):
        """Exceptions and messages know which documents the shipment belongs to now."""
        self.exception_ids.filtered("is_open")._link_shipment_documents()
        for message in self.event_ids.message_id:
            is_unmatched = any(event._is_unmatched() for event in message.event_ids)
            if message.is_unmatched != is_unmatched:
                message.is_unmatched = is_unmatched

    def _prepare_link_values(self, picking):
        return {
            "picking_ids": [fields.Command.link(picking.id)],
            "direction": picking._get_shipment_direction() or self.direction,
            "carrier_id": (self.carrier_id or picking.carrier_id).id,
            "carrier_code": self.carrier_code or picking.carrier_id.visibility_carrier_code,
        }

    def _forget_moved(self, events):
        """It was no return after all when what said so was about another shipment."""
        if any(events.mapped("is_return")) and not any(self.event_ids.mapped("is_return")):
            self.direction = self.picking_ids[:1]._get_shipment_direction() or "outbound"

    # ------------------------------------------------------------------ by hand
    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self._check_new(vals_list)
        shipments = super().create(vals_list)
        for shipment, vals in zip(shipments, vals_list, strict=True):
            if vals.get("picking_ids"):
                shipment._complete_from_pickings(vals)
        return shipments

    @api.model
    def _check_new(self, vals_list):
        """A number that is under way already is said so, in words."""
        for vals in vals_list:
            new = self.new(vals)
            if not normalise_number(new.number):
                raise UserError(self.env._("A tracking number needs a letter or a digit."))
            known = self.search(
                [
                    ("company_id", "=", (new.company_id or self.env.company).id),
                    ("number_key", "=", normalise_number(new.number)),
                    ("carrier_key", "=", normalise_carrier(new.carrier_code or new.carrier_id.visibility_carrier_code)),
                    ("is_test", "=", new.is_test),
                    ("is_current", "=", True),
                ],
                limit=1,
            )
            if known:
                raise UserError(
                    self.env._("There is a shipment with the number %s of this carrier already.", known.number)
                )

    def _complete_from_pickings(self, vals):
        """What a person who typed a shipment left to its transfers; and they get its number."""
        known = {
            name: self._prepare_link_values(self.picking_ids[:1])[name] for name in self._get_fields_from_picking()
        }
        self.write({name: value for name, value in known.items() if value and not vals.get(name)})
        # Whoever may make a shipment may say which number its transfer has.
        for picking in self.sudo().picking_ids.filtered(lambda picking: not picking.carrier_tracking_ref):
            picking.carrier_tracking_ref = self.number

    @api.model
    def _get_fields_from_picking(self):
        return ["direction", "carrier_id", "carrier_code"]

    @api.onchange("picking_ids")
    def _onchange_picking_ids(self):
        """Good guesses while typing: carrier, direction, and the number if the transfer has one."""
        picking = self.picking_ids[:1]._origin
        if not picking:
            return
        self.direction = picking._get_shipment_direction() or self.direction
        self.carrier_id = self.carrier_id or picking.carrier_id
        self.carrier_code = self.carrier_code or picking.carrier_id.visibility_carrier_code
        self.number = self.number or next(iter(split_numbers(picking.carrier_tracking_ref)), False)

    @api.onchange("carrier_id")
    def _onchange_carrier_id(self):
        self.carrier_code = self.carrier_id.visibility_carrier_code or self.carrier_code
