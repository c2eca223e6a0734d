"""One parcel's facts in one body: collected in any order, handed out oldest first, each once."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from ...base.errors import UnknownShape
from ..canonical import Code, Place, ShipmentData, ShipmentEvent
from ..moments import Moment
from .reading import normalised_number, text

#: An estimate further in the past than this, seen from the newest scan, is left over from
#: another life of the number (UPS documents a date five years before its scan).
STALE_ESTIMATE_DAYS = 90
MAX_CODES, MAX_DOUBTS = 10, 20


@dataclass
class Scan:
    """One scan as the adapter read it. ``codes`` are (vocabulary, value), most telling first."""

    codes: list[tuple[str, str]]
    occurred: Moment | None = None
    place: Place | None = None
    description: str = ""
    reason_code: str = ""
    reason: str = ""
    party: str | None = None
    signed_by: str = ""
    proof_url: str = ""
    is_return: bool = False
    is_delivery: bool = False
    id: str = ""
    doubts: list[str] = field(default_factory=list)


class History:
    """Collects what one body says of one parcel.

    :param related: further numbers that the same shipment may be known by.
    :param newest_first: the provider lists the newest scan first; matters for equal times only.
    :raises UnknownShape: when there is no tracking number.
    """

    def __init__(self, number, carrier="", *, is_test=False, is_return=False, order="", related=(), newest_first=False):
        self.number, self.carrier = text(number), text(carrier)
        if not normalised_number(number):
            raise UnknownShape("The body has no tracking number.")
        self.is_test, self.is_return, self.order = is_test, is_return, text(order)
        self.newest_first, self.related = newest_first, tuple(related)
        self.scans: list[Scan] = []
        self.doubts: list[str] = []
        self._summary: Scan | None = None
        self._eta: tuple[Moment, Moment | None] | None = None

    def add(self, scan: Scan) -> None:
        """Take one scan; one that says nothing at all is skipped with a doubt."""
        scan.codes = _clean(scan.codes)
        if not scan.codes and not text(scan.description):
            self.doubt("scan_skipped")
        else:
            self.scans.append(scan)

    def skip(self) -> None:
        """Note that a scan could not be read."""
        self.doubt("scan_skipped")

    def doubt(self, *codes: str) -> None:
        """Note a contradiction that concerns the whole parcel."""
        self.doubts.extend(codes)

    def summarise(self, scan: Scan, neutral: Iterable[str] = ()) -> None:
        """Take the body's own summary, which counts only when no scan says the same already.

        :param neutral: code values that say nothing, left out of the comparison.
        """
        scan.codes = _clean(scan.codes)
        told = {code for code in scan.codes if code[1] not in set(neutral)}
        if told and not any(told <= set(known.codes) for known in self.scans):
            self._summary = scan

    def expect(self, eta: Moment | None, as_of: Moment | None = None) -> None:
        """Take the parcel's expected delivery, estimated ``as_of`` (else at the newest scan)."""
        self._eta = (eta, as_of) if eta else None

    def prove(self, signed_by="", proof_url="") -> None:
        """Give the proof of delivery to the newest scan that is a delivery; else it is dropped."""
        everything = [*self._ordered(), *([self._summary] if self._summary else [])]
        delivery = next((scan for scan in reversed(everything) if scan.is_delivery), None)
        if delivery:
            delivery.signed_by = delivery.signed_by or text(signed_by)
            delivery.proof_url = delivery.proof_url or text(proof_url, 1000)

    def events(self) -> list[ShipmentEvent]:
        """All facts, oldest first, each once; a new estimate comes last, as an event of its own.

        The estimate is not put on a scan: scans are known again by their fingerprint, and an
        estimate that changes between two pushes of the same scan would be lost.

        :raises UnknownShape: when the body holds no fact.
        """
        scans = self._ordered()
        newest = next((scan.occurred for scan in reversed(scans) if scan.occurred), None)
        if self._summary:
            scans.append(self._anchored(self._summary, newest))
        events = list({event.fingerprint(): event for event in map(self._event, scans)}.values())
        events += self._estimate(newest)
        if not events:
            raise UnknownShape("The body holds no scan, no status and no estimate.")
        if self.doubts:
            events[-1] = _doubting(events[-1], self.doubts)
        return events

    def _ordered(self) -> list[Scan]:
        scans = self.scans[::-1] if self.newest_first else self.scans
        return sorted(scans, key=lambda scan: scan.occurred.at.timestamp() if scan.occurred else 0)

    def _anchored(self, summary: Scan, newest: Moment | None) -> Scan:
        # A body's own update time is another one in each push. The summary is the same fact as
        # long as its codes and the newest scan are, so that is what it is known by.
        if not summary.id:
            parts = [normalised_number(self.number), *(value for _, value in summary.codes)]
            summary.id = "summary:" + ":".join([*parts, newest.at.isoformat() if newest else ""])
        summary.occurred = summary.occurred or newest
        return summary

    def _event(self, scan: Scan) -> ShipmentEvent:
        data = ShipmentData(
            tracking_number=self.number,
            carrier=self.carrier,
            order_reference=self.order,
            codes=tuple(Code(vocabulary=vocabulary, value=value) for vocabulary, value in scan.codes),
            occurred=scan.occurred,
            place=scan.place,
            description=text(scan.description, 2000),
            reason_code=text(scan.reason_code),
            reason=text(scan.reason, 2000),
            responsible_party=scan.party,
            signed_by=text(scan.signed_by),
            proof_url=text(scan.proof_url, 1000),
            is_return=self.is_return or scan.is_return,
            related_numbers=self.related,
        )
        doubts = list(scan.doubts)
        if scan.occurred and not scan.occurred.offset_known:
            doubts.append("offset_unknown")
        event = ShipmentEvent(id=_identity(scan.id), is_test=self.is_test, data=data)
        return _doubting(event, doubts)

    def _estimate(self, newest: Moment | None) -> list[ShipmentEvent]:
        # What is delivered is not expected any more, though most bodies still say when it was.
        if not self._eta or any(scan.is_delivery for scan in (*self.scans, self._summary) if scan):
            return []
        eta, as_of = self._eta
        if newest and (newest.at - eta.at).days > STALE_ESTIMATE_DAYS:
            self.doubt("eta_implausible")
            return []
        data = ShipmentData(
            tracking_number=self.number,
            carrier=self.carrier,
            order_reference=self.order,
            occurred=as_of or newest,
            eta=eta,
            is_return=self.is_return,
        )
        return [ShipmentEvent(type="shipment.eta", is_test=self.is_test, data=data)]


def _clean(codes: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    pairs = ((vocabulary, text(value)) for vocabulary, value in codes)
    return list(dict.fromkeys(pair for pair in pairs if pair[1]))[:MAX_CODES]


def _identity(value: str) -> str:
    # A long id keeps its meaning as a digest: cut off, two could become one.
    return value if len(value) <= 128 else hashlib.sha256(value.encode()).hexdigest()


def _doubting(event: ShipmentEvent, doubts: Iterable[str]) -> ShipmentEvent:
    found = tuple(dict.fromkeys([*event.doubts, *doubts]))[:MAX_DOUBTS]
    return event.model_copy(update={"doubts": found}) if found else event
