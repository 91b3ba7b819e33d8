"""What happened, event by event: of one person, or in one version.

Merges, splits, ends and returns of names are written down with their reasons when they happen. That a name is
new, and that a record joined, left or moved, is read from the memberships themselves.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from joinedup.linkage.index.history import number_of, places, width
from joinedup.linkage.index.told import Event, EventKind, Named, Why, person_name

_OF_PERSON = """
    SELECT record, person, since, NULL FROM member WHERE person = ?1
    UNION ALL SELECT record, person, since, until FROM past_member WHERE person = ?1
"""
_OF_VERSION = """
    SELECT record, person, since, NULL FROM member WHERE since = ?1
    UNION ALL SELECT record, person, since, until FROM past_member WHERE since = ?1 OR until = ?1
"""
# For each span of membership: whose the record was before and is after; and the same of the record of that
# source and id which it replaced, or which replaced it, in the same change.
_SPANS = """
SELECT s.record, s.person, s.since, s.until,
    b.person,
    coalesce(a.person, z.person),
    ob.person,
    coalesce(nm.person, nq.person),
    EXISTS (SELECT 1 FROM record e WHERE e.source = r.source AND e.place = r.place AND e.removed < s.since
        AND e.place <> 0)
FROM span s CROSS JOIN record r ON r.number = s.record
LEFT JOIN past_member b ON b.record = s.record AND b.until = s.since
LEFT JOIN member a ON a.record = s.record AND a.since = s.until
LEFT JOIN past_member z ON z.record = s.record AND z.since = s.until
LEFT JOIN record o ON o.source = r.source AND o.place = r.place AND o.place <> 0 AND r.added = s.since
    AND o.removed = s.since AND o.added < s.since
LEFT JOIN past_member ob ON ob.record = o.number AND ob.until = s.since
LEFT JOIN record n ON n.source = r.source AND n.place = r.place AND n.place <> 0 AND r.removed = s.until
    AND n.added = s.until AND coalesce(n.removed > s.until, 1)
LEFT JOIN member nm ON nm.record = n.number AND nm.since = s.until
LEFT JOIN past_member nq ON nq.record = n.number AND nq.since = s.until
"""
_STORED = "SELECT version, kind, person, other, why, number, left, right, weight, decision FROM event "
_RANK = {
    kind: at
    for at, kind in enumerate(
        (
            EventKind.CREATED,
            EventKind.REVIVED,
            EventKind.SPLIT,
            EventKind.MERGED,
            EventKind.LEFT,
            EventKind.MOVED,
            EventKind.JOINED,
            EventKind.RETIRED,
        )
    )
}


def events(db: sqlite3.Connection, name: str) -> tuple[Event, ...]:
    """All that happened to a person, in order."""
    number = number_of(db, name)
    if number is None:
        return ()
    stored = list(_stored(db, _STORED + "WHERE person = ?1 OR other = ?1", number))
    (created,) = db.execute("SELECT created FROM person WHERE number = ?", (number,)).fetchone()
    spans = db.execute(f"WITH span(record, person, since, until) AS ({_OF_PERSON}) {_SPANS}", (number,))
    moves = _record_events(spans, stored, width(db), starts=None)
    return _sorted(_placed(db, [Event(created, EventKind.CREATED, name), *stored, *moves]))


def events_of(db: sqlite3.Connection, version: int) -> tuple[Event, ...]:
    """All that happened in a version."""
    digits = width(db)
    stored = list(_stored(db, _STORED + "WHERE version = ?1", version))
    created = [
        Event(version, EventKind.CREATED, person_name(number, digits))
        for (number,) in db.execute("SELECT number FROM person WHERE created = ?", (version,))
    ]
    spans = db.execute(f"WITH span(record, person, since, until) AS ({_OF_VERSION}) {_SPANS}", (version,))
    moves = _record_events(spans, stored, digits, starts=version)
    return _sorted(_placed(db, [*created, *stored, *moves]))


def named_events(db: sqlite3.Connection, number: int | None = None) -> tuple[Event, ...]:
    """The events that have a number of their own, in its order, or the one of that number."""
    return tuple(_stored(db, _STORED + "WHERE ?1 IS NULL OR number = ?1 ORDER BY number", number))


def _stored(db: sqlite3.Connection, sql: str, number: int | None) -> Iterator[Event]:
    digits = width(db)
    for version, kind, person, other, why, event, *rest in db.execute(sql, (number,)):
        left, right, weight, decision = rest
        yield Event(
            version,
            EventKind(kind),
            person_name(person, digits),
            None if other is None else person_name(other, digits),
            Why(why),
            number=event,
            left=left,
            right=right,
            weight=weight,
            decision=decision,
        )


def _record_events(
    spans: Iterable[tuple[int | None, ...]], stored: list[Event], digits: int, *, starts: int | None
) -> Iterator[Event]:
    """What the beginning and the end of each span say. starts: only of that version, and each move once."""
    whys = {(e.version, e.person, e.other): Why.MERGE for e in stored if e.kind is EventKind.MERGED}
    whys |= {(e.version, e.other or "", e.person): Why.SPLIT for e in stored if e.kind is EventKind.SPLIT}

    def named(number: int | None) -> str | None:
        return None if number is None else person_name(number, digits)

    for record, person, since, until, before, after, replaced, replacing, is_return in spans:
        name = named(person) or ""
        if since is not None and starts in (None, since):
            if before is not None:
                origin = named(before) or ""
                why = whys.get((since, origin, name), Why.NONE)
                yield Event(since, EventKind.MOVED, origin, name, why, record=record)
            else:
                why = Why.CHANGED if replaced is not None else Why.CAME_BACK if is_return else Why.NEW
                yield Event(since, EventKind.JOINED, name, _other(named(replaced), name), why, record=record)
        if until is not None and starts in (None, until):
            if after is None:
                why = Why.REMOVED if replacing is None else Why.CHANGED
                yield Event(until, EventKind.LEFT, name, _other(named(replacing), name), why, record=record)
            elif starts is None:
                goal = named(after) or ""
                why = whys.get((until, name, goal), Why.NONE)
                yield Event(until, EventKind.MOVED, name, goal, why, record=record)


def _placed(db: sqlite3.Connection, found: list[Event]) -> list[Event]:
    """The events with the source and id of the records that they name."""
    named = {n for e in found for n in (e.record, e.left, e.right) if n is not None}
    place = places(db, np.array(sorted(named), np.int64))

    def of(number: int | None) -> Named | None:
        return None if number is None else place.get(number)

    return [
        replace(e, place=of(e.record), left_place=of(e.left), right_place=of(e.right))
        if e.record is not None or e.left is not None
        else e
        for e in found
    ]


def _other(found: str | None, name: str) -> str | None:
    return None if found == name else found


def _sorted(found: list[Event]) -> tuple[Event, ...]:
    return tuple(
        sorted(found, key=lambda e: (e.version, _RANK[e.kind], e.person, e.other or "", e.record or 0))
    )
