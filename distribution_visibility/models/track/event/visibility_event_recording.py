from collections import Counter
from datetime import timedelta

from odoo import api, models

from ....lib.base.errors import UnknownShape
from ....lib.base.numbers import normalise_number
from ....lib.ingest.canonical import DespatchEvent, OrderResponseEvent, RetractionEvent, ShipmentEvent

# Clocks and time zones differ by up to a day; what is further ahead is a mistake.
MOST_AHEAD = timedelta(days=1)


class VisibilityEvent(models.Model):
    """How facts become events: each once, whatever is sent how often, in batches.

    Of shipments as carriers tell it, of facts that are taken back, and of purchase orders: what suppliers say of those
    is read in :mod:`visibility_event_suppliers`.
    """

    _inherit = "visibility.event"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _record_facts(self, facts):
        """Record what messages say, once each, and let it take effect.

        :param list facts: pairs of (inbox message, canonical event); facts known already are left out
        :return: the events that are new
        """
        facts = self._without_known(facts)
        shipments = self.env["visibility.shipment"]._match(self._get_wanted(facts), self._get_other_numbers(facts))
        orders = self._get_purchase_orders(facts)
        choices = self.env["visibility.shipment.choice"]._open_for(shipments)
        values = [self._prepare_values(message, fact, shipments, orders, choices) for message, fact in facts]
        events = self.create(values)
        self._note_unknown_codes(values)
        self._link_receipts(events)
        self._withdraw_retracted(events)
        self._note_outcome(events)
        events._take_effect()
        return events

    @api.model
    def _without_known(self, facts):
        """Each fact once: neither twice in these messages nor recorded before."""
        unique = {
            (message.source_id.id, self._get_fingerprint(message, fact)): (message, fact)
            for message, fact in reversed(facts)
        }
        known = self.search_fetch(
            [
                ("source_id", "in", list({key[0] for key in unique})),
                ("fingerprint", "in", list({key[1] for key in unique})),
            ],
            ["source_id", "fingerprint", "signed_by"],
        )
        for event in known:
            _message, fact = unique.pop((event.source_id.id, event.fingerprint), (None, None))
            event._add_late_proof(fact)
        return list(reversed(unique.values()))

    def _add_late_proof(self, fact):
        """Carriers send the name of who took it some time after the scan itself: the one thing that may be added."""
        signed_by = isinstance(fact, ShipmentEvent) and fact.data.signed_by
        if signed_by and not self.signed_by:
            self.sudo().signed_by = signed_by
            if self.counts and not self.shipment_id.signed_by:
                self.shipment_id.signed_by = signed_by

    @api.model
    def _get_wanted(self, facts):
        """The shipments that these facts need, with the time of the earliest fact of each."""
        wanted = {}
        for message, fact in facts:
            key, moment = self._get_shipment_key(message, fact), self._get_occurred(message, fact)
            if key:
                wanted[key] = min(moment, wanted.get(key, moment))
        return wanted

    @api.model
    def _get_other_numbers(self, facts):
        """Further numbers under which a shipment may be known (booking, bill of lading, container)."""
        return {
            self._get_shipment_key(message, fact): fact.data.related_numbers
            for message, fact in facts
            if isinstance(fact, ShipmentEvent) and fact.data.related_numbers
        }

    @api.model
    def _get_shipment_key(self, message, fact):
        """What names the shipment of a fact; None for facts that are told of something else."""
        number = self._get_shipment_number(fact)
        if not number:
            return None
        if not normalise_number(number):
            raise UnknownShape(self.env._("A tracking number needs a letter or a digit: %s", number))
        carrier = fact.data.carrier or message.source_id.carrier_code or ""
        return message.company_id.id, carrier, number, self._is_test(message, fact), message.source_id.id

    @api.model
    def _get_shipment_number(self, fact):
        if isinstance(fact, DespatchEvent):
            return fact.data.tracking_number or fact.data.despatch_number
        return fact.data.tracking_number if isinstance(fact, ShipmentEvent) else None

    @api.model
    def _get_fingerprint(self, message, fact):
        """What the same fact is known by; a test never uses up the fact it rehearses."""
        return f"test:{fact.fingerprint()}" if self._is_test(message, fact) else fact.fingerprint()

    @api.model
    def _is_test(self, message, fact):
        return fact.is_test and not message.source_id.takes_test_events

    @api.model
    def _get_moment(self, fact):
        """When it happened by the sender's word, if it gave a time at all."""
        if isinstance(fact, OrderResponseEvent):
            return fact.data.responded or fact.timestamp
        if isinstance(fact, DespatchEvent):
            return fact.timestamp or fact.data.shipped
        return (fact.data.occurred if isinstance(fact, ShipmentEvent) else None) or fact.timestamp

    @api.model
    def _get_occurred(self, message, fact):
        occurred = self._to_naive(self._get_moment(fact))
        return message.received_at if not occurred or self._is_in_future(message, fact) else occurred

    @api.model
    def _is_in_future(self, message, fact):
        """Whether the sender's time cannot be: wrong years would hide all later news for years."""
        occurred = self._to_naive(self._get_moment(fact))
        return bool(occurred and occurred > message.received_at + MOST_AHEAD)

    @api.model
    def _get_doubts(self, message, fact):
        return [*fact.doubts, *(["time_in_future"] if self._is_in_future(message, fact) else [])]

    @api.model
    def _to_naive(self, moment):
        """UTC as Odoo stores it: without zone, to the second."""
        return moment.at.replace(tzinfo=None, microsecond=0) if moment else False

    @api.model
    def _prepare_values(self, message, fact, shipments, orders, choices):
        moment = self._get_moment(fact)
        key = self._get_shipment_key(message, fact)
        shipment = shipments[key] if key and key not in choices else self.env["visibility.shipment"]
        return {
            "shipment_id": shipment.id,
            "choice_id": choices[key].id if key in choices else False,
            "carrier_named": key[1] if key else False,
            "number_named": key[2] if key else False,
            "company_id": (shipment.company_id or message.company_id).id,
            "source_id": message.source_id.id,
            "message_id": message.id,
            "fingerprint": self._get_fingerprint(message, fact),
            "sender_id": fact.id or False,
            "is_trusted": message.is_trusted,
            "occurred_at": self._get_occurred(message, fact),
            "occurred_raw": moment.raw if moment else False,
            "is_offset_known": bool(moment and moment.offset_known),
            "is_time_known": bool(moment) and not self._is_in_future(message, fact),
            "received_at": message.received_at,
            "doubts": ", ".join(self._get_doubts(message, fact)) or False,
            **self._prepare_fact_values(message, fact, orders),
        }

    @api.model
    def _prepare_fact_values(self, message, fact, orders):
        """What only this kind of fact says; extend it for further kinds."""
        if isinstance(fact, RetractionEvent):
            return self._prepare_retraction(fact.data)
        if isinstance(fact, OrderResponseEvent):
            return self._prepare_order_response(message, fact, orders)
        if isinstance(fact, DespatchEvent):
            return self._prepare_despatch_advice(message, fact, orders)
        return self._prepare_shipment_fact(fact.data)

    @api.model
    def _prepare_shipment_fact(self, data):
        return {
            "kind": "shipment",
            "eta": self._to_naive(data.eta),
            "location": data.place.label() if data.place else False,
            "description": data.description or False,
            "is_return": data.is_return,
            "signed_by": data.signed_by or False,
            "proof_url": data.proof_url or False,
            "reason_code": data.reason_code or False,
            "reason": data.reason or False,
            "reference": data.order_reference or False,
            "codes": [[code.vocabulary, code.value] for code in data.codes],
            **self._prepare_meaning(data.codes, data.milestone, data.category, data.responsible_party),
        }

    @api.model
    def _prepare_retraction(self, data):
        return {
            "kind": "retraction",
            "reference": data.event_id,
            "reason": data.reason or False,
            "description": data.reason or False,
        }

    @api.model
    def _note_unknown_codes(self, values):
        meanings = self.env["visibility.code.map"]._get_meanings()
        codes = (tuple(code) for row in values for code in row.get("codes") or ())
        unknown = Counter(code for code in codes if code not in meanings)
        if unknown:
            self.env["visibility.code.map"]._note_unknown(unknown)

    @api.model
    def _note_outcome(self, events):
        for message, mine in events.grouped("message_id").items():
            message.write(
                {
                    "event_count": message.event_count + len(mine),
                    "is_unmatched": any(event._is_unmatched() for event in mine),
                    "is_undecided": message.is_undecided or any(mine.mapped("is_undecided")),
                }
            )

    def _is_unmatched(self):
        """Whether no delivery, receipt or order of ours is known for this fact."""
        if self.kind == "retraction":
            return False
        return not self.purchase_order_id and (self.shipment_id.is_unmatched or not self.shipment_id)
