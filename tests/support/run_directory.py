"""Writes the files of a linkage run from a few rows, so that what reads them can be tested by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

Person = tuple[str, str, int]  # source, record_id, person_id
Pair = tuple[str, str, str, str, float]  # left source and id, right source and id, weight


def write_run(
    directory: Path,
    people: Sequence[Person],
    pairs: Sequence[Pair],
    *,
    threshold: float,
    kind: str = "dedupe",
    row_group_size: int = 1000,
) -> Path:
    """Write pairs.parquet, people.parquet and run.json; the directory comes back."""
    directory.mkdir(parents=True, exist_ok=True)
    texts = pa.string()
    rows = list(zip(*people, strict=True)) or [(), (), ()]
    table = {"source": pa.array(rows[0], texts), "record_id": pa.array(rows[1], texts)}
    pq.write_table(
        pa.table(table | {"person_id": pa.array(rows[2], pa.int64())}), directory / "people.parquet"
    )
    columns = list(zip(*pairs, strict=True)) or [(), (), (), (), ()]
    names = ("left_source", "left_id", "right_source", "right_id")
    written = {name: pa.array(column, texts) for name, column in zip(names, columns, strict=False)}
    written["match_weight"] = pa.array(columns[4], pa.float64())
    written["match_probability"] = pa.array([2**w / (1 + 2**w) for w in columns[4]], pa.float64())
    pq.write_table(pa.table(written), directory / "pairs.parquet", row_group_size=row_group_size)
    (directory / "run.json").write_text(json.dumps({"kind": kind, "threshold_weight": threshold}))
    return directory
