"""Records come, change and go: one committed version of the index for each extract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.errors import SourceError, UsageError
from joinedup.linkage.index.candidates import batch_order, pairs_of_new
from joinedup.linkage.index.compact import rewrite
from joinedup.linkage.index.deed import Change
from joinedup.linkage.index.extract import Extract, read_extract
from joinedup.linkage.index.opened import (
    Checkpoint,
    Opened,
    Progress,
    identifiers_of,
    nowhere,
    opened,
    segment_name,
)
from joinedup.linkage.index.segment import Segment, write_segment
from joinedup.linkage.index.told import Settled

Int64 = npt.NDArray[np.int64]
THREADS = 2
_REPLACED = "the record changed"
_ABSENT = "not in a complete extract"


@dataclass(frozen=True)
class Changed:
    """What a change did. version: the one that it published, or, where nothing changed, the one that stands.

    added, changed, unchanged, removed: records. unknown: identifiers to remove that no record has. erased: records,
    as they are and as they once were, of which nothing is left. rows_aside: of the extract, and ``aside`` the
    rows themselves. compared, kept: pairs. read: records whose fields were read to
    compare them. people: what became of whom.
    """

    version: int
    is_published: bool = False
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    unknown: int = 0
    erased: int = 0
    rows_aside: int = 0
    compared: int = 0
    kept: int = 0
    read: int = 0
    people: Settled = field(default_factory=Settled)
    aside: pa.Table | None = None

    def as_dict(self) -> dict[str, Any]:
        """The counts as plain values, without any row."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "aside"}
        return {**told, "people": asdict(self.people)}


def add(
    directory: str | Path,
    extract: str | Path,
    source: str,
    *,
    at: dt.datetime,
    by: str,
    reason: str = "",
    complete: bool = False,
    may_shrink: bool = False,
    keep_aside: Callable[[pa.Table], None] | None = None,
    threads: int = THREADS,
    progress: Progress | None = None,
    checkpoint: Checkpoint = nowhere,
) -> Changed:
    """Add an extract of a source: new records come in, changed ones are replaced, the same ones stay.

    complete: the extract holds all that the source has, so records of it that are not there are removed. Such an
    extract must have no row that is kept aside, for its record would be removed. may_shrink: it may remove more
    than half of the source's records. keep_aside: given the rows that are kept aside, if any, even where the
    extract is refused then. at: the moment of the change, with its zone; by, reason: who makes it, and why.

    Raises SourceError for what is wrong with the index or the extract, UsageError where somebody else is
    changing the index or a complete extract shrinks its source unasked, LimitError where the frame's limit of
    pairs would be passed or the disk is full. Nothing has changed then.
    """
    with opened(directory, checkpoint=checkpoint) as index:
        tell(progress, "read and standardise")
        read = read_extract(index.frame, extract, source)
        checkpoint("read")
        if read.rows_aside and read.aside is not None and keep_aside is not None:
            keep_aside(read.aside)
        number = index.frame.source_number(source)
        known, digest = index.ledger.known(number, read.ids)
        is_known = known >= 0
        is_same = is_known & (digest == read.digests)
        stale = known[is_known & ~is_same]
        gone = np.zeros(0, np.int64)
        if complete:
            _refuse_rows_aside(read, source)
            held = index.ledger.records(number).number
            gone = np.setdiff1d(held, known[is_known])
            if not may_shrink:
                _refuse_shrinking(len(gone), len(held), source)
        told = Changed(
            version=index.version,
            added=int((~is_known).sum()),
            changed=len(stale),
            unchanged=int(is_same.sum()),
            removed=len(gone),
            rows_aside=read.rows_aside,
            aside=read.aside if read.rows_aside else None,
        )
        if is_same.all() and not len(gone):
            return told
        with index.ledger.change("add", at=at, by=by, reason=reason) as change:
            change.remove_records(stale, _REPLACED)
            change.remove_records(gone, _ABSENT)
            checkpoint("removed")
            segments = index.pool.segments
            if not is_same.all():
                new = _written(index, change, number, read.taken(np.flatnonzero(~is_same)))
                tell(progress, "compare and score")
                pairs = pairs_of_new(
                    index.frame,
                    segments,
                    new,
                    dead=np.union1d(index.pool.dead, np.concatenate([stale, gone])),
                    threads=threads,
                    progress=None if progress is None else partial(progress, "compare and score"),
                )
                checkpoint("scored")
                change.add_pairs(pairs.left, pairs.right, pairs.weight, pairs.pattern)
                checkpoint("pairs added")
                segments = (*segments, new)
                told = replace(told, compared=pairs.compared, kept=len(pairs.left), read=pairs.read)
            tell(progress, "settle people")
            people = settle(index, change, segments)
        index.clear_up()
        return replace(told, version=change.version, is_published=True, people=people)


def remove(
    directory: str | Path,
    source: str,
    ids: Sequence[str],
    *,
    at: dt.datetime,
    by: str,
    reason: str = "",
    erase: bool = False,
    progress: Progress | None = None,
    checkpoint: Checkpoint = nowhere,
) -> Changed:
    """Take records of a source out of the index.

    Their history stays, and tells of them by source and id. erase: nothing of them stays, neither values in any
    file nor identifiers in the history; the segments that hold them are written anew.

    Raises SourceError and UsageError as ``add`` does. Identifiers that no record has are counted, not refused.
    """
    wanted = pa.array(list(dict.fromkeys(ids)), pa.string())
    with opened(directory, checkpoint=checkpoint) as index:
        number = index.frame.source_number(source)
        known, _ = index.ledger.known(number, wanted)
        found = np.sort(known[known >= 0])
        told = Changed(version=index.version, removed=len(found), unknown=int((known < 0).sum()))
        if not len(found):
            if erase and not index.ledger.has_traces(number, wanted):
                index.ledger.wipe()  # a reader may have kept an earlier erasure from it
                return told
            if not erase:
                return told
        with index.ledger.change("erase" if erase else "remove", at=at, by=by, reason=reason) as change:
            change.remove_records(found, reason)
            checkpoint("removed")
            segments = index.pool.segments
            if erase:
                told = replace(told, erased=change.erase_records(number, wanted))
                dead = np.union1d(index.pool.dead, found)
                _erase_from_files(index, change, number, wanted, dead, progress)
                checkpoint("rewritten")
            tell(progress, "settle people")
            people = settle(index, change, segments)
        index.clear_up()
        return replace(told, version=change.version, is_published=True, people=people)


def _refuse_rows_aside(read: Extract, source: str) -> None:
    """What a row that cannot be read says of its record is unknown: it must not count as gone."""
    if read.rows_aside:
        rows = f"{read.rows_aside:,} rows" if read.rows_aside > 1 else "1 row"
        raise SourceError(
            what=f"a complete extract has {rows} that could not be read or without an identifier, so records that "
            "are there would be removed",
            where=source,
            mend="nothing has changed: correct those rows (--aside FILE writes them down), or bring the extract in "
            "as one that is not complete, which removes nobody",
        )


def _refuse_shrinking(gone: int, held: int, source: str) -> None:
    if 2 * gone > held:
        share = "all" if gone == held else f"{gone:,} of the"
        raise UsageError(
            what=f"this complete extract would remove {share} {held:,} records of its source",
            where=source,
            mend="nothing has changed: check that the file is whole; if the source did shrink so much, confirm it "
            "(--shrinks)",
        )


def _erase_from_files(
    index: Opened, change: Change, source: int, ids: pa.Array, dead: Int64, progress: Progress | None
) -> None:
    """Write anew the segments that hold removed records with these identifiers, as they are now or were once."""
    holding = []
    for segment in index.pool.segments:
        rows = np.flatnonzero((segment.source == source) & np.isin(segment.number, dead))
        if pc.any(pc.is_in(segment.ids.take(pa.array(rows)), value_set=ids)).as_py():
            holding.append(segment)
    for place, segment in enumerate(holding):
        tell(progress, "write segments anew", place, len(holding))
        rewrite(index, change, [segment], dead=dead, place=place)
    if holding:
        lying = np.concatenate([s.number for s in holding])
        change.left_out_of_files(dead[np.isin(dead, lying)])


def settle(index: Opened, change: Change, segments: Sequence[Segment]) -> Settled:
    """Settle the people that a change touched; segments: those in which every record of it can be read."""
    settled = change.settle(index.frame, identifiers=partial(identifiers_of, index.frame, segments))
    index.checkpoint("settled")
    return settled


def tell(progress: Progress | None, stage: str, done: int = 0, total: int = 0) -> None:
    """Tell whoever watches."""
    if progress is not None:
        progress(stage, done, total)


def _written(index: Opened, change: Change, source: int, extract: Extract) -> Segment:
    """Put new records into the ledger and into a segment of their own."""
    sources = np.full(len(extract), source, np.int16)
    extract = extract.taken(batch_order(index.frame.source_names, sources, extract.ids))
    numbers = change.add_records(sources, extract.ids, extract.digests)
    index.checkpoint("records added")
    name = segment_name(change.version)
    write_segment(
        index.segment_folder(name),
        index.frame,
        fields=extract.fields,
        number=numbers,
        source=sources,
        ids=extract.ids,
        written=extract.written,
    )
    index.checkpoint("segment written")
    change.add_segment(name, len(extract))
    return Segment(index.segment_folder(name))
