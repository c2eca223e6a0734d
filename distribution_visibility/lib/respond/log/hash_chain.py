"""A tamper-evident log: each row's hash covers the row and the hash before it.

Who changes, removes, inserts or reorders a sealed row has to change every hash after it, and so the
head, which can be kept outside of the database.
"""

import hashlib
import json
from dataclasses import dataclass

#: What the first row of a chain stands on.
GENESIS = "0" * 64


def canonical_json(value):
    """The one text of a JSON value: keys in order, no spaces, characters as they are.

    :raises ValueError: for numbers that JSON does not have (nan, inf)
    :raises TypeError: for what is no JSON value
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(text):
    """SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def commit(text, salt):
    """What a row seals of a text that may be somebody's: SHA-256 with a salt, or nothing of nothing.

    Whoever has text and salt can check it. Once both are erased, the text cannot be guessed from it either.

    >>> commit("", "salt"), commit("Jane", "a") == commit("Jane", "b")
    ('', False)
    """
    return digest(f"{salt}\n{text}") if text else ""


def link(previous, sequence, payload):
    """The hash of one row.

    :param str previous: hash of the row before, or :data:`GENESIS`
    :param int sequence: the row's place, from 1
    :param str payload: what the row says, as :func:`canonical_json` gave it
    """
    return digest(f"{previous}\n{sequence}\n{payload}")


def seal(payloads, previous=GENESIS, sequence=0):
    """Places and hashes for rows that are appended: a list of (sequence, previous hash, hash).

    :param payloads: texts in the order in which they are appended
    :param str previous: the hash of the head, and ``sequence`` its place
    """
    sealed = []
    for payload in payloads:
        sequence += 1
        current = link(previous, sequence, payload)
        sealed.append((sequence, previous, current))
        previous = current
    return sealed


@dataclass(frozen=True)
class Break:
    """The first row that is not as it was written: its place, and why (a word, not a sentence)."""

    sequence: int
    why: str


@dataclass(frozen=True)
class SealedRow:
    """One row as the database has it now. ``facts`` is what its columns say, as canonical JSON text."""

    sequence: int
    previous: str
    hash: str
    payload: str
    facts: str


def find_break(rows, previous=GENESIS, sequence=0):
    """The first :class:`Break` in rows ordered by their place, or None.

    ``previous`` and ``sequence`` are hash and place of the row before the first one, so that a long
    chain can be checked in slices.
    """
    for row in rows:
        sequence += 1
        if row.sequence != sequence:
            return Break(sequence, "missing" if row.sequence > sequence else "twice")
        if row.previous != previous:
            return Break(sequence, "unlinked")
        if row.hash != link(previous, sequence, row.payload):
            return Break(sequence, "payload")
        if row.facts != row.payload:
            return Break(sequence, "columns")
        previous = row.hash
    return None
