"""Questions about the past: who was whom at a moment, what happened to a person, what became of a name.

A membership holds from the version in which a record came to a person up to, not including, the one in which it
went. A *place* of a record is its source and id: what a record keeps when its contents change.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sqlite3

import pyarrow as pa

from joinedup.engines.sqlite import listed
from joinedup.errors import UsageError
from joinedup.linkage.decisions import Place
from joinedup.linkage.encode import order_hashes
from joinedup.linkage.index.told import (
    EventKind,
    Followed,
    Int64,
    Member,
    Named,
    Person,
    Version,
    person_name,
)

# Put before the rest of a query; nothing that a user says goes into the text.
_MEMBERS_AT = """
WITH at(record, since) AS (
    SELECT record, since FROM member WHERE person = ?1 AND since <= ?2
    UNION ALL SELECT record, since FROM past_member WHERE person = ?1 AND since <= ?2 AND until > ?2)
"""


def versions(db: sqlite3.Connection, *, last: bool = False) -> tuple[Version, ...]:
    """Every version in order; ``last``: that one alone."""
    rows = db.execute(
        "SELECT number, at, kind, by, reason, frame, counts FROM version "
        "WHERE NOT ? OR number = (SELECT max(number) FROM version) ORDER BY number",
        (last,),
    )
    return tuple(
        Version(number, dt.datetime.fromisoformat(at), kind, by, why, frame, json.loads(counts or "{}"))
        for number, at, kind, by, why, frame, counts in rows
    )


def stored_time(at: dt.datetime) -> str:
    """A time as text that sorts as times do: UTC, to the microsecond."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def width(db: sqlite3.Connection) -> int:
    """How many digits names have at least."""
    return int(db.execute("SELECT value FROM meta WHERE key = 'width'").fetchone()[0])


def number_of(db: sqlite3.Connection, name: str) -> int | None:
    """The number of a person by its name; None: no such person ever."""
    if not re.fullmatch(r"P[0-9]{1,15}", name):
        return None
    number = int(name[1:])
    known = db.execute("SELECT 1 FROM person WHERE number = ?", (number,)).fetchone()
    return number if known and person_name(number, width(db)) == name else None


def version_at(db: sqlite3.Connection, at: dt.datetime | int | None) -> int:
    """The version that stood at a moment (0: none yet); None is now."""
    if isinstance(at, int):
        return at
    if at is not None and at.tzinfo is None:
        raise UsageError(what="a time without its zone", where="index", mend="give it in UTC")
    found = db.execute(
        "SELECT coalesce(max(number), 0) FROM version WHERE ?1 IS NULL OR at <= ?1",
        (None if at is None else stored_time(at),),
    ).fetchone()
    return int(found[0])


def person(db: sqlite3.Connection, name: str, at: dt.datetime | int | None) -> Person | None:
    """A person as it was."""
    number, version = number_of(db, name), version_at(db, at)
    if number is None:
        return None
    rows = db.execute(
        _MEMBERS_AT  # noqa: S608 - fixed text
        + "SELECT r.number, s.name, r.id, at.since FROM at CROSS JOIN record r ON r.number = at.record "
        "CROSS JOIN source s ON s.number = r.source ORDER BY r.number",
        (number, version),
    )
    members = tuple(Member(*row) for row in rows)
    return Person(name, version, members) if members else None


def person_of(
    db: sqlite3.Connection, source: str, record_id: str, at: dt.datetime | int | None
) -> str | None:
    """The person of a record as it was."""
    version = version_at(db, at)
    place = int(order_hashes(pa.array([record_id], pa.string()), source).view("int64")[0])
    found = db.execute(
        "WITH own(number) AS (SELECT r.number FROM source s CROSS JOIN record r ON r.source = s.number "
        "AND r.place = ?1 WHERE s.name = ?2 AND r.id = ?3) "
        "SELECT m.person FROM own CROSS JOIN member m ON m.record = own.number WHERE m.since <= ?4 "
        "UNION ALL SELECT q.person FROM own CROSS JOIN past_member q ON q.record = own.number "
        "WHERE q.since <= ?4 AND q.until > ?4",
        (place, source, record_id, version),
    ).fetchone()
    return None if found is None else person_name(found[0], width(db))


def followed(db: sqlite3.Connection, name: str) -> Followed | None:
    """What became of a person."""
    start = number_of(db, name)
    if start is None:
        return None
    digits = width(db)
    merged = tuple((version, person_name(into, digits)) for version, into in merges_from(db, start))
    rows = db.execute(
        "WITH had(record) AS (SELECT record FROM member WHERE person = ?1 UNION ALL "
        "SELECT q.record FROM person p CROSS JOIN past_member q ON q.person = p.number "
        "AND q.until = p.retired WHERE p.number = ?1), "
        "own(record) AS (SELECT DISTINCT n.number FROM had CROSS JOIN record o ON o.number = had.record "
        "CROSS JOIN record n ON n.source = o.source AND n.place = o.place WHERE n.removed IS NULL) "
        "SELECT m.person, count(*) FROM own CROSS JOIN member m ON m.record = own.record "
        "GROUP BY m.person ORDER BY count(*) DESC, m.person",
        (start,),
    )
    now = tuple((person_name(number, digits), int(count)) for number, count in rows)
    return Followed(name, not is_retired(db, start), merged, now)


def merges_from(db: sqlite3.Connection, person: int) -> list[tuple[int, int]]:
    """The merges by which a retired person ended, then the one that it went to, and so on: (version, into)."""
    merges: list[tuple[int, int]] = []
    at = person
    while True:
        # Where the records went to several persons, the one that took most of them.
        found = db.execute(
            "SELECT e.version, e.other, (SELECT count(*) FROM past_member q WHERE q.person = e.person "
            "AND q.until = e.version AND (EXISTS (SELECT 1 FROM member m WHERE m.record = q.record "
            "AND m.person = e.other AND m.since = e.version) OR EXISTS (SELECT 1 FROM past_member n "
            "WHERE n.record = q.record AND n.person = e.other AND n.since = e.version))) AS taken "
            "FROM person p CROSS JOIN event e ON e.person = p.number AND e.version = p.retired "
            "WHERE p.number = ? AND e.kind = 'merged' ORDER BY taken DESC, e.other LIMIT 1",
            (at,),
        ).fetchone()
        if found is None:
            return merges
        at = int(found[1])
        merges.append((int(found[0]), at))


def is_retired(db: sqlite3.Connection, person: int) -> bool:
    """Whether a person's name rests."""
    (retired,) = db.execute("SELECT retired FROM person WHERE number = ?", (person,)).fetchone()
    return retired is not None


def places_of(db: sqlite3.Connection, person: int, version: int) -> tuple[Place, ...]:
    """Sources and ids of a person's records in a version, but of erased ones."""
    rows = db.execute(
        _MEMBERS_AT + "SELECT s.name, r.id FROM at CROSS JOIN record r ON r.number = at.record "  # noqa: S608 - fixed text
        "CROSS JOIN source s ON s.number = r.source WHERE r.id IS NOT NULL ORDER BY r.number",
        (person, version),
    )
    return tuple((source, identifier) for source, identifier in rows)


def sides(
    db: sqlite3.Connection, version: int, kind: str, person: int, other: int
) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """The records that a merge brought together, or that a split parted.

    A merge: those that the person brought to the other, and those that the other then had from anybody else;
    records that were new in that version are of neither. A split: those that the person has from the other,
    and those that stayed.
    """
    if kind == EventKind.MERGED:
        carried = _carried(db, other, version)
        mine = tuple(place for place, was in carried if was == person)
        return mine, tuple(place for place, was in carried if was != person)
    mine = tuple(place for place, was in _carried(db, person, version) if was == other)
    return mine, tuple(place for place, was in _carried(db, other, version) if was == other)


def _carried(db: sqlite3.Connection, person: int, version: int) -> list[tuple[Place, int]]:
    """The records of a person in a version that had a person in the version before, with that one's number."""
    rows = db.execute(
        _MEMBERS_AT + ", was(record, person) AS ("  # noqa: S608 - fixed text
        "SELECT o.number, coalesce(m.person, q.person) FROM at CROSS JOIN record r ON r.number = at.record "
        "CROSS JOIN record o ON o.source = r.source AND o.place = r.place "
        "LEFT JOIN member m ON m.record = o.number AND m.since < ?2 "
        "LEFT JOIN past_member q ON q.record = o.number AND q.since < ?2 AND q.until >= ?2) "
        "SELECT s.name, r.id, was.person FROM was CROSS JOIN record r ON r.number = was.record "
        "CROSS JOIN source s ON s.number = r.source "
        "WHERE was.person IS NOT NULL AND r.id IS NOT NULL ORDER BY r.number",
        (person, version),
    )
    return [((source, identifier), int(was)) for source, identifier, was in rows]


def people_of(db: sqlite3.Connection, records: Int64) -> dict[int, int]:
    """The number of the person of each of these live records."""
    rows = db.execute(
        "SELECT m.record, m.person FROM json_each(?) j CROSS JOIN member m ON m.record = j.value",
        (listed(records),),
    )
    return {int(record): int(person) for record, person in rows}


def places(db: sqlite3.Connection, records: Int64) -> dict[int, Named]:
    """Source and id of records by their numbers, live or not; the id is None where it was erased."""
    rows = db.execute(
        "SELECT r.number, s.name, r.id FROM json_each(?) j CROSS JOIN record r ON r.number = j.value "
        "CROSS JOIN source s ON s.number = r.source",
        (listed(records),),
    )
    return {int(number): (source, identifier) for number, source, identifier in rows}
