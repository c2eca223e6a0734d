from datetime import timedelta

from odoo import api, models
from odoo.fields import Command

from . import story


class VisibilityDemo(models.AbstractModel):
    """What was delivered before the story begins: without it nobody could say how long anything takes."""

    _inherit = "visibility.demo"

    @api.model
    def _tell_past(self):
        """Deliveries of the last weeks with pickup, estimate and delivery; then the lanes are counted."""
        parcels = [(past, number, hours) for past in story.PAST for number, hours in enumerate(past.hours)]
        env = self._as("coordinator")
        pickings = env["stock.picking"].create([self._prepare_past_picking(*parcel) for parcel in parcels])
        pickings.action_confirm()
        pickings.move_ids.write({"quantity": 1, "picked": True})
        pickings.button_validate()
        events = []
        for (past, number, hours), picking in zip(parcels, pickings, strict=True):
            start = self._in(days=-8 - 2 * number, hours=-hours)
            picking.date_done = start
            events += self._prepare_past_events(picking.visibility_shipment_ids, past, start, hours)
        created = env["visibility.event"].create(events)
        created._take_effect()
        env["visibility.lane"]._count_lanes()

    def _prepare_past_picking(self, past, number, _hours):
        warehouse = self._ref(f"warehouse_{past.warehouse}")
        operation = warehouse.out_type_id
        locations = {
            "location_id": operation.default_location_src_id.id,
            "location_dest_id": operation.default_location_dest_id.id,
        }
        return {
            "picking_type_id": operation.id,
            "partner_id": self._ref(f"customer_{past.customer}").id,
            "user_id": self._ref("user_warehouse").id,
            "carrier_id": self._ref(f"carrier_{past.carrier}").id,
            "carrier_tracking_ref": f"PAST{past.carrier}{past.customer}{number:02}".upper(),
            **locations,
            "move_ids": [
                # A catalogue in an envelope: nothing that is counted on the shelves.
                Command.create({"product_id": self._ref("product_catalogue").id, "product_uom_qty": 1, **locations})
            ],
        }

    def _prepare_past_events(self, shipment, past, start, hours):
        """Picked up with an estimate, then delivered: as the carrier's source would have told it."""
        milestones = self.env["visibility.milestone"]._get_ids_by_code()
        common = {
            "kind": "shipment",
            "shipment_id": shipment.id,
            "company_id": shipment.company_id.id,
            "source_id": self._ref("source_easypost").id,
            "is_time_known": True,
            "is_offset_known": True,
        }
        facts = (
            ("picked_up", start, {"eta": start + timedelta(hours=past.typical)}),
            ("delivered", start + timedelta(hours=hours), {"signed_by": "DOCK"}),
        )
        return [
            {
                **common,
                "milestone_id": milestones[code],
                "occurred_at": moment,
                "received_at": moment,
                "fingerprint": f"past:{shipment.number}:{code}",
                **more,
            }
            for code, moment, more in facts
        ]
