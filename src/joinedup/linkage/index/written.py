"""Records of an index as their sources wrote them, for showing a few at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from joinedup.linkage.index.frame import load_frame
from joinedup.linkage.index.ledger import Ledger
from joinedup.linkage.index.segment import Segment
from joinedup.linkage.index.store import SEGMENTS, ledger_path


@dataclass(frozen=True)
class WrittenRecord:
    """One record. columns: our fields, as its source wrote them. kinds: what each means."""

    source: str
    record_id: str
    columns: Mapping[str, str | None]
    kinds: Mapping[str, str]


def written_records(directory: str | Path, numbers: Sequence[int]) -> list[WrittenRecord | None]:
    """Return records by their numbers; None for one whose data are in no file any more (erased, or compacted).

    Raises SourceError where there is no index, or it cannot be read.
    """
    directory = Path(directory)
    found: list[WrittenRecord | None] = [None] * len(numbers)
    with Ledger.open(ledger_path(directory), read_only=True) as ledger, ledger.reading():
        version = ledger.version()
        if version is None or version.frame is None or not numbers:
            return found
        frame = load_frame(directory, version.frame)
        kinds = {n: field.kind.value for n, field in frame.fields.items() if field.kind is not None}
        for name in ledger.segments():
            segment = Segment(directory / SEGMENTS / name)
            rows = segment.rows_of(np.asarray(numbers, np.int64))
            at = np.flatnonzero(rows >= 0)
            for place, row, columns in zip(
                at.tolist(), rows[at].tolist(), segment.written(rows[at]), strict=True
            ):
                source = int(segment.source[row])
                identifier = segment.ids[row].as_py()
                found[place] = WrittenRecord(frame.source_names[source], identifier, columns, kinds)
    return found
