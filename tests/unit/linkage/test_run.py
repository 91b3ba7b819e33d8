"""The run record is written as JSON and read back the same."""

from __future__ import annotations

import json

import pytest

from joinedup.errors import ModelError
from joinedup.linkage.run import (
    AccuracyPoint,
    Advice,
    ClusterSummary,
    DoubtfulCluster,
    Estimate,
    FieldCount,
    Iteration,
    RuleCount,
    Run,
    Session,
    SourceCount,
    Stage,
    WeightHistogram,
    load_run,
    run_from_dict,
)

FULL = Run(
    kind="link",
    seed=7,
    versions={"joinedup": "0.1.0"},
    sources=(
        SourceCount(
            "council", 100, aside=2, fields=(FieldCount("surname", "SURNAME", "surname", 97, 1, 0, 2),)
        ),
        SourceCount("clinic", 50, one_record_per_person=True),
    ),
    stages=(Stage("read", 0.5, 120.0), Stage("block", 1.25, 180.0)),
    rules=(RuleCount("surname + dob", 40, 40), RuleCount("postcode", 70, 55)),
    sessions=(
        Session(
            "surname", 400, 2, True, (Iteration(0.1, 0.2, {"dob": (0.9, 0.1)}),), ("dob",), ("few pairs",)
        ),
    ),
    counts={"links": 30},
    prior=0.001,
    threshold_weight=4.25,
    threshold_probability=0.95,
    precision=Estimate(0.97, 0.95, 0.99, "the model's own probabilities"),
    confidence=("Sure of most links.",),
    warnings=(Advice("u of 'dob' was not estimated", "give more records", "training"),),
    weights=WeightHistogram(-10.0, 0.5, (1, 0, 4)),
    clusters=ClusterSummary(
        people=120,
        sizes={1: 90, 2: 30},
        contradictions=1,
        links_cut=2,
        refused={"contradiction": 2},
        doubtful=(DoubtfulCluster("p7", 3, 1.5, 0.67, 1, "held by one link"),),
    ),
    accuracy=(AccuracyPoint(4.0, 0.9, 0.8, 0.847),),
)


def test_a_run_comes_back_from_its_json_as_it_was():
    assert run_from_dict(json.loads(FULL.as_json())) == FULL


def test_totals_are_of_all_sources_and_stages():
    assert (FULL.records, FULL.seconds, FULL.peak_memory_mb) == (150, 1.75, 180.0)


def test_machines_find_the_kind_and_the_threshold_at_the_top():
    data = json.loads(FULL.as_json())

    assert (data["kind"], data["threshold_weight"]) == ("link", 4.25)


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"format": "other"}', '{"format": "joinedup-linkage-run/1", "x": 1}']
)
def test_what_is_not_a_run_record_is_refused_by_name(tmp_path, text):
    (tmp_path / "run.json").write_text(text)

    with pytest.raises(ModelError) as refusal:
        load_run(tmp_path / "run.json")

    assert refusal.value.where.endswith("run.json")
    assert refusal.value.mend


def test_a_run_record_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ModelError, match="cannot be read"):
        load_run(tmp_path / "run.json")
