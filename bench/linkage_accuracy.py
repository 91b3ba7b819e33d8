"""How right we are: Splink's documented recipes on both sides, and zero configuration, against known truth.

    python bench/linkage_accuracy.py [--sets fake_1000 historical_50k dataset3 county]
                                     [--records 100000 1000000] [--seeds 1 2 3] [--only recipes|zero]

Recipes: the same rules, levels and training sessions; best pairwise F1, and F1 of the clusters at p >= 0.95,
medians of the seeds (which draw the random pairs for u; for the county they make the data). Zero configuration:
the tables without truth and ids, their rows shuffled; F1 of all pairs that the people imply at the threshold it
chose itself, whole process. The public sets come from the folder that JOINEDUP_SHARED names (default
../shared). Prints one JSON line a claim.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from county_data import county
from documented_recipes import RECIPES, Recipe
from joinedup.linkage import BlockingRule, evaluate, link_files, model_from_splink
from joinedup.linkage.pipeline import link
from joinedup.linkage.spec import Decision, JobKind, Output, Source, Spec, Training
from joinedup.linkage.splink_levels import rule_from_sql
from judged import Quality, our_quality, splink_quality
from processes import measure

NOT_BELOW = 0.003
COUNTY_GIVEN = ("first_name", "surname", "date_of_birth", "gender", "postcode", "email", "town")
# Clusters' F1, aim, seconds; best pairwise F1 and its aim: for zero configuration.
ZERO: dict[str, dict[str, float]] = {
    "fake_1000": {"target": 0.78, "aim": 0.80},
    "historical_50k": {"target": 0.84, "aim": 0.87, "seconds": 10, "best": 0.80, "best_aim": 0.83},
    "dataset3": {"target": 0.99, "aim": 0.995},
    "county_100000": {"target": 0.945, "aim": 0.96},
}
DECAY, LEAST_BEST = 0.02, 0.94


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    every = [recipe.name for recipe in RECIPES] + ["county"]
    parser.add_argument("--sets", nargs="+", choices=every, default=every)
    parser.add_argument("--records", type=int, nargs="+", default=[100_000, 1_000_000], help="of the county")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--only", choices=["recipes", "zero"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name:
        folder = Path(name)
        for recipe in (r for r in RECIPES if r.name in options.sets):
            if options.only != "zero":
                tell_recipe(recipe.name, public_recipe(recipe, options.seeds, folder), options.seeds)
            if options.only != "recipes":
                table = recipe.table()
                found = [zero(recipe.name, table, recipe.given, seed, folder) for seed in options.seeds]
                tell_zero(recipe.name, found, options.seeds)
        for records in options.records if "county" in options.sets else ():
            label = f"county_{records}"
            if options.only != "zero":
                tell_recipe(label, county_recipe(records, options.seeds, folder), options.seeds)
            if options.only != "recipes":
                found = [county_zero(label, records, seed, folder) for seed in options.seeds]
                tell_zero(label, found, options.seeds)


def public_recipe(recipe: Recipe, seeds: list[int], folder: Path) -> list[tuple[Quality, Quality]]:
    """Splink's quality and ours, seed by seed."""
    table = recipe.table()
    records, truth = folder / f"{recipe.name}.parquet", folder / f"{recipe.name}_truth.parquet"
    pq.write_table(table.drop_columns(["cluster"]), records)
    write_truth(truth, recipe.name, pc.cast(table["record_id"], pa.string()), table["cluster"])
    out = []
    for seed in seeds:
        theirs, ours = folder / "splink", folder / "ours"
        settings = run_splink_recipe(recipe, records, theirs, seed)
        link(our_spec(recipe, records, settings, seed), ours)
        out.append((splink_quality(theirs, truth, link=False), our_quality(ours, truth)))
    return out


def run_splink_recipe(recipe: Recipe, records: Path, out: Path, seed: int) -> dict[str, Any]:
    """Write Splink's pairs and clusters; return the settings as they were before training."""
    import duckdb
    from splink import DuckDBAPI, Linker, SettingsCreator

    out.mkdir(exist_ok=True)
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    connection.execute("create table records as from read_parquet(?)", [str(records)])
    api = DuckDBAPI(connection=connection)
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_id",
        comparisons=recipe.comparisons(),
        blocking_rules_to_generate_predictions=list(recipe.prediction),
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )
    linker = Linker(api.register("records"), settings, log_level=None)
    linker.misc.save_model_to_json(str(out / "settings.json"), overwrite=True)
    untrained: dict[str, Any] = json.loads((out / "settings.json").read_text())
    linker.training.estimate_probability_two_random_records_match(list(recipe.prior), recall=recipe.recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=recipe.u_pairs, seed=seed)
    for rule in recipe.em:
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True
        )
    pairs = linker.inference.predict(threshold_match_probability=0.01)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        pairs, threshold_match_probability=0.95
    )
    pairs.to_parquet(str(out / "pairs.parquet"), overwrite=True)
    clusters.to_parquet(str(out / "clusters.parquet"), overwrite=True)
    return untrained


def our_spec(recipe: Recipe, records: Path, settings: dict[str, Any], seed: int) -> Spec:
    settings = {k: v for k, v in settings.items() if k != "probability_two_random_records_match"}
    return Spec(
        kind=JobKind.DEDUPE,
        sources=(Source(path=str(records), name=recipe.name, id="record_id"),),
        seed=seed,
        model=model_from_splink(settings),
        training=Training(
            u_pairs=int(recipe.u_pairs),
            prior_rules=tuple(BlockingRule(*rule_from_sql(sql)) for sql in recipe.prior),
            recall=recipe.recall,
            sessions=tuple(BlockingRule(*rule_from_sql(sql)) for sql in recipe.em),
        ),
        decision=Decision(threshold_probability=0.95),
        output=Output(joined=False, report=False),
    )


def county_recipe(records: int, seeds: list[int], folder: Path) -> list[tuple[Quality, Quality]]:
    """Splink's quality and ours on the county, a new county a seed."""
    out = []
    for seed in seeds:
        data = county(records=records, seed=seed)
        measure("splink_recipe.py", *data.inputs, "--out", folder / "splink", "--seed", str(seed))
        measure("recipe_run.py", *data.inputs, "--out", folder / "ours", "--seed", str(seed))
        out.append(
            (
                splink_quality(folder / "splink", data.truth, link=False),
                our_quality(folder / "ours", data.truth),
            )
        )
    return out


def county_zero(label: str, records: int, seed: int, folder: Path) -> dict[str, float]:
    data = county(records=records, seed=seed)
    table = pq.read_table(data.inputs[0])
    truth = pq.read_table(data.truth)
    row = pc.index_in(table["record_id"], truth["record_id"])
    table = table.append_column("cluster", truth["cluster"].take(row))
    return zero(label, table, COUNTY_GIVEN, seed, folder)


def zero(name: str, table: pa.Table, given: tuple[str, ...], seed: int, folder: Path) -> dict[str, float]:
    """Seconds, peak memory and F1 of zero configuration on a shuffled table without truth and ids."""
    shuffled = table.take(pa.array(np.random.default_rng(seed).permutation(table.num_rows)))
    path, truth, out = folder / f"{name}.parquet", folder / "truth.parquet", folder / "zero"
    pq.write_table(shuffled.select(list(given)), path)
    numbers = pc.cast(pa.array(np.arange(1, table.num_rows + 1)), pa.string())
    write_truth(truth, name, numbers, shuffled["cluster"])
    warm = folder / "warm"
    if not warm.exists():
        link_files([path], warm)  # first compilation
    used = measure("zero_run.py", path, "--out", out)
    found = evaluate(out, truth)
    return {
        "clusters": found.cluster.f1,
        "chosen": found.pairwise.f1,
        "best": found.best.f1,
        "precision": found.cluster.precision,
        "recall": found.cluster.recall,
        "blocking_recall": found.blocking_recall,
        "seconds": used.wall,
        "cpu": used.cpu,
        "peak_mb": used.peak_mb,
    }


def write_truth(path: Path, source: str, ids: pa.Array, clusters: pa.ChunkedArray) -> None:
    names = pa.array([source] * len(ids), pa.string())
    pq.write_table(pa.table({"source": names, "record_id": ids, "cluster": clusters}), path)


def tell_recipe(name: str, found: list[tuple[Quality, Quality]], seeds: list[int]) -> None:
    """One line for best pairwise F1 and one for clusters."""
    for measured in ("best", "clusters"):
        theirs = statistics.median(getattr(s, measured) for s, _ in found)
        ours = statistics.median(getattr(o, measured) for _, o in found)
        what = "best pairwise F1" if measured == "best" else "cluster F1 at p >= 0.95"
        told = {"value": round(ours, 4), "target": round(theirs - NOT_BELOW, 4), "splink": round(theirs, 4)}
        tell(f"{name}: {what}, Splink's rules and levels", ours >= theirs - NOT_BELOW, seeds, **told)


def tell_zero(name: str, found: list[dict[str, float]], seeds: list[int]) -> None:
    """Lines for clusters, for best pairwise F1 and, on the county, for the threshold chosen."""
    middle = {key: round(statistics.median(f[key] for f in found), 4) for key in found[0]}
    aims = ZERO.get(name, {})
    target, most = aims.get("target"), aims.get("seconds")
    met = (target is None or middle["clusters"] >= target) and (most is None or middle["seconds"] < most)
    told: dict[str, Any] = {"value": middle["clusters"], "target": target, "aim": aims.get("aim")}
    tell(f"{name}: zero configuration, F1 of the clusters' pairs", met, seeds, **told, **middle)
    if "best" in aims:
        told = {"value": middle["best"], "target": aims["best"], "aim": aims["best_aim"]}
        tell(f"{name}: zero configuration, best pairwise F1", middle["best"] >= aims["best"], seeds, **told)
    if name.startswith("county"):
        lost = round(statistics.median(f["best"] - f["chosen"] for f in found), 4)
        least = LEAST_BEST if name == "county_1000000" else None
        met = lost <= DECAY and (least is None or middle["best"] >= least)
        told = {"value": lost, "target": DECAY, "best": middle["best"], "best_target": least}
        tell(f"{name}: F1 lost by the threshold it chose against the best one", met, seeds, **told)


def tell(claim: str, met: bool, seeds: list[int], **figures: Any) -> None:
    versions = {name: version(name) for name in ("splink", "joinedup", "numpy", "pyarrow")}
    versions["python"] = platform.python_version()
    print(
        json.dumps({"claim": claim, **figures, "met": met, "seeds": seeds, "versions": versions}), flush=True
    )


if __name__ == "__main__":
    main()
