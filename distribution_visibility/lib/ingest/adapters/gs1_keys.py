"""GS1 identification keys in their two web forms: EPC URN and Digital Link (GS1 TDS 2, CBV 2)."""

import re

_URN = re.compile(r"urn:epc:id:(sscc|sgln|gsin|ginc):([0-9]{6,12})\.([^.]+?)(?:\..*)?")
_LINK = re.compile(r"https?://[^?#]*/(00|414|401|402)/([^/?#]+).*")
_LINK_KIND = {"00": "sscc", "414": "sgln", "401": "ginc", "402": "gsin"}


def key_of(text: str) -> tuple[str, str]:
    """Kind (``sscc``, ``sgln``, ``gsin``, ``ginc``) and number of an identifier, else ``("", text)``.

    SSCC, GLN and GSIN come with their check digit, as they are printed: 18, 13 and 17 digits.
    """
    urn = _URN.fullmatch(text)
    if urn:
        return urn[1], _number(urn[1], urn[2], urn[3])
    link = _LINK.fullmatch(text)
    return (_LINK_KIND[link[1]], link[2]) if link else ("", text)


def check_digit(digits: str) -> str:
    """The GS1 check digit of a numeric key (GS1 General Specifications 7.9)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _number(kind: str, prefix: str, rest: str) -> str:
    if kind == "ginc" or not re.fullmatch("[0-9]+", rest):
        return prefix + rest
    # An SSCC's extension digit is printed before the company prefix.
    digits = rest[0] + prefix + rest[1:] if kind == "sscc" else prefix + rest
    return digits + check_digit(digits)
