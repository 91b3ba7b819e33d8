"""The whole of a field: statuses, reasons, typed columns, tables, threads."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pyarrow as pa
import pytest

from joinedup.people import (
    REASONS,
    FieldKind,
    FieldOptions,
    FieldStatus,
    reason_words,
    standardise,
    standardise_table,
)
from joinedup.people.distinct import distinct


def test_statuses_and_reasons_line_up_with_rows():
    field = standardise(pa.array(["LS1 4DY", "ls14dy", "XX", None, "n/a", "LS1 4DY"]), FieldKind.POSTCODE)

    assert field.values.to_pylist() == ["LS1 4DY", "LS1 4DY", None, None, None, "LS1 4DY"]
    assert [FieldStatus(one).name for one in field.status] == [
        "VALID", "MENDED", "MISSING", "MISSING", "MISSING", "VALID"
    ]  # fmt: skip
    assert field.reason_counts() == {"missing_word": 2, "empty": 1, "spacing": 1}
    assert sum(field.counts.values()) == 6


@pytest.mark.parametrize("kind", list(FieldKind))
def test_columns_with_nothing_in_them(kind):
    for column in (pa.array([], pa.string()), pa.nulls(3), pa.array(["", None, " "])):
        field = standardise(column, kind)
        assert field.counts[FieldStatus.MISSING] == len(column)
        assert field.values.null_count == len(column)


@pytest.mark.parametrize(
    "column",
    [pa.array([4010232137]), pa.array([4010232137.0]), pa.array([b"4010232137"]),
     pa.array(["4010232137"], pa.large_string()),
     pa.array(["4010232137"]).dictionary_encode(), pa.chunked_array([["4010232137"], []])],
)  # fmt: skip
def test_a_number_is_the_same_in_any_type_of_column(column):
    assert standardise(column, FieldKind.NHS_NUMBER).values.to_pylist() == ["4010232137"]


def test_a_slice_of_a_column_is_read_from_its_own_start():
    column = pa.array(["x", "401 023 2137", "4505577104"])[1:]

    assert standardise(column, FieldKind.NHS_NUMBER).values.to_pylist() == ["4010232137", "4505577104"]


def test_further_words_for_no_value_may_be_given():
    field = standardise(pa.array(["Zzz", "Li"]), FieldKind.SURNAME, options=FieldOptions(missing=("ZZZ",)))

    assert field.values.to_pylist() == [None, "li"]


def test_numbers_and_plain_texts():
    numbers = standardise(pa.array(["1,000.50", "007", "-0", "abc", "£5"]), FieldKind.NUMBER)

    assert numbers.values.to_pylist() == ["1000.5", "7", "0", None, "5"]
    assert standardise(pa.array(["  A  b "]), FieldKind.TEXT).values.to_pylist() == ["a b"]
    assert standardise(pa.array([" Ab1 "]), FieldKind.IDENTIFIER).values.to_pylist() == ["Ab1"]


def test_a_table_is_the_same_for_any_number_of_threads():
    table = pa.table({"s": ["Li", "O'Brien"] * 50, "p": ["ls14dy", None] * 50, "other": ["x"] * 100})
    kinds = {"p": FieldKind.POSTCODE, "s": FieldKind.SURNAME}

    one, four = (standardise_table(table, kinds, threads=threads) for threads in (1, 4))

    assert list(one) == list(four) == ["p", "s"]
    for name in kinds:
        assert one[name].values.equals(four[name].values)
        assert (one[name].status == four[name].status).all()


def test_every_reason_is_given_by_some_rule_and_has_words():
    rules = ""
    for package in ("joinedup.people", "joinedup.values"):
        for path in sorted(Path(str(files(package))).glob("*.py")):
            rules += path.read_text() if path.name != "reasons.py" else ""

    assert [code for code in REASONS if f'"{code}"' not in rules] == []
    assert reason_words("spacing") == "spaces were put where they belong"


def test_a_large_column_where_nearly_all_differ_is_judged_as_any_other():
    # Above the size from which the rows themselves serve as the distinct texts; some repeat, some are null.
    texts = [f"{100_000 + place % 59_000}" for place in range(60_000)]
    texts[7] = None
    texts[8] = "n/a"
    large = standardise(pa.array(texts), FieldKind.UPRN)

    small = standardise(pa.array(texts).dictionary_encode(), FieldKind.UPRN)

    assert large.values.to_pylist() == small.values.to_pylist()
    assert large.reasons.to_pylist() == small.reasons.to_pylist()
    assert len(large.values.dictionary) == len(set(large.values.dictionary.to_pylist()))


def test_only_a_column_of_mostly_different_texts_is_taken_row_by_row():
    # 30,000 texts in 600,000 rows: a sample of 4,000 shows few repeats, yet each text occurs twenty times.
    few = pa.array([f"{place * 7919 % 30_000}" for place in range(600_000)])
    many = pa.array([f"{place}" for place in range(600_000)])

    assert len(distinct(few).texts) == 30_000
    assert len(distinct(many).texts) == 600_000
