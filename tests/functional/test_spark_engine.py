"""One answer from two engines: what Spark links is what one machine links, pair by pair and bit by bit."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from joinedup.errors import LimitError, SourceError
from joinedup.linkage.finish import LinkResult
from joinedup.linkage.pipeline import link
from joinedup.linkage.spark import SparkOptions, link_on_spark
from joinedup.linkage.spec import spec_from_dict
from support.small_people import FIELDS, MODEL, people_rows, write_rows

pytestmark = [pytest.mark.needs_spark]
LOCAL = SparkOptions(master="local[2]", partitions=3, cell=8)
SIDES = ["left_source", "left_id", "right_source", "right_id"]
KINDS = {
    "first_name": {"kind": "first_name"},
    "surname": {"kind": "surname"},
    "date_of_birth": {"kind": "date_of_birth"},
    "postcode": {"kind": "postcode"},
}


@pytest.fixture(scope="module", autouse=True)
def _session() -> Iterator[None]:
    """One session for all tests of this file; starting one takes longer than they do."""
    yield
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    if session is not None:
        session.stop()


def everything_a_model_can_hold() -> dict:
    """The small model with a condition on a rule, a context, a one-way question and rarity of a joined key."""
    model = copy.deepcopy(MODEL)
    model["comparisons"].append(
        {
            "name": "exchanged",
            "levels": [
                {"when": "crossed(first_name, surname)", "m": 0.02, "u": 0.001},
                {
                    "when": "equal(concat(first_name, surname))",
                    "m": 0.6,
                    "u": 0.004,
                    "term_frequency": "concat(first_name, surname)",
                    "term_frequency_weight": 0.5,
                },
                {"when": "otherwise", "m": 0.38, "u": 0.995},
            ],
        }
    )
    model["blocking_rules"] = [
        {"on": ["surname"], "where": "not equal(postcode)"},
        ["date_of_birth"],
        ["first_name", "year(date_of_birth)"],
        ["prefix(postcode, 4)"],
    ]
    model["contexts"] = [
        {"on": ["surname", "postcode"], "prior": 0.4, "weights": {"first_name": [0.0, 3.0, 1.0, -4.0]}}
    ]
    return model


def job(folder, *, model, two=False, people=700, **more):
    """A spec over seeded rows; of two sources where asked, one of them a CSV file."""
    rows = people_rows(people, seed=7)
    random.Random(3).shuffle(rows)
    half = len(rows) // 2
    files = [("one.parquet", rows[:half]), ("two.csv", rows[half:])] if two else [("all.parquet", rows)]
    for name, own in files:
        write_rows(folder / name, own)
    fields = {name: name for name in FIELDS}
    sources = [{"path": name, "id": "id", "fields": fields} for name, _ in files]
    spec = {"sources": sources, "model": model, "fields": KINDS, "keep_probability": 0.0001, **more}
    return spec_from_dict(copy.deepcopy(spec), folder=folder)


def both(folder, spec, **more) -> tuple[LinkResult, LinkResult]:
    return link(spec, folder / "here", **more), link_on_spark(spec, folder / "spark", options=LOCAL, **more)


def rows_of(result, name, keys):
    rows = pq.read_table(result.directory / f"{name}.parquet").to_pylist()
    return sorted(rows, key=lambda row: [row[key] for key in keys])


def decided(first: LinkResult, path):
    """A file of decisions: two links of a first run are of different people, and one doubtful pair of the same."""
    pairs = rows_of(first, "pairs", SIDES)
    linked = [p for p in pairs if p["match_weight"] >= first.run.threshold_weight]
    told = [(linked[0], "different"), (linked[-1], "different")]
    named = {(p[s], p[i]) for p, _ in told for s, i in (SIDES[:2], SIDES[2:])}
    told.append(
        (next(p for p in pairs if not named & {(p[s], p[i]) for s, i in (SIDES[:2], SIDES[2:])}), "same")
    )
    header = "left_source,left_id,right_source,right_id,decision,decided_by,decided_on,reason\n"
    lines = [",".join([*(p[s] for s in SIDES), word, "a clerk", "2026-05-01", "seen"]) for p, word in told]
    path.write_text(header + "\n".join(lines) + "\n")
    return path


def assert_same(here: LinkResult, spark: LinkResult, but: tuple[str, ...] = ()) -> None:
    pairs = rows_of(here, "pairs", SIDES)
    assert len(pairs) > 100
    assert rows_of(spark, "pairs", SIDES) == pairs
    assert rows_of(spark, "people", ["source", "record_id"]) == rows_of(
        here, "people", ["source", "record_id"]
    )
    assert rows_of(spark, "joined", ["person_id"]) == rows_of(here, "joined", ["person_id"])
    assert json.loads((spark.directory / "model.json").read_text()) == json.loads(
        (here.directory / "model.json").read_text()
    )
    told = {"rules", "sources", "counts", "weights", "clusters", "threshold_weight", "warnings"}
    for name in sorted(told - set(but)):
        assert getattr(spark.run, name) == getattr(here.run, name), name


@pytest.mark.slow
def test_a_given_model_gives_the_same_pairs_weights_and_people(tmp_path):
    spec = job(tmp_path, model=everything_a_model_can_hold())

    assert_same(*both(tmp_path, spec))


def test_across_sources_with_decisions_and_each_person_once(tmp_path):
    spec = job(
        tmp_path, model=everything_a_model_can_hold(), two=True, clusters={"identifiers": ["postcode"]}
    )
    first = link(spec, tmp_path / "first")
    decisions = decided(first, tmp_path / "decisions.csv")

    here, spark = both(tmp_path, spec, decisions=decisions)

    assert_same(here, spark)
    assert {p["left_source"] + p["right_source"] for p in rows_of(spark, "pairs", SIDES)} == {"onetwo"}


@pytest.mark.slow
def test_people_and_tables_are_the_same_where_the_driver_cannot_hold_the_records(tmp_path):
    clusters = {"identifiers": ["postcode"], "least_mean_weight": 2.0}
    spec = job(tmp_path, model=everything_a_model_can_hold(), two=True, clusters=clusters)
    first = link(spec, tmp_path / "first")
    decisions = decided(first, tmp_path / "decisions.csv")
    here = link(spec, tmp_path / "here", decisions=decisions)
    assert here.run.clusters.refused

    spark = link_on_spark(
        spec, tmp_path / "spark", options=replace(LOCAL, records_at_hand=200), decisions=decisions
    )

    assert_same(here, spark, but=("warnings", "clusters"))
    assert spark.run.clusters.sizes == here.run.clusters.sizes
    assert spark.run.clusters.refused == here.run.clusters.refused
    assert (spark.directory / "pairs.parquet").is_dir()


@pytest.mark.slow
def test_blocks_that_are_cut_are_cut_alike_and_told_alike(tmp_path):
    limits = {"largest_block": 12, "larger_blocks": "cut"}
    here, spark = both(tmp_path, job(tmp_path, model=copy.deepcopy(MODEL), limits=limits))

    assert_same(here, spark)
    assert "their pairs were left to the other rules" in here.run.warnings[0].what


@pytest.mark.slow
def test_training_gives_the_same_model(tmp_path):
    model = copy.deepcopy(MODEL)
    del model["prior"]
    for comparison in model["comparisons"]:
        for level in comparison["levels"]:
            level.pop("m", None)
            level.pop("u", None)
    training = {"u_pairs": 100_000, "em_pairs": 800, "sessions": [["surname"], ["date_of_birth"]]}

    assert_same(*both(tmp_path, job(tmp_path, model=model, training=training)))


@pytest.mark.slow
def test_a_missing_identifier_is_told_and_so_is_a_repeated_one(tmp_path):
    rows = people_rows(40, seed=1)
    rows[3]["id"] = rows[4]["id"]
    write_rows(tmp_path / "all.parquet", rows)
    source = {"path": "all.parquet", "id": "id"}
    spec = spec_from_dict({"sources": [source], "model": copy.deepcopy(MODEL)}, folder=tmp_path)

    with pytest.raises(SourceError, match="1 identifier is given more than once"):
        link_on_spark(spec, tmp_path / "out", options=LOCAL)

    spec = spec_from_dict(
        {"sources": [{"path": "all.parquet"}], "model": copy.deepcopy(MODEL)}, folder=tmp_path
    )
    with pytest.raises(SourceError, match="no column is said to hold each record's own id"):
        link_on_spark(spec, tmp_path / "out", options=LOCAL)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_rule_over_the_limit_is_refused_with_its_count(tmp_path):
    spec = job(tmp_path, model=copy.deepcopy(MODEL), limits={"max_pairs": 1000})

    with pytest.raises(LimitError, match=r"the blocking rule 'surname' would compare [\d,]+ pairs"):
        link_on_spark(spec, tmp_path / "out", options=LOCAL)
