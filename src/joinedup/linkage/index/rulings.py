"""The decisions in a ledger: kept by source and id, bound to the live record of that id while there is one."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from joinedup.engines.sqlite import listed, whole_numbers
from joinedup.errors import UsageError
from joinedup.linkage.decisions import Decision, Place, Verdict
from joinedup.linkage.encode import order_hashes
from joinedup.linkage.index.contradiction import Word, refuse_contradictions
from joinedup.linkage.index.membership import Decided
from joinedup.linkage.index.schema import LATE_INDEXES, run_each
from joinedup.linkage.index.told import Held, Int64

ERASED = "erased"  # stands where words about an erased record were


def all_held(db: sqlite3.Connection, *, also_withdrawn: bool) -> tuple[Held, ...]:
    """Decisions in the order of their numbers."""
    sides: dict[int, tuple[list[Place], list[Place]]] = {}
    for decision, side, source, identifier in db.execute(
        "SELECT decision, side, source, id FROM decision_record ORDER BY rowid"
    ):
        sides.setdefault(decision, ([], []))[side].append((source, identifier))
    rows = db.execute(
        "SELECT number, verdict, decided_by, decided_on, reason, made, withdrawn, withdrawn_by, withdrawn_why, "
        "undoes FROM decision WHERE withdrawn IS NULL OR ? ORDER BY number",
        (also_withdrawn,),
    )
    return tuple(
        Held(
            number,
            Verdict(verdict),
            left=tuple(sides[number][0]) if number in sides else (),
            right=tuple(sides[number][1]) if number in sides else (),
            decided_by=by,
            decided_on=dt.date.fromisoformat(on),
            reason=reason,
            made=made,
            withdrawn=withdrawn,
            withdrawn_by=withdrawn_by,
            withdrawn_why=withdrawn_why,
            undoes=undoes,
        )
        for number, verdict, by, on, reason, made, withdrawn, withdrawn_by, withdrawn_why, undoes in rows
    )


def decide(
    db: sqlite3.Connection, decisions: Sequence[Decision], *, version: int, waiting: bool
) -> tuple[int, ...]:
    """Record decisions that contradict nothing; their numbers."""
    for decision in decisions:
        if decision.left == decision.right:
            raise UsageError(
                what="a record is held against itself", where=_row(decision), mend="name two records"
            )
    places = list(dict.fromkeys(p for d in decisions for p in (d.left, d.right)))
    found = live_records(db, places)
    for decision in decisions:
        if not waiting and not {decision.left, decision.right} <= found.keys():
            raise UsageError(
                what="a decision names a record that the index does not have",
                where=_row(decision),
                mend="check source and id",
            )
    words = [Word(d.verdict, (d.left,), (d.right,), _row(d) or "the new decision") for d in decisions]
    refuse_contradictions(words_held(db), words)
    return tuple(
        write(
            db,
            Made(d.verdict, (d.left,), (d.right,), d.decided_by, d.decided_on, d.reason),
            version=version,
            bound=found,
        )
        for d in decisions
    )


def withdraw(db: sqlite3.Connection, decision: int, *, version: int, by: str, why: str) -> None:
    """Let a decision hold no longer."""
    row = db.execute("SELECT withdrawn FROM decision WHERE number = ?", (decision,)).fetchone()
    if row is None:
        raise UsageError(what=f"there is no decision {decision}", where="index")
    if row[0] is not None:
        raise UsageError(what=f"decision {decision} is withdrawn already, in version {row[0]}", where="index")
    db.execute(
        "UPDATE decision SET withdrawn = ?, withdrawn_by = ?, withdrawn_why = ? WHERE number = ?",
        (version, by, why, decision),
    )


# --- decisions and live records


def bind(db: sqlite3.Connection, first: int) -> None:
    """Let decisions that wait for a record hold for the live ones numbered from ``first`` on."""
    rows = db.execute(
        "SELECT r.rowid, r.source, r.id FROM decision_record r JOIN decision d ON d.number = r.decision "
        "WHERE r.record IS NULL AND d.withdrawn IS NULL"
    ).fetchall()
    if rows:
        found = live_records(db, [(source, identifier) for _, source, identifier in rows])
        hits = ((found.get((source, identifier)), row) for row, source, identifier in rows)
        db.executemany(
            "UPDATE decision_record SET record = ? WHERE rowid = ?",
            ((number, row) for number, row in hits if number is not None and number >= first),
        )


def unbind(db: sqlite3.Connection, removed: Int64) -> None:
    """Let decisions about removed records wait."""
    db.executemany(
        "UPDATE decision_record SET record = NULL WHERE record = ?", ((n,) for n in removed.tolist())
    )


def partners(db: sqlite3.Connection, records: Int64) -> Int64:
    """The live records that stand in one decision with any of these."""
    rows = db.execute(
        "SELECT DISTINCT o.record FROM json_each(?) j CROSS JOIN decision_record r ON r.record = j.value "
        "CROSS JOIN decision_record o ON o.decision = r.decision WHERE o.record IS NOT NULL",
        (listed(records),),
    )
    return whole_numbers(rows, 1)[0]


def bound(db: sqlite3.Connection, decisions: Sequence[int]) -> Int64:
    """The live records that these decisions are about."""
    rows = db.execute(
        "SELECT DISTINCT r.record FROM json_each(?) j CROSS JOIN decision_record r ON r.decision = j.value "
        "WHERE r.record IS NOT NULL",
        (listed(np.array(decisions, np.int64)),),
    )
    return whole_numbers(rows, 1)[0]


def erase(db: sqlite3.Connection, places: Sequence[Place], *, version: int, by: str) -> None:
    """Strike records that are not live out of all decisions; what says nothing any more is withdrawn.

    A "different" says nothing without both its sides, a "same" with fewer than two records. What clerks wrote when
    they made or withdrew a decision about one of them may name it: "erased" stands in its place.
    """
    about = [
        row
        for place in places
        for row in db.execute(
            "SELECT DISTINCT decision FROM decision_record WHERE source = ? AND id = ?", place
        )
    ]
    db.executemany(
        "UPDATE version SET reason = ?1 WHERE reason <> '' AND kind IN ('decide', 'withdraw', 'undo') "
        "AND number IN (SELECT made FROM decision WHERE number = ?2 UNION ALL "
        "SELECT withdrawn FROM decision WHERE number = ?2)",
        ((ERASED, decision) for (decision,) in about),
    )
    db.executemany(
        "UPDATE decision SET reason = iif(reason = '', '', ?1), "
        "withdrawn_why = iif(withdrawn_why = '', '', iif(withdrawn_why IS NULL, NULL, ?1)) WHERE number = ?2",
        ((ERASED, decision) for (decision,) in about),
    )
    db.executemany("DELETE FROM decision_record WHERE source = ? AND id = ?", places)
    db.execute(
        "UPDATE decision SET withdrawn = ?, withdrawn_by = ?, withdrawn_why = 'record erased' "
        "WHERE withdrawn IS NULL AND (SELECT iif(verdict = 'same', count(*), count(DISTINCT side)) "
        "FROM decision_record r WHERE r.decision = decision.number) < 2",
        (version, by),
    )


def decided_among(db: sqlite3.Connection, number: Int64, place: Int64) -> tuple[Decided, Decided]:
    """What holds among the records in the table ``affected``: (same, different), as pairs of places.

    number: the affected, ascending; place: of each.
    """
    rows = db.execute(
        "SELECT r.decision, d.verdict = 'same', r.side, r.record FROM affected a "
        "CROSS JOIN decision_record r ON r.record = a.record CROSS JOIN decision d ON d.number = r.decision "
        "WHERE d.withdrawn IS NULL ORDER BY r.decision, r.side, r.record"
    )
    decision, is_same, side, record = whole_numbers(rows, 4)
    if not len(decision):
        return Decided.nothing(), Decided.nothing()
    at = place[np.searchsorted(number, record)]
    found: dict[bool, list[tuple[NDArray[np.int64], NDArray[np.int64], int]]] = {True: [], False: []}
    starts = np.flatnonzero(np.diff(decision, prepend=-1))
    for begin, end in zip(starts.tolist(), [*starts[1:].tolist(), len(decision)], strict=True):
        part, same = at[begin:end], bool(is_same[begin])
        if same:
            pairs = (np.repeat(part[:1], len(part) - 1), part[1:])
        else:
            one, other = part[side[begin:end] == 0], part[side[begin:end] == 1]
            pairs = (np.repeat(one, len(other)), np.tile(other, len(one)))
        found[same].append((*pairs, int(decision[begin])))
    return _decided(found[True]), _decided(found[False])


def _decided(parts: list[tuple[NDArray[np.int64], NDArray[np.int64], int]]) -> Decided:
    """The pairs of several decisions, each pair once, with the earliest decision that says it."""
    if not parts:
        return Decided.nothing()
    left = np.concatenate([np.minimum(a, b) for a, b, _ in parts])
    right = np.concatenate([np.maximum(a, b) for a, b, _ in parts])
    number = np.concatenate([np.full(len(a), n, np.int64) for a, _, n in parts])
    _, first = np.unique(left << 32 | right, return_index=True)
    return Decided(left[first].astype(np.int32), right[first].astype(np.int32), number[first])


# --- inside


@dataclass(frozen=True)
class Made:
    """A decision to be written down; undoes: the number of an event."""

    verdict: Verdict
    left: tuple[Place, ...]
    right: tuple[Place, ...]
    by: str
    on: dt.date
    reason: str
    undoes: int | None = None


def write(db: sqlite3.Connection, made: Made, *, version: int, bound: dict[Place, int]) -> int:
    """Write a decision down; its number. bound: the live record of each place that has one."""
    number = int(db.execute("SELECT coalesce(max(number), 0) + 1 FROM decision").fetchone()[0])
    db.execute(
        "INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL, ?)",
        (number, made.verdict.value, made.by, made.on.isoformat(), made.reason, version, made.undoes),
    )
    db.executemany(
        "INSERT INTO decision_record VALUES (?, ?, ?, ?, ?)",
        (
            (number, side, *place, bound.get(place))
            for side, places in enumerate((made.left, made.right))
            for place in places
        ),
    )
    return number


def live_records(db: sqlite3.Connection, places: Sequence[Place]) -> dict[Place, int]:
    """The live record of each place that has one."""
    run_each(db, LATE_INDEXES)
    names: dict[str, int] = {name: n for n, name in db.execute("SELECT number, name FROM source")}
    found: dict[Place, int] = {}
    for source in dict.fromkeys(source for source, _ in places):
        if source not in names:
            continue
        ids = list(dict.fromkeys(identifier for of, identifier in places if of == source))
        hashes = order_hashes(pa.array(ids, pa.string()), source).view(np.int64)
        rows = db.execute(
            "SELECT j.key, r.id, r.number FROM json_each(?) j CROSS JOIN record r "
            "ON r.source = ? AND r.place = j.value WHERE r.removed IS NULL",
            (listed(hashes), names[source]),
        )
        for at, identifier, number in rows:
            if ids[at] == identifier:
                found[source, identifier] = number
    return found


def words_held(db: sqlite3.Connection) -> list[Word]:
    """The decisions that hold, to be held against new ones."""
    return [
        Word(held.verdict, held.left, held.right, f"decision {held.number}")
        for held in all_held(db, also_withdrawn=False)
    ]


def _row(decision: Decision) -> str:
    return f"row {decision.row}" if decision.row else ""
