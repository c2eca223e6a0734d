"""Names of carriers and numbers of shipments, made comparable."""

import re
import unicodedata

_NOT_ALNUM = re.compile(r"[\W_]+")


def normalise_number(text: str | None) -> str:
    """A tracking, waybill or container number without blanks, dashes and case.

    ``"1z 999-aa1"`` and ``"1Z999AA1"`` are the same number; compatibility forms (full-width
    digits) count as the plain ones.
    """
    return _NOT_ALNUM.sub("", unicodedata.normalize("NFKC", text or "").upper())


def normalise_carrier(text: str | None) -> str:
    """A carrier's code or name as a key: ``"DHL Express"`` is ``dhlexpress``."""
    return normalise_number(text).lower()


def split_numbers(text: str | None) -> list[str]:
    """The numbers in Odoo's own tracking reference, which joins several labels with commas."""
    parts = (part.strip() for part in re.split(r"[,;\n]", text or ""))
    return list(dict.fromkeys(part for part in parts if normalise_number(part)))
