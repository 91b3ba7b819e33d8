"""The main job from the command line: a county is built, measured, linked, and held against the truth."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

PROGRAM = Path(sys.executable).with_name("joinedup")
SCORES = {"precision", "recall", "f1"}


def joinedup(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)


def answer(*arguments: str | Path) -> Any:
    result = joinedup(*arguments, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def people_in(folder: Path) -> set[frozenset[tuple[str, str]]]:
    """The people of a run, each as the set of its records."""
    people: dict[str, set[tuple[str, str]]] = {}
    for row in pq.read_table(folder / "people.parquet").to_pylist():
        people.setdefault(row["person_id"], set()).add((row["source"], row["record_id"]))
    return {frozenset(records) for records in people.values()}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    """A county of 1,500 people, built once; its own account of itself is in demo.json."""
    folder = tmp_path_factory.mktemp("demo") / "workspace"
    told = answer("demo", "--people", "1500", "--dir", folder)
    (folder / "demo.json").write_text(json.dumps(told))
    return folder


@pytest.fixture(scope="module")
def demo(workspace) -> dict[str, Any]:
    return json.loads((workspace / "demo.json").read_text())


def test_the_demonstration_accounts_for_every_row_of_five_extracts(demo):
    assert len({e["file"] for e in demo["extracts"].values()}) == 5
    assert all(e["rows_in"] == e["rows_good"] + e["rows_aside"] for e in demo["extracts"].values())
    assert demo["linkage"]["records"] == sum(e["rows_good"] for e in demo["extracts"].values())


def test_the_demonstration_finds_most_people_and_says_how_many(demo):
    # Floors far below what is measured: they fail when the job breaks, not when the seed is unlucky.
    assert demo["evaluation"]["pairwise"]["precision"] > 0.8
    assert demo["evaluation"]["pairwise"]["recall"] > 0.7


def test_linking_writes_what_it_promises(workspace):
    written = {file.name for file in (workspace / "linked").iterdir()}
    people = pq.read_table(workspace / "linked" / "people.parquet")
    pairs = pq.read_table(workspace / "linked" / "pairs.parquet")

    promised = {"pairs.parquet", "people.parquet", "joined.parquet", "model.json", "run.json", "report.html"}
    assert promised | {"spec.toml"} <= written
    assert people.column_names == ["source", "record_id", "person_id"]
    assert pairs.column_names[:4] == ["left_source", "left_id", "right_source", "right_id"]
    assert {"match_weight", "match_probability"} <= set(pairs.column_names)


def test_with_hardly_any_memory_the_people_are_the_same(workspace, tmp_path):
    spec = workspace / "linked" / "spec.toml"

    usual = answer("link", spec, "--out", tmp_path / "usual")
    told = answer("link", spec, "--out", tmp_path / "small", "--memory-gb", "0.001")
    words = joinedup("link", spec, "--out", tmp_path / "small", "--memory-gb", "0.001")

    assert people_in(tmp_path / "small") == people_in(tmp_path / "usual")
    assert told["counts"] == usual["counts"]
    assert usual["pairs_on_disk_mb"] == 0 < told["pairs_on_disk_mb"]
    assert usual["memory_budget_mb"] > 1000 > told["memory_budget_mb"]
    assert "MB on disk" in " ".join(words.stdout.split())
    refused = joinedup("link", spec, "--out", tmp_path / "none", "--memory-gb", "0")
    assert refused.returncode == 2
    assert "--memory-gb" in refused.stderr
    assert not (tmp_path / "none").exists()


def test_evaluating_again_says_the_same(workspace, demo):
    told = answer("evaluate", workspace / "linked", "--truth", workspace / "county/truth/truth.csv")

    assert all(set(told[name]) >= SCORES for name in ("pairwise", "best", "cluster"))
    assert told["pairwise"] == demo["evaluation"]["pairwise"]
    assert told["best"]["f1"] >= told["pairwise"]["f1"]


def test_the_same_job_gives_the_same_people_on_one_thread(workspace, tmp_path):
    answer("link", workspace / "spec.toml", "--out", tmp_path / "again", "--threads", "1")

    assert people_in(tmp_path / "again") == people_in(workspace / "linked")


def test_a_clerks_sample_is_drawn_and_its_labels_give_intervals(workspace):
    told = answer("sample", workspace / "linked", "--size", "120")
    sample = Path(told["path"])
    with sample.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["label"] = "same" if row["joined"] == "yes" else "different"
    with sample.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)

    estimate = answer("evaluate", workspace / "linked", "--sample", sample)

    assert len(rows) == told["pairs"] == 120
    precision = estimate["people"]["precision"]
    assert precision["value"] == 1.0
    assert precision["low"] < 1.0


def test_one_file_is_deduplicated_without_any_configuration(workspace, tmp_path):
    told = answer("dedupe", workspace / "county/gp_register.parquet", "--id", "patient_id", "--out", tmp_path)

    assert told["kind"] == "dedupe"
    assert "spec.toml" in told["files"]


def test_a_profile_is_written_and_its_trend_grows(workspace, tmp_path):
    file = workspace / "county/council_tax.csv"
    answer("profile", file, "--out", tmp_path, "--on", "2026-03-31")
    told = answer("profile", file, "--out", tmp_path, "--on", "2026-04-30")

    assert {Path(path).name for path in told["files"]} >= {"quality.json", "quality.html", "action-plan.md"}
    assert {each["dimension"] for each in told["dimensions"]} == {
        "completeness", "uniqueness", "consistency", "timeliness", "validity", "accuracy",
    }  # fmt: skip
    assert "2026-03-31" in [run["on"] for run in told["trend"]]


def test_a_splink_model_becomes_ours(tmp_path):
    level = {"sql_condition": '"surname_l" = "surname_r"', "m_probability": 0.8, "u_probability": 0.1}
    other = {"sql_condition": "ELSE", "m_probability": 0.2, "u_probability": 0.9}
    settings = {
        "comparisons": [{"output_column_name": "surname", "comparison_levels": [level, other]}],
        "probability_two_random_records_match": 0.01,
        "blocking_rules_to_generate_predictions": [{"blocking_rule": 'l."surname" = r."surname"'}],
    }
    (tmp_path / "splink.json").write_text(json.dumps(settings))

    told = answer("model", "import-splink", tmp_path / "splink.json", "--out", tmp_path / "model.json")

    assert told["comparisons"][0]["levels"][0]["m"] == 0.8
    assert json.loads((tmp_path / "model.json").read_text()) == told


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["link", "one.csv", "--out", "x"], 2, "one file cannot be linked"),
        (["link", "a.csv", "b.csv", "--out", "x", "--model", "m.json"], 2, "--model goes with a spec"),
        (["link", "absent.toml", "--out", "x"], 4, "absent.toml"),
        (["dedupe", "absent.csv", "--out", "x"], 3, "absent.csv"),
        (["evaluate", "x"], 2, "--truth FILE or --sample FILE"),
        (["evaluate", "x", "--truth", "absent.csv"], 3, "x"),
        (["profile", "absent.csv", "--out", "x"], 3, "absent.csv"),
        (["model", "import-splink", "absent.json"], 4, "absent.json"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(tmp_path, monkeypatch, arguments, exit_code, said):
    monkeypatch.chdir(tmp_path)

    result = joinedup(*arguments)

    assert (result.returncode, result.stdout) == (exit_code, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
