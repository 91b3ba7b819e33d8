"""What an event's fields may hold: ids, tokens, codes, counts, digests and instants, never free text.

A shape cannot prove that a value is not about a person: "smith" would be a tidy code. So most codes come from a
closed list, the few open ones are words of the program or of an administrator's configuration, and what is
shaped like a NINO, a postcode, a date or a long number is refused even there. There is no type for a day,
because a date of birth is one; an instant before this program existed is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from joinedup.audit.error import AuditError

FieldValue = str | int | bool | tuple[str, ...]
"""What a field holds once checked: text of a closed shape, a whole number, yes or no, or several codes."""

LARGEST_COUNT = 999_999_999
"""Nine digits: an NHS number, a UTR and a telephone number have ten, so none passes as a count."""

MOST_CODES = 20
_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HEX_128 = re.compile(r"[0-9a-f]{32}")
_HEX_256 = re.compile(r"[0-9a-f]{64}")
_TOKEN = re.compile(r"t_[0-9a-f]{32}")
_CODE = re.compile(r"(?=.{1,100}\Z)[a-z][a-z0-9_]*(?:[.:-][a-z0-9_]+)*")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
# A NINO, six figures in a row, a day in figures, a postcode: what a code has no business looking like.
_PERSONAL = re.compile(
    r"[a-z]{2}[ _.:-]?(?:\d\d[ _.:-]?){3}[a-d]?\Z"
    r"|\d{6}"
    r"|\d{1,4}[-_.:]\d\d?[-_.:]\d{1,4}"
    r"|\A[a-z]{1,2}\d[a-z\d]?[_.:-]?\d[a-z]{2}\Z"
)


class FieldType(StrEnum):
    """The shapes a field may have.

    ID: a record's own id: a UUID, 32 hex digits, or a whole number up to nine digits. TOKEN: a subject token.
    COUNT: a whole number from 0, up to nine digits. CODE: a word of the program, `[a-z0-9_.:-]`, up to 100.
    CODES: up to 20 of those. CHOICE: a code from the field's closed list. DIGEST: SHA-256 as 64 hex digits.
    INSTANT: a moment in UTC. FLAG: yes or no.
    """

    ID = "id"
    TOKEN = "token"  # noqa: S105  # the name of a shape, not a secret
    COUNT = "count"
    CODE = "code"
    CODES = "codes"
    CHOICE = "choice"
    DIGEST = "digest"
    INSTANT = "instant"
    FLAG = "flag"


@dataclass(frozen=True)
class FieldSpec:
    """One field of an event kind. choices: the closed list, for CHOICE alone. optional: may be left out."""

    name: str
    type: FieldType
    choices: tuple[str, ...] = ()
    optional: bool = False


def checked_fields(
    specs: Sequence[FieldSpec], fields: Mapping[str, object], *, where: str
) -> dict[str, FieldValue]:
    """Return the fields in their canonical form, in the order of their names.

    A UUID becomes text, an aware datetime an instant in UTC, a list of codes a sorted tuple. Optional fields
    that are absent or None are left out.

    Raises AuditError naming the field, never its value.
    """
    known = {spec.name: spec for spec in specs}
    unknown = len([name for name in fields if name not in known])
    if unknown:
        raise AuditError(
            what=f"{unknown} fields that this kind of event does not have",
            where=where,
            mend=f"give only {', '.join(known) or 'no fields'}",
        )
    checked: dict[str, FieldValue] = {}
    for name in sorted(known):
        value = fields.get(name)
        if value is None:
            if not known[name].optional:
                raise AuditError(what=f"the field {name} is missing", where=where, mend="give it")
            continue
        checked[name] = _checked(known[name], value, where)
    return checked


def is_identifier(value: object) -> bool:
    """Whether a value is an id or a subject token: what may name an actor or an organisation."""
    return is_token(value) or _as_id(value) is not None


def is_token(value: object) -> bool:
    """Whether a value has the shape of a subject token."""
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def is_hex(value: object, *, digits: int) -> bool:
    """Whether a value is text of that many lower-case hex digits: 32 or 64."""
    return isinstance(value, str) and (_HEX_128 if digits == 32 else _HEX_256).fullmatch(value) is not None


def is_instant(value: object) -> bool:
    """Whether a value is an instant as `instant_text` writes it, and a real one."""
    if not isinstance(value, str) or _INSTANT.fullmatch(value) is None:
        return False
    try:
        read_instant(value)
    except ValueError:
        return False
    return True


def instant_text(at: datetime) -> str:
    """A moment in UTC with six figures of a second, always the same way.

    >>> instant_text(datetime(2026, 5, 1, 10, tzinfo=UTC))
    '2026-05-01T10:00:00.000000Z'

    Raises AuditError where the moment has no time zone.
    """
    if at.tzinfo is None:
        raise AuditError(what="a moment without its time zone", mend="give it in UTC")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read_instant(text: str) -> datetime:
    """The moment that `instant_text` wrote; ValueError where it is none."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def _checked(spec: FieldSpec, value: object, where: str) -> FieldValue:
    found = _as_type(spec, value)
    if found is None:
        raise AuditError(
            what=f"the field {spec.name} does not hold {_WORDS[spec.type]}",
            where=where,
            mend="record an id, a token or a code; what a person is called or wrote never enters the record",
        )
    return found


def _as_type(spec: FieldSpec, value: object) -> FieldValue | None:
    match spec.type:
        case FieldType.ID:
            return _as_id(value)
        case FieldType.TOKEN:
            return value if isinstance(value, str) and is_token(value) else None
        case FieldType.COUNT:
            return value if _is_whole(value) and isinstance(value, int) and value >= 0 else None
        case FieldType.CODE:
            return value if isinstance(value, str) and _is_code(value) else None
        case FieldType.CODES:
            return _as_codes(value)
        case FieldType.CHOICE:
            return str(value) if isinstance(value, str) and value in spec.choices else None
        case FieldType.DIGEST:
            return value if isinstance(value, str) and is_hex(value, digits=64) else None
        case FieldType.INSTANT:
            return _as_instant(value)
        case FieldType.FLAG:
            return value if isinstance(value, bool) else None


def _as_id(value: object) -> str | int | None:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str) and (_UUID.fullmatch(value) or _HEX_128.fullmatch(value)):
        return value
    return value if isinstance(value, int) and _is_whole(value) and value >= 1 else None


def _as_codes(value: object) -> tuple[str, ...] | None:
    if isinstance(value, str) or not isinstance(value, Sequence | frozenset | set) or len(value) > MOST_CODES:
        return None
    codes = [code for code in value if isinstance(code, str) and _is_code(code)]
    return tuple(sorted(set(codes))) if len(codes) == len(value) else None


def _as_instant(value: object) -> str | None:
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = instant_text(value)
    if not isinstance(value, str) or not is_instant(value) or read_instant(value) < _EARLIEST:
        return None
    return value


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value <= LARGEST_COUNT


def _is_code(value: str) -> bool:
    return _CODE.fullmatch(value) is not None and _PERSONAL.search(value) is None


_WORDS = {
    FieldType.ID: "an id",
    FieldType.TOKEN: "a subject token",
    FieldType.COUNT: "a whole number of up to nine digits",
    FieldType.CODE: "a code",
    FieldType.CODES: "a list of codes",
    FieldType.CHOICE: "a word of its closed list",
    FieldType.DIGEST: "a SHA-256 digest in hex",
    FieldType.INSTANT: "an instant in UTC",
    FieldType.FLAG: "yes or no",
}
