"""What is trouble of its own, and what only follows from other trouble: one trouble is one piece of work.

A supplier's line comes late, so stock is short, the warehouse cannot start, and the order is at risk: the line is the
trouble, the rest follows from it. Here stands which kind of exception of what may follow from which; whether two of
them hang together (the order waits for that very line) is looked up by the models.
"""

from ...track.milestones import FATES

#: What exceptions are about.
PURCHASE, RECEIPT, INBOUND, ORDER, DELIVERY, PARCEL = (
    "purchase", "receipt", "inbound", "order", "delivery", "parcel",
)  # fmt: skip
LATE_RISK = "late_risk"

#: Kinds of a parcel's trouble, from what settles its fate to what merely takes long.
HALTS = (
    "address_problem", "documents_missing", "customs_hold", "delivery_attempt_failed", "unclaimed_at_pickup_point",
    "held_by_carrier",
)  # fmt: skip
REASONS = ("weather_or_disaster", "labour_or_civil", "vehicle_or_equipment", "misrouted")
DELAYS = (*REASONS, "delayed_in_transit")
#: Of one parcel: what follows from what.
OF_ONE_PARCEL = {
    "rejected_cancelled_disposed": ("lost_or_stolen", "refused"),
    "return_to_sender": ("refused", "rejected_cancelled_disposed", *HALTS),
    "customs_hold": ("documents_missing",),
    "delivery_attempt_failed": (*FATES, "address_problem"),
    "unclaimed_at_pickup_point": (*FATES, "address_problem", "delivery_attempt_failed"),
    "held_by_carrier": (*FATES, "address_problem", "documents_missing", "customs_hold"),
    **dict.fromkeys(REASONS, (*FATES, *HALTS)),
    "delayed_in_transit": (*FATES, *HALTS, *REASONS),
    "stale_no_update": (*FATES, *HALTS, *DELAYS, "pickup_missed"),
    LATE_RISK: (*FATES, *HALTS, *DELAYS, "pickup_missed", "stale_no_update"),
}


def of(kind: str, *codes: str) -> tuple[tuple[str, str], ...]:
    """Kinds of exceptions of one kind of document."""
    return tuple((kind, code) for code in codes)


ANSWERED = of(PURCHASE, "supplier_reject_or_backorder", "supplier_change_proposed", LATE_RISK)
ON_THE_WAY_IN = of(INBOUND, *FATES, *HALTS, *DELAYS, "pickup_missed", "stale_no_update", LATE_RISK)
NOT_IN = (*of(PURCHASE, "receipt_overdue", "receipt_incomplete"), *of(RECEIPT, "receipt_overdue", LATE_RISK))
#: Why goods that a customer waits for are not there.
SUPPLY = (*ANSWERED, *ON_THE_WAY_IN, *NOT_IN)
HELD = (*of(ORDER, "credit_hold", "order_incomplete"), *of(DELIVERY, "quality_hold", "capacity_down"))
STOCK = (*of(DELIVERY, "allocation_lost"), *of(ORDER, "stock_short"), *of(DELIVERY, "stock_short", "backorder"))
WAREHOUSE = of(DELIVERY, "warehouse_late", "pickup_missed")
ON_THE_ROAD = of(PARCEL, *FATES, *HALTS, *DELAYS)
SILENT = (*of(PARCEL, "pickup_missed", "stale_no_update"), *of(DELIVERY, "pickup_missed", "stale_no_update"))
ON_THE_WAY_OUT = (*ON_THE_ROAD, *SILENT)

#: (kind of document, code of the category) to those that it may follow from.
FOLLOWS = {
    (PURCHASE, LATE_RISK): ANSWERED[:2],
    (PURCHASE, "receipt_overdue"): (*ANSWERED, *ON_THE_WAY_IN),
    (PURCHASE, "receipt_incomplete"): (*ANSWERED, *ON_THE_WAY_IN, *of(PURCHASE, "receipt_overdue")),
    (PURCHASE, "asn_overdue"): (*ANSWERED, *ON_THE_WAY_IN, *NOT_IN),
    (PURCHASE, "ack_overdue"): (*ANSWERED, *ON_THE_WAY_IN, *NOT_IN, *of(PURCHASE, "asn_overdue")),
    (RECEIPT, "receipt_overdue"): (*ANSWERED, *ON_THE_WAY_IN, *of(PURCHASE, "receipt_overdue")),
    (RECEIPT, LATE_RISK): (*ANSWERED, *ON_THE_WAY_IN, *of(PURCHASE, "receipt_overdue")),
    (ORDER, "stock_short"): (*SUPPLY, *of(DELIVERY, "allocation_lost")),
    (DELIVERY, "stock_short"): (*SUPPLY, *of(DELIVERY, "allocation_lost"), *of(ORDER, "stock_short")),
    (DELIVERY, "backorder"): (*SUPPLY, *STOCK[:-1]),
    (DELIVERY, "warehouse_late"): (*SUPPLY, *HELD, *STOCK),
    (ORDER, LATE_RISK): (*SUPPLY, *HELD, *STOCK, *WAREHOUSE),
    (DELIVERY, LATE_RISK): (
        *SUPPLY, *HELD, *STOCK, *WAREHOUSE, *ON_THE_WAY_OUT, *of(ORDER, LATE_RISK), *of(PARCEL, LATE_RISK),
    ),
    (DELIVERY, "stale_no_update"): (*ON_THE_ROAD, *of(PARCEL, "stale_no_update"), *of(DELIVERY, "pickup_missed")),
    (ORDER, "stale_document"): (*SUPPLY, *HELD, *STOCK, *WAREHOUSE, *of(ORDER, LATE_RISK)),
    **{(PARCEL, code): of(PARCEL, *causes) for code, causes in OF_ONE_PARCEL.items() if code != LATE_RISK},
    **{(INBOUND, code): of(INBOUND, *causes) for code, causes in OF_ONE_PARCEL.items() if code != LATE_RISK},
    (INBOUND, LATE_RISK): (
        *ANSWERED, *of(INBOUND, *OF_ONE_PARCEL[LATE_RISK]), *of(PURCHASE, "receipt_overdue"), *of(RECEIPT, LATE_RISK),
    ),
    (PARCEL, LATE_RISK): (
        *SUPPLY, *HELD, *STOCK, *WAREHOUSE, *ON_THE_WAY_OUT, *of(ORDER, LATE_RISK), *of(DELIVERY, LATE_RISK),
    ),
}  # fmt: skip
#: The best cause first, where there are several.
ORDER_OF_CAUSES = {
    one: place
    for place, one in enumerate(
        dict.fromkeys(
            (*ANSWERED, *ON_THE_WAY_IN, *NOT_IN, *HELD, *STOCK, *WAREHOUSE, *ON_THE_WAY_OUT, *of(ORDER, LATE_RISK))
        )
    )
}
FOLLOWING_CODES = frozenset(code for _kind, code in FOLLOWS)


def may_follow(effect: tuple[str, str], cause: tuple[str, str]) -> bool:
    """Whether an exception may follow from another one: each is (kind of document, code of its category).

    >>> may_follow(("order", "stock_short"), ("purchase", "receipt_overdue"))
    True
    >>> may_follow(("order", "credit_hold"), ("purchase", "receipt_overdue"))
    False

    What people made themselves and what explains lateness explains the late risk of what it is about.

    >>> may_follow(("parcel", "late_risk"), ("parcel", "sent_to_the_moon"))
    True
    """
    if cause in FOLLOWS.get(effect, ()):
        return True
    is_own = cause[1] not in KNOWN_CODES
    return is_own and effect[1] == LATE_RISK and cause[0] in (DELIVERY, PARCEL, INBOUND, RECEIPT)


KNOWN_CODES = frozenset(code for key, causes in FOLLOWS.items() for _kind, code in (key, *causes))


def is_mutual(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether each may follow from the other: then it is the one that is known first."""
    return may_follow(one, other) and may_follow(other, one)
