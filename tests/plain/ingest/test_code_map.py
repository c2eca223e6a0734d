"""What codes mean, and that the data agrees with itself."""

import csv
import re
from pathlib import Path

import pytest

from distribution_visibility.lib.ingest.canonical import Code
from distribution_visibility.lib.ingest.code_map import Meaning, resolve
from tests.plain.ingest.code_maps import lookup_in, read_code_maps

DATA = Path(__file__).resolve().parents[3] / "distribution_visibility" / "data"
MAPS = sorted((DATA / "ingest").glob("visibility.code.map-*.csv"))
PARTIES = {"", "carrier", "consignee", "supplier", "shipper", "authority", "nature", "system"}

TABLE = {
    ("detail", "muted"): Meaning(milestone="delivered", category="damaged", is_neutral=True),
    ("detail", "status_update"): Meaning(is_neutral=True),
    ("detail", "damaged"): Meaning(category="damaged", responsible_party="carrier"),
    ("status", "in_transit"): Meaning(milestone="in_transit"),
    ("status", "failure"): Meaning(milestone="in_transit", category="rejected_cancelled_disposed"),
}


def rows(path):
    with open(path, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def meaning_of(*pairs):
    return resolve([Code(vocabulary=one, value=other) for one, other in pairs], lookup_in(TABLE))


def test_milestone_and_category_may_come_from_different_codes():
    found = meaning_of(("detail", "damaged"), ("status", "failure"))
    assert (found.milestone, found.category, found.responsible_party) == ("in_transit", "damaged", "carrier")
    assert [code.value for code in found.matched] == ["damaged", "failure"]


def test_a_neutral_code_passes_the_question_on():
    found = meaning_of(("detail", "status_update"), ("status", "in_transit"))
    assert found.milestone == "in_transit" and found.unknown == ()


def test_what_an_administrator_marks_neutral_says_nothing_whatever_else_it_has():
    found = meaning_of(("detail", "muted"), ("status", "in_transit"))
    assert (found.milestone, found.category) == ("in_transit", "")


def test_unknown_codes_are_listed_and_raise_nothing():
    found = meaning_of(("detail", "teleported"), ("status", "in_transit"))
    assert found.milestone == "in_transit"
    assert [(code.vocabulary, code.value) for code in found.unknown] == [("detail", "teleported")]


def test_the_same_letters_of_another_list_are_another_code():
    assert meaning_of(("status", "damaged")).unknown


def test_the_responsible_party_belongs_to_the_category():
    assert meaning_of(("status", "failure"), ("detail", "damaged")).responsible_party == ""


def test_no_codes_mean_nothing():
    assert meaning_of() == resolve((), lookup_in({}))


def test_all_maps_read_together_without_a_duplicate():
    assert len(read_code_maps(MAPS)) == sum(len(rows(path)) for path in MAPS)


def test_a_duplicate_is_refused(tmp_path):
    path = tmp_path / "map.csv"
    line = "a,v,c,C,,,,True\n"
    path.write_text("id,vocabulary,code,name,milestone_id/id,category_id/id,responsible_party,is_neutral\n" + line * 2)
    with pytest.raises(ValueError):
        read_code_maps([path])


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem.rpartition("-")[2])
def test_every_code_leads_to_a_milestone_and_a_category_that_exist(path):
    milestones = {row["id"] for row in rows(DATA / "track/event/visibility.milestone.csv")} | {""}
    categories = {row["id"] for row in rows(DATA / "detect/exception/visibility.exception.category.csv")} | {""}
    for row in rows(path):
        assert row["milestone_id/id"] in milestones, row
        assert row["category_id/id"] in categories, row
        assert row["responsible_party"] in PARTIES, row
        meant = bool(row["milestone_id/id"] or row["category_id/id"])
        assert row["is_neutral"] == ("False" if meant else row["is_neutral"]), row


def test_ids_are_unique_over_all_maps_and_follow_their_code():
    seen = set()
    for path in MAPS:
        for row in rows(path):
            assert re.fullmatch("code_map_[a-z0-9_]+", row["id"]), row
            assert row["id"] not in seen, row
            seen.add(row["id"])


def test_milestones_have_the_ids_of_their_codes():
    milestones = rows(DATA / "track/event/visibility.milestone.csv")
    assert all(row["id"] == f"milestone_{row['code']}" for row in milestones)
    assert len({row["code"] for row in milestones}) == len(milestones) == 34
    assert {row["branch"] for row in milestones} == {"main", "return", "terminal", "information"}


def test_there_are_25_categories_with_the_ids_of_their_codes():
    categories = rows(DATA / "detect/exception/visibility.exception.category.csv")
    assert all(row["id"] == f"category_{row['code']}" for row in categories)
    assert len({row["code"] for row in categories}) == 25
