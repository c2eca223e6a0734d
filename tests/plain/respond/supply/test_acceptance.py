"""The limits of what is accepted without a person."""

import datetime as dt

import pytest

from distribution_visibility.lib.respond.supply.acceptance import Change, Limits, exceeded

LIMITS = Limits(days_later=3, price_percent=2, quantity_percent=90)
DAY = dt.datetime(2026, 3, 12, 9)


def change(**values):
    return Change(**{"date": DAY, "new_date": None, "quantity": 10, "new_quantity": None, "price": 50,
                     "new_price": None, **values})  # fmt: skip


@pytest.mark.parametrize(
    "values, kinds",
    [
        ({}, []),
        ({"new_date": DAY + dt.timedelta(days=3, hours=10)}, []),
        ({"new_date": DAY + dt.timedelta(days=4)}, ["days"]),
        ({"new_date": DAY - dt.timedelta(days=40)}, []),
        ({"new_price": 51}, []),
        ({"new_price": 51.01}, ["price"]),
        ({"new_price": 1}, []),
        ({"price": 0, "new_price": 1}, ["price"]),
        ({"new_quantity": 9}, []),
        ({"new_quantity": 8.9}, ["quantity"]),
        ({"new_quantity": 11}, ["more"]),
        ({"new_quantity": 0, "new_price": 60}, ["price", "quantity"]),
    ],
)
def test_what_is_within_the_limits_goes_and_nothing_else(values, kinds):
    assert [kind for kind, _found, _allowed in exceeded(change(**values), LIMITS)] == kinds


def test_days_are_those_of_the_place_where_the_goods_are_received():
    afternoon, next_afternoon = dt.datetime(2026, 12, 11, 0, 30), dt.datetime(2026, 12, 11, 23)
    later = change(date=afternoon, new_date=next_afternoon, zone="America/Los_Angeles")
    assert exceeded(later, Limits(0, 0, 100)) == [("days", 1, 0)]
    same = change(date=afternoon - dt.timedelta(hours=1), new_date=afternoon, zone="America/Los_Angeles")
    assert exceeded(same, Limits(0, 0, 100)) == []
