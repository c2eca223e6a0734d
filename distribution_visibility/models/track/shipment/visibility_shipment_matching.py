from odoo import api, models

from ....lib.track.matching import Candidate, fitting, is_over
from ....lib.track.milestones import RANK_DELIVERED
from ....lib.track.numbers import normalise_carrier, normalise_number


class VisibilityShipment(models.Model):
    """Which shipment a number means: of the same carrier, in its time; made where there is none.

    Numbers are named by keys: (company id, carrier as named, number, is test, source id or False).
    """

    _inherit = "visibility.shipment"

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

    def _create_unmatched(self, keys, found):
        """One shipment for each number, however often and in whatever spelling it was named."""
        names = {key: (*self._get_group(key), normalise_carrier(key[1])) for key in keys}
        first = {name: key for key, name in reversed(names.items())}
        over = self.browse().union(*(found.get(name[:3], self.browse()) for name in first))
        over.filtered(lambda one: (one.company_id.id, one.number_key, one.is_test, one.carrier_key) in first).write(
            {"is_current": False}
        )
        self.flush_model(["is_current"])
        quiet = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True)
        created = quiet.create([self._prepare_unmatched_values(*key) for key in first.values()])
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
