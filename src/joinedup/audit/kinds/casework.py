"""Kinds of event about cases."""

from __future__ import annotations

from joinedup.audit.event_kind import EventKind

KINDS: tuple[EventKind, ...] = ()
