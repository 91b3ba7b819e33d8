"""Kinds of event about services, forms, collection points, invitations, imports and responses."""

from __future__ import annotations

from joinedup.audit.event_kind import EventKind

KINDS: tuple[EventKind, ...] = ()
