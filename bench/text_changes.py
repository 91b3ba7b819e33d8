"""How often a sudden change is told where there is none, and found where there is one; made-up counts.

    python bench/text_changes.py [--sets 300] [--seed 11]

A set is twenty themes by twenty weeks of eighty answers, each theme in a tenth of them. Half of the sets are left
so; in the others the last week of one theme is drawn at three tenths. Ends with one JSON line; `met`: at most a
twentieth of the sets without a change tell one.
"""

from __future__ import annotations

import argparse
import json

import numpy as np

from joinedup.text.trend import sudden_changes

THEMES, WEEKS, ANSWERS, USUAL, RAISED = 20, 20, 80, 0.1, 0.3


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", type=int, default=300, help="of each kind")
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    draw = np.random.default_rng(options.seed)
    false = found = 0
    for _ in range(options.sets):
        false += bool(sudden_changes(_quiet(draw)))
    for _ in range(options.sets):
        counts = _quiet(draw)
        counts["0"][WEEKS - 1] = (int(draw.binomial(ANSWERS, RAISED)), ANSWERS)
        told = sudden_changes(counts)
        found += any(change.series == "0" and change.period == WEEKS - 1 for change in told)
    result = {
        "claim": "sudden_changes",
        "sets": options.sets,
        "seed": options.seed,
        "sets_that_tell_a_change_that_is_none": round(false / options.sets, 4),
        "found": round(found / options.sets, 4),
        "met": false / options.sets <= 0.05,
    }
    print(json.dumps(result))


def _quiet(draw: np.random.Generator) -> dict[str, dict[int, tuple[int, int]]]:
    return {
        str(theme): {week: (int(draw.binomial(ANSWERS, USUAL)), ANSWERS) for week in range(WEEKS)}
        for theme in range(THEMES)
    }


if __name__ == "__main__":
    main()
