"""Whether an index is whole: the ledger, the segments and the people agree, and are what the evidence says."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.engines.sqlite import connect
from joinedup.errors import JoinedupError, SourceError
from joinedup.linkage.cluster import cluster
from joinedup.linkage.decisions import Place, Verdict
from joinedup.linkage.index.candidates import batch_order
from joinedup.linkage.index.extract import digests_of
from joinedup.linkage.index.frame import Frame, altered_frame_files, load_frame
from joinedup.linkage.index.ledger import Ledger
from joinedup.linkage.index.mapped import damaged, read_manifest
from joinedup.linkage.index.opened import identifiers_of
from joinedup.linkage.index.segment import Segment, rule_keys
from joinedup.linkage.index.store import SEGMENTS, ledger_path, no_index, require_index
from joinedup.linkage.index.sums import altered_files
from joinedup.linkage.index.told import Records
from joinedup.linkage.index.trouble import ledger_trouble

Int64 = npt.NDArray[np.int64]
_TRIES = 5


@dataclass(frozen=True)
class Checked:
    """What a check found. problems: in words, without a person's data; none: the index is whole.

    uncovered: of a deep check, the segments whose files were written before their sums were kept, so that a byte
    that has changed in them may go unseen.
    """

    version: int
    records: int
    people: int
    pairs: int
    segments: int
    problems: tuple[str, ...]
    uncovered: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def check(directory: str | Path, *, deep: bool = False) -> Checked:
    """Hold the parts of an index against each other. Reads alone: it may run while others read and write.

    Every live record lies in one segment, with the source and identifier that the ledger has, and belongs to one
    person; every pair is of live records. deep: every file of a segment has the bytes that were written, every
    record's contents are what they were, it is found under its own blocking rules, and clustering all pairs from
    scratch gives the people that there are.

    Raises SourceError where there is no index, or its ledger or frame cannot be read.
    """
    directory = Path(directory)
    require_index(directory)
    found = _checked(directory, deep)
    for _ in range(_TRIES):
        # A version that is replaced while it is looked at loses its files: then the new one is looked at.
        if found.is_whole or found.version == _last_version(directory):
            break
        found = _checked(directory, deep)
    return found


def _last_version(directory: Path) -> int:
    with Ledger.open(ledger_path(directory), read_only=True) as ledger, ledger.reading():
        version = ledger.version()
        return 0 if version is None else version.number


def _checked(directory: Path, deep: bool) -> Checked:
    with Ledger.open(ledger_path(directory), read_only=True) as ledger, ledger.reading():
        version = ledger.version()
        if version is None or version.frame is None:
            raise no_index(directory)
        problems = list(_damage(ledger_path(directory), deep))
        if deep and (altered := altered_frame_files(directory, version.frame)):
            problems.append(f"frame {version.frame}: {_not_as_written(altered)}")
        if problems:  # nothing else can be relied on
            return Checked(version.number, 0, 0, 0, 0, tuple(problems))
        frame = load_frame(directory, version.frame)
        segments: list[Segment] = []
        uncovered = 0
        for name, count in ledger.segments().items():
            try:
                if deep:
                    uncovered += _refuse_altered(directory / SEGMENTS / name)
                segment = Segment(directory / SEGMENTS / name)
                if deep and not segment.is_readable():
                    raise damaged(segment.directory)
            except JoinedupError as problem:
                problems.append(f"segment {name}: {problem.what}")
                continue
            segments.append(segment)
            if len(segment) != count or segment.frame != frame.number:
                problems.append(f"segment {name}: not the one that the ledger names")
        live = ledger.records()
        problems += _placed(live, segments, ledger.removed_numbers())
        problems += _belonging(ledger, live)
        if deep and not problems:
            for segment in segments:
                problems += _contents(frame, live, segment)
            problems += _clustered_anew(ledger, frame, live, segments)
        counts = ledger.counts()
        return Checked(
            version.number,
            counts["records"],
            counts["people"],
            counts["pairs"],
            len(segments),
            tuple(problems),
            uncovered,
        )


def _refuse_altered(folder: Path) -> int:
    """Raise SourceError where a segment's files are not as they were written; 1 where no sums of them were kept."""
    altered = altered_files(folder, read_manifest(folder / "segment.json"), besides="segment.json")
    if altered:
        raise SourceError(what=_not_as_written(altered), where=str(folder))
    return int(altered is None)


def _not_as_written(files: tuple[str, ...]) -> str:
    return f"{', '.join(files)} {'are' if len(files) > 1 else 'is'} not as written"


def _damage(path: Path, deep: bool) -> Iterator[str]:
    """What SQLite itself finds wrong with the ledger's file."""
    with closing(connect(path, read_only=True)) as database:
        try:
            found = database.execute(f"PRAGMA {'integrity' if deep else 'quick'}_check(5)").fetchall()
        except sqlite3.DatabaseError as problem:
            if ledger_trouble(path, problem) is None:
                raise
            found = []
    if found != [("ok",)]:
        yield "the ledger's file is damaged"


def _placed(live: Records, segments: list[Segment], dead: Int64) -> Iterator[str]:
    """Every live record in one segment, and nobody else but the removed in any."""
    every = np.concatenate([s.number for s in segments]) if segments else np.zeros(0, np.int64)
    if len(np.unique(every)) != len(every):
        yield "records lie in several segments"
    lacking = int((~np.isin(live.number, every)).sum())
    if lacking:
        yield f"{lacking} records lie in no segment"
    strange = int((~np.isin(every, np.union1d(live.number, dead))).sum())
    if strange:
        yield f"{strange} records of the segments are not in the ledger"
    for segment in segments:
        rows = segment.rows_of(live.number)
        at = np.flatnonzero(rows >= 0)
        try:
            is_same = np.array_equal(segment.source[rows[at]], live.source[at]) and (
                segment.ids.take(rows[at]).equals(live.ids.take(at))
            )
        except (pa.ArrowException, IndexError):
            is_same = False
        if not is_same:
            yield f"segment {segment.directory.name}: sources or identifiers differ from the ledger's"


def _belonging(ledger: Ledger, live: Records) -> Iterator[str]:
    number, _ = ledger.memberships()
    if not np.array_equal(number, live.number):
        yield "not every live record belongs to one person"
    pairs = ledger.pairs()
    loose = int((~np.isin(pairs.left, live.number) | ~np.isin(pairs.right, live.number)).sum())
    if loose:
        yield f"{loose} pairs are of records that are not there"


def _contents(frame: Frame, live: Records, segment: Segment) -> Iterator[str]:
    name = segment.directory.name
    rows = segment.rows_of(live.number)
    at = np.flatnonzero(rows >= 0)
    try:
        fields, written = segment.fields(rows[at]), segment.written_table(rows[at])
        digests = digests_of(fields, fields if written is None else written)
        keys = rule_keys(frame, fields)
    except (pa.ArrowException, UnicodeDecodeError, LookupError):
        yield f"segment {name}: its contents cannot be read"
        return
    wrong = int((digests != live.digest[at]).sum())
    if wrong:
        yield f"segment {name}: the contents of {wrong} records are not what was added"
    for rule in range(keys.shape[1]):
        try:
            place, found = segment.candidates(rule, np.ascontiguousarray(keys[:, rule]))
        except ValueError:
            yield f"segment {name}: blocking rule {rule + 1} cannot be looked up"
            continue
        hit = np.zeros(len(at), np.bool_)
        hit[place[found == rows[at][place]]] = True
        lost = int((~hit & (keys[:, rule] != 0)).sum())
        if lost:
            yield f"segment {name}: {lost} records are not found under blocking rule {rule + 1}"


def _clustered_anew(ledger: Ledger, frame: Frame, live: Records, segments: list[Segment]) -> Iterator[str]:
    """The people by clustering everything from scratch, held against those of the ledger."""
    order = batch_order(frame.source_names, live.source, live.ids)
    number = live.number[order]
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    pairs = ledger.pairs()
    same, different = _decided(ledger, frame, live, place)
    found = cluster(
        place[np.searchsorted(live.number, pairs.left)],
        place[np.searchsorted(live.number, pairs.right)],
        pairs.weight,
        records=len(number),
        threshold=frame.threshold,
        source=live.source[order],
        one_to_one_sources=frame.one_to_one,
        identifiers=identifiers_of(frame, segments, number),
        same=same,
        different=different,
        split=frame.clusters.least_mean_weight,
        absent_weight=frame.clusters.absent_weight,
        measures=False,
    ).person
    of, person = ledger.memberships()
    own = person[np.searchsorted(of, number)]
    both = len(np.unique(np.stack((found.astype(np.int64), own)), axis=1)[0])
    if not len(np.unique(found)) == len(np.unique(own)) == both:
        yield "the people are not those that clustering all pairs from scratch gives"


def _decided(
    ledger: Ledger, frame: Frame, live: Records, place: Int64
) -> tuple[tuple[Int64, Int64], tuple[Int64, Int64]]:
    """The decisions that hold as pairs of places: every record of one side with every one of the other."""
    decisions = ledger.decisions()
    wanted = {end for held in decisions for end in (*held.left, *held.right)}
    at: dict[Place, int] = {}
    if wanted:
        names = frame.source_names
        ids = {identifier for _, identifier in wanted}
        for row, identifier in enumerate(live.ids.to_pylist()):
            if identifier in ids:
                at[names[int(live.source[row])], identifier] = int(place[row])
    found: dict[Verdict, set[tuple[int, int]]] = {verdict: set() for verdict in Verdict}
    for held in decisions:
        left = [at[end] for end in held.left if end in at]
        right = [at[end] for end in held.right if end in at]
        if held.verdict is Verdict.SAME:
            everyone = left + right
            found[Verdict.SAME].update((everyone[0], other) for other in everyone[1:])
        else:
            found[Verdict.DIFFERENT].update((min(a, b), max(a, b)) for a in left for b in right)
    same, different = (np.array(sorted(found[v]), np.int64).reshape(-1, 2) for v in Verdict)
    return (same[:, 0], same[:, 1]), (different[:, 0], different[:, 1])
