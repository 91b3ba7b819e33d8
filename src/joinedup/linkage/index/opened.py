"""An index opened to be changed: the right to write, the ledger, the frame and the segments, for one change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.linkage.encode import as_plain_text
from joinedup.linkage.index.candidates import Pool
from joinedup.linkage.index.frame import Frame, load_frame
from joinedup.linkage.index.ledger import Ledger
from joinedup.linkage.index.segment import Segment
from joinedup.linkage.index.store import (
    SEGMENTS,
    ledger_path,
    no_index,
    only_writer,
    require_index,
    sweep,
)
from joinedup.linkage.index.told import Version
from joinedup.linkage.index.trouble import trouble_told

Int64 = npt.NDArray[np.int64]

Checkpoint = Callable[[str], None]
"""Told the name of each phase as it is reached; tests break off there."""


Progress = Callable[[str, int, int], None]
"""Told (stage, done, in all) as the work goes on; in all is 0 where it is not known."""


def nowhere(phase: str) -> None:
    """The checkpoint that lets every phase pass."""


@dataclass
class Opened:
    """An index in the hands of its one writer.

    version: the last one. pool: its segments, and the records in them that are removed. checkpoint: called at
    each phase.
    """

    directory: Path
    ledger: Ledger
    frame: Frame
    pool: Pool
    checkpoint: Checkpoint

    version: int

    def segment_folder(self, name: str) -> Path:
        """Where a segment lies."""
        return self.directory / SEGMENTS / name

    def clear_up(self) -> int:
        """After a commit, unlink what no version names any more; return how many segments stand.

        Who has them mapped keeps them until it looks at the new version.
        """
        self.checkpoint("published")
        names = self.ledger.segments()
        version = self.ledger.version()
        sweep(self.directory, segments=names, frames=_frames(version))
        self.checkpoint("cleared up")
        return len(names)


@contextmanager
def opened(directory: str | Path, *, checkpoint: Checkpoint = nowhere) -> Iterator[Opened]:
    """Open an index for one change, sweeping what a broken-off one left.

    Raises SourceError where there is no index or one that cannot be read, UsageError where it is being changed,
    LimitError where the disk is full.
    """
    directory = Path(directory)
    require_index(directory)
    with trouble_told(directory), only_writer(directory), Ledger.open(ledger_path(directory)) as ledger:
        checkpoint("locked")
        version = ledger.version()
        if version is None or version.frame is None:
            raise no_index(directory)
        names = ledger.segments()
        sweep(directory, segments=names, frames=_frames(version))
        checkpoint("swept")
        segments = tuple(Segment(directory / SEGMENTS / name) for name in names)
        pool = Pool(segments, ledger.removed_numbers())
        yield Opened(
            directory, ledger, load_frame(directory, version.frame), pool, checkpoint, version.number
        )


def segment_name(version: int, place: int = 0) -> str:
    """The name of the segment that a version adds; place: which of several. None is given twice."""
    return f"{version:08d}-{place}"


def _frames(version: Version | None) -> list[int]:
    return [] if version is None or version.frame is None else [version.frame]


def fields_of(segments: Sequence[Segment], numbers: Int64, columns: Sequence[str]) -> pa.Table:
    """Standardised fields of records that are in some of these segments, in the order given."""
    tables, places = [], []
    for segment in segments:
        rows = segment.rows_of(numbers)
        mine = np.flatnonzero(rows >= 0)
        if len(mine):
            tables.append(segment.fields(rows[mine]).select(list(columns)))
            places.append(mine)
    if not tables:
        return pa.table({name: pa.array([], pa.string()) for name in columns})
    order = np.concatenate(places)
    assert len(order) == len(numbers)
    return pa.concat_tables(tables).take(pa.array(np.argsort(order)))


def identifiers_of(frame: Frame, segments: Sequence[Segment], numbers: Int64) -> list[npt.NDArray[np.int32]]:
    """The code of each record's value of each of the frame's identifiers, -1 where it has none."""
    names = frame.clusters.identifiers
    if not names:
        return []
    table = fields_of(segments, numbers, names)
    out = []
    for name in names:
        encoded = as_plain_text(table.column(name)).dictionary_encode()
        out.append(pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32))
    return out
