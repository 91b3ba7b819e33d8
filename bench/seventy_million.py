"""What a linkage of 70 million by 70 million records would take on Spark: an estimate from measured unit costs.

    python bench/seventy_million.py [--sizes 50000 100000 200000] [--check 400000] [--machines 16] [--cores 16] …

Measures on this machine, on two generated tables of each size: candidate pairs of each rule (fitted as a·n + b·n² and
checked against a size that was left out), processor time of standardising a record, of making its keys, and of
listing and weighing a pair in a worker's own code, and bytes of a record on its way to a cell. What a record costs
Spark itself (--spark-us) comes from two sizes of spark_same_answers.py, what a pair costs a whole job (--pair-ns) from
linkage_growth.py. The rest is arithmetic, printed line by line. The machine's kind and price are assumptions to be
changed. The last line is one JSON object; nothing here is a measurement of a cluster.
"""

from __future__ import annotations

import argparse
import io
import json
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from county_data import county
from joinedup.linkage import link, load_model
from joinedup.linkage.block import blocking
from joinedup.linkage.encode import encode
from joinedup.linkage.finish import keep_weight
from joinedup.linkage.index.frame import rare_keys
from joinedup.linkage.model import Model, rules_from_list
from joinedup.linkage.prepare import standardised
from joinedup.linkage.spark_pairs import NEW, PAIR, Cells, ScoreWork
from joinedup.linkage.spark_records import row_records, rule_hashes
from joinedup.linkage.spec import FieldSpec
from joinedup.people import FieldKind
from processes import load
from recipe_spec import recipe_spec

PEOPLE = 70_000_000  # records a side


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[50_000, 100_000, 200_000])
    parser.add_argument("--check", type=int, default=400_000, help="records a side left out of the fit")
    parser.add_argument("--records", type=int, default=PEOPLE, help="records a side of the job estimated")
    parser.add_argument("--machines", type=int, default=16)
    parser.add_argument("--machine", default="m7g.4xlarge", help="its name, for the reader")
    parser.add_argument("--cores", type=int, default=16, help="of one machine")
    parser.add_argument("--memory-gb", type=float, default=64, help="of one machine")
    parser.add_argument(
        "--price", type=float, default=0.75, help="of one machine and hour, dollars: an assumption"
    )
    parser.add_argument("--network-gbit", type=float, default=5.0, help="of one machine, held for long")
    parser.add_argument(
        "--spark-us",
        type=float,
        default=172.0,
        help="processor time of a record on Spark, all stages but its pairs",
    )
    parser.add_argument(
        "--pair-ns", type=float, default=428.0, help="processor time of a candidate pair in a whole job"
    )
    parser.add_argument(
        "--idle", type=float, default=0.5, help="share of the cores' time that is lost waiting"
    )
    options = parser.parse_args()
    spec, model = trained(options.sizes[0])
    costs = unit_costs(spec, model, options.sizes[0], options.sizes[-1])
    counted = {n: raw_pairs(model, n) for n in [*options.sizes, options.check]}
    rules = [str(rule) for rule in model.blocking_rules]
    fits = [fit(options.sizes, [counted[n][0][r] for n in options.sizes]) for r in range(len(rules))]
    off = check(fits, options.check, counted[options.check][0])
    told = estimate(options, costs, rules, fits, counted[options.check])
    print(
        f"Candidate pairs of two tables of {options.check:,} records, left out of the fit: {off:+.1%} of the truth"
    )
    for line in told.pop("lines"):
        print(line)
    print(
        json.dumps(
            {
                "estimate": f"{options.records:,} x {options.records:,} on {options.machines} {options.machine}",
                **told,
                "fit_off": round(off, 4),
                "unit_costs": costs,
                "load": load(),
                "versions": {"python": platform.python_version()}
                | {n: version(n) for n in ("joinedup", "numpy", "pyarrow")},
            }
        )
    )


def trained(records: int) -> tuple[Any, Model]:
    """The recipe's job over two tables, and its model."""
    data = county(records=records, link=True)
    spec = recipe_spec(data.inputs, em_pairs=1_000_000)
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as folder:
        model = load_model(link(spec, folder).directory / "model.json")
    return replace(spec, model=model), model


def records_of(model: Model, records: int) -> Any:
    data = county(records=records, link=True)
    columns = [*model.columns()]
    tables = {path.stem: pq.read_table(path, columns=["record_id", *columns]) for path in data.inputs}
    return encode(tables, id_columns=dict.fromkeys(tables, "record_id"), columns=columns)


def raw_pairs(model: Model, records: int) -> tuple[list[int], list[int]]:
    """Pairs that each rule finds across two tables, and the records of its largest block."""
    held = records_of(model, records)
    found = blocking(held, model.blocking_rules, across_only=True)
    largest = [
        int(np.bincount(found.groups[found.groups[:, r] >= 0, r]).max()) for r in range(len(found.rules))
    ]
    return list(found.raw), largest


def fit(sizes: list[int], pairs: list[int]) -> tuple[float, float]:
    """a and b of a·n + b·n², neither below 0, by least squares of relative errors."""
    n, y = np.array(sizes, float), np.array(pairs, float)
    both = np.linalg.lstsq(np.stack([n / y, n * n / y], axis=1), np.ones(len(n)), rcond=None)[0]
    a, b = float(both[0]), float(both[1])
    if a < 0:
        return 0.0, float(np.mean(y / n**2))
    return (a, b) if b >= 0 else (float(np.mean(y / n)), 0.0)


def check(fits: list[tuple[float, float]], records: int, pairs: list[int]) -> float:
    """How far all rules together are off at a size that was left out."""
    return sum(a * records + b * records**2 for a, b in fits) / sum(pairs) - 1


def weighed(spec: Any, model: Model, cells: pa.Table) -> tuple[pa.Table, float]:
    """What a worker makes of these cells, and the processor seconds that it takes."""
    shares = tuple((key, f"s{i}") for i, key in enumerate(rare_keys(model)))
    columns = tuple((name, name) for name in model.columns())
    work = ScoreWork(
        Cells(("left", "right"), columns, model.blocking_rules, True, shares=shares), model, keep_weight(spec)
    )
    list(work(iter(cells.slice(0, 50_000).to_batches())))  # compiled code is loaded first
    started = time.process_time()
    found = list(work(iter(cells.to_batches(max_chunksize=10_000))))
    return pa.Table.from_batches(found), time.process_time() - started


def listed(found: pa.Table) -> int:
    """How many pairs were compared, kept or not."""
    return int(pc.sum(found.filter(pc.equal(found["what"], NEW))["right"]).as_py())


def unit_costs(spec: Any, model: Model, records: int, many: int) -> dict[str, float]:
    """Processor time of our own code in a worker, and bytes. many: a larger size, for what a row costs."""
    source = spec.sources[0]
    kinds = {"first_name": "first_name", "surname": "surname", "date_of_birth": "date_of_birth"}
    kinds |= {"postcode": "postcode", "email": "email"}
    raw = pq.read_table(source.path)
    chosen = {name: (name,) for name in model.columns()}
    fields = {name: FieldSpec(FieldKind(kind)) for name, kind in kinds.items()}
    part = raw.slice(0, 100_000)
    costs = {
        "standardise_us_a_record": seconds(
            lambda: standardised(part, source, chosen, dict(fields), None, as_it_is=True, parted=False)
        )
        / part.num_rows
        * 1e6
    }
    # In a country a block holds many times what it holds here; looser rules over few records show what a pair costs.
    loose = rules_from_list([["first_name"], ["prefix(first_name, 2)", "prefix(surname, 2)"]], where="bench")
    dense = replace(model, blocking_rules=loose)
    found, used = weighed(spec, dense, cells_of(dense, records)[0])
    a_pair = used / listed(found)
    cells, rows = cells_of(model, many)
    found, used = weighed(spec, model, cells)
    a_row = max(0.0, used - listed(found) * a_pair) / cells.num_rows
    kept = int(pc.sum(pc.equal(found["what"], PAIR)).as_py())
    own = row_records(
        cells.slice(0, 100_000), source_names=("left", "right"), columns=[(n, n) for n in model.columns()]
    )
    costs |= {
        "keys_us_a_record": seconds(lambda: [rule_hashes(own, rule) for rule in model.blocking_rules])
        / len(own)
        * 1e6,
        "read_us_a_cell_row": a_row * 1e6,
        "weigh_ns_a_pair": a_pair * 1e9,
        "cell_rows_a_record": cells.num_rows / rows.num_rows,
        "cell_row_bytes": packed(cells.slice(0, 500_000)) / min(cells.num_rows, 500_000),
        "record_bytes": packed(rows.slice(0, 500_000)) / min(rows.num_rows, 500_000),
        "pair_bytes": packed(found) / max(1, kept),
        "kept_a_record": kept / rows.num_rows,
    }
    return {name: round(value, 3) for name, value in costs.items()}


def cells_of(model: Model, records: int) -> tuple[pa.Table, pa.Table]:
    """The rows that a worker would be given, sorted as Spark sorts them, and the records themselves."""
    held = records_of(model, records)
    texts = {
        name: codes.values.take(pa.array(codes.codes, mask=codes.codes < 0))
        for name, codes in held.columns.items()
    }
    columns = {
        "_number": pa.array(np.arange(len(held))),
        "_source": pa.array(held.source.astype(np.int16)),
        **texts,
    }
    for place, key in enumerate(rare_keys(model)):
        share = np.append(held.frequencies(key), np.nan)[held.key(key).codes]
        columns[f"s{place}"] = pa.array(share, mask=np.isnan(share))
    hashes = [rule_hashes(held, rule) for rule in model.blocking_rules]
    rows = pa.table({**columns, **{f"k{r}": pa.array(h) for r, h in enumerate(hashes)}})
    parts = []
    for rule, own in enumerate(hashes):
        at = np.flatnonzero(own >= 0)
        at = at[np.argsort(own[at], kind="stable")]
        count = len(at)
        extra = {
            "_rule": np.full(count, rule, np.int16), "_block": own[at], "_cell": np.zeros(count, np.int64),
            "_part": np.zeros(count, np.int32), "_split": np.zeros(count, bool),
        }  # fmt: skip
        part = rows.take(pa.array(at))
        for name, values in extra.items():
            part = part.append_column(name, pa.array(values))
        parts.append(part)
    return pa.concat_tables(parts).combine_chunks(), rows


def packed(table: pa.Table) -> int:
    """Bytes of the rows as LZ4 packs them, which is what Spark writes between stages."""
    sink = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=10_000)
    return sink.tell()


def seconds(work: Callable[[], Any]) -> float:
    """Processor seconds of the second go."""
    work()
    started = time.process_time()
    work()
    return time.process_time() - started


def estimate(
    options: argparse.Namespace,
    costs: dict[str, float],
    rules: list[str],
    fits: list[tuple[float, float]],
    checked: tuple[list[int], list[int]],
) -> dict[str, Any]:
    """The arithmetic, told line by line."""
    n, both = options.records, 2 * options.records
    pairs = [a * n + b * n * n for a, b in fits]
    total = sum(pairs)
    share = n / options.check
    largest = [size * share for size in checked[1]]
    cores = options.machines * options.cores
    lines = ["", f"{'rule':<62}{'pairs':>16}{'of them n²':>12}{'largest block':>16}"]
    for rule, (a, b), count, most in zip(rules, fits, pairs, largest, strict=True):
        part = b * n * n / (a * n + b * n * n) if count else 0.0
        lines.append(f"{rule[:60]:<62}{count:>16,.0f}{part:>12.0%}{most:>16,.0f}")
    lines.append(f"{'all':<62}{total:>16,.0f}")
    rows = both * costs["cell_rows_a_record"]
    cpu = {
        "records, all stages (measured on Spark)": both * options.spark_us * 1e-6,
        "of them our own code: standardise": both * costs["standardise_us_a_record"] * 1e-6,
        "of them our own code: keys": both * costs["keys_us_a_record"] * 1e-6,
        "of them our own code: read cells": rows * costs["read_us_a_cell_row"] * 1e-6,
        "pairs, listed and weighed": total * max(options.pair_ns, costs["weigh_ns_a_pair"]) * 1e-9,
    }
    lines += ["", f"{'processor time':<46}{'core hours':>12}"]
    for name, took in cpu.items():
        lines.append(f"{name:<46}{took / 3600:>12.1f}")
    own = sum(took for name, took in cpu.items() if not name.startswith("of them"))
    lines.append(f"{'together':<46}{own / 3600:>12.1f}")
    shuffled = {
        "records put in order": both * costs["record_bytes"],
        "block counts (16 bytes a record and rule)": both * len(rules) * 16,
        "shares of values joined on": both * costs["record_bytes"] * 3,
        "records to their cells": rows * costs["cell_row_bytes"],
    }
    kept = both * costs["kept_a_record"]
    lines += ["", f"{'between machines':<46}{'GB':>10}"]
    for name, count in shuffled.items():
        lines.append(f"{name:<46}{count / 1e9:>10.0f}")
    moved = sum(shuffled.values())
    lines.append(f"{'together':<46}{moved / 1e9:>10.0f}")
    wire = moved / (options.machines * options.network_gbit * 1e9 / 8)
    busy = own / cores / (1 - options.idle)
    hours = (busy + wire) / 3600
    price = hours * options.machines * options.price
    lines += [
        "",
        f"kept pairs, as many a record as here: {kept:,.0f} ({kept * costs['pair_bytes'] / 1e9:.0f} GB)",
        f"on the wire: {wire / 60:.1f} minutes at {options.network_gbit:g} Gbit/s a machine",
        f"{options.machines} x {options.machine} ({cores} cores together, {options.memory_gb:g} GB each), "
        f"{options.idle:.0%} idle: "
        f"{busy / 60:.1f} + {wire / 60:.1f} = {hours * 60:.0f} minutes",
        f"at {options.price:g} a machine and hour: {price:.2f}",
        f"memory: a task holds some 2 x 1,024 records of a divided block and 262,144 pairs; "
        f"{options.memory_gb / options.cores:.1f} GB a core",
    ]
    return {
        "lines": lines,
        "pairs": round(total),
        "core_hours": round(own / 3600, 1),
        "shuffle_gb": round(moved / 1e9),
        "minutes": round(hours * 60),
        "price": round(price, 2),
        "largest_block": round(max(largest)),
    }


if __name__ == "__main__":
    main()
