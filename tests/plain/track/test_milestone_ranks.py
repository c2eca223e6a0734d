"""The ranks that code speaks of are those of the milestones that we ship."""

import csv
from pathlib import Path

import pytest

from distribution_visibility.lib.track import milestones

(SHIPPED,) = (Path(milestones.__file__).parents[2] / "data").rglob("visibility.milestone.csv")


@pytest.fixture(scope="module")
def shipped():
    with SHIPPED.open(encoding="utf-8") as lines:
        return {row["code"]: (int(row["rank"]), row["branch"]) for row in csv.DictReader(lines)}


@pytest.mark.parametrize(
    ("code", "rank"),
    [
        ("picked_up", milestones.RANK_PICKED_UP),
        ("delivered", milestones.RANK_DELIVERED),
        ("return_started", milestones.RANK_RETURN),
    ],
)
def test_a_rank_by_name_is_that_of_its_milestone(shipped, code, rank):
    assert shipped[code][0] == rank


def test_only_what_the_carrier_has_is_between_pickup_and_delivery(shipped):
    before = {"order_sent", "asn_received", "label_created", "arrived_at_pickup"}
    assert all(shipped[code][0] < milestones.RANK_PICKED_UP for code in before)
    under_way = {"gate_in", "in_transit", "out_for_delivery", "delivery_attempted", "partially_delivered"}
    assert all(milestones.RANK_PICKED_UP < shipped[code][0] < milestones.RANK_DELIVERED for code in under_way)


def test_every_return_outranks_a_delivery(shipped):
    returns = [rank for rank, branch in shipped.values() if branch == "return"]
    assert min(returns) == milestones.RANK_RETURN > milestones.RANK_DELIVERED
