"""Suppliers' codes for an order line, and the standards' codes for a shipment."""

import csv
from pathlib import Path
from typing import get_args

import pytest

from distribution_visibility.lib.ingest.canonical import Code, LineStatus, Party
from distribution_visibility.lib.ingest.code_map import resolve
from distribution_visibility.lib.ingest.supplier_codes import _TABLES, line_status, overall_status
from tests.plain.ingest.code_maps import lookup_in, read_code_maps

DATA = Path(__file__).resolve().parents[3] / "distribution_visibility" / "data"
GROUPS = ("dcsa", "epcis", "x12", "edifact", "smdg")
FILES = [DATA / "ingest" / f"visibility.code.map-{group}.csv" for group in GROUPS]
MAP = read_code_maps(FILES)


def meaning(*codes):
    return resolve([Code(vocabulary=one, value=code) for one, code in codes], lookup_in(MAP))


def rows(path):
    with open(path, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("IA", "accepted"),
        ("IB", "backordered"),
        ("BP", "partly_shipped"),
        ("IR", "rejected"),
        ("IS", "substituted"),
        ("DR", "date_changed"),
        ("IP", "price_changed"),
        ("IQ", "quantity_changed"),
        ("ID", "cancelled"),
    ],
)
def test_an_acknowledged_line_has_one_meaning(code, status):
    assert line_status("x12.668", code) == status


def test_a_code_of_another_list_or_of_none_is_unknown():
    assert line_status("edifact.1229", "IA") == line_status("nobody", "1") == "unknown"


def test_every_table_uses_known_statuses_only():
    assert {status for table in _TABLES.values() for status in table.values()} <= set(get_args(LineStatus))


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([], "unknown"),
        (["rejected", "rejected"], "rejected"),
        (["accepted"], "accepted"),
        (["accepted", "rejected"], "accepted_with_changes"),
        (["unknown", "rejected"], "unknown"),
        (["unknown", "on_hold"], "unknown"),
    ],
)
def test_what_the_lines_say_together(lines, status):
    assert overall_status(lines) == status


def test_the_same_letters_mean_other_things_as_status_and_as_reason():
    assert meaning(("x12.1650", "AF")).milestone == "departed_origin"
    assert meaning(("x12.1651", "AF")).category == "vehicle_or_equipment"
    assert meaning(("x12.1650", "CA")).milestone == "cancelled"
    assert meaning(("x12.1651", "CA")).category == "customs_hold"


def test_a_reason_of_a_later_edifact_directory_is_not_read_with_an_earlier_one():
    assert meaning(("edifact.d01b.9013", "66")).category == "lost_or_stolen"
    assert meaning(("edifact.d96a.9013", "66")).unknown


def test_an_estimate_is_information_and_its_delay_the_reason():
    found = meaning(("dcsa.classifier", "EST"), ("smdg.delay", "WEA"))
    assert (found.milestone, found.category, found.responsible_party) == (
        "eta_updated",
        "weather_or_disaster",
        "nature",
    )


def test_a_truck_leg_of_an_ocean_shipment_is_no_main_carriage():
    by_truck = meaning(("dcsa.transport.mode", "TRUCK.ARRI"), ("dcsa.transport", "ARRI"))
    assert by_truck.milestone == "arrived_at_hub"
    assert meaning(("dcsa.transport", "ARRI")).milestone == "main_arrived"


def test_the_moves_of_an_empty_container_are_known_and_say_nothing():
    found = meaning(("dcsa.equipment.empty", "GTOT"))
    assert (found.milestone, found.category, found.unknown) == ("", "", ())


def test_a_received_return_is_no_delivery_and_a_short_receipt_a_shortage():
    returned = ("epcis.biz_step.disposition", "receiving.returned")
    assert meaning(returned, ("epcis.biz_step", "receiving")).milestone == "returned_to_sender"
    short = meaning(
        ("epcis.biz_step.disposition", "receiving.mismatch_quantity"),
        ("epcis.biz_step", "receiving"),
        ("epcis.disposition", "mismatch_quantity"),
    )
    assert (short.milestone, short.category) == ("partially_delivered", "shortage")


@pytest.mark.parametrize("path", FILES, ids=GROUPS)
def test_every_row_names_a_milestone_category_and_party_that_exist(path):
    milestones = {row["id"] for row in rows(DATA / "track/event/visibility.milestone.csv")}
    categories = {row["id"] for row in rows(DATA / "detect/exception/visibility.exception.category.csv")}
    for row in rows(path):
        assert row["milestone_id/id"] in {*milestones, ""}, row
        assert row["category_id/id"] in {*categories, ""}, row
        assert row["responsible_party"] in {*get_args(Party), ""}, row
        told = row["milestone_id/id"] or row["category_id/id"] or row["responsible_party"]
        assert bool(told) == (row["is_neutral"] == "False"), row


def test_row_ids_are_used_once_over_all_code_maps():
    paths = (DATA / "ingest").glob("visibility.code.map-*.csv")
    ids = [row["id"] for path in paths for row in rows(path)]
    assert len(ids) == len(set(ids))
