"""One-to-one linking where both sources hold each person once, beside plain components of the same pairs.

    python bench/one_to_one.py [--records 500000] [--seed 1] [--data DIR]

Links two generated tables twice, with and without one_record_per_person declared on both, and scores the
clusters against the truth (pairs across sources). The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path

from county_data import county
from joinedup.linkage import evaluate
from processes import load, measure

TARGET, AIM = 0.93, 0.95


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=500_000, help="records in each table")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=None, help="a folder with left, right and truth")
    options = parser.parse_args()
    data = county(records=options.records, link=True, seed=options.seed, folder=options.data)
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name:
        single, plain = Path(name) / "single", Path(name) / "plain"
        used = measure("recipe_run.py", *data.inputs, "--one-to-one", "--out", single)
        measure("recipe_run.py", *data.inputs, "--out", plain)
        one, components = evaluate(single, data.truth), evaluate(plain, data.truth)
    for label, found in (("one to one", one.cluster), ("components", components.cluster)):
        print(f"{label}: F1 {found.f1:.4f} (precision {found.precision:.4f}, recall {found.recall:.4f})")
    print(f"best pairwise F1 {one.best.f1:.4f}, blocking recall {one.blocking_recall:.4f}")
    value = one.cluster.f1
    told = {
        "claim": "one-to-one linking where it is declared",
        "value": round(value, 4),
        "target": TARGET,
        "aim": AIM,
        "met": value >= TARGET and value >= components.cluster.f1,
        "components": round(components.cluster.f1, 4),
        "precision": round(one.cluster.precision, 4),
        "recall": round(one.cluster.recall, 4),
        "best_pairwise": round(one.best.f1, 4),
        "wall": round(used.wall, 2),
        "cpu": round(used.cpu, 2),
        "peak_mb": round(used.peak_mb),
        "load": load(),
        "data": {"records_each": options.records, "given": options.data is not None},
        "seed": options.seed,
        "versions": {"python": platform.python_version(), "joinedup": version("joinedup")},
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
