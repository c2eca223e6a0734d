import datetime as dt

import pytest

from distribution_visibility.lib.base.told import fill, mark_day, mark_moment


def tell(text):
    return fill(text, lambda day: f"<{day}>", lambda moment: f"<{moment:%d %H:%M}>")


def test_days_and_moments_in_a_text_are_told_by_whoever_reads_it():
    text = f"By {mark_day(dt.date(2026, 11, 27))}, not {mark_moment(dt.datetime(2026, 11, 28, 16, 30, 59))}"
    assert tell(text) == "By <2026-11-27>, not <28 16:30>"


@pytest.mark.parametrize("text", ["", "Nothing to tell", "⟦day 2026-99-99⟧", "⟦at yesterday⟧", "⟦week 2026-11-27⟧"])
def test_what_is_no_day_stays_as_a_sender_wrote_it(text):
    assert tell(text) == text
