"""Kinds of event about what was said and done, figures and digests."""

from __future__ import annotations

from joinedup.audit.event_kind import EventKind

KINDS: tuple[EventKind, ...] = ()
