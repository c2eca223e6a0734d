"""Days and moments inside texts that are kept: marked in the text, and told to each reader as that reader counts.

A text that is kept is read by people of several languages and time zones. So a day stands in it as a mark, and a moment
as another one; who shows the text fills them in. What is no day or moment stays as it was written.
"""

import datetime as dt
import re

MARK = re.compile(r"⟦(day|at) ([0-9T:-]{10,16})⟧")


def mark_day(day: dt.date) -> str:
    """A day, whatever clock the reader has: the promise of Friday is that of Friday everywhere."""
    return f"⟦day {day:%Y-%m-%d}⟧"


def mark_moment(moment: dt.datetime) -> str:
    """A moment (naive UTC), told by the reader's clock, to the minute."""
    return f"⟦at {moment:%Y-%m-%dT%H:%M}⟧"


def fill(text: str, tell_day, tell_moment) -> str:
    """The text with its marks told.

    :param tell_day: takes a date and gives text; ``tell_moment`` takes a moment in naive UTC
    """

    def tell(found):
        try:
            moment = dt.datetime.fromisoformat(found[2])
        except ValueError:
            return found[0]
        return tell_day(moment.date()) if found[1] == "day" else tell_moment(moment)

    return MARK.sub(tell, text)
