"""How our seconds and memory grow with the records: the recipe's job alone, as a whole process a size.

    python bench/linkage_growth.py [--records 100000 1000000 5000000] [--repeat 1]

The claim: from the last size but one to the last, seconds per candidate pair grow at most 1.3 times, and the
largest job stays within 4 GB. CPU seconds are told beside wall seconds; the verdict is by CPU, which a busy
machine disturbs less. The last line is one JSON object.
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

GROWTH, AIM_MB, MOST_MB = 1.3, 3 * 1024, 4 * 1024


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, nargs="+", default=[100_000, 1_000_000, 5_000_000])
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows = []
    print(f"{'records':>10}{'pairs':>14}{'wall s':>9}{'CPU s':>9}{'CPU us/pair':>13}{'peak MiB':>10}")
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name:
        out = Path(name) / "out"
        measure("recipe_run.py", *county(records=1_000).inputs, "--out", out)  # first compilation
        for records in options.records:
            data = county(records=records, seed=options.seed)
            used = median(
                [measure("recipe_run.py", *data.inputs, "--out", out) for _ in range(options.repeat)]
            )
            run = json.loads((out / "run.json").read_text())
            pairs = run["counts"]["candidate_pairs"]
            row = {
                "records": records,
                "candidate_pairs": pairs,
                "wall": round(used.wall, 2),
                "cpu": round(used.cpu, 2),
                "cpu_us_a_pair": round(used.cpu / pairs * 1e6, 3),
                "wall_us_a_pair": round(used.wall / pairs * 1e6, 3),
                "peak_mb": round(used.peak_mb),
                "stages": {stage["name"]: stage["seconds"] for stage in run["stages"]},
            }
            rows.append(row)
            print(
                f"{records:>10,}{pairs:>14,}{used.wall:>9.1f}{used.cpu:>9.1f}"
                f"{row['cpu_us_a_pair']:>13}{used.peak_mb:>10,.0f}"
            )
    growth = rows[-1]["cpu_us_a_pair"] / rows[-2]["cpu_us_a_pair"] if len(rows) > 1 else 1.0
    told = {
        "claim": "seconds per candidate pair hardly grow with size, and memory stays bounded",
        "value": round(growth, 3),
        "target": GROWTH,
        "met": growth <= GROWTH and rows[-1]["peak_mb"] <= MOST_MB,
        "peak_mb": rows[-1]["peak_mb"],
        "peak_target_mb": MOST_MB,
        "peak_aim_mb": AIM_MB,
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
