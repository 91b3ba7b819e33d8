"""Dates of birth: the column tells the order of day and month; nothing is guessed value by value."""

from __future__ import annotations

from datetime import date, datetime

import pyarrow as pa
import pytest

from joinedup.errors import UsageError
from joinedup.people import FieldKind, FieldOptions, FieldStatus, standardise

ON = date(2026, 11, 22)


def born(*texts: str | None, **options: object):
    return standardise(pa.array(texts, pa.string()), FieldKind.DATE_OF_BIRTH, options=FieldOptions(**options))


WRITINGS = (
    "1980-03-25; 25/03/1980; 25.03.1980; 25-03-1980; 25 03 1980; 19800325; 25031980; 03/25/1980; 1980/3/25; "
    "25 March 1980; 25-Mar-1980; 25th of March, 1980; March 25, 1980; Tue 25 Mar 1980; 1980-03-25T00:00:00Z; "
    "25/03/1980 00:00"
)


@pytest.mark.parametrize(
    "text",
    WRITINGS.split("; "),
)
def test_one_day_in_many_writings(text):
    field = born(text)

    assert field.values.to_pylist() == [date(1980, 3, 25)]
    assert field.counts[FieldStatus.VALID] == 1


def test_one_telling_date_settles_the_whole_column():
    assert born("03/04/1980", "25/12/1979").values.to_pylist() == [date(1980, 4, 3), date(1979, 12, 25)]
    assert born("03/04/1980", "12/25/1979").values.to_pylist() == [date(1980, 3, 4), date(1979, 12, 25)]


def test_without_a_telling_date_the_order_is_told_to_be_ambiguous():
    field = born("03/04/1980", "05/05/1980")

    assert field.values.to_pylist() == [None, date(1980, 5, 5)]
    assert field.reasons.to_pylist() == ["ambiguous_order", None]
    assert "not told by the column" in field.notes["date_order"]


def test_a_declared_order_overrules_the_column():
    field = born("03/04/1980", "25/12/1979", date_order="mdy")

    assert field.values.to_pylist() == [date(1980, 3, 4), None]
    assert field.reasons.to_pylist() == [None, "impossible_date"]


def test_a_mixed_column_gives_only_what_can_be_read_one_way():
    field = born("25/12/1979", "12/25/1979", "03/04/1980")

    assert field.values.to_pylist() == [date(1979, 12, 25), date(1979, 12, 25), None]
    assert field.notes["date_order"] == "mixed (dmy 1, mdy 1 of 2 telling dates)"


def test_a_few_dates_against_the_order_do_not_upset_it():
    field = born(*[f"{day}/06/1970" for day in range(13, 32) if day != 31] * 2, "06/30/1970", "03/04/1980")

    assert field.values.to_pylist()[-2:] == [None, date(1980, 4, 3)]
    assert field.reasons.to_pylist()[-2] == "impossible_date"


@pytest.mark.parametrize(
    "text", ["31/02/1980", "29/02/1900", "1980-13-02", "1980-02-30", "00/01/1980", "19801332"]
)
def test_days_that_no_calendar_has_are_told(text):
    assert born(text, "25/12/1979").reasons.to_pylist()[0] == "impossible_date"


def test_two_digit_years_need_a_stated_rule():
    assert born("25/03/80").reasons.to_pylist() == ["two_digit_year_unknown"]
    assert born("25/03/80", pivot=30).values.to_pylist() == [date(1980, 3, 25)]
    assert born("25/03/26", "25/12/26", "25/03/80", on=ON).values.to_pylist() == [
        date(2026, 3, 25),
        date(1926, 12, 25),
        date(1980, 3, 25),
    ]
    assert born("25/03/26", on=ON).reasons.to_pylist() == ["ambiguous_order"]  # or 26 March 2025
    assert born("25/03/80", pivot=30).reasons.to_pylist() == ["two_digit_year"]


def test_spreadsheet_day_numbers():
    # 29221 is 1 January 1980; 1925 to 1980 are 55 years with 13 leap days, 20,088 days.
    field = born("29221", "29221.0", "29221.75", "9133", "99999")

    assert field.values.to_pylist() == [date(1980, 1, 1)] * 3 + [date(1925, 1, 1), None]
    assert field.reasons.to_pylist() == ["excel_serial"] * 4 + ["missing_word"]
    assert born("29221", "29222", "90000").reasons.to_pylist()[-1] == "impossible_date"


def test_a_year_alone_is_only_part_of_a_date():
    assert born("1980", "03/1980", "March 1980").reasons.to_pylist() == ["partial_date"] * 3


def test_stand_ins_are_flagged_and_kept_unless_told_otherwise():
    kept = born("01/01/1900", "1901-01-01", "25/12/1979")
    dropped = born("01/01/1900", keep_placeholders=False)

    assert kept.values.to_pylist()[:2] == [date(1900, 1, 1), date(1901, 1, 1)]
    assert kept.suspicious.tolist() == [True, True, False]
    assert (dropped.values.to_pylist(), dropped.status.tolist()) == ([None], [FieldStatus.MISSING])


def test_the_future_and_great_age_are_judged_on_the_day_given():
    field = born("2030-01-01", "1890-05-05", "1980-01-01", on=ON)

    assert field.reasons.to_pylist() == ["in_future", "very_old", None]
    assert born("2030-01-01").values.to_pylist() == [date(2030, 1, 1)]


def test_words_for_no_date_are_missing():
    assert born("00/00/0000", "99999999", "n/a", "", None).counts[FieldStatus.MISSING] == 5


def test_typed_columns_are_read():
    for column in (
        pa.array([date(1980, 3, 25)]),
        pa.array([datetime(1980, 3, 25, 7, 30)]),
        pa.array([19800325]),
    ):
        assert standardise(column, FieldKind.DATE_OF_BIRTH).values.to_pylist() == [date(1980, 3, 25)]


def test_an_order_nobody_knows_is_refused():
    with pytest.raises(UsageError, match="not known"):
        born("1980-01-01", date_order="ydm")
