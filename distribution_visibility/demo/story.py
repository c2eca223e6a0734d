"""The story as data: who ordered what, how far it got, and what the carriers said of it.

Standard library only and no Odoo: scripts/demo_feed.py goes on where HISTORY ends. All days and
hours are relative to the moment when the demo data is loaded. Names of customers, products and
carriers are the ends of their XML ids.
"""

from typing import NamedTuple


class Sale(NamedTuple):
    """A sale order. ``until`` says how far it got; ``promised`` and ``ordered`` are days from now."""

    name: str
    customer: str
    warehouse: str
    carrier: str
    ordered: int
    promised: int
    lines: dict
    until: str  # draft, sent, cancelled, confirmed, picked, shipped; partly: shipped what there was
    tracking: str = ""
    shipped: int = 0


class Purchase(NamedTuple):
    """A purchase order. ``received`` is the share that came so far; ``planned`` is days from now."""

    name: str
    supplier: str
    warehouse: str
    ordered: int
    planned: int
    lines: dict
    until: str  # draft, sent, confirmed
    received: float = 0
    carrier: str = ""
    tracking: str = ""


class Parcel(NamedTuple):
    """Who reports on a tracking number, and what that source calls the carrier."""

    source: str
    carrier: str


class News(NamedTuple):
    """One message of a carrier: so many hours ago (in the feed: seconds after the start).

    ``code`` is ``status/detail`` in the source's own words. ``eta`` is hours from now.
    """

    when: float
    number: str
    code: str
    place: str
    text: str
    eta: float | None = None
    signed_by: str = ""


class Move(NamedTuple):
    """What somebody did on the picking list. ``minutes`` from now are a due time."""

    order: str
    role: str
    what: str  # star, ahead, back, due, give, take
    reason: str = ""
    minutes: int = 0
    picker: str = ""


class Held(NamedTuple):
    """A transfer whose goods somebody holds."""

    order: str
    reason: str


class Work(NamedTuple):
    """What a person did about an exception. ``overdue``: its deadline passed that many hours ago."""

    number: str
    category: str
    role: str
    steps: list
    words: str
    overdue: int = 0
    resolution: str = ""


# Tracking numbers with valid check digits. The last one is of a parcel that nobody here sent.
NORTHBAY_PUMPS = "1ZA47R280344712035"
LAKESIDE_PUMPS = "1ZA47R280344712106"
PAPER_MILL_1 = "1ZA47R280344712188"
PAPER_MILL_2 = "1ZA47R280344712197"
PIONEER_VALVES = "1ZA47R280344712268"
CASCADE_PUMPS = "1ZA47R280344712339"
PIONEER_MOTORS = "1ZA47R280344712419"
HARBORVIEW_PUMPS = "1ZA47R280344712553"
REDROCK_PUMPS = "771022845130"
CASCADE_VALVES = "771022846103"
BREWERY_PUMP = "771022851271"
NORTHBAY_VALVES = "771022853344"
MESA_PUMPS = "771022860184"
HARBORVIEW_SEALS = "3048151724"
LAKESIDE_SEALS = "3048156296"
VALVES_FROM_NORWAY = "3048167334"
UNKNOWN_PARCEL = "771022999408"

# fmt: off
# What lies on the shelves when the story begins. Drives, and motors in the west, are waited for.
STOCK = {
    "east": {
        "pump_cp40": 24, "pump_sb15": 18, "motor_55": 8, "valve_ball2": 400, "valve_check3": 60,
        "fitting_elbow1": 150, "gasket_flange4": 200, "seal_k20": 40, "gauge_10": 120, "hose_25": 14,
    },
    "west": {
        "pump_cp40": 10, "pump_sb15": 26, "valve_ball2": 260, "valve_check3": 35, "fitting_elbow1": 90,
        "gasket_flange4": 120, "seal_k20": 22, "gauge_10": 80, "hose_25": 40,
    },
}

# Delivered two days ago, and nobody wrote the invoice.
NOT_INVOICED = {"S10234"}

SALES = [
    # UPS, reported by EasyPost
    Sale("S10231", "northbay", "east", "ups", -6, 1, {"pump_cp40": 4, "seal_k20": 8}, "shipped", NORTHBAY_PUMPS, -3),
    Sale("S10232", "lakeside", "east", "ups", -9, -4, {"pump_sb15": 3, "gauge_10": 6}, "shipped", LAKESIDE_PUMPS, -7),
    Sale("S10233", "blueridge", "east", "ups", -5, 1, {"valve_check3": 18, "gasket_flange4": 30}, "shipped",
         f"{PAPER_MILL_1},{PAPER_MILL_2}", -3),
    Sale("S10234", "pioneer", "east", "ups", -6, -2, {"fitting_elbow1": 12, "valve_ball2": 40}, "shipped",
         PIONEER_VALVES, -4),
    Sale("S10235", "cascade", "west", "ups", -3, 2, {"pump_sb15": 6, "hose_25": 6}, "shipped", CASCADE_PUMPS, -1),
    Sale("S10236", "pioneer", "east", "ups", -5, -1, {"motor_55": 10, "gauge_10": 10}, "partly", PIONEER_MOTORS, -3),
    Sale("S10237", "harborview", "east", "ups", -1, 3, {"pump_cp40": 2, "valve_check3": 6}, "shipped",
         HARBORVIEW_PUMPS, 0),
    # FedEx, reported by Shippo
    Sale("S10238", "redrock", "west", "fedex", -5, 0, {"pump_cp40": 3, "hose_25": 8}, "shipped", REDROCK_PUMPS, -3),
    Sale("S10239", "cascade", "west", "fedex", -4, 0, {"valve_ball2": 120, "gauge_10": 12}, "shipped",
         CASCADE_VALVES, -2),
    Sale("S10240", "canal", "east", "fedex", -1, 3, {"pump_sb15": 1, "fitting_elbow1": 6}, "shipped", BREWERY_PUMP, 0),
    Sale("S10241", "northbay", "east", "fedex", -4, 1, {"valve_check3": 12, "gauge_10": 20}, "shipped",
         NORTHBAY_VALVES, -2),
    Sale("S10242", "mesa", "west", "fedex", -6, -1, {"pump_sb15": 4, "hose_25": 10}, "shipped", MESA_PUMPS, -4),
    # DHL, reported by the integration hub
    Sale("S10243", "harborview", "west", "dhl", -5, 0, {"pump_cp40": 1, "seal_k20": 4}, "shipped",
         HARBORVIEW_SEALS, -3),
    Sale("S10244", "lakeside", "east", "dhl", -2, 1, {"seal_k20": 12}, "shipped", LAKESIDE_SEALS, -1),
    # Not on the road yet
    Sale("S10245", "cascade", "west", "ups", -3, 4, {"drive_75": 4, "motor_55": 4}, "confirmed"),
    Sale("S10246", "redrock", "west", "fedex", -1, 3, {"pump_sb15": 2, "valve_ball2": 24}, "confirmed"),
    Sale("S10247", "canal", "east", "dhl", -2, 2, {"valve_ball2": 16, "gasket_flange4": 20}, "picked"),
    Sale("S10248", "harborview", "east", "ups", -1, 8, {"pump_cp40": 6, "drive_75": 6}, "sent"),
    Sale("S10249", "mesa", "west", "ups", 0, 10, {"hose_25": 12}, "draft"),
    # On the picking list, ready
    Sale("S10251", "redrock", "west", "fedex", -2, 0, {"valve_ball2": 12}, "confirmed"),
    Sale("S10252", "cascade", "west", "ups", -1, 2, {"seal_k20": 6, "gasket_flange4": 12}, "confirmed"),
    Sale("S10253", "mesa", "west", "ups", -1, 2, {"valve_ball2": 20}, "confirmed"),
    Sale("S10254", "lakeside", "east", "ups", -1, 2, {"gauge_10": 10}, "confirmed"),
    Sale("S10255", "northbay", "east", "dhl", 0, 3, {"valve_ball2": 30, "gasket_flange4": 16}, "confirmed"),
    Sale("S10256", "canal", "east", "fedex", 0, 6, {"fitting_elbow1": 10}, "confirmed"),
    Sale("S10257", "pioneer", "west", "fedex", 0, 7, {"gauge_10": 6, "fitting_elbow1": 4}, "confirmed"),
    Sale("S10250", "blueridge", "east", "fedex", -4, 5, {"motor_55": 2}, "cancelled"),
]

PURCHASES = [
    Purchase("P10051", "nordfjord", "east", -20, -1, {"valve_ball2": 300, "valve_check3": 80}, "confirmed",
             carrier="dhl", tracking=VALVES_FROM_NORWAY),
    Purchase("P10052", "meridian", "east", -8, 4, {"drive_75": 12}, "confirmed"),
    Purchase("P10053", "meridian", "east", -12, -3, {"motor_55": 20}, "confirmed"),
    Purchase("P10054", "meridian", "west", -10, -1, {"hose_25": 40}, "confirmed", received=0.6),
    Purchase("P10055", "nordfjord", "west", -24, -9, {"gauge_10": 100, "gasket_flange4": 150}, "confirmed", received=1),
    Purchase("P10056", "meridian", "east", -1, 9, {"pump_cp40": 12, "seal_k20": 30}, "sent"),
    Purchase("P10057", "nordfjord", "west", 0, 21, {"fitting_elbow1": 80}, "draft"),
]

MOVES = [
    Move("S10252", "warehouse", "star", "The bottling line stands still without the seals"),
    Move("S10254", "warehouse", "due", "The carrier comes early today", minutes=95),
    Move("S10257", "warehouse", "back", "The customer moves house, next week is soon enough"),
    Move("S10255", "agent", "star"),
    Move("S10251", "warehouse", "give", picker="picker_west"),
    Move("S10252", "picker_west", "take"),
    Move("S10254", "warehouse", "give", picker="picker_east"),
]
HELD = Held("S10253", "Cartons were found wet: opened and looked at before they leave")

#: In transit and on time, until somebody sends the delay (see scripts/demo_feed.py).
DELAY_ME = CASCADE_PUMPS


def get_parcel(number):
    """Which source reports on this number."""
    if number.startswith("1Z"):
        return Parcel("easypost", "UPS")
    return Parcel("canonical", "DHL Express") if len(number) == 10 else Parcel("shippo", "fedex")


class Past(NamedTuple):
    """What a carrier carried before the story: hours from pickup to delivery, one parcel each.

    ``typical`` is what the carrier estimates at the pickup, in hours.
    """

    carrier: str
    warehouse: str
    customer: str
    typical: int
    hours: tuple


# One parcel each other day. They give the lanes their numbers and the carriers' estimates their worth.
PAST = [
    Past("ups", "east", "northbay", 56, (44, 46, 47, 49, 50, 52, 52, 54, 55, 58, 70, 75, 94, 120)),
    Past("ups", "west", "cascade", 44, (30, 33, 40, 41, 42, 43, 44, 45, 47, 51, 66, 90)),
    Past("fedex", "west", "mesa", 38, (26, 28, 30, 31, 33, 35, 36, 37, 40, 44, 52, 80)),
    Past("fedex", "east", "canal", 70, (50, 55, 61, 63, 66, 68, 69, 72, 74, 75, 90, 96)),
    Past("dhl", "east", "lakeside", 40, (22, 25, 26, 28, 30, 33, 36, 38, 41, 45, 49, 73)),
]

HISTORY = [
    # Northbay's pumps sit in the snow; the agent knows
    News(70, NORTHBAY_PUMPS, "in_transit/received_at_origin_facility", "Columbus, OH, US", "Picked up", 30),
    News(58, NORTHBAY_PUMPS, "in_transit/departed_facility", "Columbus, OH, US", "Departed facility"),
    News(22, NORTHBAY_PUMPS, "in_transit/weather_delay", "Buffalo, NY, US",
         "Severe weather has delayed delivery", 76),
    # Lakeside's came late, was signed for, and the exception closed itself
    News(166, LAKESIDE_PUMPS, "in_transit/received_at_origin_facility", "Columbus, OH, US", "Picked up", -98),
    News(118, LAKESIDE_PUMPS, "in_transit/delayed", "Gary, IN, US", "Mechanical failure has delayed delivery", -50),
    News(60, LAKESIDE_PUMPS, "out_for_delivery/out_for_delivery", "Milwaukee, WI, US", "Out for delivery"),
    News(53, LAKESIDE_PUMPS, "delivered/delivered", "Milwaukee, WI, US", "Delivered, dock", signed_by="DOCK 4"),
    # Blue Ridge: two cartons, one is there
    News(68, PAPER_MILL_1, "in_transit/received_at_origin_facility", "Columbus, OH, US", "Picked up", -22),
    News(27, PAPER_MILL_1, "out_for_delivery/out_for_delivery", "Roanoke, VA, US", "Out for delivery"),
    News(21, PAPER_MILL_1, "delivered/delivered", "Roanoke, VA, US", "Delivered", signed_by="RECEIVING"),
    News(67, PAPER_MILL_2, "in_transit/received_at_origin_facility", "Columbus, OH, US", "Picked up", 20),
    News(30, PAPER_MILL_2, "in_transit/departed_facility", "Charleston, WV, US", "Departed facility"),
    # Pioneer: on time
    News(92, PIONEER_VALVES, "in_transit/received_at_origin_facility", "Columbus, OH, US", "Picked up", -50),
    News(64, PIONEER_VALVES, "in_transit/damaged", "Omaha, NE, US", "Damage to the outer packaging reported"),
    News(58, PIONEER_VALVES, "out_for_delivery/out_for_delivery", "Omaha, NE, US", "Out for delivery"),
    News(52, PIONEER_VALVES, "delivered/delivered", "Omaha, NE, US", "Delivered", signed_by="FRONT DESK"),
    # Cascade's is on its way and on time: the one to delay by hand
    News(20, CASCADE_PUMPS, "in_transit/received_at_origin_facility", "Reno, NV, US", "Picked up", 44),
    News(9, CASCADE_PUMPS, "in_transit/departed_facility", "Reno, NV, US", "Departed facility"),
    # Pioneer's first part: nobody at the door, then collected at the depot
    News(66, PIONEER_MOTORS, "in_transit/received_at_origin_facility", "Columbus, OH, US", "Picked up", -26),
    News(31, PIONEER_MOTORS, "in_transit/delivery_exception", "Omaha, NE, US",
         "The receiver was not available for delivery"),
    News(4, PIONEER_MOTORS, "delivered/delivered", "Omaha, NE, US", "Collected at the depot", signed_by="COUNTER"),
    # Harborview's label has just been made
    News(2, HARBORVIEW_PUMPS, "pre_transit/label_created", "Columbus, OH, US", "Label created", 70),
    # Redrock's crate was dropped
    News(71, REDROCK_PUMPS, "TRANSIT/package_accepted", "Reno, NV, US", "Picked up", 4),
    News(33, REDROCK_PUMPS, "TRANSIT/package_departed", "Sparks, NV, US", "Left the facility"),
    News(3, REDROCK_PUMPS, "TRANSIT/package_damaged", "Elko, NV, US", "Damaged in handling, crate split open"),
    # Cascade's valves: on the van
    News(47, CASCADE_VALVES, "TRANSIT/package_accepted", "Reno, NV, US", "Picked up", 6),
    News(1, CASCADE_VALVES, "TRANSIT/out_for_delivery", "Yakima, WA, US", "On vehicle for delivery"),
    # Old Canal: announced
    News(3, BREWERY_PUMP, "PRE_TRANSIT/information_received", "Columbus, OH, US", "Shipment information sent", 68),
    # Northbay's second order
    News(45, NORTHBAY_VALVES, "TRANSIT/package_accepted", "Columbus, OH, US", "Picked up", 21),
    News(12, NORTHBAY_VALVES, "TRANSIT/package_arrived", "Albany, NY, US", "Arrived at facility"),
    # Mesa's is held for instructions
    News(94, MESA_PUMPS, "TRANSIT/package_accepted", "Reno, NV, US", "Picked up", -28),
    News(40, MESA_PUMPS, "TRANSIT/package_held", "Yuma, AZ, US", "Held at facility, road to the site is closed", 52),
    # Harborview: the suite number is missing
    News(70, HARBORVIEW_SEALS, "milestone/picked_up", "Reno, NV, US", "Picked up", 3),
    News(28, HARBORVIEW_SEALS, "milestone/arrived_at_destination_facility", "Baltimore, MD, US",
         "Arrived at delivery depot"),
    News(19, HARBORVIEW_SEALS, "exception/address_problem", "Baltimore, MD, US",
         "Address incomplete: suite number missing"),
    # Lakeside's seals
    News(18, LAKESIDE_SEALS, "milestone/picked_up", "Columbus, OH, US", "Picked up", 22),
    News(6, LAKESIDE_SEALS, "milestone/arrived_at_hub", "Cincinnati, OH, US", "Processed at hub"),
    # The buyer's valves, in customs
    News(120, VALVES_FROM_NORWAY, "milestone/picked_up", "Bergen, NO", "Picked up", -22),
    News(50, VALVES_FROM_NORWAY, "milestone/customs_started", "Cincinnati, OH, US", "Clearance processing started"),
    News(26, VALVES_FROM_NORWAY, "exception/customs_hold", "Cincinnati, OH, US",
         "Clearance event: tariff code to be confirmed"),
    # Nobody's
    News(5, UNKNOWN_PARCEL, "TRANSIT/package_departed", "Memphis, TN, US", "Left the facility"),
]

# What suppliers answered: (hours ago, order, supplier, status, note, promised in hours).
ANSWERS = [
    (180, "P10052", "Meridian Pump Works", "accepted", "Accepted as ordered", 96),
    (30, "P10053", "Meridian Pump Works", "date_changed", "Motor castings late, new date confirmed", 120),
]

WORK = [
    Work(NORTHBAY_PUMPS, "weather_or_disaster", "agent", ["action_acknowledge"],
         "Called the customer: their spare pump covers until Thursday. They want a new date today."),
    Work(HARBORVIEW_SEALS, "address_problem", "agent", ["action_acknowledge", "action_start"],
         "Suite 1402 confirmed by the hotel. Passed it to DHL, waiting for their confirmation.", overdue=2),
    Work(MESA_PUMPS, "held_by_carrier", "agent", ["action_acknowledge", "action_wait"],
         "The site opens its road again tomorrow. FedEx keeps the pallet until then."),
    Work(VALVES_FROM_NORWAY, "customs_hold", "buyer", ["action_take"], "Asked the broker which line they mean."),
    Work(PIONEER_VALVES, "damaged", "warehouse", ["action_acknowledge", "action_start"],
         "Pictures from the customer: the outer carton is torn, the valves are fine.",
         resolution="Outer carton only. The customer keeps the goods, no claim."),
]

# The feed: (seconds after the start) what happens while one looks at it.
FEED = [
    News(3, BREWERY_PUMP, "TRANSIT/package_accepted", "Columbus, OH, US", "Picked up"),
    News(10, HARBORVIEW_PUMPS, "in_transit/received_at_origin_facility", "Columbus, OH, US", "Picked up"),
    News(18, CASCADE_VALVES, "TRANSIT/notice_left", "Yakima, WA, US", "Customer not available, notice left"),
    News(26, LAKESIDE_SEALS, "milestone/arrived_at_destination_facility", "Milwaukee, WI, US",
         "Arrived at delivery depot"),
    News(33, PAPER_MILL_2, "in_transit/missorted", "Greensboro, NC, US", "Sorted to the wrong facility", 44),
    News(41, BREWERY_PUMP, "TRANSIT/package_departed", "Columbus, OH, US", "Left the facility"),
    News(48, NORTHBAY_VALVES, "TRANSIT/address_issue", "Portland, ME, US", "Incorrect address, gate number needed"),
    News(56, VALVES_FROM_NORWAY, "milestone/customs_released", "Cincinnati, OH, US",
         "Clearance processing complete", 26),
    News(64, HARBORVIEW_PUMPS, "in_transit/departed_facility", "Columbus, OH, US", "Departed facility"),
    News(71, NORTHBAY_PUMPS, "in_transit/departed_facility", "Buffalo, NY, US", "Departed facility", 50),
    News(79, LAKESIDE_SEALS, "milestone/out_for_delivery", "Milwaukee, WI, US", "With delivery courier"),
    News(87, MESA_PUMPS, "TRANSIT/package_departed", "Yuma, AZ, US", "Left the facility"),
    News(94, HARBORVIEW_PUMPS, "in_transit/delayed", "Pittsburgh, PA, US", "A late trailer has delayed delivery", 92),
    News(102, PAPER_MILL_2, "in_transit/departed_facility", "Greensboro, NC, US", "Departed facility"),
    News(110, CASCADE_VALVES, "TRANSIT/out_for_delivery", "Yakima, WA, US", "On vehicle for delivery, second attempt"),
    News(118, HARBORVIEW_SEALS, "milestone/delivery_scheduled", "Baltimore, MD, US", "New delivery time agreed", 20),
    News(125, BREWERY_PUMP, "TRANSIT/package_arrived", "Cleveland, OH, US", "Arrived at facility"),
    News(133, LAKESIDE_SEALS, "milestone/delivered", "Milwaukee, WI, US", "Delivered", signed_by="PHARMACY DESK"),
    News(141, NORTHBAY_PUMPS, "in_transit/arrived_at_facility", "Albany, NY, US", "Arrived at facility"),
    News(149, NORTHBAY_VALVES, "TRANSIT/delivery_rescheduled", "Portland, ME, US", "Address corrected",
         28),
    News(156, PAPER_MILL_2, "out_for_delivery/out_for_delivery", "Roanoke, VA, US", "Out for delivery"),
    News(164, CASCADE_VALVES, "DELIVERED/delivered", "Yakima, WA, US", "Delivered"),
    News(172, VALVES_FROM_NORWAY, "milestone/departed_hub", "Cincinnati, OH, US", "Departed hub"),
    News(180, MESA_PUMPS, "TRANSIT/out_for_delivery", "Yuma, AZ, US", "On vehicle for delivery"),
    News(188, HARBORVIEW_PUMPS, "in_transit/arrived_at_facility", "Harrisburg, PA, US", "Arrived at facility"),
    News(196, HARBORVIEW_SEALS, "milestone/out_for_delivery", "Baltimore, MD, US", "With delivery courier"),
    News(204, BREWERY_PUMP, "TRANSIT/delayed", "Erie, PA, US", "Delayed: missed the evening linehaul", 94),
    News(212, PAPER_MILL_2, "delivered/delivered", "Roanoke, VA, US", "Delivered", signed_by="RECEIVING"),
    News(220, NORTHBAY_PUMPS, "out_for_delivery/out_for_delivery", "Portland, ME, US", "Out for delivery"),
    News(228, NORTHBAY_VALVES, "TRANSIT/out_for_delivery", "Portland, ME, US", "On vehicle for delivery"),
    News(236, HARBORVIEW_SEALS, "milestone/delivered", "Baltimore, MD, US", "Delivered", signed_by="CONCIERGE"),
    News(244, HARBORVIEW_PUMPS, "out_for_delivery/out_for_delivery", "Baltimore, MD, US", "Out for delivery"),
    News(252, MESA_PUMPS, "TRANSIT/location_inaccessible", "Yuma, AZ, US", "Site gate locked"),
    News(260, BREWERY_PUMP, "TRANSIT/package_departed", "Erie, PA, US", "Left the facility"),
    News(268, NORTHBAY_PUMPS, "delivered/delivered", "Portland, ME, US", "Delivered, pump house",
         signed_by="PUMP HOUSE"),
    News(276, HARBORVIEW_PUMPS, "in_transit/refused", "Baltimore, MD, US", "The receiver refused the package"),
    News(284, NORTHBAY_VALVES, "DELIVERED/delivered", "Portland, ME, US", "Delivered"),
    News(292, VALVES_FROM_NORWAY, "milestone/out_for_delivery", "Columbus, OH, US", "With delivery courier"),
]
