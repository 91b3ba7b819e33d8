"""Candidate pairs, match weights, u and EM are the plain twin's."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from joinedup.errors import LimitError, ModelError
from joinedup.linkage import score as score_room
from joinedup.linkage.block import blocking
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.estimate import (
    SMALLEST,
    estimate_u,
    expectation_maximisation,
    possible_pairs,
    random_pairs,
    rule_filters,
    session_patterns,
)
from joinedup.linkage.expression import Missing, Otherwise, parse_condition, parse_key
from joinedup.linkage.model import BlockingRule, Comparison, Level, Model
from joinedup.linkage.score import Scorer, score
from joinedup.linkage.train import train_sessions
from support import twin
from support.engine_table import chunks_of, engine_table
from support.linkage_strategies import COLUMNS, LEVELS, ROWS, RULES, TABLES, models

# Few values, so that many pairs agree.
_SAME = st.one_of(ROWS, st.just({"name": "mary", "other": "Smith", "date": "1990-02-03", "set": "a|b"}))
AGREEING = st.lists(_SAME, min_size=2, max_size=12)
SOURCES = st.lists(st.sampled_from("abc"), min_size=12, max_size=12).map(sorted)


def _engine_candidates(table, found, *, threads):
    filters = rule_filters(table.records, found.rules)
    listed = {}
    for rule, left, right in found.stream(lambda *task: task, filters, threads=threads):
        assert np.all(left < right)
        for pair in table.by_row(left, right):
            assert pair not in listed, "a pair comes once"
            listed[pair] = rule
    return listed


@settings(max_examples=120, deadline=None)
@given(
    AGREEING,
    RULES,
    st.one_of(st.none(), SOURCES),
    st.sampled_from([1, 2, 5, 1 << 18]),
    st.sampled_from([1, 2]),
)
def test_candidate_pairs_are_the_twins_each_under_its_first_rule(rows, rules, sources, chunk, threads):
    own = sources[: len(rows)] if sources is not None else None
    table = engine_table(rows, COLUMNS, sources=own)
    across = own is not None
    found = blocking(table.records, rules, across_only=across)
    with chunks_of(chunk):
        listed = _engine_candidates(table, found, threads=threads)

    assert listed == twin.twin_candidates(rows, rules, sources=own)
    alone = [twin.twin_candidates(rows, [BlockingRule(rule.on)], sources=own) for rule in rules]
    assert list(found.raw) == [len(pairs) for pairs in alone]
    for rule, raw in zip(rules, found.raw, strict=True):
        if raw:
            with pytest.raises(LimitError, match=f"{raw:,} pairs"):
                blocking(table.records, [rule], across_only=across, most_pairs=raw - 1)
        blocking(table.records, [rule], across_only=across, most_pairs=max(1, raw))


@settings(max_examples=100, deadline=None)
@given(AGREEING, models(), st.one_of(st.none(), SOURCES), st.booleans())
def test_levels_and_weights_of_all_candidates_are_the_twins(rows, model, sources, large):
    own = sources[: len(rows)] if sources is not None else None
    table = engine_table(rows, COLUMNS, sources=own)
    found = blocking(table.records, model.blocking_rules, across_only=own is not None)
    with pytest.MonkeyPatch.context() as patch, chunks_of(4):
        if large:  # too many patterns to weigh beforehand
            patch.setattr(score_room, "_TABLE", 0)
        try:
            scored = score(model, table.records, found, keep_weight=-math.inf)
        except ModelError:
            assume(False)
    levels = ComparePlan(table.records, model.comparisons).levels_of(scored.pattern)

    wanted = twin.twin_pairs(rows, model, sources=own)
    listed = table.by_row(scored.left, scored.right)
    assert sorted(listed) == sorted(wanted)
    for pair, vector, weight in zip(listed, levels, scored.weight, strict=True):
        assert tuple(vector) == wanted[pair][0]
        assert weight == pytest.approx(wanted[pair][1], abs=1e-9)
    first = Counter(twin.twin_candidates(rows, model.blocking_rules, sources=own).values())
    assert scored.by_rule == tuple(first[n] for n in range(len(model.blocking_rules)))
    bins = Counter(min(63, max(-64, math.floor(weight))) + 64 for weight in scored.weight)
    assert {n: int(c) for n, c in enumerate(scored.histogram) if c} == dict(bins)


@settings(max_examples=60, deadline=None)
@given(AGREEING, models(), st.integers(-10, 10))
def test_pairs_kept_are_those_of_at_least_the_weight(rows, model, keep):
    table = engine_table(rows, COLUMNS)
    found = blocking(table.records, model.blocking_rules, across_only=False)
    try:
        every = score(model, table.records, found, keep_weight=-math.inf)
    except ModelError:
        assume(False)
    kept = score(model, table.records, found, keep_weight=keep)

    enough = every.weight >= keep
    assert np.array_equal(kept.left, every.left[enough])
    assert np.array_equal(kept.weight, every.weight[enough])
    assert kept.by_rule == every.by_rule
    assert kept.histogram.sum() == sum(kept.by_rule)
    if len(kept.left):
        with pytest.raises(LimitError):
            score(model, table.records, found, keep_weight=keep, most_kept=len(kept.left) - 1)


@settings(max_examples=40, deadline=None)
@given(AGREEING, models(), st.one_of(st.none(), SOURCES), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_show(rows, model, sources, draw):
    own = sources[: len(rows)] if sources is not None else None
    shuffled = draw.sample(range(len(rows)), len(rows))
    results = []
    for order in (None, shuffled):
        table = engine_table(rows, COLUMNS, sources=own, order=order)
        found = blocking(table.records, model.blocking_rules, across_only=own is not None)
        try:
            scored = score(model, table.records, found, keep_weight=-math.inf)
        except ModelError:
            assume(False)
        results.append((table.records.ids.to_pylist(), [x.tolist() for x in (scored.left, scored.right)]))
        results[-1] += (scored.weight.tolist(), scored.pattern.tolist(), scored.by_rule)
    assert results[0] == results[1]


@settings(max_examples=60, deadline=None)
@given(TABLES, models())
def test_left_and_right_may_be_swapped(rows, model):
    table = engine_table(rows, COLUMNS)
    try:
        plan = ComparePlan(table.records, model.comparisons)
    except ModelError:
        assume(False)
    scorer = Scorer(model, table.records, plan)
    left, right = table.pairs()

    one, other = plan(left, right), plan(right, left)

    assert np.array_equal(one, other)
    assert np.array_equal(scorer(left, right, one), scorer(right, left, other))


@settings(max_examples=60, deadline=None)
@given(AGREEING, models())
def test_a_pairs_weight_before_contexts_is_the_prior_its_levels_and_rarity(rows, model):
    table = engine_table(rows, COLUMNS)
    try:
        plan = ComparePlan(table.records, model.comparisons)
    except ModelError:
        assume(False)
    scorer = Scorer(model, table.records, plan)
    left, right = table.pairs()
    patterns = plan(left, right)

    parts = np.full(len(left), model.prior_weight)
    for c, comparison in enumerate(model.comparisons):
        parts += np.array([level.weight for level in comparison.levels])[plan.levels_of(patterns)[:, c]]
    for _, bits in scorer.rarity_bits(left, right, patterns):
        parts += bits

    assert scorer(left, right, patterns) == pytest.approx(parts, abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 60), st.integers(0, 5), st.booleans())
def test_random_pairs_are_distinct_and_all_where_all_are_wanted(one, other, most, seed, across):
    rows = [{"x": "v"}] * (one + other)
    assume(rows)
    table = engine_table(rows, ["x"], sources=["a"] * one + ["b"] * other)
    total = one * other if across else (one + other) * (one + other - 1) // 2
    assert possible_pairs(table.records, across_only=across) == total

    listed = []
    for left, right in random_pairs(table.records, most=most, seed=seed, across_only=across):
        listed += table.by_row(left, right)

    assert len(set(listed)) == len(listed) == min(most, total)
    if across:
        assert all(i < one <= k for i, k in listed)


def _untrained(rows_levels):
    comparisons = []
    for number, conditions in enumerate(rows_levels):
        levels = [
            Level(when=c, label=str(n), missing=isinstance(c, Missing))
            for n, c in enumerate([*conditions, Otherwise()])
        ]
        comparisons.append(Comparison(f"c{number}", tuple(levels)))
    return Model(tuple(comparisons), (BlockingRule((parse_key("name"),)),), prior=0.1)


@settings(max_examples=60, deadline=None)
@given(AGREEING, st.lists(LEVELS, min_size=1, max_size=2), st.one_of(st.none(), SOURCES), st.integers(0, 3))
def test_u_of_all_pairs_is_the_twins(rows, levels, sources, seed):
    own = sources[: len(rows)] if sources is not None else None
    model = _untrained(levels)
    table = engine_table(rows, COLUMNS, sources=own)
    try:
        found = estimate_u(model, table.records, pairs=1000, seed=seed, across_only=own is not None)
    except ModelError:
        assume(False)

    pairs = possible_pairs(table.records, across_only=own is not None)
    for comparison, shares in zip(found.comparisons, twin.twin_u(rows, model, sources=own), strict=True):
        for level, share in zip(comparison.levels, shares, strict=True):
            if level.missing:
                assert level.u is None
            elif share:
                assert level.u == pytest.approx(share, abs=1e-12) or level.u == pytest.approx(0.3 / pairs)
            else:  # never seen: less than half a pair of those present
                assert SMALLEST <= level.u <= 0.3 or not sum(shares)


@pytest.mark.parametrize("when_missing", ["missing(name)", "missing(name) and missing(other)"])
@settings(max_examples=60, deadline=None)
@given(rows=AGREEING)
def test_exact_u_is_counting_over_all_pairs(when_missing, rows):
    """The u of equality from the values' own frequencies is that of all pairs, taken one at a time."""
    levels = [
        parse_condition(text) for text in (when_missing, "equal(name)", "missing(name) and equal(other)")
    ]
    model = _untrained([levels])
    first = dataclasses.replace(model.comparisons[0].levels[0], missing=True)
    model = model.with_levels(0, [first, *model.comparisons[0].levels[1:]])
    table = engine_table(rows, COLUMNS)

    exact = estimate_u(model, table.records, pairs=1000, seed=1, across_only=False, exact=True)

    shares = twin.twin_u(rows, model)[0]
    for level, share in zip(exact.comparisons[0].levels[1:], shares[1:], strict=True):
        if share:
            assert level.u == pytest.approx(share, abs=1e-9)


EM_MODEL = Model(
    comparisons=(
        Comparison(
            "name",
            (
                Level(parse_condition("missing(name)"), "missing", missing=True),
                Level(parse_condition("equal(name)"), "same", m=0.8, u=0.1),
                Level(parse_condition("jaro_winkler(name) >= 0.7"), "alike", m=0.15, u=0.2, fixed_m=True),
                Level(Otherwise(), "different", m=0.05, u=0.7),
            ),
        ),
        Comparison(
            "other",
            (
                Level(parse_condition("missing(other)"), "missing", missing=True),
                Level(parse_condition("equal(other)"), "same", u=0.3),
                Level(Otherwise(), "different", u=0.7),
            ),
        ),
        Comparison(
            "place",
            (
                Level(parse_condition("equal(place)"), "same", u=0.25),
                Level(Otherwise(), "different or missing", u=0.75),
            ),
        ),
    ),
    blocking_rules=(BlockingRule((parse_key("date"),)),),
    prior=0.05,
)
_FEW = st.fixed_dictionaries(
    {
        "name": st.sampled_from([None, "mary", "marie", "Smith"]),
        "other": st.sampled_from([None, "a", "b"]),
        "place": st.sampled_from([None, "LS1", "M1"]),
        "date": st.sampled_from([None, "1990-02-03", "1991-01-01"]),
    }
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(_FEW, min_size=3, max_size=12),
    st.sampled_from(["date", "place", "name"]),
    st.sampled_from([0.05, 0.5]),
    st.integers(1, 8),
)
def test_em_is_the_twins(rows, column, prior, iterations):
    table = engine_table(rows, COLUMNS)
    rule = BlockingRule((parse_key(column),))
    plan = ComparePlan(table.records, EM_MODEL.comparisons)
    counts = session_patterns(plan, table.records, rule, across_only=False, threads=1, most_pairs=None)
    assume(counts.pairs)
    start = [[1.0, 0.8, 0.15, 0.05], [1.0, 0.95, 0.05], [0.95, 0.05]]

    found = expectation_maximisation(
        EM_MODEL, plan, counts, rule=rule, start_prior=prior, iterations=iterations, tolerance=0.0
    )

    pairs = twin.twin_candidates(rows, [rule])
    seen = [twin.twin_levels(rows[i], rows[k], EM_MODEL) for i, k in pairs]
    assert counts.pairs == len(seen)
    m, last = twin.twin_em(
        seen, EM_MODEL, rule=rule, start_m=start, start_prior=prior, iterations=iterations, floor=SMALLEST
    )
    assert found.prior == pytest.approx(last, abs=1e-9)
    for own, wanted, comparison in zip(found.m, m, EM_MODEL.comparisons, strict=True):
        if column in comparison.columns():
            assert own is None
            continue
        for a, b, level in zip(own, wanted, comparison.levels, strict=True):
            assert level.missing or a == pytest.approx(b, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.lists(_FEW, min_size=3, max_size=12), st.booleans())
def test_sessions_do_not_depend_on_threads_or_chunks(rows, free_u):
    table = engine_table(rows, COLUMNS)
    results = []
    for threads, chunk in ((1, 1 << 18), (2, 1), (3, 4)):
        with chunks_of(chunk):
            results.append(
                train_sessions(
                    EM_MODEL,
                    table.records,
                    [BlockingRule((parse_key("date"),))],
                    across_only=False,
                    threads=threads,
                    most_pairs=None,
                    free_u=free_u,
                )
            )
    assert results[0] == results[1] == results[2]
