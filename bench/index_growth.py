"""What it costs to add an extract to a person index, by the size of the extract and of the index.

    python bench/index_growth.py [--records 100000 1000000] [--extracts 1000 10000]

An index is made of the county's records and the Splink recipe's model; extracts of records that it has not seen
are added one after another. The claim: the pairs compared and the records read grow with the extract and with the
pairs that it has at all (a surname's bearers grow with the county), not with the index, and 10,000 records come into
1,000,000 in less than 5 seconds. Afterwards the people are held against a clustering of all pairs from scratch
(``check --deep``), and with ``--rebuild`` against the batch engine scoring everything by the same frame. The last
line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from county_data import county
from joinedup.linkage.index import Ledger, add, build, check, load_frame
from joinedup.linkage.index.freeze import in_batch_order, score_everything
from joinedup.linkage.index.segment import Segment
from processes import load
from recipe_spec import recipe_spec

MOST_ADD_SECONDS, MOST_BUILD_SECONDS = 5.0, 180.0
BY = "bench"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--extracts", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--repeat", type=int, default=2, help="extracts of each size; the quickest is told")
    parser.add_argument("--rebuild", action="store_true", help="also score everything by the same frame")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the county's tables are; else the cache")
    options = parser.parse_args()
    print(f"{'index':>10}{'extract':>9}{'seconds':>9}{'CPU s':>8}{'compared':>12}{'kept':>10}{'read':>10}")
    rows = [row for records in options.records for row in _one_size(records, options)]
    adds = [row for row in rows if row.get("extract") == 10_000 and row["records"] == 1_000_000]
    told = {
        "claim": "adding costs in proportion to the extract",
        "value": min((row["seconds"] for row in adds), default=None),
        "target": MOST_ADD_SECONDS,
        "met": all(row["seconds"] < MOST_ADD_SECONDS for row in adds)
        and all(row["build_seconds"] < MOST_BUILD_SECONDS and row["whole"] for row in rows if "whole" in row),
        "sizes": rows,
        "load": load(),
        "seed": options.seed,
        "versions": {"python": platform.python_version()}
        | {n: version(n) for n in ("joinedup", "numpy", "pyarrow", "numba")},
    }
    print(json.dumps(told))


def _one_size(records: int, options: argparse.Namespace) -> list[dict[str, Any]]:
    extra = options.repeat * sum(options.extracts)
    data = county(records=records + extra, seed=options.seed, folder=options.folder)
    table = pq.read_table(data.inputs[0])
    order = pa.array(np.random.default_rng(options.seed).permutation(table.num_rows))
    table = table.take(order)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name:
        folder = Path(name)
        index = folder / "index"
        pq.write_table(table.slice(0, records), folder / "records.parquet")
        begun = time.perf_counter()
        spec = recipe_spec([folder / "records.parquet"], em_pairs=1_000_000)
        phases = _Phases()
        build(index, spec, at=_now(), by=BY, checkpoint=phases)
        seconds = time.perf_counter() - begun
        at = records
        for size in options.extracts:
            best: dict[str, Any] | None = None
            for turn in range(options.repeat):
                extract = folder / f"extract_{size}_{turn}.parquet"
                pq.write_table(table.slice(at, size), extract)
                at += size
                row = _added(index, extract, records=records, size=size)
                best = row if best is None or row["seconds"] < best["seconds"] else best
            assert best is not None
            rows.append(best)
            print(
                f"{records:>10,}{size:>9,}{best['seconds']:>9.2f}{best['cpu']:>8.2f}{best['compared']:>12,}"
                f"{best['kept']:>10,}{best['read']:>10,}"
            )
        checked = check(index, deep=True)
        summary = {
            "records": records,
            "build_seconds": round(seconds, 1),
            "build_phases": phases.seconds,
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "index_mb": round(sum(f.stat().st_size for f in index.rglob("*") if f.is_file()) / 1e6),
            "whole": checked.is_whole,
            "people": checked.people,
        }
        if options.rebuild:
            summary["same_pairs_as_rebuild"] = _same_as_rebuild(index)
        print(f"{'':>10}built in {seconds:.1f} s, {summary['index_mb']:,} MB; whole: {checked.is_whole}")
        rows.append(summary)
    return rows


def _added(index: Path, extract: Path, *, records: int, size: int) -> dict[str, Any]:
    phases = _Phases()
    cpu, begun = time.process_time(), time.perf_counter()
    changed = add(index, extract, "records", at=_now(), by=BY, checkpoint=phases)
    return {
        "records": records,
        "extract": size,
        "seconds": round(time.perf_counter() - begun, 3),
        "cpu": round(time.process_time() - cpu, 3),
        "compared": changed.compared,
        "kept": changed.kept,
        "read": changed.read,
        "affected": changed.people.affected,
        "merged": changed.people.merged,
        "phases": phases.seconds,
    }


def _same_as_rebuild(index: Path) -> bool:
    """Whether the batch engine, given all records and the frame, keeps the very pairs and weights of the index."""
    with Ledger.open(index / "index.sqlite", read_only=True) as ledger:
        last = ledger.version()
        assert last is not None
        assert last.frame is not None
        frame = load_frame(index, last.frame)
        live, pairs = ledger.records(), ledger.pairs()
        segments = [Segment(index / "segments" / name) for name in ledger.segments()]
    number = np.concatenate([s.number for s in segments])
    fields = pa.concat_tables([s.fields() for s in segments]).take(pa.array(np.argsort(number)))
    assert len(number) == len(live)
    everything, order = in_batch_order(
        frame,
        source=live.source.astype(np.int16),
        ids=live.ids,
        fields=fields,
        written=fields,
        digests=live.digest,
    )
    scored = score_everything(frame, everything.records(frame.source_names), memory_gb=4)
    numbers = live.number[order]
    left, right = numbers[scored.left], numbers[scored.right]
    low, high = np.minimum(left, right), np.maximum(left, right)
    by = np.lexsort((high, low))
    return (
        np.array_equal(low[by], pairs.left)
        and np.array_equal(high[by], pairs.right)
        and np.array_equal(scored.weight[by], pairs.weight)
    )


class _Phases:
    """Seconds from one checkpoint to the next."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def __call__(self, phase: str) -> None:
        now = time.perf_counter()
        self.seconds[phase] = round(now - self._last, 3)
        self._last = now


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
