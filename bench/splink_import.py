"""Whether a model that Splink trained and saved gives the same weights here, pair by pair.

    python bench/splink_import.py [--records 1000000] [--seed 1]

Splink 5 trains by its documented recipe on the generated county, scores every candidate pair and saves its model. The
model is imported, the same pairs are blocked and scored by our engine, and the match weights are compared: every
candidate on both sides, none left out. Ends with one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from county_data import county
from joinedup.linkage.block import blocking
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.encode import Records, encode
from joinedup.linkage.estimate import rule_filters
from joinedup.linkage.score import Scorer
from joinedup.linkage.splink_import import model_from_splink
from processes import measure

TARGET = 1e-6
AT_ONCE = 1 << 20


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    table_file = county(records=options.records, seed=options.seed).inputs[0]
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name:
        folder = Path(name)
        measure("splink_recipe.py", table_file, "--keep", "0", "--out", folder)
        model = model_from_splink(folder / "model.json")
        table = pq.read_table(table_file)
        whole = pc.binary_join_element_wise(table["first_name"], table["surname"], " ")
        table = table.append_column("full_name", whole)
        records = encode({"it": table}, id_columns={"it": "record_id"}, columns=model.columns())
        plan = ComparePlan(records, model.comparisons)
        scorer = Scorer(model, records, plan)
        pairs = pq.ParquetFile(folder / "pairs.parquet")
        theirs, largest, apart = 0, 0.0, 0
        for batch in pairs.iter_batches(
            AT_ONCE, columns=["record_id_l", "record_id_r", "match_weight"], use_threads=False
        ):
            left, right = (places(records, batch[f"record_id_{side}"]) for side in "lr")
            weights = scorer(left, right, plan(left, right))
            differences = np.abs(weights - batch["match_weight"].to_numpy())
            largest = max(largest, float(differences.max(initial=0.0)))
            apart += int(np.count_nonzero(differences > TARGET))
            theirs += batch.num_rows
        found = blocking(records, model.blocking_rules, across_only=False)
        counts = found.stream(lambda rule, left, right: len(left), rule_filters(records, found.rules))
    ours = sum(counts)
    print(f"{theirs:,} pairs by Splink, {ours:,} by our blocking; largest difference {largest:.2e} bits")
    told = {
        "claim": "a model that Splink saved gives the same weights",
        "value": largest,
        "target": TARGET,
        "met": largest <= TARGET and ours == theirs,
        "pairs": {"splink": theirs, "joinedup": ours, "apart": apart},
        "data": {"records": options.records, "seed": options.seed},
        "cores": os.cpu_count(),
        "versions": {name: version(name) for name in ("splink", "duckdb", "numpy", "joinedup")},
    }
    print(json.dumps(told))


def places(records: Records, ids: pa.Array) -> np.ndarray:
    """Where the records with these ids are."""
    found = pc.index_in(ids.cast(pa.string()), value_set=records.ids.cast(pa.string()))
    return found.to_numpy(zero_copy_only=False).astype(np.int32)


if __name__ == "__main__":
    main()
