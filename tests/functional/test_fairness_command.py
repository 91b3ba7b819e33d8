"""`joinedup fairness` and `joinedup drift` as a person or a pipeline meets them: output, files, exit codes."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from joinedup.cli.app import app
from joinedup.linkage import fairness_from_dict
from joinedup.people.county import linkage_table


def joinedup(*arguments: object):
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """A linked county of which the people named 'worse' lost most of what tells them apart; and their sides."""
    folder = tmp_path_factory.mktemp("county")
    made = linkage_table(records=4_000, seed=6)
    worse = np.random.default_rng(2).random(int(made.clusters.max()) + 1) < 0.3
    records = made.records
    for name in ("date_of_birth", "email", "postcode"):
        values = [
            None if worse[person] and row % 2 else value
            for row, (person, value) in enumerate(zip(made.clusters, records[name].to_pylist(), strict=True))
        ]
        records = records.set_column(
            records.schema.get_field_index(name), name, pa.array(values, pa.string())
        )
    pq.write_table(records, folder / "records.parquet")
    pq.write_table(made.truth(), folder / "truth.parquet")
    rows = "".join(f"{at},{'worse' if bad else 'better'},{at % 2}\n" for at, bad in enumerate(worse))
    (folder / "people.csv").write_text("cluster,treated,side\n" + rows)
    assert (
        joinedup(
            "dedupe", folder / "records.parquet", "--id", "record_id", "--out", folder / "run", "--quiet"
        ).exit_code
        == 0
    )
    return folder


def test_findings_figures_and_files(county):
    result = joinedup(
        "fairness", county / "run", "--truth", county / "truth.parquet", "--people", county / "people.csv",
        "--group", "treated", "--on", "2026-03-31", "--html", county / "fairness.html", "--keep",
        "--spec", county / "run" / "spec.toml",
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    assert "Treated, worse: links are more often missed" in " ".join(result.output.split())
    assert (county / "fairness.html").read_text().lower().startswith("<!doctype html>")
    kept = fairness_from_dict(json.loads((county / "run" / "fairness.json").read_text()))
    assert kept.clear
    assert [grouping.key for grouping in kept.groupings][-1] == "treated"


def test_a_gate_stops_a_pipeline_and_json_is_one_document(county):
    told = (
        "--truth",
        county / "truth.parquet",
        "--people",
        county / "people.csv",
        "--on",
        "2026-03-31",
        "--json",
    )

    unequal = joinedup("fairness", county / "run", *told, "--group", "treated", "--gate")
    document = json.loads(unequal.stdout)

    assert unequal.exit_code == 7
    assert document["clear"]
    assert document["findings"]
    assert document["groupings"][-1]["groups"][0]["rates"]["missed"]["people"] >= 10


def test_without_truth_or_labels_it_says_that_nobody_knows(county):
    result = joinedup("fairness", county / "run")

    assert result.exit_code == 2
    assert "cannot be known from the linkage alone" in result.stderr


def test_a_labelled_sample_gives_estimates(county):
    truth = pq.read_table(county / "truth.parquet").to_pydict()
    person = dict(zip(map(str, truth["record_id"]), truth["cluster"], strict=True))
    assert joinedup("sample", county / "run", "--size", "300").exit_code == 0
    path = county / "run" / "sample.csv"
    lines = path.read_text().splitlines()
    head = lines[0].split(",")
    out = [lines[0]]
    for line in lines[1:]:
        cells = line.split(",", len(head) - 1)
        same = person[cells[head.index("left_id")]] == person[cells[head.index("right_id")]]
        cells[head.index("label")] = "same" if same else "different"
        out.append(",".join(cells))
    path.write_text("\n".join(out) + "\n")

    result = joinedup("fairness", county / "run", "--sample", path, "--on", "2026-03-31", "--json")

    document = json.loads(result.stdout)
    assert result.exit_code == 0
    assert document["basis"] == "sample"
    assert document["labelled"] == 300
    refused = joinedup("fairness", county / "run", "--sample", path, "--keep")
    assert refused.exit_code == 2


def test_drift_is_told_with_its_code(county):
    alone = joinedup("drift", county / "run")
    same = joinedup("drift", county / "records.parquet", "--against", county / "run", "--gate", "--json")
    records = pq.read_table(county / "records.parquet")
    names = pa.array(
        [None if at % 3 == 0 else name for at, name in enumerate(records["surname"].to_pylist())], pa.string()
    )
    pq.write_table(
        records.set_column(records.schema.get_field_index("surname"), "surname", names),
        county / "later.parquet",
    )
    changed = joinedup("drift", county / "later.parquet", "--against", county / "run", "--gate")

    assert alone.exit_code == 2
    assert "trained its model itself" in alone.stderr
    assert same.exit_code == 0
    assert not json.loads(same.stdout)["drifted"]
    assert changed.exit_code == 7
    assert "'surname' is missing from" in changed.stdout
