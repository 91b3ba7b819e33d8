"""Our side of `splink_recipe.py` as a whole process: the job of `recipe_spec.py`.

python bench/recipe_run.py records.parquet --out DIR [--em-cap 1e6]
python bench/recipe_run.py left.parquet right.parquet --out DIR [--one-to-one]
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from joinedup.linkage.pipeline import link
from joinedup.linkage.spec import Limits
from recipe_spec import recipe_spec


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("inputs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--em-cap", type=float, default=None)
    parser.add_argument("--keep", type=float, default=0.01, help="write pairs of at least this probability")
    parser.add_argument("--splink-way", action="store_true", help="train exactly as Splink does")
    parser.add_argument("--one-to-one", action="store_true", help="one record a person in each input")
    parser.add_argument("--memory-gb", type=float, default=4.0, help="the job's memory budget")
    parser.add_argument("--max-pairs", type=float, default=1e9, help="most candidate pairs of a rule")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    spec = recipe_spec(
        chosen.inputs,
        em_pairs=int(chosen.em_cap) if chosen.em_cap else None,
        splink_way=chosen.splink_way,
        one_to_one=chosen.one_to_one,
        seed=chosen.seed,
    )
    limits = Limits(memory_gb=chosen.memory_gb, max_pairs=int(chosen.max_pairs))
    spec = dataclasses.replace(spec, keep_probability=chosen.keep, limits=limits)
    link(spec, chosen.out, threads=chosen.threads)


if __name__ == "__main__":
    main()
