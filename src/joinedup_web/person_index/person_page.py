"""What the page of one person of an index shows: records, since when they are theirs, and what happened."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from joinedup.linkage.index import Ledger, Version, ledger_path, written_records
from joinedup.people import FieldKind
from joinedup_web.design.words import count, day
from joinedup_web.linkage.pair_page import source_words
from joinedup_web.linkage.record_page import MOST_RECORDS
from joinedup_web.linkage.words import KINDS
from joinedup_web.person_index.words import event_sentence

MOST_EVENTS = 100


def person_context(folder: Path, name: str, at: datetime | None) -> dict[str, Any] | None:
    """Return what the template needs of a person at a moment (now, if None); None: there never was one.

    first: the first of its records in order of source and id, by which the audit record knows them.
    """
    with Ledger.open(ledger_path(folder), read_only=True) as ledger, ledger.reading():
        followed = ledger.followed(name)
        if followed is None:
            return None
        versions = {version.number: version for version in ledger.versions()}
        person = ledger.person(name, at)
        events = ledger.events(name)
    members = person.members if person is not None else ()
    shown = members[:MOST_RECORDS]
    values = written_records(folder, [member.number for member in shown])
    became = ""
    if not followed.is_live and followed.merged:
        became = f"This number is not used any more: it was merged into {followed.merged[-1][1]}."
    elif not followed.is_live:
        became = "This number rests: no record is of this person any more."
        if followed.now:
            others = ", ".join(f"{other} ({count(n)})" for other, n in followed.now)
            became = f"This number rests. Its records are now of {others}."
    return {
        "name": name,
        "became": became,
        "first": min(((m.source, m.id or "") for m in members), default=("", "")),
        "heads": [(source_words(m.source), m.id or "erased", _since(versions, m.since)) for m in shown],
        "rows": _rows(values),
        "left_out": len(members) - len(shown),
        "history": [
            (versions[event.version].at, event_sentence(event, name))
            for event in reversed(events[-MOST_EVENTS:])
        ],
    }


def _since(versions: dict[int, Version], number: int) -> str:
    return day(versions[number].at.date())


def _rows(values: list[Any]) -> list[tuple[str, list[str]]]:
    """One row a kind of field that any record has, as its source wrote it; then the other columns by name."""
    rows = []
    for kind in (*KINDS,):
        if kind in (
            FieldKind.IDENTIFIER,
            FieldKind.UNKNOWN,
            FieldKind.TEXT,
            FieldKind.CATEGORY,
            FieldKind.NUMBER,
        ):
            continue
        cells = [
            " / ".join(
                cell
                for column, cell in record.columns.items()
                if cell and record.kinds.get(column) == kind.value
            )
            if record is not None
            else ""
            for record in values
        ]
        if any(cells):
            rows.append((KINDS[kind], cells))
    return rows
