"""One linkage on two engines: the same pairs with the same weights, record by record, on the generated county.

    python bench/spark_same_answers.py [--records 100000] [--link] [--cores 2]

A model is trained on one machine; then each engine links the county by it and keeps every candidate pair. The claim:
both list the same pairs, and no weight differs in any bit. Wall seconds are told beside it, and are no claim: Spark on
two cores does more work than one process does. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from county_data import county
from joinedup.linkage import SparkOptions, link, link_on_spark, load_model
from processes import load
from recipe_spec import recipe_spec

SIDES = ("left_source", "left_id", "right_source", "right_id")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--link", action="store_true", help="two tables of so many records each")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    data = county(records=options.records, link=options.link, seed=options.seed)
    spec = recipe_spec(data.inputs, em_pairs=None, seed=options.seed)
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name:
        folder = Path(name)
        trained = link(spec, folder / "trained")
        model = load_model(trained.directory / "model.json")
        spec = replace(spec, model=model, keep_probability=0.0)
        link(spec, folder / "warm")
        started, before = time.perf_counter(), time.process_time()
        here = link(spec, folder / "here")
        local_wall = time.perf_counter() - started
        local_cpu = time.process_time() - before
        started, before = time.perf_counter(), time.process_time()
        spark = link_on_spark(spec, folder / "spark", options=SparkOptions(master=f"local[{options.cores}]"))
        spark_wall = time.perf_counter() - started
        spark_cpu = time.process_time() - before + descendants_cpu()
        ours, theirs = (ordered(result.directory / "pairs.parquet") for result in (here, spark))
        people = [peopled(result.directory / "people.parquet") for result in (here, spark)]
    same_pairs = ours.select(SIDES).equals(theirs.select(SIDES))
    weights = [table["match_weight"].to_numpy() for table in (ours, theirs)]
    apart = float(np.abs(weights[0] - weights[1]).max()) if same_pairs else None
    levels = [name for name in ours.column_names if name.startswith("level_")]
    same_levels = same_pairs and ours.select(levels).equals(theirs.select(levels))
    stages = {stage.name: stage.seconds for stage in spark.run.stages}
    print(f"pairs: {ours.num_rows:,} here, {theirs.num_rows:,} on Spark; the same: {same_pairs}")
    print(f"largest difference of a weight: {apart} bits; levels the same: {same_levels}")
    print(f"people the same: {people[0].equals(people[1])}")
    print(
        f"CPU: {local_cpu:.1f} s here, {spark_cpu:.0f} s on Spark with its start, Java and workers together"
    )
    print(f"wall: {local_wall:.1f} s here, {spark_wall:.1f} s on Spark, stage by stage {stages}")
    told = {
        "claim": "Spark gives the pairs and weights of one machine",
        "value": apart,
        "target": 0.0,
        "met": same_pairs and same_levels and apart == 0.0 and people[0].equals(people[1]),
        "records": here.run.counts["records"],
        "pairs": ours.num_rows,
        "new_by_rule": [rule.new for rule in spark.run.rules],
        "same_counts_by_rule": spark.run.rules == here.run.rules,
        "wall_local": round(local_wall, 2),
        "wall_spark": round(spark_wall, 2),
        "cpu_local": round(local_cpu, 2),
        "cpu_spark": round(spark_cpu, 1),
        "spark_stages": stages,
        "cores": options.cores,
        "load": load(),
        "seed": options.seed,
        "versions": {"python": platform.python_version()}
        | {n: version(n) for n in ("joinedup", "pyspark", "numpy", "pyarrow")},
    }
    print(json.dumps(told))


def descendants_cpu() -> float:
    """Processor seconds so far of Java and of the workers, which are this process's own and its descendants."""
    parents, used = {}, {}
    tick = os.sysconf("SC_CLK_TCK")
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        parents[int(folder.name)] = int(fields[1])
        used[int(folder.name)] = (
            sum(map(int, fields[11:15])) / tick
        )  # its own, and of those it has waited for
    ours = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return sum(used[pid] for pid in ours - {os.getpid()})


def ordered(path: Path) -> pa.Table:
    """The pairs in the order of their ids, sources as plain texts."""
    table = pq.read_table(path)
    for place, column in enumerate(table.schema.names):
        if column.endswith("_source"):
            table = table.set_column(place, column, table.column(place).cast(pa.string()))
    return table.sort_by([(side, "ascending") for side in SIDES]).combine_chunks()


def peopled(path: Path) -> pa.Table:
    """Who is whom, in the order of sources and ids."""
    table = pq.read_table(path)
    table = table.set_column(0, "source", table["source"].cast(pa.string()))
    return table.sort_by([("source", "ascending"), ("record_id", "ascending")]).combine_chunks()


if __name__ == "__main__":
    main()
