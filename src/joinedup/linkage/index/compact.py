"""Fewer, larger segments, and nothing of removed records left in them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.linkage.index.deed import Change
from joinedup.linkage.index.frame import Frame
from joinedup.linkage.index.opened import Checkpoint, Opened, Progress, nowhere, opened, segment_name
from joinedup.linkage.index.segment import Segment, write_segment

Int64 = npt.NDArray[np.int64]
FACTOR = 4  # so many segments of about one size are merged; each record is rewritten once a factor of growth


@dataclass(frozen=True)
class Compacted:
    """What compacting did. before, after: segments. rewritten: records that were copied. erased: removed records
    whose data are gone from the index."""

    version: int
    is_published: bool
    before: int
    after: int
    rewritten: int = 0
    erased: int = 0


def compact(
    directory: str | Path,
    *,
    at: dt.datetime,
    by: str,
    reason: str = "",
    whole: bool = False,
    progress: Progress | None = None,
    checkpoint: Checkpoint = nowhere,
) -> Compacted:
    """Merge segments of similar size, and drop the data of removed records for good.

    whole: make one segment of all. Nobody's people change. Raises SourceError and UsageError as ``add`` does.
    """
    with opened(directory, checkpoint=checkpoint) as index:
        segments = index.pool.segments
        groups = [list(segments)] if whole and len(segments) > 1 else merge_groups(segments)
        grouped = {id(segment) for group in groups for segment in group}
        groups += [[s] for s in segments if id(s) not in grouped and not index.pool.is_alive(s.number).all()]
        before, erased = len(segments), len(index.pool.dead)
        if not groups:
            return Compacted(index.version, False, before, before)
        with index.ledger.change("compact", at=at, by=by, reason=reason) as change:
            rewritten = 0
            for place, group in enumerate(groups):
                if progress is not None:
                    progress("merge segments", place, len(groups))
                rewritten += rewrite(index, change, group, dead=index.pool.dead, place=place)
            change.left_out_of_files(index.pool.dead)
            checkpoint("rewritten")
        return Compacted(change.version, True, before, index.clear_up(), rewritten, erased)


def merge_groups(segments: Sequence[Segment]) -> list[list[Segment]]:
    """The groups of at least FACTOR segments whose sizes are of one power of FACTOR."""
    tiers: dict[int, list[Segment]] = {}
    for segment in segments:
        tiers.setdefault(int(math.log(max(1, len(segment)), FACTOR)), []).append(segment)
    return [group for _, group in sorted(tiers.items()) if len(group) >= FACTOR]


def rewrite(index: Opened, change: Change, group: Sequence[Segment], *, dead: Int64, place: int) -> int:
    """Put what lives of some segments into one new segment in their place; return how many records that is.

    place: tells apart the new segments of one change.
    """
    alive = ~np.isin(np.concatenate([s.number for s in group]), dead)
    count = int(alive.sum())
    if count:
        name = segment_name(change.version, place)
        write_merged(index.segment_folder(name), index.frame, group, alive)
        index.checkpoint("segment written")
        change.add_segment(name, count)
    for segment in group:
        change.drop_segment(segment.directory.name)
    return count


def write_merged(folder: Path, frame: Frame, group: Sequence[Segment], alive: npt.NDArray[np.bool_]) -> None:
    """Write the chosen rows of some segments, counted through all of them, as one."""
    number = np.concatenate([s.number for s in group])
    order = np.flatnonzero(alive)
    order = order[np.argsort(number[order], kind="stable")]
    at = pa.array(order)
    written = [s.written_table() for s in group]
    write_segment(
        folder,
        frame,
        fields=pa.concat_tables([s.fields() for s in group]).take(at),
        number=number[order],
        source=np.concatenate([s.source for s in group])[order],
        ids=pa.concat_arrays([s.ids for s in group]).take(at),
        written=None
        if any(table is None for table in written)
        else pa.concat_tables([t for t in written if t is not None], promote_options="default").take(at),
    )
