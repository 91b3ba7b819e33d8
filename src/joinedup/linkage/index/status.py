"""How an index stands: its size and age, and what would be worth doing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from joinedup.linkage.index.compact import merge_groups
from joinedup.linkage.index.ledger import Ledger
from joinedup.linkage.index.segment import Segment
from joinedup.linkage.index.store import SEGMENTS, ledger_path, no_index, require_index
from joinedup.linkage.index.trouble import trouble_told

_MUCH_REMOVED = 0.1
_MUCH_ADDED = 0.2


@dataclass(frozen=True)
class Status:
    """sources: live records of each. removed_in_files: removed records whose data compacting would drop. bytes: on
    disk. trained_in, trained_at: the version that made the frame. added_since: records that came after it.
    fields: that can be asked with. advice: in words."""

    version: int
    at: dt.datetime
    records: int
    people: int
    pairs: int
    decisions: int
    segments: int
    sources: Mapping[str, int]
    removed_in_files: int
    bytes: int
    frame: int
    trained_in: int
    trained_at: dt.datetime
    added_since: int
    advice: tuple[str, ...]


def status(directory: str | Path) -> Status:
    """Say how an index stands; raises SourceError where there is none."""
    directory = Path(directory)
    require_index(directory)
    with read_ledger(directory) as ledger, ledger.reading():
        versions = ledger.versions()
        last = versions[-1]
        trained = next(v for v in versions if v.frame == last.frame)
        counts = ledger.counts()
        live = ledger.records()
        tally = np.bincount(live.source, minlength=0)
        sources = {
            row.name: int(tally[row.number]) if row.number < len(tally) else 0 for row in ledger.sources()
        }
        names = ledger.segments()
        removed = len(ledger.removed_numbers())
        added = sum(v.counts.get("joined", 0) for v in versions if v.number > trained.number)
    advice = []
    if merge_groups([Segment(directory / SEGMENTS / name) for name in names]):
        advice.append("Several segments are of one size: 'joinedup index compact' makes matching quicker.")
    if removed > _MUCH_REMOVED * max(1, counts["records"]):
        advice.append(f"{removed:,} removed records still take room: 'joinedup index compact' drops them.")
    if added > _MUCH_ADDED * max(1, counts["records"]):
        advice.append(
            f"{added:,} records came since the model was trained: think of 'joinedup index refresh'."
        )
    return Status(
        version=last.number,
        at=last.at,
        records=counts["records"],
        people=counts["people"],
        pairs=counts["pairs"],
        decisions=counts["decisions"],
        segments=len(names),
        sources=sources,
        removed_in_files=removed,
        bytes=sum(file.stat().st_size for file in directory.rglob("*") if file.is_file()),
        frame=last.frame or 0,
        trained_in=trained.number,
        trained_at=trained.at,
        added_since=added,
        advice=tuple(advice),
    )


def read_ledger(directory: str | Path) -> Ledger:
    """The ledger of an index, opened for reading; raises SourceError where there is no index."""
    directory = Path(directory)
    require_index(directory)
    ledger = Ledger.open(ledger_path(directory), read_only=True)
    with trouble_told(directory):
        last = ledger.version()
    if last is None:
        ledger.close()
        raise no_index(directory)
    return ledger
