"""What a provider's codes mean: the milestone, the exception category and who is responsible.

The meanings are data (``visibility.code.map``) that an administrator may change; this is only
the rule by which they are read, the same for Odoo and for tests without a database.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .canonical import Code


@dataclass(frozen=True)
class Meaning:
    """One row of the code map. Empty texts mean that the code says nothing of that kind.

    ``is_neutral``: the code is known and carries no information of its own.
    """

    milestone: str = ""
    category: str = ""
    responsible_party: str = ""
    is_neutral: bool = False


#: Gives the meaning of (vocabulary, code), None when the code map has no such row.
Lookup = Callable[[str, str], Meaning | None]


@dataclass(frozen=True)
class Resolution:
    """What the candidates mean together.

    ``matched`` are the codes that gave the milestone, the category or both; ``unknown`` those
    that the code map lacks, for a person to map.
    """

    milestone: str = ""
    category: str = ""
    responsible_party: str = ""
    unknown: tuple[Code, ...] = ()
    matched: tuple[Code, ...] = ()


def resolve(codes: Iterable[Code], lookup: Lookup) -> Resolution:
    """Read the candidates, most telling first.

    The milestone comes from the first mapped, non-neutral candidate that has one, and so does
    the category, which may be another candidate: a finer code often says what went wrong and
    only the coarser one how far the parcel is. The responsible party is the one of the code
    that gave the category. Unknown codes raise nothing.
    """
    codes = tuple(codes)
    meanings = [(code, lookup(code.vocabulary, code.value)) for code in codes]
    telling = [(code, meaning) for code, meaning in meanings if meaning and not meaning.is_neutral]
    milestone = next(((code, meaning) for code, meaning in telling if meaning.milestone), None)
    category = next(((code, meaning) for code, meaning in telling if meaning.category), None)
    return Resolution(
        milestone=milestone[1].milestone if milestone else "",
        category=category[1].category if category else "",
        responsible_party=category[1].responsible_party if category else "",
        unknown=tuple(code for code, meaning in meanings if meaning is None),
        matched=tuple(code for code, meaning in telling if (code, meaning) in (milestone, category)),
    )
