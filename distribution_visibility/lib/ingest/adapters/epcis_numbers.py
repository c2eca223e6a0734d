"""Which numbers an EPCIS event speaks of, the one it is filed under first."""

import re
from collections.abc import Callable
from typing import Any

from .gs1_keys import key_of
from .reading import mapping, sequence, text

#: Transactions that name a shipment, in the order in which they do it best.
PAPERS = ("desadv", "bol")
MAX_RELATED = 20
_TRANSACTION = re.compile(r".*[/:]([^/:?#]+)/?(?:[?#].*)?")


class EpcisNumbers:
    """The numbers of one event; ``main`` is empty when it speaks of no shipment.

    :param term: gives the vocabulary's own word for a transaction type in any notation.
    """

    def __init__(self, event: dict, term: Callable[[Any], str]):
        units = self._units(event)
        papers = self._transactions(event, term)
        consignments = [number for kind, number in units if kind in ("gsin", "ginc")]
        pallets = [number for kind, number in units if kind == "sscc"]
        named = [papers[kind] for kind in PAPERS if kind in papers]
        shipment = [*consignments, *named, *pallets]
        if not consignments and len(pallets) == 1:
            shipment = [*pallets, *named]
        self.order = papers.get("po", "")
        found = list(dict.fromkeys([*shipment, *([] if shipment else filter(None, [self.order]))]))
        self.main = found[0] if found else ""
        self.related = tuple(found[1 : MAX_RELATED + 1])
        self.doubts = ["numbers_left_out"] if len(found) > MAX_RELATED + 1 else []

    def _units(self, event: dict) -> list[tuple[str, str]]:
        parent = text(event.get("parentID"))
        names = [parent] if parent else [*sequence(event.get("epcList"))]
        return [key for name in names if (key := key_of(text(name)))[0]]

    def _transactions(self, event: dict, term: Callable[[Any], str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for item in map(mapping, sequence(event.get("bizTransactionList"))):
            number = _number(text(item.get("bizTransaction")))
            if number:
                found.setdefault(term(item.get("type")), number)
        return found


def _number(name: str) -> str:
    """The number at the end of a transaction's identifier; a GS1 key as it is printed."""
    kind, number = key_of(name)
    match = None if kind else _TRANSACTION.fullmatch(name)
    return match[1] if match else number
