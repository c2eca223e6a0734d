"""Which fields a declarative mapping may fill, and how what was found becomes their value."""

import datetime as dt
import zoneinfo
from collections.abc import Callable
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ..canonical import EVENT_TYPES, SHIPMENT_TYPES, LineStatus, Party
from ..moments import Moment
from .bounded_jmespath import MAX_LENGTH
from .reading import epoch, expected, flag, moment, text
from .ubl_reading import number

TEXT, LONG, TIME, EXPECTED, FLAG, NUMBER, LIST, STATUS, PARTY, CODE = (
    "text",
    "long text",
    "time",
    "expected time",
    "yes or no",
    "number",
    "list of texts",
    "line status",
    "responsible party",
    "code of the vocabulary",
)

_SHIPMENT = {
    "tracking_number": TEXT,
    "carrier": TEXT,
    "milestone": TEXT,
    "category": TEXT,
    "code": CODE,
    "reason_code": TEXT,
    "reason": LONG,
    "responsible_party": PARTY,
    "occurred_at": TIME,
    "eta": EXPECTED,
    "location.name": TEXT,
    "location.city": TEXT,
    "location.state": TEXT,
    "location.postal_code": TEXT,
    "location.country": TEXT,
    "location.unlocode": TEXT,
    "description": LONG,
    "signed_by": TEXT,
    "proof_url": LONG,
    "is_return": FLAG,
    "order_reference": TEXT,
    "related_numbers": LIST,
}
#: By event type, what ``data`` may hold.
FIELDS: dict[str, dict[str, str]] = {
    **dict.fromkeys(SHIPMENT_TYPES, _SHIPMENT),
    "shipment.retraction": {"event_id": TEXT, "reason": LONG, "corrected_by": LIST},
    "supplier.order_response": {
        "order": TEXT,
        "supplier": TEXT,
        "response_number": TEXT,
        "status": STATUS,
        "responded_at": TIME,
        "note": LONG,
    },
    "supplier.despatch_advice": {
        "despatch_number": TEXT,
        "order": TEXT,
        "supplier": TEXT,
        "carrier": TEXT,
        "tracking_number": TEXT,
        "shipped_at": TIME,
        "eta": EXPECTED,
        "is_cancelled": FLAG,
    },
}
#: By event type, what each of its lines may hold.
LINE_FIELDS: dict[str, dict[str, str]] = {
    "supplier.order_response": {
        "line": TEXT,
        "product": TEXT,
        "status": STATUS,
        "code": CODE,
        "quantity": NUMBER,
        "unit_price": NUMBER,
        "promised_at": EXPECTED,
        "substitute": TEXT,
        "reason": LONG,
    },
    "supplier.despatch_advice": {
        "order": TEXT,
        "line": TEXT,
        "product": TEXT,
        "quantity": NUMBER,
        "package": TEXT,
        "lot": TEXT,
    },
}
#: Without these there is no event of the type.
REQUIRED = {
    **dict.fromkeys(SHIPMENT_TYPES, "tracking_number"),
    "shipment.retraction": "event_id",
    "supplier.order_response": "order",
    "supplier.despatch_advice": "despatch_number",
}


def zone_of(name: str) -> dt.tzinfo | None:
    """The IANA time zone; None for an empty name.

    :raises ValueError: when there is no such zone.
    """
    if not name:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, OSError):
        raise ValueError(f"there is no time zone {name}") from None


class Converter:
    """Turns what an expression found into a field's value.

    :param time_format: empty for ISO 8601, ``epoch``, or a format of ``strptime``.
    """

    def __init__(self, time_format: str = "", zone: dt.tzinfo | None = None):
        self._format, self._zone = time_format, zone
        self._converters: dict[str, Callable[[Any], Any]] = {
            TEXT: text,
            CODE: text,
            FLAG: flag,
            NUMBER: number,
            LIST: self._texts,
            LONG: lambda value: text(value, 1000),
            STATUS: lambda value: self._one_of(LineStatus, value),
            PARTY: lambda value: self._one_of(Party, value),
            TIME: self._time,
            EXPECTED: lambda value: self._time(value, expected),
        }

    def value(self, kind: str, found: Any) -> Any:
        """The field's value; None when nothing was found.

        :raises ValueError: when something was found and it is not of the kind, in a few words.
        """
        if found is None or found == "" or found == []:
            return None
        converted = self._converters[kind](found)
        if converted is None or converted == "" or converted == ():
            raise ValueError(f"this is no {kind}")
        return converted

    def _texts(self, found: Any) -> tuple[str, ...]:
        items = found if isinstance(found, list) else [found]
        return tuple(dict.fromkeys(one for item in items if (one := text(item))))[:20]

    def _one_of(self, choices: Any, found: Any) -> str | None:
        return found if isinstance(found, str) and found in get_args(choices) else None

    def _time(self, found: Any, reader: Callable = moment) -> Moment | None:
        if self._format == "epoch":
            return epoch(found)
        if not self._format:
            return reader(found, self._zone)
        raw = text(found)
        try:
            parsed = dt.datetime.strptime(raw, self._format)
        except ValueError:
            return None
        read = reader(parsed.isoformat(), self._zone)
        return read.model_copy(update={"raw": raw}) if read else None


Expression = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_LENGTH)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]


class MappingSettings(BaseModel):
    """JMESPath expressions by field. All but ``events`` are applied to one event at a time.

    ``fields`` and ``line_fields`` may hold the names of ``declarative_fields``; ``lines`` finds an
    event's lines. ``vocabulary`` is the code map's list for the field ``code``, or one of the
    lists of ``supplier_codes``. ``type`` is an event type, or an expression that gives one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    events: Expression = ""
    type: Expression = "shipment.milestone"
    fields: Annotated[dict[Word, Expression], Field(max_length=60)]
    lines: Expression = ""
    line_fields: Annotated[dict[Word, Expression], Field(max_length=20)] = {}
    vocabulary: Word = ""
    id: Expression = ""
    is_test: Expression = ""
    time_zone: Word = ""
    time_format: Word = ""

    def expressions(self) -> list[tuple[str, str]]:
        """All expressions with the name of the setting they stand in; a type constant is none."""
        single = [(name, getattr(self, name)) for name in ("events", "lines", "id", "is_test")]
        if self.type not in EVENT_TYPES:
            single.append(("type", self.type))
        lines = [(f"lines.{name}", expression) for name, expression in self.line_fields.items()]
        return [(name, given) for name, given in (*single, *self.fields.items(), *lines) if given]

    def converter(self) -> Converter:
        """How found values become field values; a wrong time zone counts as none here."""
        try:
            return Converter(self.time_format, zone_of(self.time_zone))
        except ValueError:
            return Converter(self.time_format)

    def types(self) -> tuple[str, ...]:
        """The event types this mapping can give."""
        return (self.type,) if self.type in EVENT_TYPES else EVENT_TYPES
