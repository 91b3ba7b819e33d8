"""Kinds of event about the models that read text: features, uses, evaluations, register entries."""

from __future__ import annotations

from joinedup.audit.event_kind import EventKind

KINDS: tuple[EventKind, ...] = ()
