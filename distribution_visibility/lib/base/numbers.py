"""Names of carriers and numbers of shipments, made comparable."""

import re
import unicodedata

_NOT_ALNUM = re.compile(r"[\W_]+")
#: What labels print as a barcode, around the number that carriers tell events of.
_BARCODES = (
    # USPS: 420, the recipient's ZIP code of 5 or 9 figures, the number of 22 or 26
    re.compile(r"420(?:[0-9]{5}|[0-9]{9})(?P<number>9[1-5][0-9]{20})"),
    re.compile(r"420(?:[0-9]{5}|[0-9]{9})(?P<number>9[1-5][0-9]{24})"),
    # FedEx Ground: 96 with services, the number of 15 or (in the long one, filled up with zeros) of 12 figures
    re.compile(r"96[0-9]{5}(?P<number>[0-9]{15})"),
    re.compile(r"96[0-9]{17}0*(?P<number>[1-9][0-9]{11,14})"),
    # FedEx Express: services and the recipient's ZIP code, the number of 12 figures
    re.compile(r"1[0-9]{19}00(?P<number>[1-9][0-9]{11})"),
    # GS1: an SSCC with the identifier that says that it is one
    re.compile(r"00(?P<number>[0-9]{18})"),
)
#: So much of a longer number has to be the shorter one for it to be a barcode of it.
_LEAST_ALIKE = 10


def normalise_number(text: str | None) -> str:
    """A tracking, waybill or container number without blanks, dashes and case.

    ``"1z 999-aa1"`` and ``"1Z999AA1"`` are the same number; compatibility forms (full-width
    digits) count as the plain ones, and the barcode of a label as the number in it.
    """
    return _read_barcode(_NOT_ALNUM.sub("", unicodedata.normalize("NFKC", text or "").upper()))


def _read_barcode(number: str) -> str:
    """The number that a label's barcode holds; any other number as it is."""
    for barcode in _BARCODES if len(number) >= 20 else ():
        found = barcode.fullmatch(number)
        if found:
            return found["number"]
    return number


def is_same_label(one: str, other: str) -> bool:
    """Whether two numbers (normalised) may stand on one label: one is the other with something before it."""
    short, long = sorted((one, other), key=len)
    return len(short) >= _LEAST_ALIKE and long.endswith(short)


def normalise_carrier(text: str | None) -> str:
    """A carrier's code or name as a key: ``"DHL Express"`` is ``dhlexpress``."""
    return normalise_number(text).lower()


def split_numbers(text: str | None) -> list[str]:
    """The numbers in Odoo's own tracking reference, which joins several labels with commas."""
    parts = (part.strip() for part in re.split(r"[,;\n]", text or ""))
    return list(dict.fromkeys(part for part in parts if normalise_number(part)))
