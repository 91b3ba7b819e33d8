"""One recorded event: who did what and when, which writer wrote it, and its one canonical form.

A deed and its event are one transaction, and the global sequence is given after the commit. So that nothing can
slip out in between, each writer (a thread or process) numbers its own events and quotes the digest of its last:
an event cut out leaves a gap that verification finds. What this cannot show is the loss of a writer's newest
events before they are sequenced; whoever holds the receipt of one can (see `Receipt`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from joinedup.audit.error import AuditError
from joinedup.audit.event import check_fields
from joinedup.audit.field import (
    FieldValue,
    instant_text,
    is_hex,
    is_identifier,
    is_token,
    read_instant,
)

FORMAT_VERSION = 1
NO_DIGEST = "0" * 64
"""What a writer's first event quotes as the digest before it."""

_KEYS = {
    *("actor", "actor_kind", "at", "event_id", "fields", "kind", "organisation", "version"),
    *("writer", "writer_previous", "writer_serial"),
}


class ActorKind(StrEnum):
    """Who acted. A citizen is named by a subject token alone; who is anonymous is not named."""

    CITIZEN = "citizen"
    STAFF = "staff"
    CLIENT = "client"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class AuditEvent:
    """One event as it is recorded.

    event_id: 32 hex digits, random. kind: a name of EVENT_KINDS. at: UTC. actor: a token or an id; None for
    the anonymous, and for the system where no account stands behind it. organisation: an id, or None. fields:
    as `check_fields` returns them. writer: 32 hex digits. writer_serial: from 1. writer_previous: the digest of
    that writer's event before, 64 hex digits, zeros before its first.

    Raises AuditError where any of them is not of that shape. Fields are checked by `draft_event`.
    """

    event_id: str
    kind: str
    at: datetime
    actor_kind: ActorKind
    actor: str | int | None
    organisation: str | int | None
    fields: Mapping[str, FieldValue]
    writer: str
    writer_serial: int
    writer_previous: str

    def __post_init__(self) -> None:
        good = {
            "event_id": is_hex(self.event_id, digits=32),
            "at": self.at.tzinfo is not None,
            "actor": _names_actor(self.actor_kind, self.actor),
            "organisation": self.organisation is None or is_identifier(self.organisation),
            "writer": is_hex(self.writer, digits=32),
            "writer_serial": isinstance(self.writer_serial, int) and self.writer_serial >= 1,
            "writer_previous": is_hex(self.writer_previous, digits=64),
        }
        for part, holds in good.items():
            if not holds:
                raise AuditError(
                    what=f"{part} is not of the shape that an event may have",
                    mend="give ids, tokens and hex digits as docs/reference/audit-format.md lists them",
                )


@dataclass(frozen=True)
class Writer:
    """Where a writer stands: its id, how many events it has written, and its last one's digest.

    Keep the one that `after` returns only once the transaction has been committed. Where a commit's outcome is
    not known (the connection broke), begin a new writer rather than guess.
    """

    id: str
    serial: int = 0
    previous: str = NO_DIGEST

    def after(self, event: AuditEvent) -> Writer:
        """Where the writer stands once this event of its own is committed."""
        if event.writer != self.id or event.writer_serial != self.serial + 1:
            raise ValueError("not this writer's next event")
        return Writer(id=self.id, serial=event.writer_serial, previous=digest(event).hex())


@dataclass(frozen=True)
class Receipt:
    """What is handed to whoever asked for a deed: proof later that the event has not been lost.

    event_id and digest in hex. It says nothing about what was done.
    """

    event_id: str
    digest: str


def draft_event(
    writer: Writer,
    *,
    kind: str,
    fields: Mapping[str, object],
    at: datetime,
    actor_kind: ActorKind,
    actor: str | int | None,
    organisation: str | int | None,
    event_id: str,
) -> AuditEvent:
    """Return the writer's next event, checked, to be written in the same transaction as the deed.

    event_id: 32 random hex digits. Raises AuditError for whatever may not be recorded.
    """
    return AuditEvent(
        event_id=event_id,
        kind=kind,
        at=at,
        actor_kind=actor_kind,
        actor=actor,
        organisation=organisation,
        fields=check_fields(kind, fields),
        writer=writer.id,
        writer_serial=writer.serial + 1,
        writer_previous=writer.previous,
    )


def canonical_bytes(event: AuditEvent) -> bytes:
    """The one way an event is written: JSON without spaces, keys in order, ASCII.

    All text is of shapes without quotes, backslashes or letters beyond ASCII, and numbers are whole and below
    2**53, so this is the form of RFC 8785 (JSON Canonicalization Scheme).
    """
    return _json(
        {
            "actor": event.actor,
            "actor_kind": str(event.actor_kind),
            "at": instant_text(event.at),
            "event_id": event.event_id,
            "fields": dict(event.fields),
            "kind": event.kind,
            "organisation": event.organisation,
            "version": FORMAT_VERSION,
            "writer": event.writer,
            "writer_previous": event.writer_previous,
            "writer_serial": event.writer_serial,
        }
    )


def digest(event: AuditEvent) -> bytes:
    """The event's digest: the RFC 6962 leaf hash of its canonical bytes, 32 bytes."""
    return digest_of_bytes(canonical_bytes(event))


def digest_of_bytes(body: bytes) -> bytes:
    """The digest of an event from its canonical bytes."""
    return sha256(b"\x00" + body).digest()


def receipt(event: AuditEvent) -> Receipt:
    """The receipt of an event; hand it out only once the event is committed."""
    return Receipt(event_id=event.event_id, digest=digest(event).hex())


def read_event(body: bytes) -> AuditEvent:
    """Return the event that `canonical_bytes` wrote.

    An event of a kind that this release does not know is read all the same: records outlive releases.

    Raises AuditError where the bytes are not exactly an event's canonical form.
    """
    try:
        parts = json.loads(body)
        if not isinstance(parts, dict) or parts.keys() != _KEYS or parts["version"] != FORMAT_VERSION:
            raise _unreadable()
        event = AuditEvent(
            event_id=parts["event_id"],
            kind=parts["kind"],
            at=read_instant(parts["at"]),
            actor_kind=ActorKind(parts["actor_kind"]),
            actor=parts["actor"],
            organisation=parts["organisation"],
            fields={name: tuple(v) if isinstance(v, list) else v for name, v in parts["fields"].items()},
            writer=parts["writer"],
            writer_serial=parts["writer_serial"],
            writer_previous=parts["writer_previous"],
        )
        same = canonical_bytes(event) == body
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _unreadable() from error
    if not same:
        raise _unreadable()
    return event


def _json(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def _names_actor(kind: ActorKind, actor: str | int | None) -> bool:
    if kind is ActorKind.ANONYMOUS:
        return actor is None
    if kind is ActorKind.CITIZEN:
        return is_token(actor)
    if kind is ActorKind.SYSTEM and actor is None:
        return True
    return is_identifier(actor)


def _unreadable() -> AuditError:
    return AuditError(
        what="this is not an event in its canonical form",
        mend="verify the record it comes from; docs/reference/audit-format.md tells the form",
    )
