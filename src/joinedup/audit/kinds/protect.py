"""Kinds of event about personal data in responses, flags, moderation."""

from __future__ import annotations

from joinedup.audit.event_kind import EventKind

KINDS: tuple[EventKind, ...] = ()
