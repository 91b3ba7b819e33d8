"""The file of clerical decisions: what is read, refused, and obeyed."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from joinedup.errors import SourceError
from joinedup.linkage.cluster import cluster
from joinedup.linkage.decisions import COLUMNS, Verdict, constraints, read_decisions

HEADER = ",".join(COLUMNS) + "\n"


@pytest.fixture
def written(tmp_path):
    def write(*rows, header=HEADER):
        path = tmp_path / "decisions.csv"
        path.write_text(header + "".join(row + "\n" for row in rows), encoding="utf-8")
        return path

    return write


def row(left, right, verdict, **changed):
    cells = dict(zip(COLUMNS, ("a", left, "a", right, verdict, "clerk 7", "2026-05-01", ""), strict=True))
    return ",".join((cells | changed).values())


def test_a_decision_is_read_with_its_row(written):
    path = written(
        'housing,007,tax,9,same,clerk 7,2026-05-01,"same signature,\nseen twice"',
        "",
        row("1", "2", "different"),
    )

    first, second = read_decisions(path)

    assert (first.left, first.right) == (("housing", "007"), ("tax", "9"))
    assert (first.verdict, first.decided_by, first.decided_on) == (
        Verdict.SAME,
        "clerk 7",
        dt.date(2026, 5, 1),
    )
    assert first.reason == "same signature,\nseen twice"
    # The first row takes lines 2 and 3, line 4 is empty.
    assert (first.row, second.row) == (2, 5)


def test_columns_may_stand_in_any_order_and_others_beside_them(written):
    path = written("x,2026-05-01,me,same,2,a,1,a,", header="note,decided_on,decided_by,decision,right_id,"
                   "right_source,left_id,left_source,reason\n")  # fmt: skip

    assert [(d.left, d.right) for d in read_decisions(path)] == [(("a", "1"), ("a", "2"))]


@pytest.mark.parametrize(
    ("change", "column", "what"),
    [
        ({"decision": "Same"}, "decision", "neither"),
        ({"decided_on": "01/05/2026"}, "decided_on", "not a date"),
        ({"left_id": ""}, "left_id", "empty"),
        ({"decided_by": " "}, "decided_by", "empty"),
        ({"right_id": "1"}, "right_id", "against itself"),
    ],
)
def test_a_wrong_value_is_refused_by_row_and_column(written, change, column, what):
    path = written(row("1", "2", "same"), row("1", "3", "same", **change))

    with pytest.raises(SourceError, match=rf"{what}.*row 3, column '{column}'"):
        read_decisions(path)


def test_a_missing_column_is_named(written):
    with pytest.raises(SourceError, match="no column decided_by, reason"):
        read_decisions(written(header="left_source,left_id,right_source,right_id,decision,decided_on\n"))


def test_a_ragged_row_is_refused(written):
    with pytest.raises(SourceError, match=r"9 cells where the header has 8 .*row 2"):
        read_decisions(written(row("1", "2", "same") + ",more"))


def test_bytes_that_are_no_utf8_are_refused(tmp_path):
    path = tmp_path / "decisions.csv"
    path.write_bytes(HEADER.encode() + b"a,\xff\xfe,a,2,same,me,2026-05-01,\n")

    with pytest.raises(SourceError, match="UTF-8"):
        read_decisions(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"none\.csv"):
        read_decisions(tmp_path / "none.csv")


def test_two_decisions_on_one_pair_that_differ_are_refused_by_row(written):
    path = written(row("1", "2", "same"), row("5", "6", "different"), row("2", "1", "different"))

    with pytest.raises(SourceError, match="row 4 says different, row 2 the same"):
        read_decisions(path)


def test_a_contradiction_over_a_detour_names_the_whole_chain_and_no_id(written):
    path = written(
        row("one", "two", "same"), row("two", "three", "same"), row("nine", "two", "same"),
        row("one", "three", "different"),
    )  # fmt: skip

    with pytest.raises(SourceError, match="row 5 says different, rows 2, 3 the same") as caught:
        read_decisions(path)

    assert "three" not in str(caught.value).replace(str(path), "")


def test_the_same_decision_twice_is_no_contradiction(written):
    path = written(row("1", "2", "same"), row("2", "1", "same"), row("3", "4", "different"))

    assert len(read_decisions(path)) == 3


def test_decisions_become_pairs_of_record_numbers(written):
    path = written(
        "b,1,a,2,same,me,2026-05-01,", "a,2,b,1,same,me,2026-05-02,", "a,1,b,1,different,me,2026-05-01,",
        "a,1,b,99,same,me,2026-05-01,", "c,1,a,1,same,me,2026-05-01,",
    )  # fmt: skip

    found = constraints(
        read_decisions(path),
        source_names=("a", "b"),
        source=np.array([0, 0, 1]),
        ids=pa.array(["1", "2", "1"]),
    )

    assert [side.tolist() for side in found.same] == [[1], [2]]
    assert [side.tolist() for side in found.different] == [[0], [2]]
    assert [decision.row for decision in found.unknown] == [5, 6]
    assert found.notes() == ("2 decisions name a record that the run does not have (rows 5, 6)",)


def test_clusters_obey_the_file(written):
    path = written(row("r0", "r2", "same"), row("r1", "r2", "different"))
    decided = constraints(
        read_decisions(path), source_names=("a",), source=np.zeros(3, int), ids=pa.array(["r0", "r1", "r2"])
    )

    found = cluster(
        np.array([0]), np.array([1]), np.array([20.0]), records=3, threshold=0.0,
        same=decided.same, different=decided.different,
    )  # fmt: skip

    assert found.person.tolist() == [0, 1, 0]


def test_pairs_that_nobody_has_decided_are_passed_over(written):
    path = written("a,1,a,2,,,,", "a,1,a,3,same,me,2026-05-01,", "a,2,a,3, ,, ,")

    assert [(each.right, each.row) for each in read_decisions(path)] == [(("a", "3"), 3)]


def test_an_empty_file_of_decisions_constrains_nothing(written):
    found = constraints(
        read_decisions(written()), source_names=("a",), source=np.zeros(1, int), ids=pa.array(["1"])
    )

    assert (len(found.same[0]), len(found.different[0]), found.notes()) == (0, 0, ())
