"""One person against an index of the generated county, in one process: how long, and whether the answers are right.

    python bench/index_match.py --records 1000000 [--queries 3000] [--model zero|recipe]

The index is built (or taken from the cache folder, if the code that writes it is the same). Queries are copies of
records, records with mistakes, and people of another county, in a fixed mixture; each is timed whole: standardising
what is typed, searching, whose record it is, and reasons. Checked in the same run: for a sample of the queries, the
batch engine gives the same records and weights. Splink 5's `predict_between` is timed on the same table and some of
the same people, with its documented recipe and ten blocking rules (--no-splink leaves that out); so is our index of
that recipe (--model recipe). The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

import joinedup.linkage.index
from county_data import CACHE, county
from index_queries import KINDS, Query, by_the_batch_engine, index_frame, percentiles, queries
from index_splink import splink_seconds
from joinedup.errors import UsageError
from joinedup.linkage.index.build import build
from joinedup.linkage.index.match import PersonIndex, open_index
from joinedup.linkage.spec import JobKind, Source, Spec
from processes import load
from recipe_spec import recipe_spec

P50_MS, P99_MS, TIMES = 0.3, 1.0, 1_000
_SHAPES_FILES = ("columns", "mapped", "segment", "plan", "schema", "frame", "shares")


def main() -> None:
    options = parse()
    data = county(records=options.records, seed=options.seed)
    directory = built(options, data.inputs[0])
    load_before = load()
    started = time.perf_counter()
    with open_index(directory) as index, tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name:
        opened = time.perf_counter() - started
        frame, _ = index_frame(directory)
        asked = queries(frame, data.inputs[0], count=options.queries + options.warm, seed=options.seed)
        for query in asked[: options.warm]:
            ask(index, query)
        asked = asked[options.warm :]
        timed = [ask(index, query) for query in asked]
        checked = same_answers(index, directory, asked[: options.check], Path(name))
        splink = None if options.no_splink else with_splink(options, data.inputs[0], asked, Path(name))
    told = report(options, asked, timed, splink)
    told |= {
        "open_seconds": round(opened, 3),
        "same_as_batch": checked,
        "memory_mib": None if options.no_workers else workers(directory, data.inputs[0]),
        "load": [load_before, load()],
        "cores": os.cpu_count(),
        "data": {"records": options.records, "model": options.model},
        "seed": options.seed,
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("splink", "duckdb", "pyarrow", "numpy", "numba", "joinedup")},
        },
    }
    told["met"] = bool(told["met"] and checked["differ"] == 0)
    print(json.dumps(told))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=3_000)
    parser.add_argument("--warm", type=int, default=1_000, help="other queries that are asked before")
    parser.add_argument("--check", type=int, default=500, help="queries held against the batch engine")
    parser.add_argument("--model", choices=("zero", "recipe"), default="zero", help="zero: as shipped")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-splink", action="store_true")
    parser.add_argument("--no-workers", action="store_true")
    return parser.parse_args()


def built(options: argparse.Namespace, table: Path) -> Path:
    """The index of a table, made if it is not in the cache."""
    digest = hashlib.sha256(table.parent.name.encode())
    for name in _SHAPES_FILES:
        digest.update((Path(joinedup.linkage.index.__path__[0]) / f"{name}.py").read_bytes())
    directory = CACHE / f"index-{options.model}-{options.records}-{digest.hexdigest()[:10]}"
    if not (directory / "index.sqlite").exists():
        shutil.rmtree(directory, ignore_errors=True)
        if options.model == "recipe":
            spec = recipe_spec([table], em_pairs=1_000_000)
        else:
            spec = Spec(JobKind.DEDUPE, (Source(path=str(table), name="records", id="record_id"),))
        started = time.perf_counter()
        made = build(directory, spec, at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), by="bench")
        print(f"built {made.records:,} records in {time.perf_counter() - started:.0f} s")
    return directory


def ask(index: PersonIndex, query: Query) -> tuple[float, float, int, int]:
    """Seconds, CPU seconds of this thread, candidates, matches; of details too few to ask by, no candidates."""
    cpu, started = time.thread_time(), time.perf_counter()
    try:
        answer = index.ask(query.details)
        found = answer.candidates, len(answer.matches)
    except UsageError:
        found = 0, 0
    return time.perf_counter() - started, time.thread_time() - cpu, *found


def same_answers(index: PersonIndex, directory: Path, asked: list[Query], folder: Path) -> dict[str, Any]:
    """Of so many queries, how many get other records or weights from the batch engine (beyond 1e-9 bits)."""
    differ = matches = 0
    for query, wanted in zip(asked, by_the_batch_engine(directory, asked, folder), strict=True):
        try:
            found = {m.record_id: m.weight for m in index.match(query.details, top=1000)}
        except UsageError:
            found = {}
        matches += len(found)
        same = found.keys() == wanted.keys() and all(abs(found[k] - wanted[k]) < 1e-9 for k in wanted)
        differ += not same
    return {"queries": len(asked), "matches": matches, "differ": differ}


def with_splink(
    options: argparse.Namespace, table: Path, asked: list[Query], folder: Path
) -> dict[str, float]:
    """Splink's milliseconds a call on the first of the same people; the first two calls are not counted."""
    training = county(records=min(options.records, 100_000), seed=options.seed).inputs
    rows = [query.row for query in asked[:14]]
    seconds, pairs = splink_seconds(table, training, rows, folder / "splink")
    milliseconds = [1000 * one for one in seconds]
    return {
        "p50": round(statistics.median(milliseconds), 1),
        "max": round(max(milliseconds), 1),
        "calls": len(seconds),
        "mean_pairs": round(pairs, 1),
    }


def report(
    options: argparse.Namespace,
    asked: list[Query],
    timed: list[tuple[float, float, int, int]],
    splink: dict[str, float] | None,
) -> dict[str, Any]:
    """Print the figures by kind of query, and return them."""
    print(
        f"{'':12}{'share':>7}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'CPU p99':>9}{'candidates':>12}{'matches':>9}"
    )
    by_kind: dict[str, Any] = {}
    for kind in ("all", *KINDS):
        mine = [t for query, t in zip(asked, timed, strict=True) if kind in ("all", query.kind)]
        wall, cpu = percentiles([t[0] for t in mine]), percentiles([t[1] for t in mine])
        row = {
            "share": round(len(mine) / len(timed), 3),
            **wall,
            "cpu_p50": cpu["p50"],
            "cpu_p99": cpu["p99"],
            "mean_candidates": round(statistics.mean(t[2] for t in mine), 1),
            "most_candidates": max(t[2] for t in mine),
            "mean_matches": round(statistics.mean(t[3] for t in mine), 2),
        }
        by_kind[kind] = row
        figures = f"{row['p50']:>9.3f}{row['p95']:>9.3f}{row['p99']:>9.3f}{row['cpu_p99']:>9.3f}"
        print(
            f"{kind:12}{row['share']:>7.0%}{figures}{row['mean_candidates']:>12,.1f}{row['mean_matches']:>9.2f}"
        )
    slow = sorted(zip(timed, asked, strict=True), key=lambda pair: -pair[0][1])[: max(1, len(timed) // 100)]
    print(
        f"the slowest 1% (by CPU) compared {statistics.mean(t[2] for t, _ in slow):,.0f} candidates on average"
    )
    each, base = np.polyfit([t[2] for t in timed], [1000 * t[1] for t in timed], 1)
    print(f"CPU by least squares: {base:.3f} ms, and {1000 * each:.2f} us a candidate")
    p50, p99 = by_kind["all"]["p50"], by_kind["all"]["p99"]
    times = round(splink["p50"] / p50) if splink else None
    if splink:
        print(
            f"Splink {version('splink')} predict_between: p50 {splink['p50']:.0f} ms of {splink['calls']}; {times:,} x"
        )
    return {
        "claim": "one person against an index, in well under a millisecond",
        "ratio": times,
        "target": {"p50_ms": P50_MS, "p99_ms": P99_MS, "times_splink": TIMES},
        "met": p50 < P50_MS and p99 < P99_MS and (times is None or times >= TIMES),
        "milliseconds": by_kind,
        "splink": splink,
        "cpu_ms": {"base": round(float(base), 3), "us_a_candidate": round(1000 * float(each), 2)},
        "queries": len(timed),
    }


def workers(directory: Path, table: Path) -> dict[str, Any]:
    """What several workers take, each a process of its own; see ``index_workers.py``."""
    command = [sys.executable, str(Path(__file__).with_name("index_workers.py")), str(directory), str(table)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    for way, by_count in found.items():
        told = ", ".join(f"{n}: {f['pss']:,.0f} of RSS {f['rss']:,.0f}" for n, f in by_count.items())
        print(f"MiB of proportional memory by workers, {way}: {told}")
    return found


if __name__ == "__main__":
    main()
