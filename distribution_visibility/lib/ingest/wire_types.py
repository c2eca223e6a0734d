"""The value types of the canonical bodies: what is validated is exactly what the schema says.

Codes are strings: a JSON number where a string belongs is refused (021 is not 17). Lengths count
before the white space around a value is removed, so that the JSON Schema can say the same.
"""

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    Strict,
    StringConstraints,
    WithJsonSchema,
)

from .moments import Moment, parse_moment

#: RFC 3339 date-time from 1970 to 9998. Written out, because validators differ in what they take.
RFC3339 = (
    r"^(19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])"
    r"-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
    r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
_INSTANT = re.compile(RFC3339)
_NO_NUL = r"^[^\x00]*$"
# White space is listed, because \s means other characters in each language.
_BLANK = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
NOT_BLANK = rf"^[^\x00]*[^{_BLANK}][^\x00]*$"


def _instant(value: Any) -> Any:
    if isinstance(value, Moment):
        return value
    if not isinstance(value, str) or not _INSTANT.match(value):
        raise ValueError("a time is written with date, time and offset from UTC, as 2026-03-01T09:00:00Z")
    try:
        return parse_moment(value)
    except ValueError:
        raise ValueError("there is no such date") from None


def _web_address(value: str) -> str:
    # Shown as a link to people, so that nothing else than a web address may get there.
    return value if value.lower().startswith(("https://", "http://")) else ""


Short = Annotated[str, StringConstraints(max_length=128, pattern=_NO_NUL), AfterValidator(str.strip)]
Required = Annotated[
    str, StringConstraints(min_length=1, max_length=128, pattern=NOT_BLANK), AfterValidator(str.strip)
]
Text = Annotated[str, StringConstraints(max_length=2000, pattern=_NO_NUL), AfterValidator(str.strip)]
WebAddress = Annotated[
    str,
    StringConstraints(max_length=1000, pattern=_NO_NUL),
    AfterValidator(_web_address),
    Field(description="An http or https address; anything else is dropped"),
]
Number = Annotated[float, Strict(), Field(ge=0, le=1e12, allow_inf_nan=False)]
Instant = Annotated[
    Moment,
    BeforeValidator(_instant),
    PlainSerializer(lambda moment: moment.at.isoformat(), return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "pattern": RFC3339,
            "examples": ["2026-03-01T09:00:00Z"],
        }
    ),
]
