"""How our seconds and memory grow with the records: the recipe's job alone, as a whole process a size.

    python bench/linkage_growth.py [--records 100000 1000000 5000000 10000000] [--memory-gb 6] [--repeat 1]

The claim: from the last size but one to the last, seconds per candidate pair grow at most 1.3 times, and the
largest job stays within the memory it was given. EM is capped at a million pairs, as a job of that size would be
(--em-cap 0: no cap). The county is written to Parquet beforehand, part by part. CPU seconds are told beside wall
seconds; the verdict is by CPU, which a busy machine disturbs less. Memory is the highest that the system saw the
process take. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path

from county_data import county
from processes import load, measure, median

GROWTH = 1.3


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, nargs="+", default=[100_000, 1_000_000, 5_000_000, 10_000_000])
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--memory-gb", type=float, default=6.0, help="the job's memory budget")
    parser.add_argument("--max-pairs", type=float, default=4e9, help="most candidate pairs of a rule")
    parser.add_argument("--em-cap", type=float, default=1e6, help="most pairs of an EM session; 0: all")
    options = parser.parse_args()
    rows = []
    given = ["--memory-gb", str(options.memory_gb), "--max-pairs", str(options.max_pairs)]
    given += ["--em-cap", str(options.em_cap)] if options.em_cap else []
    most_mb = options.memory_gb * 1e9 / 2**20
    print(
        f"{'records':>11}{'pairs':>14}{'wall s':>9}{'CPU s':>9}{'CPU ns/pair':>13}{'peak MiB':>10}{'disk MiB':>10}"
    )
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name:
        out = Path(name) / "out"
        measure("recipe_run.py", *county(records=1_000).inputs, "--out", out)  # first compilation
        for records in options.records:
            data = county(records=records, seed=options.seed)
            used = median(
                [measure("recipe_run.py", *data.inputs, *given, "--out", out) for _ in range(options.repeat)]
            )
            run = json.loads((out / "run.json").read_text())
            pairs = run["counts"]["candidate_pairs"]
            row = {
                "records": records,
                "candidate_pairs": pairs,
                "wall": round(used.wall, 2),
                "cpu": round(used.cpu, 2),
                "cpu_ns_a_pair": round(used.cpu / pairs * 1e9),
                "kept_pairs": run["counts"]["scored_pairs"],
                "people": run["counts"]["people"],
                "peak_mb": round(used.peak_mb),
                "pairs_on_disk_mb": round(run["pairs_on_disk_mb"]),
                "written_mb": round(sum(file.stat().st_size for file in out.iterdir()) / 2**20),
                "stages": {stage["name"]: stage["seconds"] for stage in run["stages"]},
            }
            rows.append(row)
            print(
                f"{records:>11,}{pairs:>14,}{used.wall:>9.1f}{used.cpu:>9.1f}{row['cpu_ns_a_pair']:>13,}"
                f"{used.peak_mb:>10,.0f}{row['pairs_on_disk_mb']:>10,}",
                flush=True,
            )
    growth = rows[-1]["cpu_ns_a_pair"] / rows[-2]["cpu_ns_a_pair"] if len(rows) > 1 else 1.0
    told = {
        "claim": "seconds per candidate pair hardly grow with size, and memory stays bounded",
        "value": round(growth, 3),
        "target": GROWTH,
        "met": growth <= GROWTH and all(row["peak_mb"] <= most_mb for row in rows),
        "peak_mb": rows[-1]["peak_mb"],
        "peak_target_mb": round(most_mb),
        "em_cap": options.em_cap,
        "sizes": rows,
        "repeat": options.repeat,
        "load": load(),
        "seed": options.seed,
        "versions": {"python": platform.python_version()}
        | {n: version(n) for n in ("joinedup", "numpy", "pyarrow", "numba")},
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
