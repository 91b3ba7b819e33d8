"""The ledger of a person index: every version, record, pair, membership, decision and event, in one SQLite file.

A change is one transaction: it is there as a whole, on the disk, when ``change`` ends, or not at all. Readers
see the version that was there when they began, whatever a writer does meanwhile.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from joinedup.engines.sqlite import connect, listed, numbers, transaction, whole_numbers, wipe_log
from joinedup.errors import SourceError, UsageError
from joinedup.linkage.encode import order_hashes
from joinedup.linkage.index import chronicle, history, rulings
from joinedup.linkage.index.deed import Change
from joinedup.linkage.index.schema import FORMAT, create_tables
from joinedup.linkage.index.told import (
    Event,
    Followed,
    Held,
    Int64,
    Pairs,
    Person,
    Records,
    SourceRow,
    Version,
    person_name,
)
from joinedup.linkage.index.trouble import ledger_trouble, trouble_told, unusable

FILE = "index.sqlite"


class Ledger:
    """A ledger that is open. Use one connection for one thread at a time; open another for another thread."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._db = connection

    @classmethod
    def create(cls, path: str | Path) -> Ledger:
        """Make an empty ledger; raises UsageError where there is one already."""
        path = Path(path)
        if path.exists():
            raise UsageError(what="there is an index already", where=str(path), mend="name another folder")
        try:
            connection = connect(path)
            with transaction(connection, writing=True):
                create_tables(connection)
        except sqlite3.Error as problem:
            raise ledger_trouble(path, problem) or unusable(path, str(problem)) from None
        return cls(path, connection)

    @classmethod
    def open(cls, path: str | Path, *, read_only: bool = False) -> Ledger:
        """Open a ledger; raises SourceError where there is none, or none of this format."""
        path = Path(path)
        if not path.is_file():
            raise SourceError(
                what="there is no index", where=str(path), mend="make one: joinedup index build"
            )
        try:
            connection = connect(path, read_only=read_only)
            told = connection.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
        except sqlite3.Error as problem:
            raise ledger_trouble(path, problem) or unusable(path, str(problem)) from None
        if told is None or told[0] != FORMAT:
            connection.close()
            raise SourceError(
                what="an index of another release", where=str(path), mend=f"this one reads '{FORMAT}'"
            )
        return cls(path, connection)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- writing

    @contextmanager
    def change(self, kind: str, *, at: dt.datetime, by: str, reason: str) -> Iterator[Change]:
        """Make the next version in one transaction; an error inside undoes all of it.

        kind: what is done, in a word (build, add, remove, decide, refresh, …). at: when, with its zone; not
        before the last version.

        Raises UsageError for a time without zone or before the last version's, LimitError where the disk is
        full, and SourceError for a ledger that cannot be read any more.
        """
        with trouble_told(self.path), transaction(self._db, writing=True):
            change = Change.begin(self._db, kind=kind, at=at, by=by, reason=reason)
            yield change
            change.finish()
        if change.erased:
            change.is_log_wiped = wipe_log(self._db)

    def wipe(self) -> bool:
        """Cut the log to nothing, with whatever was erased; whether no busy reader prevented it."""
        return wipe_log(self._db)

    # --- reading

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let all that is read inside come from one version; raises SourceError where that cannot be read."""
        with trouble_told(self.path), transaction(self._db, writing=False):
            yield

    def version(self) -> Version | None:
        """The last version; None: there is none yet."""
        found = history.versions(self._db, last=True)
        return found[0] if found else None

    def versions(self) -> tuple[Version, ...]:
        """Every version, in order."""
        return history.versions(self._db)

    def sources(self) -> tuple[SourceRow, ...]:
        """The sources, in the order of their numbers."""
        rows = self._db.execute("SELECT number, name, one_record FROM source ORDER BY number")
        return tuple(SourceRow(number, name, bool(one)) for number, name, one in rows)

    def segments(self) -> dict[str, int]:
        """The segments that the last version names, and how many records each was added with."""
        return dict(self._db.execute("SELECT name, records FROM segment WHERE dropped IS NULL ORDER BY name"))

    def counts(self) -> dict[str, int]:
        """How many live records, live people, kept pairs and open decisions there are."""
        wanted = {
            "records": "SELECT count(*) FROM member",
            "people": "SELECT count(DISTINCT person) FROM member",
            "pairs": "SELECT count(*) FROM pair",
            "decisions": "SELECT count(*) FROM decision WHERE withdrawn IS NULL",
        }
        return {name: int(self._db.execute(sql).fetchone()[0]) for name, sql in wanted.items()}

    def records(self, source: int | None = None) -> Records:
        """The live records, of one source or of all."""
        rows = self._db.execute(
            "SELECT number, source, digest, id FROM record "
            "WHERE removed IS NULL AND (?1 IS NULL OR source = ?1) ORDER BY number",
            (source,),
        )
        columns, ids = [np.empty((0, 3), np.int64)], [pa.array([], pa.string())]
        while part := rows.fetchmany(100_000):
            columns.append(np.array([row[:3] for row in part], np.int64))
            ids.append(pa.array([row[3] for row in part], pa.string()))
        number, of, digest = (np.ascontiguousarray(column) for column in np.concatenate(columns).T)
        return Records(number, of, pa.concat_arrays(ids), digest.view(np.uint64))

    def known(self, source: int, ids: pa.Array) -> tuple[Int64, NDArray[np.uint64]]:
        """For each identifier of a source (text), the number of its live record (-1: none) and its digest.

        Raises UsageError for a source that is not there.
        """
        name = self._db.execute("SELECT name FROM source WHERE number = ?", (source,)).fetchone()
        if name is None:
            raise UsageError(what=f"there is no source number {source}", where="index")
        number, digest = np.full(len(ids), -1, np.int64), np.zeros(len(ids), np.int64)
        texts = ids.cast(pa.string())
        hashes = order_hashes(pa.concat_arrays([texts]), name[0]).view(np.int64)
        rows = self._db.execute(
            "SELECT j.key, r.number, r.digest, r.id FROM json_each(?) j CROSS JOIN record r "
            "ON r.source = ? AND r.place = j.value WHERE r.removed IS NULL",
            (listed(hashes), source),
        ).fetchall()
        at, found, told = whole_numbers((row[:3] for row in rows), 3)
        same = pc.equal(pa.array([row[3] for row in rows], pa.string()), texts.take(pa.array(at)))
        hit = same.to_numpy(zero_copy_only=False) if len(rows) else np.zeros(0, np.bool_)
        number[at[hit]], digest[at[hit]] = found[hit], told[hit]
        return number, digest.view(np.uint64)

    def has_traces(self, source: int, ids: pa.Array) -> bool:
        """Whether anything is known of these identifiers of a source, now or in the past, or in any decision."""
        (name,) = self._db.execute("SELECT name FROM source WHERE number = ?", (source,)).fetchone()
        texts = pa.concat_arrays([ids.cast(pa.string())])
        places = order_hashes(texts, name).view(np.int64)
        recorded = self._db.execute(
            "SELECT 1 FROM json_each(?) j CROSS JOIN record r ON r.source = ? AND r.place = j.value LIMIT 1",
            (listed(places), source),
        ).fetchone()
        return recorded is not None or any(
            self._db.execute(
                "SELECT 1 FROM decision_record WHERE source = ? AND id = ? LIMIT 1", (name, text)
            ).fetchone()
            for text in texts.to_pylist()
        )

    def removed_numbers(self) -> Int64:
        """The removed records that may still lie in the files of segments, ascending."""
        rows = self._db.execute(
            "SELECT number FROM record WHERE removed IS NOT NULL AND in_files ORDER BY number"
        )
        return whole_numbers(rows, 1)[0]

    def pairs(self, among: NDArray[np.integer] | None = None) -> Pairs:
        """The kept pairs; ``among``: those with both ends among these record numbers."""
        sql = "SELECT a, b, weight, coalesce(pattern, -1) FROM pair"
        if among is None:
            rows = self._db.execute(sql)
        else:
            rows = self._db.execute(
                "SELECT p.a, p.b, p.weight, coalesce(p.pattern, -1) FROM json_each(?) j CROSS JOIN pair p "
                "ON p.a = j.value",
                (listed(np.unique(among)),),
            )
        a, b, weight, pattern = numbers(rows, 4)
        kept = slice(None) if among is None else np.isin(b.astype(np.int64), among)
        left, right = a[kept].astype(np.int64), b[kept].astype(np.int64)
        return Pairs(left, right, weight[kept], pattern[kept].astype(np.int64))

    def people_of(self, record_numbers: NDArray[np.integer]) -> list[str | None]:
        """The person of each live record, None where the number has none."""
        person = dict(
            self._db.execute(
                "SELECT m.record, m.person FROM json_each(?) j CROSS JOIN member m ON m.record = j.value",
                (listed(record_numbers),),
            )
        )
        width = history.width(self._db)
        told = (person.get(number) for number in record_numbers.tolist())
        return [None if number is None else person_name(number, width) for number in told]

    def memberships(self) -> tuple[Int64, Int64]:
        """Every live record's number, ascending, and the number of its person."""
        number, person = whole_numbers(
            self._db.execute("SELECT record, person FROM member ORDER BY record"), 2
        )
        return number, person

    def decisions(self, *, also_withdrawn: bool = False) -> tuple[Held, ...]:
        """The decisions that hold, in order; ``also_withdrawn``: every one that was ever made."""
        return rulings.all_held(self._db, also_withdrawn=also_withdrawn)

    # --- history

    def person(self, name: str, at: dt.datetime | int | None = None) -> Person | None:
        """Who a person was at a moment or in a version (now, if None); None: no such person then."""
        with self._snapshot():
            return history.person(self._db, name, at)

    def person_of(self, source: str, record_id: str, at: dt.datetime | int | None = None) -> str | None:
        """The person that a record belonged to at a moment or in a version; None: to none."""
        with self._snapshot():
            return history.person_of(self._db, source, record_id, at)

    def events(self, name: str) -> tuple[Event, ...]:
        """All that happened to a person, in order; empty: there never was one of that name."""
        with self._snapshot():
            return chronicle.events(self._db, name)

    def events_of(self, version: int) -> tuple[Event, ...]:
        """All that happened in one version. Played back from the first version on, they give who is who."""
        with self._snapshot():
            return chronicle.events_of(self._db, version)

    def named_events(self, number: int | None = None) -> tuple[Event, ...]:
        """Merges, splits, ends and returns of names, in the order of their numbers; or the one of that number."""
        with self._snapshot():
            return chronicle.named_events(self._db, number)

    def followed(self, name: str) -> Followed | None:
        """What became of a person; None: there never was one of that name."""
        with self._snapshot():
            return history.followed(self._db, name)

    def _snapshot(self) -> AbstractContextManager[Any]:
        return _already() if self._db.in_transaction else self.reading()


@contextmanager
def _already() -> Iterator[None]:
    yield
