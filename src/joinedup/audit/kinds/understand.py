"""Kinds of event about tags, routing, analyses and themes."""

from __future__ import annotations

from joinedup.audit.event_kind import EventKind

KINDS: tuple[EventKind, ...] = ()
