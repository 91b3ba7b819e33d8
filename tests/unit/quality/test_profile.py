"""The profile: counts worked out by hand, nothing lost, no person's data told."""

import json
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from joinedup.errors import ModelError, SourceError, UsageError
from joinedup.quality import (
    Standing,
    action_plan_markdown,
    load_rules,
    profile,
    quality_report_html,
    write_quality,
)
from joinedup.sources import read

ON = date(2026, 5, 1)

# Ten records. nino: 1 empty, 1 invalid prefix (QQ), AB123456C three times. town: two spaces only, one n/a.
PEOPLE = """record_id,surname,date_of_birth,nino,postcode,town,status,opened,closed
1,Smith,1980-01-02,AB123456C,LS1 4AP,Leeds,open,2026-04-30,
2,Jones,1975-06-30,AB123456C,LS1 4AP,Leeds,open,2026-04-01,
3,Patel,1990-12-12,AB123456C,LS2 8JS,Leeds,closed,2026-01-01,2026-02-01
4,O'Neill,1966-07-08,CE234567A,M1 1AE,n/a,closed,2025-12-31,2025-12-01
5,Evans,2001-02-28,QQ123456C,M1 1AE,Leeds,open,2024-05-01,
6,Khan,1959-11-05,HN345678B,NOT A CODE,Leeds,open,2026-04-29,
7,Taylor,1988-03-17,JK456789D,CF10 3AT,"  ",open,2026-04-28,
8,Brown,1999-09-09,,CF10 3AT,Leeds,open,2026-04-27,
9,Wilson,1971-05-25,LM567890A,YO1 7HH,Leeds,closed,2026-03-01,2026-03-02
10,Wilson,1971-05-25,LM567891A,YO1 7HH,Leeds,closed,2026-03-01,2026-03-02
"""


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE, "utf-8")
    return path


def column(result, name):
    return next(c for c in result.columns if c.name == name)


def test_counts_of_a_column_add_up_and_are_right(people):
    result = profile(people, on=ON)

    assert result.rows == 10
    nino = column(result, "nino")
    assert (nino.missing, nino.blank, nino.placeholders, nino.values) == (1, 0, 0, 9)
    assert (nino.distinct, nino.distinct_exact, nino.duplicates) == (7, True, 2)
    assert nino.completeness == 0.9
    assert nino.uniqueness == pytest.approx(1 - 2 / 9)
    town = column(result, "town")
    assert (town.missing + town.blank, town.placeholders, town.values, town.distinct) == (1, 1, 8, 1)
    for c in result.columns:
        assert c.missing + c.blank + c.placeholders + c.values == c.rows == 10


def test_uk_fields_are_validated_and_failing_rows_named_by_number(people):
    result = profile(people, on=ON)

    nino, postcode = column(result, "nino"), column(result, "postcode")
    assert (nino.kind, nino.validity.valid, nino.validity.invalid) == ("nino", 8, 1)
    assert nino.validity.share == pytest.approx(8 / 9)
    assert nino.validity.invalid_rows == (5,)
    assert nino.validity.reasons == {"prefix_not_used": 1}
    assert (postcode.kind, postcode.validity.invalid_rows) == ("postcode", (6,))


def test_without_validation_nothing_is_claimed_about_validity(people):
    result = profile(people, on=ON, validate=False)
    assert all(c.validity is None for c in result.columns)
    assert next(d for d in result.dimensions if d.dimension == "validity").measured is None


def test_no_value_of_a_person_is_told_anywhere(people, tmp_path):
    result = profile(people, on=ON)
    write_quality(result, tmp_path / "out")
    told = "".join(p.read_text("utf-8") for p in (tmp_path / "out").iterdir())
    for secret in ("Patel", "O'Neill", "AB123456C", "QQ123456C", "1966-07-08", "LS2 8JS", "NOT A CODE"):
        assert secret not in told
    assert column(result, "surname").personal
    assert all(v.value is None for v in column(result, "surname").top)


def test_repeated_records_are_counted_with_and_without_their_identifier(tmp_path):
    path = tmp_path / "r.csv"
    rows = [f"{i},Smith{'abcdefgh'[i % 4]},1980-01-0{1 + i % 4}" for i in range(1, 9)]
    path.write_text("record_id,surname,date_of_birth\n" + "\n".join(rows) + "\n")
    result = profile(path, on=ON)
    assert result.duplicate_rows == 0
    assert result.duplicates_but_identifiers == 4


def test_numbers_and_dates_have_their_distribution(tmp_path):
    path = tmp_path / "n.csv"
    amounts = (1, 2, 3, 4, -10, 4, -4)  # sum 0; squares 1 + 4 + 9 + 16 + 100 + 16 + 16 = 162
    days = ("13/01/2020", "01/02/2020", "28/02/2021", "13/01/2020", "01/02/2020", "28/02/2021", "13/01/2020")
    path.write_text(
        "amount,registered_on\n" + "".join(f"{a},{d}\n" for a, d in zip(amounts, days, strict=True))
    )
    result = profile(path, on=ON)
    numbers, dates = column(result, "amount").numbers, column(result, "registered_on").dates
    assert (numbers.low, numbers.high, numbers.negative) == (-10, 4, 2)
    assert numbers.mean == pytest.approx(0)
    assert numbers.deviation == pytest.approx((162 / 6) ** 0.5)
    assert dates.order == "day-month-year"
    assert dates.by_year == {2020: 5, 2021: 2}
    assert (dates.earliest, dates.latest) == ("2020-01-13", "2021-02-28")


def test_dates_that_could_be_read_either_way_are_told_apart_from_known_ones(tmp_path):
    path = tmp_path / "n.csv"
    path.write_text("seen_on\n01/02/2020\n03/04/2021\n")
    assert column(profile(path, on=ON), "seen_on").dates.order in {"either", "day-month-year"}


def test_typed_columns_are_profiled_as_their_text(tmp_path):
    path = tmp_path / "t.parquet"
    table = pa.table(
        {"n": pa.array([1, 2, 2, None]), "when": pa.array([date(2020, 1, 1)] * 4), "ok": [True] * 4}
    )
    pq.write_table(table, path)
    result = profile(path, on=ON)
    n = column(result, "n")
    assert (n.stored_type, n.found_type, n.missing, n.distinct, n.duplicates) == (
        "int64",
        "whole number",
        1,
        2,
        1,
    )
    assert column(result, "when").found_type == "date"


def test_an_empty_table_and_an_empty_column_are_unknown_not_good(tmp_path):
    path = tmp_path / "e.csv"
    path.write_text("a,b\n1,\n2,\n")
    empty = column(profile(path, on=ON), "b")
    assert (empty.found_type, empty.completeness, empty.uniqueness) == ("empty", 0.0, None)
    path.write_text("a,b\n")
    result = profile(path, on=ON)
    assert result.rows == 0
    assert [d.measured for d in result.dimensions] == [None] * 6
    quality_report_html(result)
    action_plan_markdown(result)


def test_history_gives_trend_and_drift(people, tmp_path):
    out = tmp_path / "out"
    write_quality(profile(people, on=date(2026, 4, 1), history=out), out)
    people.write_text(PEOPLE.replace("town", "city").replace("QQ123456C", "AB123457C"), "utf-8")
    result = profile(people, on=ON, history=out)
    write_quality(result, out)
    write_quality(result, out)

    assert (result.drift.since, result.drift.added, result.drift.removed) == (
        "2026-04-01",
        ("city",),
        ("town",),
    )
    assert result.earlier[0].measures["validity:nino"] == pytest.approx(8 / 9)
    assert result.measures()["validity:nino"] == 1
    assert len((out / "quality-history.jsonl").read_text().splitlines()) == 2
    page = (out / "quality.html").read_text("utf-8")
    assert "new field: city" in page
    assert "validity of nino" in page


def test_a_broken_history_is_named_by_line(people, tmp_path):
    (tmp_path / "quality-history.jsonl").write_text('{"on": "yesterday"}\n')
    with pytest.raises(SourceError, match="line 1"):
        profile(people, on=ON, history=tmp_path)


def test_suggested_rules_can_be_read_back_and_used(people, tmp_path):
    write_quality(profile(people, on=ON), tmp_path / "out")
    rules = load_rules(tmp_path / "out" / "suggested-rules.toml")
    assert {"record_id-unique", "nino-valid", "surname-present"} <= {r.id for r in rules.rules}
    again = profile(people, on=ON, rules=rules)
    assert all(r.standing is not Standing.NOT_MEASURED for r in again.results)
    assert next(r for r in again.results if r.rule.id == "record_id-unique").measured == 1


def test_quality_json_holds_every_count(people, tmp_path):
    write_quality(profile(people, on=ON), tmp_path)
    told = json.loads((tmp_path / "quality.json").read_text("utf-8"))
    assert told["source"]["rows_in"] == told["source"]["rows_good"] + told["source"]["rows_aside"] == 10
    assert [d["dimension"] for d in told["dimensions"]] == [
        "completeness", "uniqueness", "consistency", "timeliness", "validity", "accuracy",
    ]  # fmt: skip
    assert next(c for c in told["columns"] if c["name"] == "nino")["validity"]["invalid"] == 1


def test_accuracy_is_measured_against_a_sample_with_its_interval(people, tmp_path):
    sample = tmp_path / "sample.csv"
    sample.write_text(
        "record_id,surname,nino\n1,SMITH,AB123456C\n2,Jones,AB999999C\n5,Evans,AB123456D\n99,X,Y\n"
    )
    result = profile(people, on=ON, reference=sample)
    by_id = {r.rule.id: r for r in result.results}
    surname, nino = by_id["surname-matches_reference"], by_id["nino-matches_reference"]
    assert (surname.passed, surname.total, surname.measured) == (3, 3, 1)
    assert surname.interval[0] == pytest.approx(
        3 / (3 + 1.959963984540054**2)
    )  # Wilson at 3 of 3: n / (n + z²)
    assert (nino.passed, nino.total, nino.failing_rows) == (1, 3, (2, 5))
    assert "3 of 4 records of the sample were found" in surname.note


def test_a_sample_without_a_common_key_is_refused(people, tmp_path):
    sample = tmp_path / "sample.csv"
    sample.write_text("surname\nSmith\n")
    with pytest.raises(UsageError, match="key"):
        profile(people, on=ON, reference=sample)


def test_a_reading_may_be_profiled_directly(people):
    assert profile(read(people), on=ON).dataset == "people"


def test_a_rule_about_a_column_that_is_not_there_is_refused(people, tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nfield = "nin0"\nmetric = "present"\ntarget = 1.0\n')
    with pytest.raises(ModelError, match="nin0"):
        profile(people, on=ON, rules=rules)


def test_the_profile_does_not_depend_on_how_many_threads_count(tmp_path, monkeypatch):
    # So little memory that exact counts are given up on the way: which ones must not hang on who was first.
    monkeypatch.setattr("joinedup.quality.run._EXACT_BYTES", 8 << 20)
    rows = 300_000
    numbers = pa.array(range(rows))
    table = pa.table(
        {
            "record_id": numbers.cast(pa.string()),
            "twice": pa.array([str(n // 2) for n in range(rows)]),
            "town": pa.array([("Leeds", "York", None)[n % 3] for n in range(rows)]),
            "reference": pa.array([f"R{n * 7919 % rows:07}" for n in range(rows)]),
        }
    )
    path = tmp_path / "people.parquet"
    pq.write_table(table, path, row_group_size=20_000)
    one, four = (profile(path, on=ON, threads=threads) for threads in (1, 4))
    assert one.columns == four.columns
    assert (one.different_rows, one.different_but_identifiers) == (
        four.different_rows,
        four.different_but_identifiers,
    )
    exact = {column.name: column.distinct_exact for column in one.columns}
    assert exact["record_id"], "identifiers are the last to become estimates"
    assert not all(exact.values())
