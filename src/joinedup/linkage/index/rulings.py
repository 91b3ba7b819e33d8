"""The decisions in a ledger: kept by source and id, bound to the live record of that id while there is one."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from joinedup.engines.sqlite import listed, whole_numbers
from joinedup.errors import LimitError, UsageError
from joinedup.linkage.decisions import Decision, Place, Verdict
from joinedup.linkage.encode import order_hashes
from joinedup.linkage.index import history
from joinedup.linkage.index.contradiction import Word, refuse_contradictions
from joinedup.linkage.index.membership import Decided
from joinedup.linkage.index.schema import LATE_INDEXES, run_each
from joinedup.linkage.index.told import EventKind, Held, Int64

MOST_PAIRS = 1_000_000  # that the undoing of one merge may keep apart


@dataclass
class Claims:
    """Names, by number, and the live records that they belong to. first: before all else. last: of retired
    names, for people who would need a new one."""

    first: list[tuple[int, Int64]] = field(default_factory=list)
    last: list[tuple[int, Int64]] = field(default_factory=list)

    def add(self, other: Claims) -> None:
        """Take in the claims of another."""
        self.first += other.first
        self.last += other.last


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
    found = _live(db, places)
    for decision in decisions:
        if not waiting and not {decision.left, decision.right} <= found.keys():
            raise UsageError(
                what="a decision names a record that the index does not have",
                where=_row(decision),
                mend="check source and id",
            )
    words = [Word(d.verdict, (d.left,), (d.right,), _row(d) or "the new decision") for d in decisions]
    refuse_contradictions(_words(db), words)
    return tuple(
        _write(
            db,
            _Made(d.verdict, (d.left,), (d.right,), d.decided_by, d.decided_on, d.reason),
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


def undo(
    db: sqlite3.Connection, event: int, *, version: int, by: str, on: dt.date, reason: str
) -> tuple[int, Claims]:
    """Decide against a merge or a split; the decision's number, and which names belong to which records."""
    row = db.execute("SELECT version, kind, person, other FROM event WHERE number = ?", (event,)).fetchone()
    if row is None:
        raise UsageError(what=f"there is no event {event}", where="index", mend="see the person's history")
    then, kind, person, other = row
    if kind not in (EventKind.MERGED, EventKind.SPLIT):
        raise UsageError(
            what=f"event {event} is neither a merge nor a split",
            where="index",
            mend="decide about the two records instead",
        )
    done = db.execute(
        "SELECT number FROM decision WHERE undoes = ? AND withdrawn IS NULL", (event,)
    ).fetchone()
    if done:
        raise UsageError(what=f"event {event} is undone already, by decision {done[0]}", where="index")
    sides = history.sides(db, then, kind, person, other)
    if not all(sides):
        raise UsageError(
            what=f"event {event} cannot be undone: no record of one side is known any more", where="index"
        )
    verdict = Verdict.DIFFERENT if kind == EventKind.MERGED else Verdict.SAME
    if verdict is Verdict.DIFFERENT and len(sides[0]) * len(sides[1]) > MOST_PAIRS:
        raise LimitError(
            what=f"to keep {len(sides[0]):,} records apart from {len(sides[1]):,} is more than "
            f"{MOST_PAIRS:,} pairs",
            where=f"event {event}",
            mend="decide about single pairs of records",
        )
    found = _live(db, [*sides[0], *sides[1]])
    _refuse_overtaken(db, event, verdict, [[found[p] for p in side if p in found] for side in sides])
    refuse_contradictions(_words(db), [Word(verdict, *sides, f"the undoing of event {event}")])
    made = _Made(verdict, *sides, by, on, reason, event)
    return _write(db, made, version=version, bound=found), claims_of(db, event)


def claims_of(db: sqlite3.Connection, event: int) -> Claims:
    """Which names go to which live records if a merge or split is undone.

    A name in use stays with the side that had it before the merge: with what the last of a chain of merges had
    before it took the others in, or else with what was not brought by the person that is parted now. A name
    that was retired by the merge comes back to what it had.
    """
    version, kind, person, other = db.execute(
        "SELECT version, kind, person, other FROM event WHERE number = ?", (event,)
    ).fetchone()
    sides = history.sides(db, version, kind, person, other)
    left, right = (sorted(_live(db, side).values()) for side in sides)
    claims = Claims()
    if kind == EventKind.SPLIT:
        if not history.is_retired(db, other):
            claims.first.append((other, np.array(sorted(left + right), np.int64)))
        return claims
    chain = [(version, other), *history.merges_from(db, other)]
    taken_in, last = chain[-1]
    if not history.is_retired(db, last):
        claims.first.append((last, _live_of(db, last, taken_in - 1)))
    holders = history.people_of(db, np.array(left + right, np.int64))
    for name in sorted({holders.get(n, -1) for n in left} & {holders.get(n, -2) for n in right}):
        claims.first.append((name, np.array([n for n in right if holders.get(n) == name], np.int64)))
    for name in (person, other):
        if history.is_retired(db, name):
            claims.last.append((name, _live_of(db, name, version - 1)))
    return claims


def _live_of(db: sqlite3.Connection, person: int, version: int) -> Int64:
    """The live records of what a person had in a version."""
    return np.array(sorted(_live(db, history.places_of(db, person, version)).values()), np.int64)


def merges_by(db: sqlite3.Connection, decision: int) -> list[int]:
    """The merges that a decision brought about."""
    rows = db.execute(
        "SELECT number FROM event WHERE decision = ? AND kind = ? ORDER BY number DESC",
        (decision, EventKind.MERGED.value),
    )
    return [number for (number,) in rows]


# --- decisions and live records


def bind(db: sqlite3.Connection, first: int) -> None:
    """Let decisions that wait for a record hold for the live ones numbered from ``first`` on."""
    rows = db.execute(
        "SELECT r.rowid, r.source, r.id FROM decision_record r JOIN decision d ON d.number = r.decision "
        "WHERE r.record IS NULL AND d.withdrawn IS NULL"
    ).fetchall()
    if rows:
        found = _live(db, [(source, identifier) for _, source, identifier in rows])
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

    A "different" says nothing without both its sides, a "same" with fewer than two records.
    """
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
class _Made:
    verdict: Verdict
    left: tuple[Place, ...]
    right: tuple[Place, ...]
    by: str
    on: dt.date
    reason: str
    undoes: int | None = None


def _write(db: sqlite3.Connection, made: _Made, *, version: int, bound: dict[Place, int]) -> int:
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


def _live(db: sqlite3.Connection, places: Sequence[Place]) -> dict[Place, int]:
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


def _words(db: sqlite3.Connection) -> list[Word]:
    return [
        Word(held.verdict, held.left, held.right, f"decision {held.number}")
        for held in all_held(db, also_withdrawn=False)
    ]


def _refuse_overtaken(
    db: sqlite3.Connection, event: int, verdict: Verdict, sides: Sequence[Sequence[int]]
) -> None:
    """Refuse to part what is apart already, and to join what is together already."""
    people = [
        {
            person
            for (person,) in db.execute(
                "SELECT DISTINCT m.person FROM json_each(?) j CROSS JOIN member m ON m.record = j.value",
                (listed(np.array(side, np.int64)),),
            )
        }
        for side in sides
    ]
    if verdict is Verdict.DIFFERENT and not people[0] & people[1]:
        raise UsageError(
            what=f"event {event} has come undone already: its records are in different persons",
            where="index",
        )
    if verdict is Verdict.SAME and len(people[0] | people[1]) < 2:
        raise UsageError(
            what=f"event {event} has come undone already: its records are one person again", where="index"
        )


def _row(decision: Decision) -> str:
    return f"row {decision.row}" if decision.row else ""
