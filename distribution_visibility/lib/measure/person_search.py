"""Finding and blanking what identifies a person in the bodies of messages.

A body is kept as its sender wrote it, so that a name may stand there in letters or in JSON's
escapes (``é`` or ``\\u00e9``), and a telephone number with any punctuation.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

ERASED = "[erased]"
MIN_LENGTH = 4
_PHONE = re.compile(r"\+?[\d\s()./-]{6,}\Z")
# Enough to tell one subscriber from another, whether or not the country code is written.
_PHONE_DIGITS = 9
_BETWEEN_DIGITS = r"[-\s()./]{0,3}"


def read_terms(text: str) -> list[str]:
    """One term a line, without blanks around it, each once; too short ones would match anybody.

    >>> read_terms(" Jane Doe \\n\\nJane Doe\\nab\\njane@example.com")
    ['Jane Doe', 'jane@example.com']
    """
    terms = (" ".join(line.split()) for line in text.splitlines())
    return list(dict.fromkeys(term for term in terms if len(term) >= MIN_LENGTH))


def sql_pattern(term: str) -> str:
    """A regular expression for PostgreSQL's ``~*`` on a body as it was received."""
    if _is_phone(term):
        return _phone_pattern(term)
    return r"\s+".join("".join(_sql_letter(letter) for letter in word) for word in term.split())


def sql_any(terms: Iterable[str]) -> str:
    """:func:`sql_pattern` for a text that says any of the terms."""
    return "|".join(f"(?:{sql_pattern(term)})" for term in terms)


def blank(value: Any, terms: Iterable[str]) -> Any:
    """A JSON value in which each text that contains one of the terms is ``[erased]`` altogether.

    The whole text, because what stands around a name (an address, a telephone number) is the
    person's as well. Keys of objects are names of fields and stay.
    """
    pattern = re.compile("|".join(_python_pattern(term) for term in terms), re.IGNORECASE)
    return _blank(value, pattern)


def _blank(value: Any, pattern: re.Pattern) -> Any:
    if isinstance(value, dict):
        return {name: _blank(item, pattern) for name, item in value.items()}
    if isinstance(value, list):
        return [_blank(item, pattern) for item in value]
    if isinstance(value, str):
        return ERASED if pattern.search(value) else value
    if isinstance(value, int) and not isinstance(value, bool):
        return ERASED if pattern.search(str(value)) else value
    return value


def _is_phone(term: str) -> bool:
    return bool(_PHONE.match(term)) and len(_digits(term)) >= 6


def _digits(term: str) -> str:
    return re.sub(r"\D", "", term)


def _phone_pattern(term: str) -> str:
    # A longer number that only begins like it is another one: a tracking number, for example.
    return _BETWEEN_DIGITS.join(_digits(term)[-_PHONE_DIGITS:]) + "(?![0-9])"


def _python_pattern(term: str) -> str:
    if _is_phone(term):
        return _phone_pattern(term)
    return r"\s+".join(re.escape(word) for word in term.split())


def _sql_letter(letter: str) -> str:
    plain = letter if letter.isalnum() or letter in "@_-" else rf"\{letter}"
    escaped = {json.dumps(form)[1:-1] for form in (letter, letter.lower(), letter.upper())} - {letter}
    if letter == "/":
        escaped.add(r"\/")
    unusual = [re.escape(form) for form in sorted(escaped) if form.startswith("\\")]
    return f"(?:{'|'.join([plain, *unusual])})" if unusual else plain
