"""What may follow from what: one trouble is one piece of work, and nothing follows from itself."""

import csv
import doctest
from pathlib import Path

import pytest

from distribution_visibility.lib.detect.exception import causes
from distribution_visibility.lib.detect.exception.causes import FOLLOWS, is_mutual, may_follow

DATA = Path(__file__).resolve().parents[4] / "distribution_visibility" / "data" / "detect" / "exception"


def test_the_examples_in_the_code_are_so():
    assert doctest.testmod(causes).failed == 0


def test_every_kind_is_one_that_is_shipped():
    codes = set()
    for path in DATA.glob("visibility.exception.category*.csv"):
        with path.open(encoding="utf-8") as file:
            codes |= {row["code"] for row in csv.DictReader(file)}
    assert causes.KNOWN_CODES - codes == set()


def test_nothing_follows_from_itself_in_a_circle():
    """Two late risks of one parcel may follow from each other: there it is the one that is known first."""

    def walk(one, trail):
        assert one not in trail, f"a circle: {[*trail, one]}"
        for cause in FOLLOWS.get(one, ()):
            if not is_mutual(one, cause) and cause != one:
                walk(cause, [*trail, one])

    for effect in FOLLOWS:
        walk(effect, [])


@pytest.mark.parametrize(
    ("effect", "cause"),
    [
        (("delivery", "warehouse_late"), ("order", "stock_short")),  # start it now, without stock
        (("parcel", "delayed_in_transit"), ("parcel", "refused")),
        (("order", "late_risk"), ("delivery", "warehouse_late")),
        (("purchase", "receipt_overdue"), ("purchase", "supplier_change_proposed")),
        (("order", "late_risk"), ("inbound", "customs_hold")),
        (("purchase", "receipt_overdue"), ("inbound", "lost_or_stolen")),
    ],
)
def test_one_trouble_is_not_two(effect, cause):
    assert may_follow(effect, cause)
    assert not may_follow(cause, effect)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("order", "credit_hold"), ("order", "stock_short")),
        (("parcel", "damaged"), ("parcel", "delayed_in_transit")),
        (("order", "late_risk"), ("parcel", "delayed_in_transit")),
        (("purchase", "receipt_or_asn_discrepancy"), ("purchase", "receipt_overdue")),
        (("delivery", "billing_late"), ("delivery", "warehouse_late")),
    ],
)
def test_two_troubles_are_two(one, other):
    assert not may_follow(one, other)
    assert not may_follow(other, one)
