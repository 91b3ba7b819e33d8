"""What was found out about one written value: how it stands, what it reads as, and why."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class FieldStatus(IntEnum):
    """How one value stands after standardising; small integers, so that a column of them is cheap."""

    VALID = 0
    MENDED = 1
    INVALID = 2
    MISSING = 3


class Judged(NamedTuple):
    """One value judged. `value` is None when INVALID or MISSING.

    reason: a code of `joinedup.values.reasons.REASONS`; None where valid without remark. A valid value
        with a reason carries a caution: it is kept, and somebody should look.
    """

    value: str | None
    status: FieldStatus
    reason: str | None = None


def valid(value: str, caution: str | None = None) -> Judged:
    """A value in order, perhaps with a caution."""
    return Judged(value, FieldStatus.VALID, caution)


def mended(value: str, reason: str) -> Judged:
    """A value that had to be changed before it was in order."""
    return Judged(value, FieldStatus.MENDED, reason)


def invalid(reason: str) -> Judged:
    """A value that cannot be what it should be."""
    return Judged(None, FieldStatus.INVALID, reason)


def missing(reason: str = "empty") -> Judged:
    """No value was given, or a stand-in for none."""
    return Judged(None, FieldStatus.MISSING, reason)
