"""Splink 5's documented recipe for the county's tables, as a function and as a whole process.

    python bench/splink_recipe.py records.parquet --out DIR [--em-cap 1e6] [--threads 2]
    python bench/splink_recipe.py left.parquet right.parquet --link --out DIR

The inputs have the columns of `joinedup.people.county.linkage_table`. Writes pairs.parquet (record ids and
match probability, all pairs at 0.01 or more), clusters.parquet (connected components at 0.95), model.json
and timings.json (seconds by stage, peak memory), and prints the timings as one JSON line.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

KEEP_PROBABILITY = 0.01
CLUSTER_PROBABILITY = 0.95
PRIOR_RECALL = 0.8
U_PAIRS = 1e7

# Each rule as the SQL expressions that must be equal on both sides.
PRIOR_RULES = (
    ("first_name", "surname", "date_of_birth"),
    ("email",),
    ("date_of_birth", "postcode"),
)
EM_RULES = (("first_name", "surname"), ("date_of_birth",))
PREDICTION_RULES = (
    ("first_name", "surname"),
    ("surname", "date_of_birth"),
    ("first_name", "date_of_birth"),
    ("postcode", "surname"),
    ("postcode", "first_name"),
    ("date_of_birth", "town"),
    ("email",),
    ("substr(first_name, 1, 2)", "substr(surname, 1, 2)", "substr(date_of_birth, 1, 4)"),
    ("substr(postcode, 1, 4)", "surname"),
    ("substr(postcode, 1, 4)", "first_name"),
)


def run_splink(
    inputs: Sequence[Path],
    out_dir: Path,
    link: bool = False,
    em_cap: int | None = None,
    threads: int = 2,
    keep: float = KEEP_PROBABILITY,
    all_u: bool = False,
    seed: int = 1,
) -> dict[str, Any]:
    """Run the recipe on one table (or two, to link), write the results, return the timings.

    em_cap: at most about so many pairs in each EM session; None: all of them, as the documentation does.
    keep: write pairs of at least this probability; 0: every candidate. all_u: look at all random pairs for u,
    where Splink 5 would stop once a level has been seen often enough.
    """
    started = time.perf_counter()
    import duckdb
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    stages: dict[str, float] = {"import": time.perf_counter() - started}

    def done(stage: str, since: float) -> float:
        now = time.perf_counter()
        stages[stage] = now - since
        return now

    clock = time.perf_counter()
    out_dir.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    connection.execute(f"set threads = {int(threads)}")
    api = DuckDBAPI(connection=connection)
    frames = []
    for number, path in enumerate(inputs):
        name = f"input_{number}"
        connection.execute(
            f"create table {name} as select *, first_name || ' ' || surname as full_name "
            "from read_parquet(?)",
            [str(path)],
        )
        frames.append(api.register(name, dataset_display_name=Path(path).stem))
    clock = done("read", clock)

    settings = SettingsCreator(
        link_type="link_only" if link else "dedupe_only",
        unique_id_column_name="record_id",
        comparisons=[
            cl.ForenameSurnameComparison(
                "first_name", "surname", forename_surname_concat_col_name="full_name"
            ),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True),
            cl.PostcodeComparison("postcode"),
            cl.EmailComparison("email"),
            cl.ExactMatch("gender"),
        ],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in PREDICTION_RULES],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )
    linker = Linker(frames if link else frames[0], settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on(*rule) for rule in PRIOR_RULES], recall=PRIOR_RECALL
    )
    clock = done("prior", clock)
    linker.training.estimate_u_using_random_sampling(
        max_pairs=U_PAIRS, seed=seed, **({"min_count_per_level": None} if all_u else {})
    )
    clock = done("u", clock)
    for number, rule in enumerate(EM_RULES, start=1):
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*rule), estimate_without_term_frequencies=True, max_pairs=em_cap
        )
        clock = done(f"em_{number}", clock)
    pairs = linker.inference.predict(threshold_match_probability=keep or None)
    clock = done("predict", clock)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        pairs, threshold_match_probability=CLUSTER_PROBABILITY
    )
    clock = done("cluster", clock)
    pairs.to_parquet(str(out_dir / "pairs.parquet"), overwrite=True)
    clusters.to_parquet(str(out_dir / "clusters.parquet"), overwrite=True)
    linker.misc.save_model_to_json(str(out_dir / "model.json"), overwrite=True)
    done("write", clock)

    timings: dict[str, Any] = {
        "seconds": round(time.perf_counter() - started, 3),
        "stages": {stage: round(seconds, 3) for stage, seconds in stages.items()},
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "em_cap": em_cap,
        "threads": threads,
    }
    (out_dir / "timings.json").write_text(json.dumps(timings, indent=1) + "\n", encoding="utf-8")
    return timings


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("inputs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--link", action="store_true")
    parser.add_argument("--em-cap", type=float, default=None)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", type=float, default=KEEP_PROBABILITY)
    parser.add_argument("--all-u", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    timings = run_splink(
        chosen.inputs,
        chosen.out,
        link=chosen.link,
        em_cap=int(chosen.em_cap) if chosen.em_cap else None,
        threads=chosen.threads,
        keep=chosen.keep,
        all_u=chosen.all_u,
        seed=chosen.seed,
    )
    print(json.dumps(timings))


if __name__ == "__main__":
    main()
