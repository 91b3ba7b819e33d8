"""Events as rows, back in their canonical bytes: what sequencing hashes and verification checks."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from joinedup.audit import ActorKind, AuditError, AuditEvent, canonical_bytes
from joinedup.audit.record import FORMAT_VERSION

COLUMNS = (
    *("event_id", "kind", "at", "actor_kind", "actor", "organisation", "fields"),
    *("writer", "writer_serial", "writer_previous"),
)
"""What `body_of` takes, in this order."""


def body_of(row: tuple[Any, ...]) -> bytes:
    """Return an event's canonical bytes from its columns.

    A row that can be no event of ours (somebody wrote to the table by hand) still gets bytes, of the same form
    as far as that goes: it has its place in the record, where verification tells what it is.
    """
    event_id, kind, at, actor_kind, actor, organisation, fields, writer, serial, previous = row
    named = None if organisation is None else str(organisation)
    try:
        return canonical_bytes(
            AuditEvent(
                event_id=event_id,
                kind=kind,
                at=at,
                actor_kind=ActorKind(actor_kind),
                actor=actor or None,
                organisation=named,
                fields={name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()},
                writer=writer,
                writer_serial=serial,
                writer_previous=previous,
            )
        )
    except (AuditError, ValueError, TypeError, AttributeError):
        names = (*COLUMNS, "version")
        parts = dict(zip(names, (*row, FORMAT_VERSION), strict=True))
        return json.dumps(parts, sort_keys=True, separators=(",", ":"), default=_text).encode("ascii")


def _text(value: object) -> str:
    return str(value) if isinstance(value, UUID) else repr(value)
