"""First names and surnames the wrong way round: asked for only where the records show it."""

from __future__ import annotations

import pytest

from joinedup.linkage.choose_comparisons import Field, blocking_keys, choose_comparisons
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.exchanged_names import ExchangedNames, exchanged_names
from joinedup.people import FieldKind
from support.engine_table import engine_table

_NAMES = ExchangedNames("first_name", "surname")
_COLUMNS = ("first_name", "surname", "born")


def _rows(*people):
    return [dict(zip(_COLUMNS, person, strict=True)) for person in people]


def _people(straight, crossed):
    """So many pairs of records of people who give their names straight, and crosswise."""
    rows = []
    for n in range(straight + crossed):
        first, last, born = f"f{n}", f"l{n}", f"19{n % 90 + 10}-01-02"
        rows += [(first, last, born), (first, last, born) if n < straight else (last, first, born)]
    return _rows(*rows)


def _found(rows, telling=("born",)):
    records = engine_table(rows, _COLUMNS).records
    return exchanged_names(records, first_name="first_name", surname="surname", telling=telling)


@pytest.mark.parametrize(
    ("straight", "crossed", "shown"),
    [(100, 10, True), (100, 9, False), (4_990, 10, True), (5_500, 10, False), (100, 0, False)],
)
def test_ten_pairs_and_one_in_five_hundred_must_show_it(straight, crossed, shown):
    assert _found(_people(straight, crossed)) == (_NAMES if shown else None)


def test_strangers_who_share_names_crosswise_show_nothing():
    rows = _rows(
        *(("james", "thomas", f"19{n:02d}-01-02") for n in range(40)),
        *(("thomas", "james", f"19{n:02d}-05-06") for n in range(40)),
    )

    assert _found(rows) is None
    assert _found(_people(100, 50), telling=()) is None


def test_somebody_called_the_same_twice_over_is_not_exchanged():
    assert _found(_rows(*[("james", "james", "1990-01-02")] * 40)) is None


def test_such_a_pair_is_judged_by_the_first_name_and_the_surname_says_nothing():
    fields = [Field("first_name", FieldKind.FIRST_NAME), Field("surname", FieldKind.SURNAME)]
    rows = [*_rows(("mary", "wu", None), ("wu", "mary", None), ("mary", "wu", None), ("wu", "li", None))]
    table = engine_table(rows, _COLUMNS)
    comparisons = choose_comparisons(fields, table.records, exchanged=_NAMES)
    plan = ComparePlan(table.records, comparisons)

    left, right = table.pairs()
    labels = {
        pair: [c.levels[level].label for c, level in zip(comparisons, vector, strict=True)]
        for pair, vector in zip(
            table.by_row(left, right), plan.levels_of(plan(left, right)).tolist(), strict=True
        )
    }

    assert labels[0, 1] == ["exchanged with the surname", "exchanged with the first name, and judged there"]
    assert labels[0, 2] == ["the same", "the same"]
    assert labels[0, 3] == ["different", "different"]
    assert [level.missing for level in comparisons[1].levels if level.label.startswith("exchanged")] == [True]


def test_both_ways_round_have_one_blocking_key():
    table = engine_table(
        _rows(("mary ann", "wu", None), ("wu", "mary ann", None), ("mary", "wu", None)), _COLUMNS
    )
    fields = [Field("first_name", FieldKind.FIRST_NAME), Field("surname", FieldKind.SURNAME)]

    (key,) = blocking_keys(fields, table.records, exchanged=_NAMES)["names either way round"]

    codes = table.records.key(key).codes[table.number]
    assert codes[0] == codes[1] != codes[2]
    assert "names either way round" not in blocking_keys(fields, table.records)
