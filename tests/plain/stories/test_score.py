import pytest

from scripts.stories import score, told


def look(expect, found=(), orders=(), partners=(), **options):
    line = told.Line("mon 09:00", "expect", [expect], [], options)
    return {
        "title": "A story",
        "house": "paris-1",
        "when": "mon 09:00",
        "place": "some.txt:1",
        **score.as_labels(line),
        "found": [
            {"category": category, "shows": shows.split(), "about": "sale.order,1", "reason": "why"}
            for category, shows in found
        ],
        "marked_orders": list(orders),
        "marked_partners": list(partners),
    }


def count(detector, *arguments, **options):
    counts, sentences = score.compare([look(*arguments, **options)])
    one = counts[detector]
    return (one.right, one.false, one.missed), sentences


def test_what_is_expected_and_open_is_right():
    assert count("Late risk", "late_risk on S", [("late_risk", "S NL1")]) == ((1, 0, 0), [])


def test_what_is_expected_and_not_open_is_missed():
    numbers, (sentence,) = count("Late risk", "late_risk on S")
    assert numbers == (0, 0, 1)
    assert "missed: late_risk on S" in sentence


def test_what_nobody_expects_is_false_and_says_why_it_opened():
    numbers, (sentence,) = count("Late risk", "nothing", [("late_risk", "S")])
    assert numbers == (0, 1, 0)
    assert "false: late_risk on S (why)" in sentence
    assert "A story [paris-1, mon 09:00, some.txt:1]" in sentence


def test_two_exceptions_for_one_trouble_are_one_too_many():
    found = [("warehouse_late", "S"), ("late_risk", "S")]
    counts, (sentence,) = score.compare([look("warehouse_late|late_risk on S", found)])
    assert score.sum_up(counts) == score.Count(right=1, false=1)
    assert "told twice" in sentence


def test_each_label_takes_the_exception_that_leaves_one_for_the_other():
    found = [("late_risk", "S"), ("warehouse_late", "S")]
    counts, sentences = score.compare([look("late_risk|warehouse_late on S, late_risk on S", found)])
    assert (score.sum_up(counts), sentences) == (score.Count(right=2), [])


def test_one_exception_that_shows_both_orders_answers_for_both():
    assert count("Late risk", "late_risk on P, late_risk on S", [("late_risk", "P S")]) == ((2, 0, 0), [])


def test_an_exception_that_shows_one_order_of_two_is_not_what_was_asked_for():
    numbers, _sentences = count("Late risk", "late_risk on S T", [("late_risk", "S")])
    assert numbers == (0, 1, 1)


@pytest.mark.parametrize("found", [[], [("backorder", "S")]])
def test_what_may_be_open_counts_neither_way(found):
    assert count("Stock and backorders", "maybe backorder on S", found) == ((0, 0, 0), [])


def test_orders_are_marked_at_risk_exactly_where_the_story_says_so():
    numbers, sentences = count(score.ORDERS, "late_risk on S", [("late_risk", "S")], orders=["S", "T"], risk="S P")
    assert numbers == (1, 1, 1)
    assert [sentence.rpartition(": ")[2] for sentence in sentences] == ["P", "T"]


def test_where_nothing_is_expected_no_order_may_be_marked():
    assert count(score.ORDERS, "nothing", orders=["S"])[0] == (0, 1, 0)


def test_where_the_story_does_not_say_marks_are_not_counted():
    assert count(score.ORDERS, "late_risk on S", [("late_risk", "S")], orders=["S", "T"])[0] == (0, 0, 0)


def test_partners_are_counted_where_the_story_says_so():
    assert count(score.PARTNERS, "nothing", partners=["Atelier"])[0] == (0, 0, 0)
    counts, _sentences = score.compare([look_at_partners("nothing", ["Atelier"])])
    assert counts[score.PARTNERS] == score.Count(false=1)


def look_at_partners(said, marked):
    seen = look("nothing", partners=marked)
    line = told.Line("mon 09:00", "expect", ["nothing"], [], {"partners": said})
    return {**seen, **score.as_labels(line)}


def test_a_detector_is_good_from_98_of_100_on_in_both():
    assert score.Count(98, 2, 2).is_good
    assert not score.Count(97, 3, 0).is_good
    assert not score.Count(97, 0, 3).is_good
    assert score.Count().is_good


def test_the_table_ends_with_the_sum():
    counts, _sentences = score.compare([look("late_risk on S", [("late_risk", "S")])])
    last = score.render(counts).splitlines()[-1].split()
    assert last == ["all", "1", "0", "0", "1.000", "1.000"]
