"""Stories as they are written in `tests/stories`, read into lines that can be acted out. Plain Python."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from scripts import settings

FOLDER = settings.ROOT / "tests" / "stories"
FIRST_MONDAY = datetime(2027, 3, 1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = {"paris": "Europe/Paris", "auckland": "Pacific/Auckland", "losangeles": "America/Los_Angeles"}
MOMENT = r"[a-z]{3}(?:\+\d)? \d\d:\d\d"
LINE = re.compile(rf"({MOMENT})  (\S+) ?(.*)")
GOODS = re.compile(
    rf"(?P<quantity>\d+) (?P<dozen>dozen )?(?P<product>\w+)(?:@(?P<price>[\d.]+))?(?: due (?P<due>{MOMENT}))?"
    rf"(?: of (?P<order>\w+))?(?: (?P<status>[a-z_]+)(?: (?P<when>{MOMENT}))?)?"
)


class StoryError(ValueError):
    """A story that cannot be read says where."""


@dataclass
class Line:
    """What somebody does at a moment: `head` in words, `goods` after a colon, `options` after semicolons."""

    when: str
    verb: str
    head: list
    goods: list = field(default_factory=list)
    options: dict = field(default_factory=dict)
    text: str = ""


@dataclass
class Story:
    title: str
    place: str
    houses: list = field(default_factory=list)
    quick: list = field(default_factory=list)
    lines: list = field(default_factory=list)


def moment(text, house):
    """A day and hour on a house's wall clock, as a naive time in UTC."""
    day, _, clock = text.partition(" ")
    name, _, weeks = day.partition("+")
    hours, minutes = map(int, (clock or "12:00").split(":"))
    local = FIRST_MONDAY + timedelta(days=DAYS.index(name) + 7 * int(weeks or 0), hours=hours, minutes=minutes)
    zoned = local.replace(tzinfo=ZoneInfo(ZONES[house.partition("-")[0]]))
    return zoned.astimezone(timezone.utc).replace(tzinfo=None)


def read_all(folder=FOLDER):
    """Every story of the folder."""
    return [story for path in sorted(Path(folder).glob("*.txt")) for story in read(path)]


def read(path):
    stories = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        place = f"{path.name}:{number}"
        if text.startswith("= "):
            stories.append(Story(text[2:], place))
        elif text.startswith(("in ", "quick ")):
            kind, _, houses = text.partition(" ")
            setattr(stories[-1], "houses" if kind == "in" else "quick", _read_houses(houses, place))
        elif text:
            stories[-1].lines.append(_read_line(text, place))
    return stories


def _read_houses(text, place):
    houses = text.split(", ")
    for house in houses:
        if not re.fullmatch(f"(?:{'|'.join(ZONES)})-[123]", house):
            raise StoryError(f"{place}: there is no house {house}")
    return houses


def _read_line(text, place):
    found = LINE.fullmatch(text)
    if not found:
        raise StoryError(f"{place}: not a line: {text}")
    main, *options = found[3].split("; ")
    head, _, goods = main.partition(": ")
    return Line(
        found[1],
        found[2],
        [head] if found[2] == "expect" else head.split(),
        [_read_goods(part, place) for part in goods.split(", ") if part],
        dict(_split_option(option) for option in options),
        text,
    )


def _split_option(option):
    name, _, value = option.strip().partition(" ")
    return name, value


def _read_goods(text, place):
    found = GOODS.fullmatch(text)
    if not found:
        raise StoryError(f"{place}: no goods: {text}")
    return {key: value for key, value in found.groupdict().items() if value}


# --------------------------------------------------------------------- what is expected
@dataclass
class Label:
    """One exception that should be open (or may be): any of the categories, on all of the documents."""

    categories: list
    documents: list
    may: bool = False


def read_labels(text):
    """The labels of an `expect`: `late_risk|warehouse_late on S, maybe backorder on S`."""
    labels = []
    for part in text.split(", "):
        if part.strip() in ("nothing", ""):
            continue
        said, _, documents = part.strip().removeprefix("maybe ").partition(" on ")
        names = [name.split("|") for name in documents.split()]
        labels.append(Label(said.split("|"), names, part.strip().startswith("maybe ")))
    return labels


def read_marked(line, name, quiet):
    """The documents that should be marked, or None where the story does not say."""
    said = line.options.get(name)
    if said is None:
        return [] if quiet else None
    return [] if said == "nothing" else said.split()
