"""The heavy work of one change of an index, in a process of its own.

`python -m joinedup_web.person_index.child` reads one order as JSON from stdin; see joinedup_web.linkage.child for
what it answers. Killed at any moment it leaves the index as the last published version.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from joinedup.linkage import index
from joinedup.linkage.decisions import read_decisions
from joinedup_web.linkage.child import Teller, carry_out
from joinedup_web.linkage.child_records import spec_of


def build(order: dict[str, Any]) -> dict[str, Any]:
    """Begin the index with a finished run."""
    folder = Path(order["index"])
    if (folder / "index.sqlite").exists():  # published by a worker that was lost before it could say so
        return _told(order, {}, is_published=True)
    shutil.rmtree(folder, ignore_errors=True)
    made = index.build(
        folder,
        spec_of(order),
        run=order["directory"],
        decisions=order["decisions"],
        at=_at(order),
        by=order["by"],
        reason=order["reason"] or "first build",
        progress=Teller(),
    )
    return _told(order, {"added": made.records, "rows_aside": made.rows_aside}, is_published=True)


def add(order: dict[str, Any]) -> dict[str, Any]:
    """Bring in an extract, after the decisions that stand."""
    obeyed = _obey(order)
    done = index.add(
        order["index"],
        order["path"],
        order["source"],
        at=_at(order),
        by=order["by"],
        reason=order["reason"],
        complete=order["complete"],
        may_shrink=order.get("may_shrink", False),
        progress=Teller(),
    )
    names = ("added", "changed", "unchanged", "removed", "rows_aside")
    counts = {name: getattr(done, name) for name in names} | asdict(done.people)
    counts |= {"added": done.added}
    return _told(order, _sum(counts, obeyed), is_published=done.is_published or bool(obeyed))


def decide(order: dict[str, Any]) -> dict[str, Any]:
    """Obey clerks' decisions as they stand: new ones are taken in, those that were undone are taken back."""
    obeyed = _obey(order)
    return _told(order, obeyed, is_published=bool(obeyed))


def undo(order: dict[str, Any]) -> dict[str, Any]:
    """Undo a merge or a split."""
    done = index.undo(order["index"], order["event"], at=_at(order), by=order["by"], reason=order["reason"])
    return _told(order, asdict(done.people), is_published=True)


def _obey(order: dict[str, Any]) -> dict[str, int]:
    """Make the index's decisions those that stand; what it did, empty where nothing had to change."""
    standing = read_decisions(order["decisions"]) if order["decisions"] else ()
    ends = {(frozenset((told.left, told.right)), told.verdict) for told in standing}
    with index.Ledger.open(index.ledger_path(Path(order["index"])), read_only=True) as ledger:
        stale = [
            held.number
            for held in ledger.decisions()
            if held.undoes is None and (frozenset((*held.left, *held.right)), held.verdict) not in ends
        ]
    counts: dict[str, int] = {}
    for number in stale:
        done = index.withdraw_decision(
            order["index"], number, at=_at(order), by=order["by"], reason="the decision was undone"
        )
        counts = _sum(counts, asdict(done.people) | {"withdrawn": 1})
    if order["decisions"]:
        done = index.import_decisions(
            order["index"], order["decisions"], at=_at(order), by=order["by"], reason="clerks’ decisions"
        )
        if done.is_published:
            counts = _sum(counts, asdict(done.people) | {"decided": len(done.decisions)})
    return counts


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}


def _at(order: dict[str, Any]) -> datetime:
    """The moment that it was asked for, or the last version's where that is later."""
    asked = datetime.fromisoformat(order["at"])
    path = index.ledger_path(Path(order["index"]))
    if not path.exists():
        return asked
    with index.Ledger.open(path, read_only=True) as ledger:
        last = ledger.version()
    return max(asked, last.at) if last is not None else asked


def _told(order: dict[str, Any], counts: Mapping[str, int], *, is_published: bool) -> dict[str, Any]:
    with index.Ledger.open(index.ledger_path(Path(order["index"])), read_only=True) as ledger:
        last, all_counts = ledger.version(), ledger.counts()
    assert last is not None
    return {
        "version": last.number,
        "records": all_counts["records"],
        "people": all_counts["people"],
        "is_published": is_published,
        "counts": dict(counts),
    }


DO = {"build": build, "add": add, "decide": decide, "undo": undo}


if __name__ == "__main__":
    sys.exit(carry_out(DO))
