"""A project's person index, built in this process from its finished run."""

from __future__ import annotations

import datetime as dt
from typing import Any

from joinedup.linkage import index as library
from joinedup_web.gate.actor import Actor
from joinedup_web.linkage.models import Project, Run
from joinedup_web.person_index import actions, child, files, jobs
from joinedup_web.person_index.models import IndexChange, PersonIndex


def with_index(project: Project, run: Run, analyst: Actor) -> PersonIndex:
    """Begin the project's index with a run, as the worker would."""
    carry_out(actions.begin_index(by=analyst, project=project, run=run))
    return PersonIndex.objects.get(project=project)


def carry_out(change: IndexChange) -> IndexChange:
    """Do what a change asks for, without a child process."""
    assert actions.start_change(change)
    child.Teller = lambda: None  # type: ignore[misc, assignment]
    done = child.DO[change.kind](jobs.order_of(change))
    actions.finish_change(change, {"finished": done})
    change.refresh_from_db()
    return change


def part_somebody(index: PersonIndex) -> int:
    """Part a person of two records by a decision; return the number of the event."""
    folder = files.index_folder(index)
    with library.Ledger.open(library.ledger_path(folder), read_only=True) as ledger:
        records = ledger.records()
        names = ledger.people_of(records.number)
        sources = {row.number: row.name for row in ledger.sources()}
    places: dict[Any, list[tuple[str, str]]] = {}
    for name, source, identifier in zip(names, records.source.tolist(), records.ids.to_pylist(), strict=True):
        places.setdefault(name, []).append((sources[source], identifier))
    left, right = next(both for both in places.values() if len(both) == 2)
    now = dt.datetime.now(dt.UTC)
    said = library.one_decision("different", left, right, by="a clerk", on=now.date(), reason="")
    done = library.decide(folder, [said], at=now, by="a clerk")
    PersonIndex.objects.filter(id=index.id).update(version=done.version)
    with library.Ledger.open(library.ledger_path(folder), read_only=True) as ledger:
        return max(event.number or 0 for event in ledger.named_events())
