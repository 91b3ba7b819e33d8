"""One change of a ledger: what is added, removed and decided before its people are settled."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from joinedup.engines.sqlite import Int64, as_rows, listed, numbers, whole_numbers
from joinedup.errors import UsageError
from joinedup.linkage.decisions import Decision
from joinedup.linkage.encode import order_hashes
from joinedup.linkage.index import history, rulings
from joinedup.linkage.index.membership import Rules
from joinedup.linkage.index.schema import LATE_INDEXES, run_each
from joinedup.linkage.index.settle import Touched, settle
from joinedup.linkage.index.told import Settled
from joinedup.linkage.index.undoing import undo as undo_event

Identifiers = Callable[[Int64], Sequence[NDArray[np.integer]]]


@dataclass
class Change:
    """The next version in the making; made by ``Ledger.change``.

    version: its number. erased: whether records were erased, so that the log is to be wiped. is_log_wiped: after
    the commit, whether that was done, which a busy reader prevents.
    """

    _db: sqlite3.Connection
    version: int
    at: dt.datetime
    by: str
    erased: bool = False
    is_log_wiped: bool = False
    _is_settled: bool = False
    _touched: Touched = field(default_factory=Touched)

    @classmethod
    def begin(
        cls, connection: sqlite3.Connection, *, kind: str, at: dt.datetime, by: str, reason: str
    ) -> Change:
        """Write the version's row; raises UsageError for a time that cannot be."""
        if at.tzinfo is None:
            raise UsageError(what="a time without its zone", where="change", mend="give it in UTC")
        at = at.astimezone(dt.UTC)
        last = history.versions(connection, last=True)
        if last and at < last[0].at:
            raise UsageError(
                what=f"the time of this change lies before that of version {last[0].number}",
                where="change",
                mend=f"give {last[0].at.isoformat()} or later; check the machine's clock",
            )
        version = last[0].number + 1 if last else 1
        connection.execute(
            "INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, NULL)",
            (version, history.stored_time(at), kind, by, reason, last[0].frame if last else None),
        )
        return cls(connection, version, at, by)

    def finish(self) -> None:
        """Called by ``Ledger.change`` before it commits."""
        if self._touched:
            raise RuntimeError("a change must settle what it touched")
        run_each(self._db, LATE_INDEXES)

    def use_frame(self, number: int) -> None:
        """Note which frame this version and those after it are settled with."""
        self._db.execute("UPDATE version SET frame = ? WHERE number = ?", (number, self.version))

    # --- files

    def add_segment(self, name: str, records: int) -> None:
        """Name a segment from this version on; a name is never given twice."""
        self._db.execute("INSERT INTO segment VALUES (?, ?, ?, NULL)", (name, records, self.version))

    def drop_segment(self, name: str) -> None:
        """Name a segment no longer; its files may go when the change has been committed."""
        self._db.execute(
            "UPDATE segment SET dropped = ? WHERE name = ? AND dropped IS NULL", (self.version, name)
        )

    def left_out_of_files(self, record_numbers: NDArray[np.integer]) -> None:
        """Note that removed records lie in no file any more, so that ``Ledger.removed_numbers`` omits them."""
        self._db.executemany(
            "UPDATE record SET in_files = 0 WHERE number = ? AND removed IS NOT NULL",
            ((number,) for number in record_numbers.tolist()),
        )

    # --- records and pairs

    def add_source(self, name: str, one_record_per_person: bool = False) -> int:
        """Add a source; its number, counted from 0 as in the frame."""
        number = int(self._db.execute("SELECT coalesce(max(number) + 1, 0) FROM source").fetchone()[0])
        self._db.execute("INSERT INTO source VALUES (?, ?, ?)", (number, name, one_record_per_person))
        return number

    def add_records(self, source: NDArray[np.integer], ids: pa.Array, digests: NDArray[np.uint64]) -> Int64:
        """Add records; their numbers, which ascend in the order given and were never used before.

        A record that changes is removed first and then added with the same source and id: it keeps its person,
        its history and the decisions about it. Decisions about a record that was taken out hold again.

        Raises UsageError where a record of that source and id is there already.
        """
        texts = pa.concat_arrays([ids.cast(pa.string())])
        first = int(self._db.execute("SELECT coalesce(max(number) + 1, 0) FROM record").fetchone()[0])
        number = np.arange(first, first + len(texts), dtype=np.int64)
        place = self._places(source, texts)
        self._refuse_known(source, place)
        self._db.executemany(
            "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, 1)",
            as_rows(
                number,
                source,
                texts,
                place,
                np.ascontiguousarray(digests, np.uint64).view(np.int64),
                then=(self.version,),
            ),
        )
        rulings.bind(self._db, first)
        self._touched.added.append(number)
        return number

    def _places(self, source: NDArray[np.integer], ids: pa.Array) -> Int64:
        """What puts records in order within their source, as ``encode`` has it."""
        place = np.empty(len(ids), np.int64)
        names = dict(self._db.execute("SELECT number, name FROM source"))
        for number in np.unique(source).tolist():
            own = np.flatnonzero(source == number)
            if number not in names:
                raise UsageError(what=f"there is no source number {number}", where="index")
            place[own] = order_hashes(ids.take(pa.array(own)), names[number]).view(np.int64)
        return place

    def _refuse_known(self, source: NDArray[np.integer], place: Int64) -> None:
        for number in np.unique(source).tolist():
            own = place[source == number]
            if len(np.unique(own)) != len(own):
                raise _already_there()
            # A source's first records, as in a bulk load, need not be looked up.
            if self._db.execute("SELECT 1 FROM record WHERE source = ? LIMIT 1", (number,)).fetchone():
                run_each(self._db, LATE_INDEXES)
                known = self._db.execute(
                    "SELECT count(*) FROM json_each(?) j CROSS JOIN record r "
                    "ON r.source = ? AND r.place = j.value WHERE r.removed IS NULL",
                    (listed(own), number),
                ).fetchone()[0]
                if known:
                    raise _already_there()

    def remove_records(self, record_numbers: NDArray[np.integer], reason: str) -> None:
        """Take records out, with their pairs. Their history stays; decisions about them wait for their return.

        Raises UsageError for a number that is no live record.
        """
        run_each(self._db, LATE_INDEXES)
        wanted = np.unique(np.asarray(record_numbers, np.int64))
        live = self._db.execute(
            "SELECT count(*) FROM json_each(?) j CROSS JOIN record r ON r.number = j.value "
            "WHERE r.removed IS NULL",
            (listed(wanted),),
        ).fetchone()[0]
        if live != len(wanted):
            raise UsageError(
                what=f"{len(wanted) - live} of the records to remove are not there", where="index"
            )
        self._touched.removed.append(wanted)
        self._touched.beside.append(self._pairs_of(wanted))
        self._touched.seeds.append(rulings.partners(self._db, wanted))
        each = [(number,) for number in wanted.tolist()]
        self._db.executemany("DELETE FROM pair WHERE a = ?", each)
        self._db.executemany("DELETE FROM pair WHERE b = ?", each)
        self._db.executemany(
            "UPDATE record SET removed = ?, why = ? WHERE number = ?",
            ((self.version, reason, number) for number in wanted.tolist()),
        )
        rulings.unbind(self._db, wanted)

    def erase_records(self, source: int, ids: pa.Array) -> int:
        """Blank ids that were removed, here and in decisions, for good; how many rows there were.

        What stays is the number of each record and the people that it belonged to. A decision that has nobody
        left on one side is withdrawn, and the reasons that were written for a decision about such a record or for
        its removal are blanked. The names in segments' files are another matter.

        Raises UsageError where one of them is still live.
        """
        texts = pa.concat_arrays([ids.cast(pa.string())])
        place = self._places(np.full(len(texts), source), texts)
        run_each(self._db, LATE_INDEXES)
        rows = self._db.execute(
            "SELECT r.number, r.removed IS NULL FROM json_each(?) j CROSS JOIN record r "
            "ON r.source = ? AND r.place = j.value",
            (listed(np.unique(place)), source),
        )
        number, live = whole_numbers(rows, 2)
        if live.any():
            raise UsageError(
                what=f"{int(live.sum())} of the records to erase are still there",
                where="index",
                mend="remove them first",
            )
        (name,) = self._db.execute("SELECT name FROM source WHERE number = ?", (source,)).fetchone()
        rulings.erase(
            self._db, [(name, text) for text in texts.to_pylist()], version=self.version, by=self.by
        )
        self._db.executemany(
            "UPDATE version SET reason = ? WHERE reason <> '' AND kind = 'remove' "
            "AND number = (SELECT removed FROM record WHERE number = ?)",
            ((rulings.ERASED, n) for n in number.tolist()),
        )
        self._db.executemany(
            "UPDATE record SET id = NULL, place = 0, digest = 0, why = ? WHERE number = ?",
            ((rulings.ERASED, n) for n in number.tolist()),
        )
        self.erased = True
        return len(number)

    def _pairs_of(self, wanted: Int64) -> tuple[Int64, Int64, NDArray[np.float64]]:
        rows = self._db.execute(
            "SELECT p.a, p.b, p.weight FROM json_each(?1) j CROSS JOIN pair p ON p.a = j.value "
            "UNION ALL SELECT p.a, p.b, p.weight FROM json_each(?1) j CROSS JOIN pair p ON p.b = j.value",
            (listed(wanted),),
        )
        a, b, weight = numbers(rows, 3)
        return a.astype(np.int64), b.astype(np.int64), weight

    def add_pairs(
        self,
        left: NDArray[np.integer],
        right: NDArray[np.integer],
        weight: NDArray[np.floating],
        pattern: NDArray[np.integer] | None = None,
    ) -> None:
        """Add kept pairs by record numbers, in either direction, each once; weight in bits."""
        low = np.minimum(left, right).astype(np.int64)
        high = np.maximum(left, right).astype(np.int64)
        bits = np.asarray(weight, np.float64)
        order = np.lexsort((high, low))
        a, b, w = low[order], high[order], bits[order]
        if pattern is None:
            self._db.executemany("INSERT INTO pair VALUES (?, ?, ?, NULL)", as_rows(a, b, w))
        else:
            self._db.executemany("INSERT INTO pair VALUES (?, ?, ?, ?)", as_rows(a, b, w, pattern[order]))
        self._touched.beside.append((a, b, w))

    def clear_pairs(self) -> None:
        """Forget every pair: they are to be scored anew, and everybody is settled anew."""
        self._db.execute("DELETE FROM pair")
        self._touched.everybody = True

    # --- decisions

    def decide(self, *decisions: Decision, waiting: bool = False) -> tuple[int, ...]:
        """Record clerks' decisions; their numbers. The ``row`` of a decision is not kept.

        waiting: also decisions about records that are not there; they hold once the record comes.

        Raises UsageError for a record that is not there and for a decision that contradicts one that holds,
        naming the number.
        """
        made = rulings.decide(self._db, decisions, version=self.version, waiting=waiting)
        self._touched.seeds.append(rulings.bound(self._db, made))
        return made

    def withdraw(self, decision: int, reason: str = "") -> None:
        """Let a decision hold no longer. Raises UsageError where there is none of that number, or no more."""
        rulings.withdraw(self._db, decision, version=self.version, by=self.by, why=reason)
        self._touched.seeds.append(rulings.bound(self._db, (decision,)))
        self._touched.reopened.append(decision)

    def undo(self, event: int, reason: str) -> int:
        """Undo a merge or a split by a decision that holds from now on; its number.

        A merge: no record that the one person brought to it and none that the other had is ever in one person
        again, by whatever links and whichever records come between. A split: all of them are one person.
        The names of before come back where the next settling makes the groups.

        Raises UsageError for an event that is neither, for one that is undone already or has come undone by
        itself, and where a decision that holds says the contrary (naming it).
        """
        made, claims = undo_event(
            self._db, event, version=self.version, by=self.by, on=self.at.date(), reason=reason
        )
        self._touched.seeds.append(rulings.bound(self._db, (made,)))
        self._touched.claims.add(claims)
        return made

    # --- people

    def load_clusters(self, record_numbers: NDArray[np.integer], people: pa.Array) -> None:
        """Take the people of a batch run as they are, of all records at once: names such as P000123.

        Only for the first load; nothing remains to be settled.
        """
        if self._db.execute("SELECT 1 FROM person LIMIT 1").fetchone():
            raise UsageError(what="the index has people already", where="index", mend="use settle")
        texts = people.cast(pa.string())
        person = pc.cast(pc.utf8_slice_codeunits(texts, 1), pa.int64()).to_numpy(zero_copy_only=False)
        width = pc.min(pc.utf8_length(texts)).as_py()
        if width:
            self._db.execute("UPDATE meta SET value = ? WHERE key = 'width'", (str(width - 1),))
        order = np.argsort(record_numbers)
        self._db.executemany(
            "INSERT INTO member VALUES (?, ?, ?)",
            as_rows(np.asarray(record_numbers)[order], person[order], then=(self.version,)),
        )
        self._db.executemany(
            "INSERT INTO person VALUES (?, ?, NULL)", as_rows(np.unique(person), then=(self.version,))
        )
        settled = Settled(joined=len(order), created=len(np.unique(person)))
        self._note(settled)

    def settle(self, frame: Rules, *, identifiers: Identifiers | None = None) -> Settled:
        """Cluster anew whatever this change touched, name the people, and write down what happened.

        frame: gives threshold, rules of clustering, and the sources that hold each person once. identifiers:
        called with record numbers; for each identifier of the frame's rules, the code of each record (-1
        missing; equal codes are equal values).
        """
        if self._is_settled:
            raise RuntimeError("a change is settled once")
        run_each(self._db, LATE_INDEXES)
        if frame.clusters.identifiers and identifiers is None:
            raise TypeError("these clusters obey identifiers: settle needs 'identifiers'")
        settled = settle(self._db, self.version, self._touched, frame, identifiers)
        self._note(settled)
        return settled

    def _note(self, settled: Settled) -> None:
        self._touched, self._is_settled = Touched(), True
        self._db.execute(
            "UPDATE version SET counts = ? WHERE number = ?", (json.dumps(asdict(settled)), self.version)
        )


def _already_there() -> UsageError:
    return UsageError(
        what="a record of that source and id is there already",
        where="index",
        mend="remove the earlier one first, or give each record once",
    )
