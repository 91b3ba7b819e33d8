"""A service's months, and reading them from a file: unknown is never nought, and what contradicts itself is told."""

from __future__ import annotations

from datetime import date

import pytest

from joinedup.errors import SourceError, UsageError
from joinedup.feedback.figures import (
    MonthFigures,
    months_between,
    read_cost,
    read_count,
    read_figures,
    read_month,
)

MARCH = date(2026, 3, 1)


@pytest.mark.parametrize(
    "text", ["2026-03", "2026-03-01", "03/2026", "1/3/2026", "March 2026", "Mar-26", " mar 2026 "]
)
def test_a_month_is_read_however_people_write_it(text):
    assert read_month(text) == MARCH


@pytest.mark.parametrize("text", ["", "13/2026", "2026", "Smarch 2026", "2026-00", "15/3/2026"])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(UsageError, match="the month cannot be read"):
        read_month(text)


def test_counts_and_costs_are_read_with_their_marks():
    assert read_count("12,345", name="started") == 12345
    assert read_count("7.0", name="started") == 7
    assert read_cost("£12,345.60") == 1234560
    assert read_cost("0.005") == 1


@pytest.mark.parametrize("text", ["", " ", "-", "N/A", "not known"])
def test_what_is_not_known_stays_unknown(text):
    assert read_count(text, name="started") is None
    assert read_cost(text) is None


@pytest.mark.parametrize("text", ["-1", "1.5", "many", "1e3", "9999999999"])
def test_what_is_no_count_is_refused(text):
    with pytest.raises(UsageError, match="started must be a whole number"):
        read_count(text, name="started")


@pytest.mark.parametrize("text", ["-1", "NaN", "Infinity", "lots"])
def test_what_is_no_cost_is_refused(text):
    with pytest.raises(UsageError, match="cost must be an amount"):
        read_cost(text)


def test_more_cannot_be_completed_than_was_started():
    with pytest.raises(UsageError, match="more transactions were completed than started") as refused:
        MonthFigures(MARCH, started=10, completed=11)

    assert refused.value.where == "March 2026"


def test_more_cannot_be_completed_online_than_in_all_channels():
    with pytest.raises(UsageError, match="completed online than in all channels"):
        MonthFigures(MARCH, completed=10, digital=11)


def test_months_go_over_the_end_of_a_year():
    assert months_between(date(2025, 11, 30), date(2026, 2, 1)) == (
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    )
    assert months_between(date(2026, 2, 1), date(2026, 1, 1)) == ()


def test_a_file_gives_its_months_and_tells_which_rows_it_does_not():
    content = (
        "\ufeffMonth,Completed,Started,Cost\r\n"
        "2026-01,90,100,450.00\r\n"
        "2026-02,120,100,450\r\n"
        ",1,1,1\r\n"
        "\r\n"
        "2026-03,,70,\r\n"
        "March 2026,1,1,1\r\n"
    ).encode()

    months, problems = read_figures(content, where="figures.csv")

    assert months == [
        MonthFigures(date(2026, 1, 1), started=100, completed=90, cost_pence=45000),
        MonthFigures(date(2026, 3, 1), started=70),
    ]
    assert [(problem.row, problem.what) for problem in problems] == [
        (3, "more transactions were completed than started"),
        (4, "the month cannot be read"),
        (7, "March 2026 is in the file twice"),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"a,b\n1,2\n", "the columns cannot be told apart"),
        (b"month\n2026-01\n", "the columns cannot be told apart"),
        (b"PK\x03\x04\x00\x00", "this is not a CSV file"),
        (b"month,started\n" + b"2026-01,1\n" * 1201, "more than 1,200 rows"),
    ],
    ids=["empty", "other columns", "no figures", "a spreadsheet", "too long"],
)
def test_a_file_that_is_no_table_of_figures_is_refused(content, words):
    with pytest.raises(SourceError, match=words):
        read_figures(content, where="figures.csv")
