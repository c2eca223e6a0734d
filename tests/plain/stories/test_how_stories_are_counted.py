import re
from datetime import datetime
from pathlib import Path

import pytest

from scripts.stories import score, told

STAGE = Path(score.__file__).parent


@pytest.fixture(scope="module")
def stories():
    return told.read_all()


def write(tmp_path, text):
    path = tmp_path / "some.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_there_are_enough_stories_and_a_third_of_them_raises_nothing(stories):
    quiet = [story for story in stories if not any(_musts(line) for line in story.lines if line.verb == "expect")]
    assert len(stories) >= 80
    assert len(quiet) * 3 >= len(stories)


def _musts(line):
    return [label for label in told.read_labels(line.head[0]) if not label.may]


def test_each_story_says_where_it_happens_and_what_is_expected(stories):
    for story in stories:
        assert story.houses, story.title
        assert "expect" in {line.verb for line in story.lines}, story.title
        assert set(story.quick) <= set(story.houses), story.title


def test_no_two_stories_have_one_title(stories):
    assert len({story.title for story in stories}) == len(stories)


def test_in_each_story_time_goes_on(stories):
    for story in stories:
        moments = [told.moment(line.when, story.houses[0]) for line in story.lines]
        assert moments == sorted(moments), story.title


def test_everything_that_somebody_does_can_be_acted_out(stories):
    known = set(re.findall(r"def do_(\w+)", "".join(path.read_text("utf-8") for path in STAGE.glob("*.py"))))
    assert {line.verb for story in stories for line in story.lines} <= known


def test_every_detector_is_told_about_and_every_category_belongs_to_one(stories):
    labels = [_musts(line) for story in stories for line in story.lines if line.verb == "expect"]
    categories = {category for some in labels for label in some for category in label.categories}
    assert categories <= set(score.DETECTOR_OF)
    assert {score.DETECTOR_OF[category] for category in categories} == set(score.DETECTORS)


def test_the_quick_part_is_told_in_every_company_and_of_every_number_of_steps(stories):
    houses = [house for story in stories for house in story.quick]
    assert 12 <= len(houses) <= 16
    assert {house.partition("-")[0] for house in houses} == set(told.ZONES)
    assert {house[-1] for house in houses} == {"1", "2", "3"}


@pytest.mark.parametrize(
    ("house", "expected"),
    [
        ("paris-1", datetime(2027, 3, 1, 8)),
        ("auckland-2", datetime(2027, 2, 28, 20)),
        ("losangeles-3", datetime(2027, 3, 1, 17)),
    ],
)
def test_nine_on_monday_is_another_moment_in_each_house(house, expected):
    assert told.moment("mon 09:00", house) == expected


def test_after_the_summer_time_began_nine_is_an_hour_earlier():
    assert told.moment("mon+1 09:00", "losangeles-1") == datetime(2027, 3, 8, 17)
    assert told.moment("mon+2 09:00", "losangeles-1") == datetime(2027, 3, 15, 16)


def test_a_line_is_read_with_goods_and_options(tmp_path):
    text = (
        "= One\nin paris-1\nmon 09:00  buy P Alder: 3 dozen pump@50 due tue 12:00, 2 seal; promised wed 12:00; test\n"
    )
    (story,) = told.read(write(tmp_path, text))
    (line,) = story.lines
    assert (line.verb, line.head) == ("buy", ["P", "Alder"])
    first = {"quantity": "3", "dozen": "dozen ", "product": "pump", "price": "50", "due": "tue 12:00"}
    assert line.goods == [first, {"quantity": "2", "product": "seal"}]
    assert line.options == {"promised": "wed 12:00", "test": ""}


@pytest.mark.parametrize("text", ["in rome-1", "monday  look", "mon 09:00  sell S A: many pump"])
def test_what_cannot_be_read_says_where(tmp_path, text):
    with pytest.raises(told.StoryError, match="some.txt:2"):
        told.read(write(tmp_path, f"= One\n{text}\n"))


def test_labels_are_read():
    first, second = told.read_labels("late_risk|warehouse_late on S1|S2 P, maybe backorder on S")
    assert (first.categories, first.documents, first.may) == (
        ["late_risk", "warehouse_late"],
        [["S1", "S2"], ["P"]],
        False,
    )
    assert (second.categories, second.may) == (["backorder"], True)
    assert told.read_labels("nothing") == []
