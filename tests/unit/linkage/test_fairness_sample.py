"""Errors by group from labelled pairs: near the truth where labels are the truth, and silent where they are few."""

from __future__ import annotations

import csv
from datetime import date

import pyarrow.parquet as pq
import pytest

from joinedup.errors import SourceError
from joinedup.linkage import link_files, sample
from joinedup.linkage.fairness import fairness
from joinedup.linkage.fairness_result import Measure
from joinedup.linkage.fairness_sample import fairness_of_sample
from joinedup.people.county import linkage_table

ON = date(2026, 3, 31)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    """A linked county and a sample of 800 pairs whose labels are the truth."""
    folder = tmp_path_factory.mktemp("county")
    made = linkage_table(records=6_000, seed=4)
    pq.write_table(made.records, folder / "records.parquet")
    pq.write_table(made.truth(), folder / "truth.parquet")
    link_files([folder / "records.parquet"], folder / "run", id_column="record_id")
    drawn = sample(folder / "run", size=800, seed=3)
    person = dict(zip(made.records["record_id"].to_pylist(), made.clusters.tolist(), strict=True))
    with drawn.path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        same = person[int(row["left_id"])] == person[int(row["right_id"])]
        row["label"] = "same" if same else "different"
    with drawn.path.open("w", encoding="utf-8", newline="") as file:
        write = csv.DictWriter(file, rows[0].keys())
        write.writeheader()
        write.writerows(rows)
    return folder, drawn.path


def test_the_estimate_holds_the_truth_of_each_group(labelled):
    folder, path = labelled

    estimated = fairness_of_sample(folder / "run", path, on=ON)

    true = fairness(folder / "run", folder / "truth.parquet", on=ON)
    by_group = {g.name: g for grouping in true.groupings if grouping.key == "sex" for g in grouping.groups}
    sex = next(grouping for grouping in estimated.groupings if grouping.key == "sex")
    shown = {group.name: group for group in sex.groups if group.precision is not None}
    assert {"Women and girls", "Men and boys"} <= set(shown)
    for name in ("Women and girls", "Men and boys"):
        # Not the same people exactly (those of the run, not of the truth), so with a little room.
        precision = 1 - by_group[name].rates[Measure.WRONG].value
        assert shown[name].precision.low - 0.03 <= precision <= shown[name].precision.high + 0.03
    assert any("no proof of equal treatment" in note for note in estimated.notes)


def test_few_labels_give_no_figure(labelled, tmp_path):
    folder, path = labelled
    lines = path.read_text(encoding="utf-8").splitlines()
    (tmp_path / "sample.csv").write_text("\n".join(lines[:26]) + "\n", encoding="utf-8")

    estimated = fairness_of_sample(folder / "run", tmp_path / "sample.csv", on=ON)

    assert estimated.labelled == 25
    assert all(group.precision is None for grouping in estimated.groupings for group in grouping.groups)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [(",same,", ",perhaps,", "not a label"), (",records,1", ",records,x1", "none that the run kept")],
)
def test_a_sample_that_cannot_be_is_refused(labelled, tmp_path, old, new, what):
    folder, path = labelled
    (tmp_path / "sample.csv").write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    with pytest.raises(SourceError, match=what):
        fairness_of_sample(folder / "run", tmp_path / "sample.csv", on=ON)
