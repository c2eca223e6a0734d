"""One number, as people, shops and labels write it."""

import pytest

from distribution_visibility.lib.base.numbers import is_same_label, normalise_carrier, normalise_number, split_numbers

USPS, GROUND, GROUND_15, EXPRESS = "9400111899223197428490", "776632517510", "020987654312345672"[3:], "779017972697"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1z 999-aa1", "1Z999AA1"),
        ("４２", "42"),
        (USPS, USPS),
        (f"420 94107 {USPS}", USPS),
        (f"420941071234{USPS}", USPS),
        (f"42094107{USPS}1234", f"{USPS}1234"),
        (f"9611020{GROUND_15}", GROUND_15),
        (f"9622001900000000000000{GROUND}", GROUND),
        (f"10019213342500010003 00 {EXPRESS}", EXPRESS),
        ("(00) 340434567890123457", "340434567890123457"),
    ],
)
def test_a_barcode_of_a_label_is_the_number_in_it(written, number):
    assert normalise_number(written) == number


@pytest.mark.parametrize(
    "number",
    ["42094107", "4209410712345678", "96", "961102098765", "JJD000390007827364", "00123456789", "MSCU1234567", ""],
)
def test_what_only_begins_like_a_barcode_is_left_as_it_is(number):
    assert normalise_number(number) == number


def test_reading_twice_changes_nothing():
    for number in (f"42094107{USPS}", f"9611020{GROUND_15}", "(00) 340434567890123457"):
        assert normalise_number(normalise_number(number)) == normalise_number(number)


def test_one_label_or_two():
    assert is_same_label("XX4711471147", "4711471147")
    assert not is_same_label("XX471147", "471147")
    assert not is_same_label("4711471147", "4711471148")


def test_names_of_carriers_and_lists_of_numbers():
    assert normalise_carrier("DHL Express") == "dhlexpress"
    assert split_numbers("1Z1, 1Z2;1Z1\n-") == ["1Z1", "1Z2"]
