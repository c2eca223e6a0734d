import hashlib
import json
import uuid

from odoo import api, fields, models
from odoo.addons.distribution_visibility.lib.base.numbers import split_numbers

#: What a state that carriers' add-ons write says in our words; ``no_update`` says nothing.
MEANINGS = {
    "shipping_recorded_in_carrier": {"type": "shipment.milestone", "milestone": "label_created"},
    "in_transit": {"type": "shipment.milestone", "milestone": "in_transit"},
    "canceled_shipment": {"type": "shipment.milestone", "milestone": "cancelled"},
    "incident": {"type": "shipment.exception", "category": "delayed_in_transit"},
    "customer_delivered": {"type": "shipment.milestone", "milestone": "delivered"},
    "warehouse_delivered": {"type": "shipment.milestone", "milestone": "available_for_pickup"},
}
#: An incident is told again when the carrier says something else about it.
TELLING = frozenset({"delivery_state", "tracking_state"})


class StockPicking(models.Model):
    """Deliveries whose state a carrier's add-on writes: each new state is a fact of their shipments."""

    _inherit = "stock.picking"

    def write(self, vals):
        before = {one.id: one._get_carrier_says() for one in self} if vals.keys() & TELLING else {}
        result = super().write(vals)
        if before:
            self.filtered(lambda one: one._get_carrier_says() != before[one.id])._tell_carrier_states()
        return result

    def _get_carrier_says(self):
        """The state, and of an incident what is said of it."""
        return self.delivery_state, self.delivery_state == "incident" and self.tracking_state

    def _tell_carrier_states(self):
        """Into the inbox, as what a carrier sends itself: it is worked off in a moment, and whoever asked goes on."""
        told = self.filtered(lambda one: one.delivery_state in MEANINGS and one.carrier_tracking_ref)
        source = told and self.env.ref("distribution_visibility_delivery_state.source_delivery_state", False)
        if source:
            inbox = self.env["visibility.inbox.message"].sudo()
            inbox.create([picking._prepare_carrier_message(source.sudo()) for picking in told])
            inbox._wake_soon(source.sudo().lane)

    def _prepare_carrier_message(self, source):
        body = json.dumps({"events": [self._prepare_carrier_fact(number) for number in self._get_carrier_numbers()]})
        return {
            "source_id": source.id,
            "company_id": self.company_id.id,
            "external_id": uuid.uuid4().hex,
            "body": body,
            "body_sha256": hashlib.sha256(body.encode()).hexdigest(),
            "body_size": len(body),
            "is_trusted": True,
            "lane": source.lane,
        }

    def _get_carrier_numbers(self):
        return split_numbers(self.carrier_tracking_ref)

    def _prepare_carrier_fact(self, number):
        meaning = dict(MEANINGS[self.delivery_state])
        moment = self._get_carrier_moment().isoformat() + "Z"
        words = self.tracking_state or self._label("delivery_state")
        return {
            "type": meaning.pop("type"),
            "id": uuid.uuid4().hex,
            "timestamp": moment,
            "data": {
                "tracking_number": number,
                "carrier": self.carrier_id._get_code_for(self.partner_id),
                "occurred_at": moment,
                "description": words,
                "reason": words if self.delivery_state == "incident" else "",
                **meaning,
            },
        }

    @api.model
    def _get_delivered_states(self):
        return ("customer_delivered", "warehouse_delivered")

    def _get_carrier_moment(self):
        """When it was delivered by the carrier's word; of all else we know when we heard of it."""
        now = fields.Datetime.now()
        is_over = self.delivery_state in self._get_delivered_states()
        return min(self.date_delivered, now) if is_over and self.date_delivered else now
