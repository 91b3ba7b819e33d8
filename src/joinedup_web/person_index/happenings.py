"""Merges and splits of an index as lists and pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pyarrow as pa
from django.http import Http404

from joinedup.linkage.index import Event, EventKind, Ledger, ledger_path
from joinedup_web.design.words import clock
from joinedup_web.person_index.words import KINDS, reason_words


@dataclass(frozen=True)
class Happening:
    """One event in words. rows: what a summary list shows of it. undone: whether a decision that holds undoes it."""

    number: int
    kind: str
    what: str
    rows: list[tuple[str, str]]
    can_be_undone: bool
    undone: bool


def _what(event: Event) -> str:
    if event.kind is EventKind.MERGED:
        return f"{event.person} was merged into {event.other}"
    if event.kind is EventKind.SPLIT:
        return f"{event.person} was split off from {event.other}"
    return f"{event.person}: {KINDS[event.kind].lower()}"


def happenings_table(folder: Path, project_id: UUID) -> pa.Table:
    """Every merge, split, end and return, one row each. No column says anything of a record."""
    with Ledger.open(ledger_path(folder), read_only=True) as ledger, ledger.reading():
        when = {version.number: version.at for version in ledger.versions()}
        found = ledger.named_events()
    return pa.table(
        {
            "number": pa.array([event.number for event in found], pa.int64()),
            "project": pa.array([str(project_id)] * len(found), pa.string()),
            "at": pa.array([when[event.version] for event in found], pa.timestamp("us", "UTC")),
            "kind": pa.array([event.kind.value for event in found], pa.string()),
            "what": pa.array([KINDS[event.kind] for event in found], pa.string()),
            "person": pa.array([event.person for event in found], pa.string()),
            "other": pa.array([event.other for event in found], pa.string()),
            "why": pa.array([_sentence(reason_words(event)) for event in found], pa.string()),
            "version": pa.array([event.version for event in found], pa.int64()),
        }
    )


def happening(folder: Path, number: int) -> Happening:
    """One event. Raises Http404 where there is none of that number."""
    with Ledger.open(ledger_path(folder), read_only=True) as ledger, ledger.reading():
        found = ledger.named_events(number)
        if not found:
            raise Http404
        event = found[0]
        version = ledger.versions()[event.version - 1]
        undone = any(held.undoes == number for held in ledger.decisions())
    rows = [
        ("Event", str(number)),
        ("What happened", _what(event)),
        ("Why", _sentence(reason_words(event)) or "Not known"),
        ("When", clock(version.at)),
        ("Version of the index", str(event.version)),
    ]
    may = event.kind in (EventKind.MERGED, EventKind.SPLIT) and not undone
    return Happening(number, event.kind.value, _what(event), rows, may, undone)


def _sentence(words: str) -> str:
    plain = words.removeprefix(", ").removeprefix(": ")
    return plain[:1].upper() + plain[1:]
