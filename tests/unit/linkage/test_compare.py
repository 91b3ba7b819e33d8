"""Levels by hand: what once went wrong, or may easily."""

from __future__ import annotations

import numpy as np
import pytest

from joinedup.errors import ModelError
from joinedup.linkage.compare import ComparePlan, condition_filter
from joinedup.linkage.expression import Alike, Key, Measure, Otherwise, parse_condition, parse_key
from joinedup.linkage.model import Comparison, Level
from support import twin
from support.engine_table import engine_table


def _holds(condition, one, other, column="x"):
    rows = [{column: one}, {column: other}]
    table = engine_table(rows, [column])
    wanted = parse_condition(condition)
    found = bool(condition_filter(table.records, wanted)(*table.pairs())[0])
    assert found == (twin.holds(wanted, *rows) is True), "the twin differs"
    return found


def test_a_date_that_is_none_is_not_missing_and_its_distance_is_unknown():
    # The distance's states were read as the value's: "no date" became a missing value.
    assert not _holds("missing(x) and days_apart(x) <= 10 or missing(x)", "no date", "1990-01-01")
    assert _holds("not equal(x) or days_apart(x) <= 10", "no date", "1990-01-01")
    assert not _holds("not days_apart(x) <= 10", "1990-02-30", "1990-01-01")
    assert _holds("days_apart(x) <= 0", "no date", "no date")
    assert not _holds("not difference(x) <= 1", "nan", "1")
    assert not _holds("not difference(x) <= 1", "inf", "1")
    assert not _holds("not days_apart(x) <= 1", "0000-01-01", "1990-01-01")


@pytest.mark.parametrize("ends", [("1990-02-03", "no date"), ("no date", "1990-02-03")])
def test_day_and_month_changed_over_is_asked_both_ways_alike(ends):
    assert not _holds("day_month_swapped(x)", *ends)
    assert _holds("not day_month_swapped(x)", *ends)
    assert _holds("day_month_swapped(x)", "1990-02-03", "1990-03-02")
    assert not _holds("day_month_swapped(x)", "1990-02-25", "1990-02-25")


@pytest.mark.parametrize("ends", [("other", None), (None, "other")])
def test_another_text_settles_both_even_where_one_record_has_none(ends):
    assert _holds('not both(x, "a")', *ends)
    assert not _holds('not both(x, "a")', "a", None)
    assert not _holds('both(x, "a")', None, None)
    assert _holds('both(x, "a")', "a", "a")


def test_crossed_reads_the_left_record_as_it_is_written():
    rows = [{"a": f"{n}", "b": f"{n + 1}"} for n in range(40)]
    table = engine_table(rows, ["a", "b"])
    left, right = table.pairs()
    # Row n's b is row n + 1's a, and never the other way round.
    for condition, count in (("crossed(b, a)", 39), ("crossed(a, b)", 0), ("swapped(a, b)", 0)):
        holds = condition_filter(table.records, parse_condition(condition))
        assert int(holds(left, right).sum()) == int(holds(right, left).sum()) == count


def test_a_condition_that_asks_nothing_always_holds():
    assert _holds("otherwise", None, "x")
    assert not _holds("not otherwise", "x", "x")
    table = engine_table([{"x": "a"}, {"x": "b"}], ["x"])
    plan = ComparePlan(
        table.records, [Comparison("c", (Level(Otherwise(), "all"), Level(Otherwise(), "none")))]
    )
    assert plan(*table.pairs()).tolist() == [0]


def test_several_measures_of_one_key_do_not_share_their_states():
    levels = [
        "missing(x)",
        "equal(x)",
        "overlap(x) >= 2",
        "levenshtein(x) <= 1",
        "day_month_swapped(x)",
        "jaro_winkler(x) >= 0.9",
        "nickname(x)",
        "days_apart(x) <= 31",
        "otherwise",
    ]
    pairs = [
        (None, "a", 0),
        ("mary", "mary", 1),
        ("a|b", "b|a", 2),
        ("mary", "peter", 8),
        ("mary", "marys", 3),
        ("1990-02-03", "1990-03-02", 4),
        ("elizabeth", "elizabteh", 5),
        ("bob", "robert", 6),
        ("1990-02-28", "1990-03-09", 7),
        ("a|b", "c", 8),
    ]
    comparison = Comparison("x", tuple(Level(parse_condition(text), text) for text in levels))
    for one, other, wanted in pairs:
        table = engine_table([{"x": one}, {"x": other}], ["x"])
        plan = ComparePlan(table.records, [comparison])
        assert plan(*table.pairs()).tolist() == [wanted], (one, other)


def test_columns_without_any_value_are_missing():
    table = engine_table([{"x": None}, {"x": ""}], ["x"])
    for condition in (
        "jaro_winkler(x) >= 0.9",
        "days_apart(x) <= 3",
        "nickname(x)",
        "overlap(x) >= 1",
        "swapped(x, lower(x))",
        "equal(postcode_sector(concat(x, x)))",
        'both(x, "a")',
    ):
        assert not condition_filter(table.records, parse_condition(condition))(*table.pairs())[0], condition
    assert condition_filter(table.records, parse_condition("missing(x)"))(*table.pairs())[0]


def test_more_than_two_hundred_thresholds_or_too_many_questions_are_refused():
    table = engine_table([{"x": "a"}, {"x": "b"}], ["x"])
    many = [Alike(Measure.LEVENSHTEIN, Key(column="x"), float(n)) for n in range(253)]
    with pytest.raises(ModelError, match="too many thresholds"):
        ComparePlan(table.records, [_levels(many[:252])])
    with pytest.raises(ModelError, match="levels in one comparison"):
        ComparePlan(table.records, [_levels([parse_condition("equal(x)")] * 255)])
    several = [parse_condition(f'both(x, "{n}")') for n in range(20)]
    with pytest.raises(ModelError, match="too many different things"):
        ComparePlan(table.records, [_levels(several)])


def _levels(conditions):
    return Comparison("x", tuple(Level(c, str(n)) for n, c in enumerate([*conditions, Otherwise()])))


@pytest.mark.parametrize(
    "text",
    ["jaro(x) >= 1.1", "jaccard(x) >= 0", "levenshtein(x) <= -1", "overlap(x) >= 0", "jaro(x) <= 0.5"],
)
def test_thresholds_that_everything_or_nothing_passes_are_refused(text):
    with pytest.raises(ModelError):
        parse_condition(text)


@pytest.mark.parametrize(
    "text",
    ["prefix(x, 0)", "prefix(x)", "prefix(x, 2.5)", "lower(x, 1.5)", "substring(x, 0, 2)", "suffix(x, -1)"],
)
def test_options_that_a_transform_cannot_use_are_refused(text):
    with pytest.raises(ModelError):
        parse_key(text)


def test_many_characters_are_told_apart():
    """More different characters than a byte, or sixteen bits, can number."""
    rows = [{"x": "".join(chr(start + n) for n in range(40))} for start in range(0x4E00, 0x9000, 41)]
    table = engine_table([*rows, {"x": rows[0]["x"][:-1] + "z"}], ["x"])
    holds = condition_filter(table.records, parse_condition("levenshtein(x) <= 1"))
    left, right = table.pairs()

    assert table.by_row(left, right)[int(np.flatnonzero(holds(left, right))[0])] == (0, len(rows))
    assert int(holds(left, right).sum()) == 1
