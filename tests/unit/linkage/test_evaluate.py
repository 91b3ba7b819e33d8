"""A finished run against truth in a file."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from joinedup.errors import SourceError
from joinedup.linkage.evaluate import evaluate
from support.run_directory import write_run

PEOPLE = [("a", "01", 1), ("a", "1", 2), ("b", "01", 1), ("b", "2", 2), ("b", "3", 5)]
PAIRS = [
    ("a", "01", "b", "01", 8.0),
    ("a", "1", "b", "2", 6.0),
    ("a", "01", "a", "1", 5.0),
    ("a", "1", "b", "3", 1.0),
]
# a 01, b 01 and b 3 are one person; a 1 and b 2 are two others.
TRUTH = "source,record_id,cluster\na,01,x\nb,01,x\nb,3,x\na,1,y\nb,2,z\n"


@pytest.fixture
def truth(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text(TRUTH)
    return path


def test_scores_of_a_deduplication(tmp_path, truth):
    found = evaluate(write_run(tmp_path / "run", PEOPLE, PAIRS, threshold=5.0, row_group_size=1), truth)

    assert (found.pairwise.linked, found.pairwise.correct, found.pairwise.true) == (3, 1, 3)
    assert (found.best.threshold, found.best.f1) == (8.0, 2 / 4)
    assert (found.cluster.linked, found.cluster.correct, found.cluster.true) == (2, 1, 3)
    assert found.blocking_recall == 1 / 3
    assert found.notes() == ()


def test_a_link_job_counts_pairs_across_sources_only(tmp_path, truth):
    found = evaluate(write_run(tmp_path / "run", PEOPLE, PAIRS, threshold=5.0, kind="link"), truth)

    assert (found.pairwise.linked, found.pairwise.correct, found.pairwise.true) == (2, 1, 2)
    assert found.across_only
    assert "across sources" in found.notes()[0]


def test_json_has_the_three_scores_with_their_figures(tmp_path, truth):
    found = evaluate(write_run(tmp_path / "run", PEOPLE, PAIRS, threshold=5.0), truth)

    plain = json.loads(json.dumps(found.as_dict()))

    for name in ("pairwise", "best", "cluster"):
        assert {"precision", "recall", "f1"} <= set(plain[name])
    assert plain["pairwise"]["precision"] == 1 / 3
    assert plain["pairwise"]["threshold_weight"] == 5.0
    assert plain["curve"][0] == {"threshold_weight": 8.0, "precision": 1.0, "recall": 1 / 3, "f1": 0.5}


def test_parquet_truth_of_numbers_and_one_source_needs_no_source_column(tmp_path):
    people = [("a", "1", 1), ("a", "2", 1), ("a", "3", 3)]
    run = write_run(tmp_path / "run", people, [("a", "1", "a", "2", 4.0)], threshold=0.0)
    pq.write_table(pa.table({"record_id": [1, 2, 3], "cluster": [7, 7, 7]}), tmp_path / "truth.parquet")

    found = evaluate(run, tmp_path / "truth.parquet")

    assert (found.cluster.correct, found.cluster.true) == (1, 3)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_and_a_byte_order_mark_are_read(tmp_path, delimiter):
    path = tmp_path / "truth.csv"
    path.write_text("\ufeff" + TRUTH.replace(",", delimiter))

    assert (
        evaluate(write_run(tmp_path / "run", PEOPLE, PAIRS, threshold=5.0), path).records_without_truth == 0
    )


def test_what_the_truth_does_not_know_is_left_out_and_counted(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text("source,record_id,cluster\na,01,x\nb,01,x\nb,2,\nb,99,x\nelsewhere,1,x\n")

    found = evaluate(write_run(tmp_path / "run", PEOPLE, PAIRS, threshold=5.0), path)

    assert (found.records_without_truth, found.unknown_records, found.pairs_without_truth) == (3, 2, 3)
    assert (found.pairwise.linked, found.pairwise.true) == (1, 1)
    assert len(found.notes()) == 2


def test_truth_about_other_records_is_refused_and_names_the_sources(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text("source,record_id,cluster\nA,1,x\nb,unknown,x\n")

    with pytest.raises(SourceError, match=r"no row of the truth .* sources are a, b"):
        evaluate(write_run(tmp_path / "run", PEOPLE, PAIRS, threshold=5.0), path)


def test_two_clusters_of_one_record_are_refused_by_row(tmp_path, truth):
    truth.write_text(TRUTH + "a,01,other\n")

    # The later row stands, so the earlier one is named.
    with pytest.raises(SourceError, match=r"two clusters .*row [16]"):
        evaluate(write_run(tmp_path / "run", PEOPLE, PAIRS, threshold=5.0), truth)


def test_a_column_that_is_missing_is_named(tmp_path, truth):
    truth.write_text("source,id,cluster\na,1,x\n")

    with pytest.raises(SourceError, match="no column record_id"):
        evaluate(write_run(tmp_path / "run", PEOPLE, PAIRS, threshold=5.0), truth)


def test_a_ragged_truth_is_refused_without_quoting_it(tmp_path, truth):
    truth.write_text(TRUTH + "a,Mary Secret,x,too,many\n")

    with pytest.raises(SourceError, match="cannot be read as a CSV") as caught:
        evaluate(write_run(tmp_path / "run", PEOPLE, PAIRS, threshold=5.0), truth)

    assert "Secret" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_truth_is_told_as_such(tmp_path, content):
    (tmp_path / "truth.csv").write_bytes(content)

    with pytest.raises(SourceError, match="the file is empty"):
        evaluate(write_run(tmp_path / "run", PEOPLE, PAIRS, threshold=5.0), tmp_path / "truth.csv")


@pytest.mark.parametrize("file", ["run.json", "people.parquet", "pairs.parquet"])
def test_a_file_that_is_not_there_is_named(tmp_path, truth, file):
    run = write_run(tmp_path / "run", PEOPLE, PAIRS, threshold=5.0)
    (run / file).unlink()

    with pytest.raises(SourceError, match=file):
        evaluate(run, truth)


def test_a_run_without_a_threshold_is_refused(tmp_path, truth):
    run = write_run(tmp_path / "run", PEOPLE, PAIRS, threshold=5.0)
    (run / "run.json").write_text('{"kind": "link", "threshold_weight": null}')

    with pytest.raises(SourceError, match="threshold_weight"):
        evaluate(run, truth)


def test_pairs_of_another_run_are_refused(tmp_path, truth):
    run = write_run(tmp_path / "run", PEOPLE[:-1], PAIRS, threshold=5.0)

    with pytest.raises(SourceError, match="1 pairs name a record"):
        evaluate(run, truth)


def test_ids_that_repeat_within_a_source_are_refused(tmp_path, truth):
    run = write_run(tmp_path / "run", [*PEOPLE, ("a", "01", 9)], PAIRS, threshold=5.0)

    with pytest.raises(SourceError, match="1 records share"):
        evaluate(run, truth)


def test_a_run_without_pairs_scores_zero(tmp_path, truth):
    found = evaluate(write_run(tmp_path / "run", PEOPLE, [], threshold=5.0), truth)

    assert (found.pairwise.f1, found.best.f1, found.blocking_recall) == (0.0, 0.0, 0.0)
