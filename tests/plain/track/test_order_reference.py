"""Which of our orders a supplier means by what it writes."""

import pytest

from distribution_visibility.lib.track.order_reference import Named, get_spellings, loose, pick, split_references

OURS = [Named(name, name) for name in ("P00032", "P00033", "P00371", "P00037", "PO/2026/00012", "PO/2026/0001", "4500")]


def picked(reference, orders=OURS):
    return [one.key for one in pick(reference, orders)]


@pytest.mark.parametrize(
    ("reference", "order"),
    [
        ("P00032", "P00032"),
        ("p00032", "P00032"),
        (" P-00032 ", "P00032"),
        ("PO P00033", "P00033"),
        ("PO#P00033", "P00033"),
        ("POP00033", "P00033"),
        ("PO: P00033 / 2", "P00033"),
        ("Your order P00033 of 3 March", "P00033"),
        ("P00037/1", "P00037"),
        ("P37", "P00037"),
        ("P 0037", "P00037"),
        ("po-2026-00012", "PO/2026/00012"),
        ("PO/2026/00012/3", "PO/2026/00012"),
        ("Order 4500", "4500"),
    ],
)
def test_an_order_is_found_by_its_number_in_another_systems_spelling(reference, order):
    assert picked(reference) == [order]
    assert loose(order) in get_spellings(reference), "it is looked up by this"


@pytest.mark.parametrize("reference", ["P00038", "P0003", "32", "P00032A", "", "//", "Order of March"])
def test_what_is_no_number_of_ours_finds_nothing(reference):
    assert picked(reference) == []


def test_figures_of_two_words_are_no_number():
    assert picked("P00037/1", [Named("other", "P000371"), Named("third", "P00371")]) == []
    assert picked("PO-2026-0001/2", [Named("other", "PO/2026/00012")]) == []


def test_the_suppliers_own_number_is_found_where_the_buyer_has_typed_it_in():
    orders = [Named("a", "P00040", "SO-4711"), Named("b", "P00041", "so 4712"), Named("c", "P00042")]
    assert picked("so4711", orders) == ["a"]
    assert picked("SO-4712", orders) == ["b"]


def test_of_what_fits_equally_well_all_are_given_and_what_fits_better_goes_first():
    twins = [Named("a", "P00040", "4711"), Named("b", "P00041", "4711")]
    assert picked("4711", twins) == ["a", "b"]
    assert picked("P32", [Named("a", "P0032"), Named("b", "P00032")]) == ["a", "b"]
    assert picked("P0032", [Named("a", "P0032"), Named("b", "P00032")]) == ["a"]


def test_several_orders_in_one_field():
    assert split_references("P00032, P00033;P00032\n") == ["P00032", "P00033"]
    assert split_references("") == []
