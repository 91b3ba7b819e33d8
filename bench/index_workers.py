"""How much memory several workers take that ask one index: `python bench/index_workers.py INDEX TABLE --workers 4`.

Each worker opens the index for itself and asks; then its RSS and PSS (which divides a page among those that map
it) are read from the kernel while all still stand. ``spawned``: each an interpreter of its own. ``forked``: from one
parent that had loaded the code before (``preload``), as a preloading web server's workers are; the parent, which opens
nothing itself, is counted in. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from index_queries import index_frame, queries
from joinedup.errors import UsageError
from joinedup.linkage.index.match import open_index, preload


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("table", type=Path)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--queries", type=int, default=2_000)
    options = parser.parse_args()
    with multiprocessing.get_context("spawn").Pool(
        1
    ) as aside:  # reading the table would stay with the parent
        details = aside.apply(read_details, (options.index, options.table, options.queries))
    told: dict[str, Any] = {}
    preload(options.index)
    gc.collect()
    gc.freeze()  # so that looking for garbage does not copy what the workers share
    for way, method in (("spawned", "spawn"), ("forked", "fork")):
        told[way] = {count: measured(method, options.index, details, count) for count in options.workers}
    print(json.dumps(told))


def read_details(index: Path, table: Path, count: int) -> list[dict[str, Any]]:
    """What the workers ask."""
    frame, _ = index_frame(index)
    return [dict(query.details) for query in queries(frame, table, count=count, seed=5)]


def measured(method: str, index: Path, details: list[dict[str, Any]], count: int) -> dict[str, float]:
    """MiB of all workers together: RSS, PSS, and what none shares."""
    context: Any = multiprocessing.get_context(method)
    barrier = context.Barrier(count + 1)
    pipes = [context.Pipe() for _ in range(count)]
    work: Callable[..., None] = worker
    processes = [context.Process(target=work, args=(index, details, barrier, child)) for _, child in pipes]
    for process in processes:
        process.start()
    barrier.wait()
    figures = [memory()] if method == "fork" else []
    barrier.wait()
    figures += [parent.recv() for parent, _ in pipes]
    for process in processes:
        process.join()
    return {name: round(sum(figure[name] for figure in figures) / 1024, 1) for name in figures[0]}


def worker(index: Path, details: list[dict[str, Any]], barrier: Barrier, told: Connection) -> None:
    with open_index(index) as opened:
        for one in details:
            try:
                opened.match(one)
            except UsageError:
                continue
        barrier.wait()  # all have asked, and all stand
        figures = memory()
        barrier.wait()
        told.send(figures)


def memory() -> dict[str, int]:
    """This process's KiB: resident, proportional, and what it alone has."""
    figures = {"rss": 0, "pss": 0, "private": 0}
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        kind = {"Rss": "rss", "Pss": "pss", "Private_Clean": "private", "Private_Dirty": "private"}.get(name)
        if kind:
            figures[kind] += int(rest.split()[0])
    return figures


if __name__ == "__main__":
    main()
