"""Nine stories of an order that is promised for Monday the 16th at noon, and what a dispatcher must be told.

Each is a list of (when on the clock in Berlin, what is done, what is open about the order afterwards). What is done
are methods of a shape, see ``matrix_shapes``; the same is expected whatever way the goods go.
"""

PROMISE, LATER, EARLIER = "2026-02-16 12:00:00", "2026-02-23 12:00:00", "2026-02-12 12:00:00"
NOTHING = frozenset()
#: The order itself is about to be late; the warehouse can still save it, or could have.
RISK, WAREHOUSE, BACKORDER = "late_risk", "warehouse_late", "backorder"
#: Something is open because of which the order is at risk, whatever it is called.
AT_RISK = frozenset({"at risk"})

STORIES = {
    "shipped and delivered on time": (
        ("Tue 10 10:00", "receive", NOTHING),
        ("Thu 12 10:00", "ship_by_carrier", NOTHING),
        ("Thu 12 16:00", "collect", NOTHING),
        ("Fri 13 18:00", "scan", NOTHING),
        ("Mon 16 10:00", "deliver", NOTHING),
        ("Tue 17 09:00", None, NOTHING),
    ),
    "forgotten in the warehouse": (
        ("Tue 10 10:00", "print", NOTHING),
        ("Fri 13 16:00", None, NOTHING),
        ("Fri 13 18:00", None, {RISK}),
        ("Mon 16 09:00", None, {RISK, WAREHOUSE}),
        ("Wed 18 10:00", "ship", NOTHING),
    ),
    "promised for a later day": (
        ("Tue 10 10:00", "promise_later", NOTHING),
        ("Wed 11 10:00", "print", NOTHING),
        ("Mon 16 18:00", None, NOTHING),
        ("Fri 20 18:00", None, {RISK}),
        ("Mon 23 09:00", None, {RISK, WAREHOUSE}),
    ),
    "promised for an earlier day": (
        ("Tue 10 10:00", "promise_earlier", NOTHING),
        ("Tue 10 11:00", "print", NOTHING),
        ("Wed 11 18:00", None, {RISK}),
        ("Thu 12 09:00", None, {RISK, WAREHOUSE}),
        ("Thu 12 10:00", "ship", NOTHING),
    ),
    "cancelled": (
        ("Tue 10 10:00", "cancel", NOTHING),
        ("Tue 17 09:00", None, NOTHING),
    ),
    "cancelled in the warehouse only": (
        ("Tue 10 10:00", "cancel_transfers", NOTHING),
        ("Fri 13 16:00", None, NOTHING),
        ("Fri 13 18:00", None, {RISK}),
    ),
    "half of it goes": (
        ("Tue 10 10:00", "receive", NOTHING),
        ("Thu 12 10:00", "ship_half", {BACKORDER}),
        ("Fri 13 18:00", None, {BACKORDER, RISK}),
        ("Mon 16 09:00", None, {BACKORDER, RISK, WAREHOUSE}),
        ("Tue 17 09:00", "ship", NOTHING),
    ),
    "the supplier is late": (
        ("Tue 10 10:00", None, NOTHING),
        ("Wed 11 10:00", "supplier_late", AT_RISK),
        ("Wed 18 10:00", "ship", NOTHING),
    ),
    "late by the carrier": (
        ("Tue 10 10:00", "receive", NOTHING),
        ("Thu 12 10:00", "ship_by_carrier", NOTHING),
        ("Thu 12 16:00", "collect", NOTHING),
        ("Fri 13 18:00", "scan", NOTHING),
        ("Mon 16 22:00", None, NOTHING),
        ("Tue 17 09:00", None, {RISK}),
        ("Wed 18 10:00", "deliver", NOTHING),
    ),
}
#: What has to be on its way to us while the story begins.
WITHOUT_STOCK = {"the supplier is late"}
