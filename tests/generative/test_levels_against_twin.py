"""Every condition of the expression language gives a pair the same answer as the plain twin."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein, Jaro, JaroWinkler, Levenshtein

from joinedup.errors import ModelError
from joinedup.linkage.compare import ComparePlan, condition_filter
from joinedup.linkage.expression import Alike, Condition, Key, Measure, Otherwise, parse_condition, parse_key
from joinedup.linkage.model import Comparison, Level
from support import twin
from support.engine_table import engine_table
from support.linkage_strategies import COLUMNS, CONDITIONS, KEYS, LEVELS, LONG, TABLES


def _comparison(conditions: list[Condition], name: str = "c") -> Comparison:
    return Comparison(name, tuple(Level(c, str(n)) for n, c in enumerate([*conditions, Otherwise()])))


def _levels_agree(rows, levels_of_each):
    table = engine_table(rows, COLUMNS)
    comparisons = [_comparison(conditions, str(n)) for n, conditions in enumerate(levels_of_each)]
    try:
        plan = ComparePlan(table.records, comparisons)
    except ModelError:  # so many different questions in one comparison are refused
        assume(False)
    left, right = table.pairs()
    found = plan.levels_of(plan(left, right))
    for vector, (i, k) in zip(found, table.by_row(left, right), strict=True):
        wanted = [
            next(n for n, level in enumerate(c.levels) if twin.holds(level.when, rows[i], rows[k]) is True)
            for c in comparisons
        ]
        assert list(vector) == wanted, (i, k)


@settings(max_examples=120, deadline=None)
@given(TABLES, st.lists(LEVELS, min_size=1, max_size=3))
def test_each_pair_falls_in_the_twins_level(rows, levels_of_each):
    _levels_agree(rows, levels_of_each)


@settings(max_examples=80, deadline=None)
@given(TABLES, CONDITIONS)
def test_a_condition_holds_of_the_twins_pairs(rows, condition):
    table = engine_table(rows, COLUMNS)
    left, right = table.pairs()

    found = condition_filter(table.records, condition)(left, right)

    for answer, (i, k) in zip(found, table.by_row(left, right), strict=True):
        assert bool(answer) == (twin.holds(condition, rows[i], rows[k]) is True)


@settings(max_examples=80, deadline=None)
@given(TABLES, KEYS)
@example([{"place": "LS14DY"}, {"place": None}], parse_key("postcode_sector(place)"))
def test_a_keys_values_are_the_twins(rows, key):
    table = engine_table(rows, COLUMNS)
    codes = table.records.key(key)
    texts = [*codes.values.to_pylist(), None]

    assert len(set(texts)) == len(texts), "each value has one code"
    assert [texts[codes.codes[n]] for n in table.number] == [twin.value_of(key, row) for row in rows]


@settings(max_examples=80, deadline=None)
@given(st.lists(CONDITIONS, min_size=1, max_size=2))
def test_a_condition_reads_back_as_it_was_written(conditions):
    for condition in conditions:
        text = str(condition)
        assert str(parse_condition(text)) == text


_ANY = st.one_of(
    LONG,
    st.text(max_size=5),
    st.text(alphabet="abé𝒜", min_size=62, max_size=66),
    st.text(alphabet="ab", max_size=70),
    st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl李四", max_size=64),
)
_PEERS = {
    Measure.JARO: Jaro.similarity,
    Measure.JARO_WINKLER: JaroWinkler.similarity,
    Measure.LEVENSHTEIN: Levenshtein.distance,
    Measure.DAMERAU: DamerauLevenshtein.distance,
}


@settings(max_examples=150, deadline=None)
@given(_ANY, _ANY, st.integers(0, 80))
@example("a" * 65, "a" * 64 + "b", 1)
@example("a" * 40, "a" * 39 + "b", 1)
@example("ca", "abc", 2)
def test_string_measures_of_any_length_are_rapidfuzzs(one, other, edits):
    table = engine_table([{"x": one}, {"x": other}], ["x"])
    for measure, peer in _PEERS.items():
        if not one or not other:
            continue
        truth = peer(one, other)
        # Just on either side of the truth: the threshold is passed below it and not above it.
        steps = [edits, truth - 1, truth, truth + 1] if measure.is_distance else [truth - 1e-9, truth + 1e-9]
        for step in steps:
            condition = Alike(measure, Key(column="x"), float(step))
            wanted = truth <= step if measure.is_distance else truth >= step
            if not measure.may_be(step):
                continue
            holds = condition_filter(table.records, condition)
            assert bool(holds(*table.pairs())[0]) == wanted, (measure, step, truth)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(st.none(), _ANY), min_size=2, max_size=6), st.sampled_from([0.3, 0.5, 0.8]))
def test_long_texts_fall_in_the_twins_levels(texts, share):
    rows = [{"name": text} for text in texts]
    key = Key(column="name")
    conditions = [
        Alike(Measure.JACCARD, key, share),
        Alike(Measure.LEVENSHTEIN, key, 3.0),
        Alike(Measure.JARO_WINKLER, key, share),
    ]
    table = engine_table(rows, COLUMNS)
    plan = ComparePlan(table.records, [_comparison([c], str(n)) for n, c in enumerate(conditions)])
    left, right = table.pairs()
    found = plan.levels_of(plan(left, right))
    wanted = [
        [0 if twin.holds(c, rows[i], rows[k]) is True else 1 for c in conditions]
        for i, k in table.by_row(left, right)
    ]
    assert np.array_equal(found, np.array(wanted).reshape(found.shape))
