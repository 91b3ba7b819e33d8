"""What the ledger of a person index costs: a first load, a change among many records, one giant component.

    .venv/bin/python bench/index_ledger.py --records 1000000 --pairs 1500000 --touched 10000

The records and pairs are drawn from a seed: people of one to four records, each joined by strong links, and weak
pairs between strangers. Ends with one JSON line; times are [wall, processor] in seconds.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import resource
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from joinedup.linkage.index.ledger import Ledger
from joinedup.linkage.spec import Clusters

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Rules:
    """The rules of clustering as a frame gives them."""

    threshold: float = 5.0
    clusters: Clusters = field(default_factory=Clusters)
    one_to_one: frozenset[int] = frozenset()


def drawn(records: int, pairs: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Left, right, weight of pairs, and the person of each record (its first record)."""
    rng = np.random.default_rng(seed)
    starts = np.cumsum(rng.integers(1, 5, records))
    starts = np.concatenate(([0], starts[starts < records]))
    person = np.repeat(starts, np.diff(starts, append=records))
    within = np.flatnonzero(person != np.arange(records))
    left, right = within - 1, within  # a chain through each person
    weak = max(0, pairs - len(left))
    one, other = rng.integers(0, records, (2, int(1.05 * weak) + 10))
    low, high = np.minimum(one, other), np.maximum(one, other)
    strangers = np.unique((low << 32 | high)[person[low] != person[high]])
    strangers = np.sort(rng.permutation(strangers)[:weak])
    weight = np.concatenate((rng.uniform(8, 25, len(left)), rng.uniform(-5, 4.9, len(strangers))))
    return (
        np.concatenate((left, strangers >> 32)),
        np.concatenate((right, strangers & 0xFFFFFFFF)),
        weight,
        person,
    )


def seconds(work) -> list[float]:
    """Seconds of wall and of processor that a piece of work takes."""
    begun = clock()
    work()
    return since(begun)


def clock() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def since(begun: tuple[float, float]) -> list[float]:
    return [round(now - then, 2) for now, then in zip(clock(), begun, strict=True)]


def load(ledger: Ledger, records: int, pairs: tuple, laps: dict) -> None:
    left, right, weight, person = pairs
    ids = pa.array([f"A{number:08d}" for number in range(records)])
    source, digests = np.zeros(records, np.int16), np.arange(records, dtype=np.uint64)
    names = pa.array(
        [f"P{number:07d}" for number in (np.unique(person, return_inverse=True)[1] + 1).tolist()]
    )
    begun = clock()
    with ledger.change("build", at=START, by="bench", reason="first build") as change:
        change.add_source("people")
        laps["records"] = seconds(lambda: change.add_records(source, ids, digests))
        laps["pairs"] = seconds(lambda: change.add_pairs(left, right, weight, np.zeros(len(left), np.int32)))
        laps["people"] = seconds(lambda: change.load_clusters(np.arange(records), names))
    laps["all"] = since(begun)


def one_change(ledger: Ledger, records: int, touched: int, seed: int) -> dict:
    """Add records that each link to one or two of those that are there."""
    rng = np.random.default_rng(seed)
    laps: dict = {}
    ids = pa.array([f"B{seed}-{number:08d}" for number in range(touched)])
    begun = clock()
    with ledger.change("add", at=START, by="bench", reason="") as change:
        new = change.add_records(np.zeros(touched, np.int16), ids, np.zeros(touched, np.uint64))
        ends = rng.choice(records, 2 * touched, replace=False)
        left = np.concatenate((ends[:touched], ends[touched:]))
        right = np.concatenate((new, new))
        weight = np.concatenate((rng.uniform(6, 20, touched), rng.uniform(-5, 7, touched)))
        change.add_pairs(left, right, weight, np.zeros(2 * touched, np.int32))
        laps["before"] = since(begun)
        settled = None

        def settle() -> None:
            nonlocal settled
            settled = change.settle(Rules())

        laps["settle"] = seconds(settle)
    laps["all"] = since(begun)
    return laps | {"settled": vars(settled) if settled else None}


def giant(folder: Path, size: int, shape: str) -> dict:
    """One component of that many records: a chain of links; unless that is all, 20 pairs a record all over it.

    "one": any link joins, so that all are one person; else the mean weight of two groups counts.
    """
    rng = np.random.default_rng(3)
    ledger = Ledger.create(folder / f"giant-{shape}.sqlite")
    left, right = np.arange(size - 1), np.arange(1, size)
    weight = rng.uniform(6, 20, size - 1)
    if shape in ("dense", "one"):
        one, other = rng.integers(0, size, (2, 20 * size))
        key = np.unique(np.minimum(one, other) << 32 | np.maximum(one, other))
        key = key[(key >> 32) + 1 < (key & 0xFFFFFFFF)]
        left, right = np.concatenate((left, key >> 32)), np.concatenate((right, key & 0xFFFFFFFF))
        weight = np.concatenate((weight, rng.uniform(-5, 20, len(key))))
    rules = Rules(clusters=Clusters(least_mean_weight=None if shape == "one" else 0.0))
    ids = pa.array([f"A{number}" for number in range(size)])
    with ledger.change("build", at=START, by="bench", reason="") as change:
        change.add_source("people")
        change.add_records(np.zeros(size, np.int16), ids, np.zeros(size, np.uint64))
        change.add_pairs(left, right, weight)
        first = seconds(lambda: change.settle(rules))
    with ledger.change("add", at=START, by="bench", reason="") as change:
        new = change.add_records(np.zeros(1, np.int16), pa.array(["new"]), np.zeros(1, np.uint64))
        change.add_pairs(np.array([size // 2]), new, np.array([9.0]))
        again = seconds(lambda: change.settle(rules))
    people = ledger.counts()["people"]
    ledger.close()
    return {"records": size, "pairs": len(left), "first": first, "one record more": again, "people": people}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=1_500_000)
    parser.add_argument("--touched", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--giant", type=int, default=10_000)
    wanted = parser.parse_args()
    told: dict = {
        "records": wanted.records,
        "pairs": wanted.pairs,
        "load": {},
        "load_average": os.getloadavg(),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pairs = drawn(wanted.records, wanted.pairs, seed=1)
        giant(folder, 1_000, "warm")  # so that compiling the kernels is in no figure
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ledger = Ledger.create(folder / "index.sqlite")
        load(ledger, wanted.records, pairs, told["load"])
        told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        told["peak_mb_before_load"] = before // 1024
        told["file_mb"] = (folder / "index.sqlite").stat().st_size // 1_000_000
        told["changes"] = [
            one_change(ledger, wanted.records, wanted.touched, seed) for seed in range(wanted.repeats)
        ]
        with ledger.change("refresh", at=START, by="bench", reason="") as change:
            left, right, weight, _ = pairs
            change.clear_pairs()
            told["refresh"] = {"add_pairs": seconds(lambda: change.add_pairs(left, right, weight))}
            told["refresh"]["settle"] = seconds(lambda: change.settle(Rules()))
        ledger.close()
        told["giant chain"] = giant(folder, wanted.giant, "chain")
        told["giant person"] = giant(folder, wanted.giant, "one")
        told["giant dense"] = giant(folder, wanted.giant, "dense")
    told["peak_mb_in_all"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(told))


if __name__ == "__main__":
    main()
