"""A survey's percentages are read with what is wrong in them, and held against one's own with its interval."""

from __future__ import annotations

from fractions import Fraction

import pytest

from joinedup.errors import SourceError
from joinedup.feedback import share
from joinedup.feedback.benchmark import Standing, plain_words, read_benchmark, standing

HEAD = "source,chapter,question,option,group,year,percent,note\n"


def read(text: str):
    return read_benchmark(text.encode(), where="the file")


def test_rows_are_read_and_what_cannot_be_taken_is_told() -> None:
    rows, problems = read(
        HEAD + 'A survey,1,"Is it easy, or not?",Yes,all,2024,30,\n,,Is it?,No,all,2024,,in words alone\n'
        ",,Is it?,Maybe,all,2024,101,\n,,,Maybe,all,2024,1,\n,,Is it?,So so,all,2024,many,\n\n"
    )

    assert [(row.question, row.share) for row in rows] == [
        ("Is it easy, or not?", Fraction(3, 10)),
        ("Is it?", None),
    ]
    assert [(each.row, each.what) for each in problems] == [
        (4, "percent must be from 0 to 100"),
        (5, "the question or the option is empty"),
        (6, "percent is not a number"),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a CSV"),
        (b"\x00\x01", "not a CSV"),
        (b"question,option\na,b\n", "column percent is missing"),
    ],
    ids=["empty", "binary", "without-percent"],
)
def test_a_file_that_is_no_benchmark_is_refused(content, words) -> None:
    with pytest.raises(SourceError, match=words):
        read_benchmark(content, where="the file")


def test_the_same_words_are_the_same_question() -> None:
    assert plain_words("How EASY is it – to join-up data?") == plain_words("how easy is it to join up data")
    assert plain_words("How easy is it?") != plain_words("How easy was it?")


@pytest.mark.parametrize(
    ("hits", "total", "benchmark", "wanted"),
    [
        (45, 50, Fraction(1, 2), Standing.HIGHER),  # Wilson: 0.7864 to 0.9565
        (45, 50, Fraction(79, 100), Standing.NOT_TOLD_APART),
        (45, 50, Fraction(78, 100), Standing.HIGHER),
        (5, 50, Fraction(1, 2), Standing.LOWER),
        (0, 0, Fraction(1, 2), Standing.UNKNOWN),
        (5, 50, None, Standing.UNKNOWN),
    ],
)
def test_a_difference_is_told_where_chance_does_not_explain_it(hits, total, benchmark, wanted) -> None:
    assert standing(share(hits, total), benchmark) is wanted
