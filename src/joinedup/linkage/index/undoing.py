"""Undoing a merge or a split: the decision that does it, and the names that it gives back."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from joinedup.engines.sqlite import listed
from joinedup.errors import LimitError, UsageError
from joinedup.linkage.decisions import Verdict
from joinedup.linkage.index import history, rulings
from joinedup.linkage.index.contradiction import Word, refuse_contradictions
from joinedup.linkage.index.told import EventKind, Int64

MOST_PAIRS = 1_000_000  # that the undoing of one merge may keep apart


@dataclass
class Claims:
    """Names, by number, and the live records that they belong to. first: before all else. back: of retired
    names, for people who would need a new one."""

    first: list[tuple[int, Int64]] = field(default_factory=list)
    back: list[tuple[int, Int64]] = field(default_factory=list)

    def add(self, other: Claims) -> None:
        """Take in the claims of another."""
        self.first += other.first
        self.back += other.back


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
    found = rulings.live_records(db, [*sides[0], *sides[1]])
    _refuse_overtaken(db, event, verdict, [[found[p] for p in side if p in found] for side in sides])
    refuse_contradictions(rulings.words_held(db), [Word(verdict, *sides, f"the undoing of event {event}")])
    made = rulings.Made(verdict, *sides, by, on, reason, event)
    return rulings.write(db, made, version=version, bound=found), claims_of(db, event)


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
    left, right = (sorted(rulings.live_records(db, side).values()) for side in sides)
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
            claims.back.append((name, _live_of(db, name, version - 1)))
    return claims


def _live_of(db: sqlite3.Connection, person: int, version: int) -> Int64:
    """The live records of what a person had in a version."""
    return np.array(
        sorted(rulings.live_records(db, history.places_of(db, person, version)).values()), np.int64
    )


def merges_by(db: sqlite3.Connection, decision: int) -> list[int]:
    """The merges that a decision brought about."""
    rows = db.execute(
        "SELECT number FROM event WHERE decision = ? AND kind = ? ORDER BY number DESC",
        (decision, EventKind.MERGED.value),
    )
    return [number for (number,) in rows]


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
