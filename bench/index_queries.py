"""People to ask an index for: copies of its records, records with mistakes and gaps, and people who are not there."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from county_data import county
from joinedup.linkage.block import blocking
from joinedup.linkage.encode import encode
from joinedup.linkage.index.extract import read_extract
from joinedup.linkage.index.frame import Frame, load_frame
from joinedup.linkage.index.ledger import Ledger
from joinedup.linkage.index.segment import Segment
from joinedup.linkage.index.store import SEGMENTS, ledger_path
from joinedup.linkage.score import score

KINDS = ("copy", "corrupted", "absent")
SHARES = (0.4, 0.4, 0.2)
_NAMES = ("first_name", "surname")
Row = dict[str, str | None]


@dataclass(frozen=True)
class Query:
    """kind: one of KINDS. row: as the county's table has it. details: our fields of it, as typed."""

    kind: str
    row: Row
    details: Mapping[str, str | None]


def queries(frame: Frame, table: Path, *, count: int, seed: int) -> list[Query]:
    """So many, in a mixed order: two in five copies, two in five corrupted, one in five of another county."""
    random_source = random.Random(f"index-queries-{seed}")
    inside = pq.read_table(table)
    outside = pq.read_table(county(records=10_000, seed=seed + 1000).inputs[0])
    kinds = random_source.choices(KINDS, SHARES, k=count)
    own = inside.take(pa.array([random_source.randrange(inside.num_rows) for _ in kinds])).to_pylist()
    other = outside.take(pa.array([random_source.randrange(outside.num_rows) for _ in kinds])).to_pylist()
    found = []
    for number, (kind, mine, theirs) in enumerate(zip(kinds, own, other, strict=True)):
        row = {
            name: None if v is None else str(v) for name, v in (theirs if kind == "absent" else mine).items()
        }
        if kind == "corrupted":
            row = corrupted(row, random_source)
        row["record_id"] = f"q{number}"
        found.append(Query(kind, row, details_of(frame, row)))
    return found


def details_of(frame: Frame, row: Row) -> Row:
    """The row by our names of fields."""
    return {
        name: " ".join(text for column in columns if (text := row.get(column))) or None
        for name, columns in frame.sources[0].fields.items()
    }


def corrupted(row: Row, random_source: random.Random) -> Row:
    """One to three mistakes: a slip in a value, a value left out, names exchanged, another's postcode or town."""
    row = dict(row)
    for _ in range(random_source.choice((1, 1, 2, 3))):
        deed = random_source.random()
        name = random_source.choice([name for name in row if name != "record_id"])
        text = row[name]
        if deed < 0.15:
            row[_NAMES[0]], row[_NAMES[1]] = row[_NAMES[1]], row[_NAMES[0]]
        elif deed < 0.4:
            row[name] = None
        elif text:
            at = random_source.randrange(len(text))
            letter = random_source.choice("0123456789" if text[at].isdigit() else "aeiorstn")
            rest = text[at + 1 :]
            slips = (text[:at] + rest, text[:at] + letter + rest, text[:at] + letter + text[at:])
            row[name] = random_source.choice(slips) or None
    return row


def index_frame(directory: Path) -> tuple[Frame, list[Segment]]:
    """The frame and the segments of an index's last version."""
    with Ledger.open(ledger_path(directory), read_only=True) as ledger:
        version = ledger.version()
        assert version is not None
        assert version.frame is not None
        names = ledger.segments()
    return load_frame(directory, version.frame), [Segment(directory / SEGMENTS / name) for name in names]


def by_the_batch_engine(directory: Path, asked: Sequence[Query], folder: Path) -> list[dict[str, float]]:
    """For each query, the records that it is linked to and their weights, by the batch engine and its own reading.

    The queries are put through a file, as an extract of the index's first source is, and all records are encoded,
    blocked and scored with them. (No record of the index has been removed.)
    """
    frame, segments = index_frame(directory)
    path = folder / "asked.parquet"
    columns = pq.read_schema(path).names if path.exists() else list(asked[0].row)
    pq.write_table(
        pa.table({name: pa.array([q.row.get(name) for q in asked], pa.string()) for name in columns}), path
    )
    extract = read_extract(frame, path, frame.source_names[0])
    held = pa.concat_tables([segment.fields() for segment in segments])
    ids = pa.concat_arrays([segment.ids for segment in segments])
    tables = {
        "index": held.append_column("_id", ids),
        "asked": extract.fields.append_column("_id", extract.ids),
    }
    records = encode(tables, id_columns=dict.fromkeys(tables, "_id"), columns=list(frame.columns))
    found = blocking(records, frame.model.blocking_rules, across_only=True)
    scored = score(frame.model, records, found, keep_weight=frame.keep_weight)
    texts = records.ids
    out: dict[str, dict[str, float]] = {query.row["record_id"] or "": {} for query in asked}
    # Sources stand in their order, so the left record is the index's.
    left, right = (texts.take(pa.array(side)).to_pylist() for side in (scored.left, scored.right))
    for record, query, weight in zip(left, right, scored.weight.tolist(), strict=True):
        out[query][record] = weight
    return [out[query.row["record_id"] or ""] for query in asked]


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99, in milliseconds."""
    found = np.percentile(np.array(seconds) * 1000, [50, 95, 99])
    return dict(zip(("p50", "p95", "p99"), (round(float(value), 3) for value in found), strict=True))
