"""Settling a change: what it can have altered, clustered anew, named, and written down with its reasons."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from joinedup.engines.sqlite import as_rows, listed, numbers, whole_numbers
from joinedup.linkage.index import rulings
from joinedup.linkage.index.happenings import Happening, happenings
from joinedup.linkage.index.membership import (
    NOBODY,
    Evidence,
    Named,
    Rules,
    canonical_order,
    dense_groups,
    recluster,
)
from joinedup.linkage.index.naming import named_groups
from joinedup.linkage.index.told import EventKind, Int64, Settled
from joinedup.linkage.index.undoing import Claims

Ends = tuple[Int64, Int64, NDArray[np.float64]]


@dataclass
class Touched:
    """What a change has done so far. beside: pairs that came or went, with their weights. seeds: records that
    decisions concern. claims: names that an undoing gives back. reopened: decisions withdrawn."""

    added: list[Int64] = field(default_factory=list)
    removed: list[Int64] = field(default_factory=list)
    beside: list[Ends] = field(default_factory=list)
    seeds: list[Int64] = field(default_factory=list)
    claims: Claims = field(default_factory=Claims)
    reopened: list[int] = field(default_factory=list)
    everybody: bool = False

    def __bool__(self) -> bool:
        return self.everybody or any(
            len(part) for part in (self.added, self.removed, self.beside, self.seeds, self.reopened)
        )


@dataclass(frozen=True)
class _Gone:
    """Records that this change takes out and that had a person."""

    record: Int64
    source: Int64
    place: Int64
    person: Int64


# A node of the walk is a record (4 n), a person (4 n + 1) or a "same" decision (4 n + 2), so that a big person
# or decision is gone through once and not once a record.
_REACHED = """
INSERT INTO affected
WITH RECURSIVE reached(node) AS (
    SELECT value * 4 FROM json_each(?1)
    UNION SELECT value * 4 + 1 FROM json_each(?2)
    UNION SELECT p.b * 4 FROM reached r CROSS JOIN pair p ON p.a = r.node >> 2
        WHERE r.node & 3 = 0 AND p.weight >= ?3
    UNION SELECT p.a * 4 FROM reached r CROSS JOIN pair p ON p.b = r.node >> 2 AND p.weight >= ?3
        WHERE r.node & 3 = 0
    UNION SELECT m.person * 4 + 1 FROM reached r CROSS JOIN member m ON m.record = r.node >> 2
        WHERE r.node & 3 = 0
    UNION SELECT m.record * 4 FROM reached r CROSS JOIN member m ON m.person = r.node >> 2
        WHERE r.node & 3 = 1
    UNION SELECT d.number * 4 + 2 FROM reached r CROSS JOIN decision_record o ON o.record = r.node >> 2
        CROSS JOIN decision d ON d.number = o.decision
        WHERE r.node & 3 = 0 AND d.verdict = 'same' AND d.withdrawn IS NULL
    UNION SELECT o.record * 4 FROM reached r CROSS JOIN decision_record o ON o.decision = r.node >> 2
        WHERE r.node & 3 = 2 AND o.record IS NOT NULL
)
SELECT r.node >> 2 FROM reached r CROSS JOIN record x ON x.number = r.node >> 2
WHERE r.node & 3 = 0 AND x.removed IS NULL
"""


def settle(
    db: sqlite3.Connection,
    version: int,
    touched: Touched,
    rules: Rules,
    identifiers: Callable[[Int64], Sequence[NDArray[np.integer]]] | None,
) -> Settled:
    """Bring the memberships up to date; write versions' memberships, persons and events."""
    gone = _gone(db, version)
    _find_affected(db, touched, gone, rules.threshold)
    evidence = _evidence(db, gone)
    codes = identifiers(evidence.number) if identifiers and rules.clusters.identifiers else ()
    clusters = recluster(evidence, rules, codes)
    group = dense_groups(clusters.person)
    old = np.unique(np.concatenate((evidence.person[evidence.person >= 0], gone.person)))
    named = named_groups(db, evidence, group, claims=touched.claims, reopened=touched.reopened)
    member = _member_of(db)
    told = happenings(
        evidence,
        clusters.broken,
        named,
        threshold=rules.threshold,
        old=old,
        removed=np.unique(gone.person),
    )
    _write_memberships(db, version, evidence.number, named.person[group], member, gone)
    _write_people(db, version, named, told)
    _write_events(db, version, told)
    counted = {kind: sum(h.kind is kind for h in told) for kind in EventKind}
    came, went = _comings(db, evidence, gone, version)
    moved = (evidence.person >= 0) & (evidence.person != named.person[group])
    return Settled(
        affected=len(evidence),
        joined=came,
        left=went,
        moved=int(moved.sum()),
        created=int(named.new.sum()),
        merged=len({h.person for h in told if h.kind is EventKind.MERGED}),
        split=len({h.person for h in told if h.kind is EventKind.SPLIT}),
        retired=counted[EventKind.RETIRED],
        revived=counted[EventKind.REVIVED],
    )


def _gone(db: sqlite3.Connection, version: int) -> _Gone:
    rows = db.execute(
        "SELECT r.number, r.source, r.place, m.person FROM record r CROSS JOIN member m ON m.record = r.number "
        "WHERE r.removed = ? ORDER BY r.number",
        (version,),
    )
    return _Gone(*whole_numbers(rows, 4))


def _find_affected(db: sqlite3.Connection, touched: Touched, gone: _Gone, threshold: float) -> None:
    """Fill the table ``affected`` with the live records whose people this change can have altered."""
    db.execute("CREATE TEMP TABLE IF NOT EXISTS affected (record INTEGER PRIMARY KEY)")
    db.execute("DELETE FROM affected")
    if touched.everybody:
        db.execute("INSERT INTO affected SELECT number FROM record WHERE removed IS NULL")
        return
    added = _joined(touched.added)
    seeds = [added, *touched.seeds]
    for a, b, weight in touched.beside:
        # A pair below the threshold links nobody; as evidence it counts where both ends are in one component,
        # and a record that comes now is a seed by itself.
        news = (weight >= threshold) | ~(np.isin(a, added) | np.isin(b, added))
        seeds += [a[news], b[news]]
    bindings = (listed(np.unique(_joined(seeds))), listed(np.unique(gone.person)), threshold)
    db.execute(_REACHED, bindings)


def _evidence(db: sqlite3.Connection, gone: _Gone) -> Evidence:
    rows = db.execute(
        "SELECT r.number, r.source, r.place, coalesce(m.person, -1) FROM affected a "
        "CROSS JOIN record r ON r.number = a.record LEFT JOIN member m ON m.record = r.number "
        "ORDER BY r.number"
    )
    number, source, place_hash, person = whole_numbers(rows, 4)
    _inherit(source, place_hash, person, gone)
    order = canonical_order(source, place_hash)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    a, b, weight = numbers(
        db.execute(
            "SELECT p.a, p.b, p.weight FROM affected f CROSS JOIN pair p ON p.a = f.record ORDER BY p.a, p.b"
        ),
        3,
    )
    left, right = a.astype(np.int64), b.astype(np.int64)
    inside = np.isin(right, number)
    left = place[np.searchsorted(number, left[inside])]
    right = place[np.searchsorted(number, right[inside])]
    same, different = rulings.decided_among(db, number, place)
    return Evidence(
        number=number[order],
        source=source[order],
        person=person[order],
        left=left.astype(np.int32),
        right=right.astype(np.int32),
        weight=weight[inside],
        same=same,
        different=different,
    )


def _inherit(source: Int64, place: Int64, person: Int64, gone: _Gone) -> None:
    """Let a record that changed stand for the one that it replaces: same source, same id."""
    if not len(gone.record):
        return
    order = np.lexsort((gone.source, gone.place))
    for at in np.flatnonzero((person < 0) & np.isin(place, gone.place)).tolist():
        k = int(np.searchsorted(gone.place[order], place[at]))
        while k < len(order) and gone.place[order[k]] == place[at]:
            if gone.source[order[k]] == source[at]:
                person[at] = gone.person[order[k]]
            k += 1


def _member_of(db: sqlite3.Connection) -> tuple[Int64, Int64, Int64]:
    """The memberships of the affected as they are written: record, person, since."""
    rows = db.execute(
        "SELECT m.record, m.person, m.since FROM affected a CROSS JOIN member m ON m.record = a.record"
    )
    record, person, since = whole_numbers(rows, 3)
    return record, person, since


def _write_memberships(
    db: sqlite3.Connection,
    version: int,
    number: Int64,
    person: Int64,
    member: tuple[Int64, Int64, Int64],
    gone: _Gone,
) -> None:
    order = np.argsort(number)
    number, person = number[order], person[order]
    was = np.full(len(number), NOBODY, np.int64)
    was[np.searchsorted(number, member[0])] = member[1]
    left = number[(was >= 0) & (was != person)]
    for records in (left, gone.record):
        each = [(version, record) for record in records.tolist()]
        db.executemany(
            "INSERT INTO past_member SELECT record, since, ?, person FROM member WHERE record = ?", each
        )
        db.executemany("DELETE FROM member WHERE record = ?", ((record,) for record in records.tolist()))
    into = was != person
    db.executemany(
        "INSERT INTO member VALUES (?, ?, ?)",
        as_rows(number[into], person[into], then=(version,)),
    )


def _write_people(db: sqlite3.Connection, version: int, named: Named, told: list[Happening]) -> None:
    db.executemany(
        "INSERT INTO person VALUES (?, ?, NULL)",
        ((number, version) for number in named.person[named.new].tolist()),
    )
    ended = {h.person for h in told if h.kind in (EventKind.MERGED, EventKind.RETIRED)}
    db.executemany("UPDATE person SET retired = ? WHERE number = ?", ((version, p) for p in sorted(ended)))
    back = [(h.person,) for h in told if h.kind is EventKind.REVIVED]
    db.executemany("UPDATE person SET retired = NULL WHERE number = ?", back)


def _write_events(db: sqlite3.Connection, version: int, told: list[Happening]) -> None:
    db.executemany(
        "INSERT INTO event (version, kind, person, other, why, left, right, weight, decision) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (version, h.kind.value, h.person, h.other, h.why.value, h.left, h.right, h.weight, h.decision)
            for h in told
        ),
    )


def _comings(db: sqlite3.Connection, evidence: Evidence, gone: _Gone, version: int) -> tuple[int, int]:
    """How many records came, and how many went, apart from those that only changed."""
    stayed = int(
        db.execute(
            "SELECT count(*) FROM record o CROSS JOIN record n ON n.source = o.source AND n.place = o.place "
            "WHERE o.removed = ?1 AND n.added = ?1 AND n.removed IS NULL AND o.added < ?1",
            (version,),
        ).fetchone()[0]
    )
    return int((evidence.person < 0).sum()), len(gone.record) - stayed


def _joined(parts: Sequence[Int64]) -> Int64:
    return np.concatenate(parts) if len(parts) else np.empty(0, np.int64)
