from odoo import api, models

from ....lib.base.numbers import normalise_carrier, normalise_number
from ....lib.track.matching import Candidate, fitting, is_over
from ....lib.track.milestones import (
    FATES,
    RANK_DELIVERED,
    RANK_PICKED_UP,
    Correction,
    Position,
    is_under_way_again,
    stands_at,
    still_counts,
)  # fmt: skip
from ...base.quiet import QUIET


class VisibilityShipment(models.Model):
    """Which shipment facts are about, and where it is: what they make of it.

    A number means a shipment of the same carrier, in its time; it is made where there is none.
    Numbers are named by keys: (company id, carrier as named, number, is test, source id or False).
    """

    _inherit = "visibility.shipment"  # pylint: disable=consider-merging-classes-inherited

    # ------------------------------------------------------------------ which one a number means
    @api.model
    def _match(self, wanted, other_numbers=None):
        """The shipment of each key, made where there is none yet.

        :param dict wanted: keys to the time (naive UTC) of the earliest fact of each
        :param dict other_numbers: the same keys to further numbers that a shipment may be known by
        :return: dict of the same keys to shipments; to several where only a person can decide
        """
        aliases = {key: [key, *self._get_aliases(key, other_numbers or {})] for key in wanted}
        found = self._find_candidates({alias for names in aliases.values() for alias in names})
        matches = self.env["visibility.shipment.choice"]._get_remembered(wanted)
        matches.update(self._find_elsewhere({key: wanted[key] for key in wanted if key not in matches}, found))
        missing = []
        for key, moment in wanted.items():
            if key in matches:
                continue
            candidates = (found.get(self._get_group(alias), self.browse()) for alias in aliases[key])
            match = next(filter(None, (some._get_fitting(key[1], moment) for some in candidates)), None)
            if match:
                matches[key] = match
            else:
                missing.append(key)
        matches.update(self._create_unmatched(missing, found))
        decided = {key: shipment for key, shipment in matches.items() if len(shipment) == 1}
        self.env["visibility.shipment.alias"]._remember(
            decided, {key: numbers for key, numbers in (other_numbers or {}).items() if key in decided}
        )
        return matches

    @api.model
    def _find_elsewhere(self, wanted, found):
        """Of senders that carry for several companies what no transfer of their own company has, and one elsewhere.

        :return: dict of some of these keys to shipments of other companies
        """
        sources = self.env["visibility.source"].sudo().browse({key[4] for key in wanted if key[4]})
        shared = {source.id: source.shared_company_ids.ids for source in sources if not source.partner_id}
        numbers = {(place, *key[1:]): key for key in wanted for place in shared.get(key[4], ()) if place != key[0]}
        if not numbers:
            return {}
        others, elsewhere = self._find_candidates(numbers), {}
        for alias, key in numbers.items():
            fits = others.get(self._get_group(alias), self.browse()).filtered("picking_ids")
            elsewhere[key] = elsewhere.get(key, self.browse()) | fits._get_fitting(key[1], wanted[key])
        own = {key: found.get(self._get_group(key), self.browse()).filtered("picking_ids") for key in elsewhere}
        return {key: one for key, one in elsewhere.items() if len(one) == 1 and not own[key]}

    def _claim_from_shared(self):
        """What was told of this number before any transfer had it, by senders who carry for this company, too."""
        self.ensure_one()
        elsewhere = [("company_id", "!=", self.company_id.id), ("is_unmatched", "=", True)]
        unmatched = self.search([("number_key", "=", self.number_key), *elsewhere])
        fits = unmatched._get_fitting(self.carrier_code, None) if unmatched else unmatched
        told = fits.event_ids.filtered(
            lambda fact: (
                self.company_id in fact.sudo().source_id.shared_company_ids and fact.shipment_id.is_test == self.is_test
            )
        )
        if told:
            told._give_to(self, self.env._("%s sends under the same carrier account.", self.company_id.name))

    def _create_unmatched(self, keys, found):
        """One shipment for each number, however often and in whatever spelling it was named."""
        names = {key: (*self._get_group(key), normalise_carrier(key[1])) for key in keys}
        first = {name: key for key, name in reversed(names.items())}
        over = self.browse().union(*(found.get(name[:3], self.browse()) for name in first))
        over.filtered(lambda one: (one.company_id.id, one.number_key, one.is_test, one.carrier_key) in first).write(
            {"is_current": False}
        )
        self.flush_model(["is_current"])
        created = self.with_context(**QUIET).create([self._prepare_unmatched_values(*key) for key in first.values()])
        by_name = dict(zip(first, self.browse(created.ids), strict=True))
        return {key: by_name[name] for key, name in names.items()}

    @staticmethod
    def _get_aliases(key, other_numbers):
        company, carrier, _number, is_test, source = key
        return [(company, carrier, number, is_test, source) for number in other_numbers.get(key, ())]

    @staticmethod
    def _get_group(key):
        company, _carrier, number, is_test, _source = key
        return company, normalise_number(number), is_test

    def _find_candidates(self, wanted):
        """Shipments by (company, number, is test), also under further numbers they are known by."""
        groups = {self._get_group(key) for key in wanted}
        numbers = list({group[1] for group in groups})
        companies = list({group[0] for group in groups})
        named = self.search([("company_id", "in", companies), ("number_key", "in", numbers)])
        found = named.grouped(lambda shipment: (shipment.company_id.id, shipment.number_key, shipment.is_test))
        aliases = self.env["visibility.shipment.alias"].search([("number_key", "in", numbers)])
        for alias in aliases.filtered(lambda alias: alias.shipment_id.company_id.id in companies):
            group = (alias.shipment_id.company_id.id, alias.number_key, alias.shipment_id.is_test)
            found[group] = found.get(group, self.browse()) | alias.shipment_id
        return found

    def _get_fitting(self, carrier, moment):
        """Of shipments with the same number those that a fact is about; several when nobody can tell."""
        candidates = [shipment._as_candidate() for shipment in self]
        return self.browse([one.key for one in fitting(candidates, normalise_carrier(carrier), moment)])

    def _as_candidate(self):
        return Candidate(
            key=self.id,
            carrier=self.carrier_key or "",
            first_at=self.first_event_at or None,
            last_at=self.last_event_at or None,
            is_current=self.is_current,
            is_ended=self.milestone_rank >= RANK_DELIVERED,
        )

    def _is_over(self, moment):
        """True when a fact at ``moment`` must be about another parcel with a recycled number."""
        return is_over(self.last_event_at, moment)

    @api.model
    def _prepare_unmatched_values(self, company_id, carrier, number, is_test, _source_id):
        return {"company_id": company_id, "carrier_code": carrier, "number": number, "is_test": is_test}

    def _take_place_of(self, twin):
        """A shipment that nobody ever told of is this one by another number: it goes, and its number leads here."""
        numbers = [twin.number, *twin.alias_ids.mapped("number")]
        for picking in twin.picking_ids:
            self._link_picking(picking)
        twin.unlink()
        self.env["visibility.shipment.alias"]._remember({self: self}, {self: numbers})
        self.picking_ids._note_expectations()

    # ------------------------------------------------------------------ there and back under one number
    def _get_journey_of(self, picking):
        """The shipment that the number of a transfer means: this one, or the way back of what it brought.

        Some carriers use the number of what they delivered for its return as well. That is another journey: the
        delivery stays delivered, and what is said of the number later is about the return.
        """
        self.ensure_one()
        there = self.picking_ids - picking
        is_way_back = picking._is_return() and there and not any(one._is_return() for one in there)
        return self._begin_way_back(picking) if is_way_back and self._has_arrived() else self

    def _has_arrived(self):
        """Whether what it carried is where it was sent: by a carrier's word, or by our own receipt."""
        is_received = self.direction == "inbound" and all(one.state == "done" for one in self.picking_ids)
        return bool(self.delivered_at) or is_received

    def _begin_way_back(self, picking):
        self.is_current = False
        self.flush_recordset(["is_current"])
        key = (self.company_id.id, self.carrier_code, self.number, self.is_test, False)
        values = {**self._prepare_unmatched_values(*key), "carrier_id": self.carrier_id.id, "direction": "return"}
        back = self.browse(self.with_context(**QUIET).create(values).id)
        reason = self.env._("The carrier uses this number for the way back as well: %s", picking.display_name)
        self._get_events_of_way_back()._give_to(back, reason)
        return back

    def _get_events_of_way_back(self):
        """What was told of it after it had arrived, from the first fact on that says it moves again."""
        arrived = self.delivered_at
        later = self.event_ids.filtered(lambda fact: arrived and fact.occurred_at > arrived and fact._is_on_the_way())
        begun = min(later.mapped("occurred_at"), default=None)
        return self.event_ids.filtered(
            lambda fact: begun and fact.occurred_at >= begun and fact.kind != "correction"
        )

    # ------------------------------------------------------------------ where it is
    def _apply_events(self, events):
        """Let new, proven facts move their shipments; the order they come in makes no difference.

        :return: what their late risk was before, for ``_detect_late_risk``: it is looked at after what the facts
            themselves mean, because that may be why something is late
        """
        told, tellable = events.shipment_id._get_told(), events.shipment_id._get_tellable()
        corrected = events.filtered(lambda fact: fact._is_position_correction()).shipment_id
        corrected._recompute_from_timeline()
        for shipment, facts in events.grouped("shipment_id").items():
            if shipment not in corrected:
                shipment._write_changed(shipment._prepare_position_values(facts) | shipment._prepare_news_values(facts))
        before = (events.shipment_id - corrected)._work_out_outlook()
        events.shipment_id._emit_moves(told)
        events.shipment_id._note_moves(tellable)
        return before

    def _recompute_from_timeline(self):
        """Start again from what is on the timeline: after a fact was withdrawn, read anew, proven or corrected.

        It starts from nothing: only what differs in the end is news.
        """
        told, tellable = self._get_told(), self._get_tellable()
        self._hold_events()._hold_notes()._start_again()
        self._emit_moves(told)
        self._note_moves(tellable)

    def _start_again(self):
        cleared = {name: False for name in self._get_fields_from_facts()}
        for shipment in self:
            shipment.write(cleared | {"milestone_rank": 0})
            facts = shipment.event_ids.filtered("counts")
            shipment._write_changed(shipment._prepare_position_values(facts) | shipment._prepare_news_values(facts))
        self._refresh_outlook()

    @api.model
    def _get_fields_from_facts(self):
        return [
            "milestone_id", "milestone_at", "corrected_at", "eta", "eta_reported_at", "eta_source", "delivered_at",
            "picked_up_at", "signed_by", "proof_url", "first_event_at", "last_event_at", "last_event_text", "fate_id",
            "fate_at",
        ]  # fmt: skip

    def _get_position(self):
        if self.milestone_id:
            return Position(self.milestone_rank, self.milestone_at, self.milestone_id.id)
        return None

    def _get_clearing_event(self):
        """The fact that brought the shipment to its furthest milestone."""
        return self.landmark_ids.filtered(lambda fact: fact.milestone_id == self.milestone_id)

    def _prepare_position_values(self, facts):
        moving = facts.filtered(lambda fact: fact.milestone_id and fact.milestone_id.branch != "information")
        corrections = moving.filtered(lambda fact: fact.kind == "correction")
        reported = (moving - corrections).filtered(lambda fact: still_counts(fact.occurred_at, self.corrected_at))
        best = stands_at(
            [self._get_position(), *(fact._get_position() for fact in reported)],
            [Correction(fact.received_at, fact._get_position()) for fact in corrections],
        )
        values = {}
        if best:
            values = {"milestone_id": best.key, "milestone_rank": best.rank, "milestone_at": best.at}
        on_the_way = moving.filtered(lambda fact: RANK_PICKED_UP <= fact.milestone_id.rank < RANK_DELIVERED)
        if on_the_way:
            values["picked_up_at"] = min(filter(None, [self.picked_up_at, *on_the_way.mapped("occurred_at")]))
        if corrections:
            values["corrected_at"] = max(corrections.mapped("received_at"))
        if any(facts.mapped("is_return")) and self.direction != "return":
            values["direction"] = "return"
        return values | self._prepare_delivery_values(reported, corrections)

    def _prepare_delivery_values(self, reported, corrections):
        """When it was delivered and to whom: by the scans, or by what a person said last."""
        last = corrections.filtered(lambda fact: fact.received_at == max(corrections.mapped("received_at")))
        if last and max(last.mapped("milestone_id.rank")) <= RANK_DELIVERED:
            reported = reported.filtered(lambda fact: still_counts(fact.occurred_at, last[0].received_at))
        delivered = (last | reported).filtered(lambda fact: fact.milestone_id.rank == RANK_DELIVERED)
        if not delivered:
            return {}
        return {
            "delivered_at": min(filter(None, [self.delivered_at, *delivered.mapped("occurred_at")])),
            "proof_url": self.proof_url or next(filter(None, delivered.mapped("proof_url")), False),
            "signed_by": self.signed_by or next(filter(None, delivered.mapped("signed_by")), False),
        }

    def _prepare_news_values(self, facts):
        facts = facts.filtered(lambda fact: fact._is_news())
        if not facts:
            return {}
        values = {"first_event_at": min(filter(None, [self.first_event_at, *facts.mapped("occurred_at")]))}
        # Carriers send a new estimate along with the scan that explains it: the scan is the news.
        latest = max(facts, key=lambda fact: (fact.occurred_at, bool(fact.milestone_id or fact.category_id), fact.id))
        if not self.last_event_at or latest.occurred_at >= self.last_event_at:
            values.update(last_event_at=latest.occurred_at, last_event_text=latest._get_headline())
        return values | self._prepare_fate_values(facts) | self._prepare_eta_values(facts.filtered("eta"))

    def _prepare_fate_values(self, facts):
        """What says that it will not arrive by itself any more, and what came after it that says it goes on."""
        fate, since = self.fate_id, self.fate_at
        for fact in facts.sorted(lambda one: (one.occurred_at, one.id)):
            is_later = not since or fact.occurred_at >= since
            if is_later and fact.category_id.code in FATES:
                fate, since = fact.category_id, fact.occurred_at
            elif is_later and fate and is_under_way_again(fate.code, fact.milestone_id.rank, fact.milestone_id.branch):
                fate = fate.browse()
        known = self.milestone_id
        if fate and known and self.milestone_at > since and is_under_way_again(fate.code, known.rank, known.branch):
            fate = fate.browse()
        return {"fate_id": fate.id, "fate_at": since if fate else False}

    def _prepare_eta_values(self, facts):
        if not facts:
            return {}
        # Of estimates of the same time the one that arrived last replaces the others.
        newest = max(facts, key=lambda fact: (fact.occurred_at, fact.id))
        if self.eta_reported_at and newest.occurred_at < self.eta_reported_at:
            return {}
        source = "person" if newest.kind == "correction" else "carrier"
        return {"eta": newest.eta, "eta_reported_at": newest.occurred_at, "eta_source": source}

    def _write_changed(self, values):
        """Write only what differs: most re-sent histories change nothing."""
        changed = {
            name: value
            for name, value in values.items()
            if self._fields[name].convert_to_write(self[name], self) != value
        }
        if changed:
            self.write(changed)
