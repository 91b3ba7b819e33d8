"""Who is this? One person's details against all records of an index, while somebody waits.

The candidates and weights are those of the batch engine for the same record added to the same data, the frame
being what it is. An index is opened once and asked often; it follows new versions by itself.
"""

from __future__ import annotations

import json
import math
import os
import sqlite3
import threading
import weakref
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from types import TracebackType

import numpy as np

from joinedup.engines.sqlite import connect, transaction, whole_numbers
from joinedup.errors import SourceError, UsageError
from joinedup.linkage.explain import Step, context_step, match_probability, rarity_step
from joinedup.linkage.index.asked import Asked
from joinedup.linkage.index.frame import load_frame
from joinedup.linkage.index.ledger import Ledger
from joinedup.linkage.index.segment import Segment
from joinedup.linkage.index.store import SEGMENTS, ledger_path, no_index, require_index
from joinedup.linkage.index.told import person_name
from joinedup.linkage.index.trouble import ledger_trouble, trouble_told
from joinedup.linkage.index.view import Hit, View, make_view, rarity_by_comparison, search
from joinedup.linkage.run import BELOW_EVERY_WEIGHT

MOST_MATCHES = 1000

_CACHE_MB = 1  # of the ledger, a thread; what SQLite maps is shared with other processes
_MAPPED_BYTES = 1 << 35
_TRIES = 20  # versions that may be published while one is being opened
_SEGMENTS = "SELECT name FROM segment WHERE dropped IS NULL ORDER BY name"
_DEAD = "SELECT number FROM record WHERE removed IS NOT NULL AND in_files ORDER BY number"
_PEOPLE = (
    "SELECT NULL, max(number) FROM version UNION ALL "
    "SELECT m.record, m.person FROM json_each(?) j CROSS JOIN member m ON m.record = j.value"
)


@dataclass(frozen=True)
class Match:
    """A record that fits. person: whose it is. weight: bits; steps: what it is made of, adding up to it.

    probability: 2^w / (1 + 2^w). found_by: the blocking rules that found the record.
    """

    person: str
    source: str
    record_id: str
    weight: float
    probability: float
    steps: tuple[Step, ...]
    found_by: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """matches: best first. candidates: how many records were compared (a whole name of one word is asked as a
    first name and as a surname, and each counts). version: of the index.

    unused: the details that could not be used, and why, in words.
    """

    matches: tuple[Match, ...]
    candidates: int
    version: int
    unused: Mapping[str, str]


class _Reader:
    """A thread's own connection to the ledger, closed when the thread ends."""

    def __init__(self, path: Path) -> None:
        self.connection = connect(path, read_only=True, cache_mb=_CACHE_MB)
        self.connection.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")

    def __del__(self) -> None:
        if hasattr(self, "connection"):
            self.connection.close()


class PersonIndex:
    """An index opened for asking; any number of threads may ask at once, and any number of processes.

    Close it, or use it as a context. A process that was forked opens it again for itself; the files' memory is
    shared all the same.
    """

    def __init__(self, directory: str | Path) -> None:
        self.directory = Path(directory)
        require_index(self.directory)
        Ledger.open(ledger_path(self.directory), read_only=True).close()  # refuses what is no ledger
        self._process = os.getpid()
        self._own = threading.local()
        self._readers: weakref.WeakSet[_Reader] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._view: View | None = None
        self.refresh()

    def __enter__(self) -> PersonIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            for reader in list(self._readers):
                reader.connection.close()
            self._own = threading.local()
            self._view = None

    @property
    def version(self) -> int:
        """The version that the last answer came from."""
        return self._held().version

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the details that may be given."""
        return self._held().asker.names

    def refresh(self) -> int:
        """Look whether a newer version is published, and take it; returns its number. Asking does so itself."""
        for tries in range(_TRIES):
            try:
                with trouble_told(self.directory), transaction(self._connection(), writing=False):
                    return self._newest(self._connection()).version
            except SourceError:
                # The version may have been replaced, and its files be gone, since it was read.
                if tries == _TRIES - 1:
                    raise
        raise AssertionError("not reached")

    def match(
        self,
        details: Mapping[str, str | None],
        *,
        source: str | None = None,
        top: int = 10,
        least_probability: float | None = None,
    ) -> tuple[Match, ...]:
        """Return the records that fit a person's details, best first; none: the index holds nobody like that.

        details: our names of fields and what is known, as typed. source: of the index, that the details belong to:
        where the job links across sources alone, that source's own records are not looked at. top: at most so
        many. least_probability: leave out what is less likely; None: what the index itself would not keep.

        Raises UsageError for a field that the index does not have, for details of which none can be used, and for
        details that no blocking rule can look anybody up by: nobody has been looked for then.
        """
        return self.ask(details, source=source, top=top, least_probability=least_probability).matches

    def ask(
        self,
        details: Mapping[str, str | None],
        *,
        source: str | None = None,
        top: int = 10,
        least_probability: float | None = None,
    ) -> Answer:
        """The same with how many records were compared, in which version, and what could not be used."""
        if not 1 <= top <= MOST_MATCHES:
            raise UsageError(what=f"top is {top}", where="match", mend=f"give 1 to {MOST_MATCHES}")

        for _ in range(_TRIES):
            view = self._held()
            least = view.frame.keep_weight if least_probability is None else _weight(least_probability)
            number = None if source is None else view.frame.source_number(source)
            unused: dict[str, str] = {}
            try:
                readings = _asked(view, details, unused)
            except UsageError:
                if self.refresh() == view.version:
                    raise
                continue  # the new version may have another frame
            hits, candidates = search(view, readings[0], source=number, top=top, least_weight=least)
            for reading in readings[1:]:
                others, more = search(view, reading, source=number, top=top, least_weight=least)
                hits, candidates = _best(hits, others)[:top], candidates + more
            version, people = self._people([hit.number for hit in hits])
            if version == view.version:
                matches = tuple([_match(view, hit, people) for hit in hits])
                return Answer(matches, candidates, version, unused)
            self.refresh()
        raise SourceError(
            what="the index changes faster than it can be read", where=str(self.directory), mend="ask again"
        )

    def _people(self, numbers: list[int]) -> tuple[int, dict[int, int]]:
        """The newest version, and the number of the person of each of these records in it, by one statement."""
        try:
            rows = self._connection().execute(_PEOPLE, (json.dumps(numbers),)).fetchall()
        except sqlite3.Error as problem:
            raise ledger_trouble(self.directory, problem) or problem from None
        return rows[0][1], dict(rows[1:])

    def _held(self) -> View:
        if self._view is None:
            raise UsageError(what="the index is closed", where=str(self.directory), mend="open it again")
        return self._view

    def _connection(self) -> sqlite3.Connection:
        if os.getpid() != self._process:
            raise UsageError(
                what="the index was opened before this process was forked",
                where=str(self.directory),
                mend="open it in each worker",
            )
        found: _Reader | None = getattr(self._own, "reader", None)
        if found is None:
            found = self._own.reader = _Reader(ledger_path(self.directory))
            with self._lock:
                self._readers.add(found)
        return found.connection

    def _newest(self, connection: sqlite3.Connection) -> View:
        """The view of the version that the connection's transaction sees."""
        (number,) = connection.execute("SELECT max(number) FROM version").fetchone()
        view = self._view
        if view is not None and view.version == number:
            return view
        with self._lock:
            view = self._view
            if view is None or view.version != number:
                view = self._open(connection, number, view)
                self._view = view
            return view

    def _open(self, connection: sqlite3.Connection, number: int | None, before: View | None) -> View:
        if number is None:
            raise no_index(self.directory)
        (frame_number,) = connection.execute(
            "SELECT frame FROM version WHERE number = ?", (number,)
        ).fetchone()
        names = [name for (name,) in connection.execute(_SEGMENTS)]
        (dead,) = whole_numbers(connection.execute(_DEAD), 1)
        (width,) = connection.execute("SELECT value FROM meta WHERE key = 'width'").fetchone()
        held = {} if before is None else {m.segment.directory.name: m.segment for m in before.segments}
        segments = [held.get(name) or Segment(self.directory / SEGMENTS / name) for name in names]
        same_frame = before is not None and before.frame.number == frame_number
        frame = before.frame if same_frame and before else load_frame(self.directory, frame_number)
        return make_view(
            frame,
            segments,
            dead=dead,
            version=number,
            width=int(width),
            before=before if same_frame else None,
        )


def preload(directory: str | Path) -> None:
    """Load what asking needs, for a server that forks its workers: they share what their parent had loaded.

    Nothing stays open: each worker opens the index for itself.
    """
    with open_index(directory) as index:
        view = index._held()
        for mapped in view.segments:
            if not len(mapped.segment):
                continue
            (own,) = mapped.segment.fields(np.zeros(1, np.int64)).to_pylist()
            with suppress(UsageError):  # a record that no rule can look up
                search(view, view.asker.asked(own), source=None, top=1, least_weight=0.0)
            break


def _asked(view: View, details: Mapping[str, str | None], unused: dict[str, str]) -> list[Asked]:
    """Each reading of the details that a blocking rule can look up; raises UsageError where there is none."""
    fields = view.asker.fields(details, unused=unused)
    found: list[Asked] = []
    refused: UsageError | None = None
    for reading in view.asker.readings(fields, details):
        try:
            found.append(view.asker.asked(reading))
        except UsageError as problem:
            refused = refused or problem
    if refused is not None and not found:
        raise refused
    return found


def _best(hits: list[Hit], others: list[Hit]) -> list[Hit]:
    """Each record once, as it fits better; best first, then the smaller number."""
    best: dict[int, Hit] = {}
    for hit in sorted([*hits, *others], key=lambda hit: (-hit.weight, hit.number)):
        best.setdefault(hit.number, hit)
    return list(best.values())


def _weight(probability: float) -> float:
    if not 0 <= probability < 1:
        raise UsageError(
            what=f"least_probability is {probability:g}",
            where="match",
            mend="give a number from 0 to below 1",
        )
    return math.log2(probability / (1 - probability)) if probability else BELOW_EVERY_WEIGHT


def _match(view: View, hit: Hit, people: Mapping[int, int]) -> Match:
    words = view.words
    rarity = rarity_by_comparison(view.plan, hit)
    steps = [words.prior]
    for comparison, level in enumerate(hit.levels):
        steps.append(words.levels[comparison][level])
        if comparison in rarity:
            steps.append(rarity_step(words.comparisons[comparison], rarity[comparison]))
    if hit.context:
        steps.append(context_step(hit.context))
    weight = math.fsum([step.bits for step in steps])
    person = people.get(hit.number)
    if person is None:
        raise SourceError(
            what="a record of the index belongs to nobody",
            where=f"record number {hit.number}",
            mend="run 'joinedup index check', and restore the index from a copy",
        )
    return Match(
        person_name(person, view.width),
        view.frame.source_names[int(hit.segment.source[hit.row])],
        hit.segment.ids[hit.row].as_py(),
        weight,
        match_probability(weight),
        tuple(steps),
        tuple(compress(words.rules, hit.rules)),
    )


def open_index(directory: str | Path) -> PersonIndex:
    """Open an index for asking; raises SourceError where there is none, or it cannot be read."""
    return PersonIndex(directory)
