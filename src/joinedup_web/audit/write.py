"""Events as they enter the database: drafted in a deed, numbered by their writer, inserted with the deed's rows."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from joinedup.audit import ActorKind, AuditEvent, FieldValue, Receipt, Writer, check_fields
from joinedup_web.audit import subjects
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.actor import ActorKind as AskerKind

_COLUMNS = (
    *("event_id", "kind", "at", "actor_kind", "actor", "organisation", "fields"),
    *("writer", "writer_serial", "writer_previous"),
)
MOST_AT_ONCE = 90
"""Events of one statement: their values are fewer than the 999 that any SQLite takes."""


@dataclass(frozen=True)
class Draft:
    """An event of a deed under way: checked, and not yet its writer's."""

    event_id: str
    kind: str
    at: datetime
    by: Actor
    organisation: UUID | None
    fields: dict[str, FieldValue]


def draft(
    *, kind: str, at: datetime, by: Actor, organisation: UUID | None, fields: dict[str, object]
) -> Draft:
    """Return the event to be; raises AuditError for a kind or fields that may not be recorded."""
    return Draft(secrets.token_hex(16), kind, at, by, organisation, check_fields(kind, fields))


def new_writer() -> Writer:
    """A writer that has written nothing yet."""
    return Writer(secrets.token_hex(16))


@dataclass(frozen=True)
class Numbered:
    """Events that are their writer's now, with the receipts to hand out once they are durable."""

    events: list[AuditEvent]
    receipts: tuple[Receipt, ...]


def number(writer: Writer, drafts: Iterable[Draft]) -> tuple[Writer, Numbered]:
    """Return where the writer stands after these events, and the events. People become subject tokens here."""
    events, receipts = [], []
    for each in drafts:
        event = AuditEvent(
            event_id=each.event_id,
            kind=each.kind,
            at=each.at,
            actor_kind=ActorKind(each.by.kind.value),
            actor=_actor(each.by),
            organisation=None if each.organisation is None else str(each.organisation),
            fields=each.fields,
            writer=writer.id,
            writer_serial=writer.serial + 1,
            writer_previous=writer.previous,
        )
        writer = writer.after(event)
        events.append(event)
        receipts.append(Receipt(event_id=event.event_id, digest=writer.previous))
    return writer, Numbered(events, tuple(receipts))


def insert(events: Sequence[AuditEvent]) -> None:
    """Insert events in their order, many as one statement: the model layer would cost more than the deeds."""
    sqlite = connection.vendor == "sqlite"
    place = f"({', '.join(['%s'] * len(_COLUMNS))})"
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    for start in range(0, len(events), MOST_AT_ONCE):
        rows = [_row(event, sqlite=sqlite) for event in events[start : start + MOST_AT_ONCE]]
        values = ", ".join([place] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO audit_event ({names}) VALUES {values}",  # noqa: S608 - names and places are ours
                [value for row in rows for value in row],
            )


def _row(event: AuditEvent, *, sqlite: bool) -> tuple[object, ...]:
    organisation = None if event.organisation is None else UUID(str(event.organisation))
    return (
        event.event_id,
        event.kind,
        connection.ops.adapt_datetimefield_value(event.at),
        str(event.actor_kind),
        event.actor or "",
        organisation.hex if organisation is not None and sqlite else organisation,
        json.dumps(dict(event.fields)),
        event.writer,
        event.writer_serial,
        event.writer_previous,
    )


def names_person(event: Draft) -> bool:
    """Whether somebody's token stands in the event, which their first event makes."""
    return event.by.id is not None and event.by.kind in (AskerKind.STAFF, AskerKind.CITIZEN)


def _actor(by: Actor) -> str | None:
    if by.id is None or by.kind is AskerKind.ANONYMOUS:
        return None
    if by.kind in (AskerKind.STAFF, AskerKind.CITIZEN):
        return subjects.token_of(by.kind.value, by.id)
    return str(by.id)
