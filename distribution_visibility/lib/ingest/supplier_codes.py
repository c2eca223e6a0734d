"""What suppliers' status codes mean for a line of a purchase order.

They answer an order and are no milestones of a shipment, so they are not in the code map that
administrators change: a supplier's answer has few, fixed meanings. The lists are those of X12
element 668, EDIFACT 1225 and 1229, UBL 2.1 and Amazon's vendor orders.
"""

from .canonical import LineStatus

_TABLES: dict[str, dict[str, LineStatus]] = {
    # X12 855 ACK01, releases 2001 to 3060 and later.
    "x12.668": {
        "AC": "accepted",
        "AR": "accepted",
        "BP": "partly_shipped",
        "DR": "date_changed",
        "IA": "accepted",
        "IB": "backordered",
        "IC": "accepted_with_changes",
        "ID": "cancelled",
        "IE": "accepted_with_changes",
        "IF": "on_hold",
        "IH": "on_hold",
        "IP": "price_changed",
        "IQ": "quantity_changed",
        "IR": "rejected",
        "IS": "substituted",
        "IW": "on_hold",
        "SP": "accepted_with_changes",
    },
    # X12 855 BAK02. AT and AK acknowledge without saying anything of the content.
    "x12.587": {
        "AC": "accepted_with_changes",
        "AD": "accepted",
        "AE": "accepted_with_changes",
        "AK": "unknown",
        "AT": "accepted",
        "RD": "rejected",
        "RJ": "rejected",
    },
    # EDIFACT ORDRSP, BGM message function.
    "edifact.1225": {"4": "accepted_with_changes", "27": "rejected", "29": "accepted"},
    # EDIFACT ORDRSP, LIN action; Peppol uses the same codes as UBL LineStatusCode.
    "edifact.1229": {
        "1": "accepted_with_changes",
        "2": "cancelled",
        "3": "accepted_with_changes",
        "4": "unknown",
        "5": "accepted",
        "6": "accepted_with_changes",
        "7": "rejected",
        "10": "rejected",
    },
    # UBL 2.1 default code list LineStatusCode. What is disputed waits for people to agree.
    "ubl.line_status": {
        "Added": "accepted_with_changes",
        "Cancelled": "cancelled",
        "Disputed": "on_hold",
        "NoStatus": "unknown",
        "Revised": "accepted_with_changes",
    },
    # UNCL 4343 as Peppol's OrderResponseCode uses it. AB says only that the order arrived.
    "uncl.4343": {"AB": "unknown", "AP": "accepted", "CA": "accepted_with_changes", "RE": "rejected"},
    "amazon_vendor.acknowledgement": {
        "Accepted": "accepted",
        "Backordered": "backordered",
        "Rejected": "rejected",
    },
}

_ACCEPTING: frozenset[LineStatus] = frozenset(
    {
        "accepted",
        "accepted_with_changes",
        "date_changed",
        "quantity_changed",
        "price_changed",
        "substituted",
        "partly_shipped",
        "backordered",
    }
)


def line_status(vocabulary: str, code: str) -> LineStatus:
    """The meaning of a code; ``unknown`` when the list does not have it."""
    return _TABLES.get(vocabulary, {}).get(code, "unknown")


def known_codes(vocabulary: str) -> frozenset[str]:
    """The codes of one list; empty when there is no such list."""
    return frozenset(_TABLES.get(vocabulary, {}))


def overall_status(statuses: list[LineStatus]) -> LineStatus:
    """What the lines say together.

    The same when all say the same; accepted with changes when some are accepted in any way; else
    unknown, because a mixture of rejected, held and silent lines has no name.
    """
    told = set(statuses)
    if len(told) == 1:
        return statuses[0]
    return "accepted_with_changes" if told & _ACCEPTING else "unknown"
