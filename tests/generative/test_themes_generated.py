"""Whatever the texts: the order of rows does not matter, one seed gives one answer, and counts add up."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from joinedup.text.chances import corrected, share_between, share_differs
from joinedup.text.segments import compare_segments
from joinedup.text.themes import NO_THEME, draft_themes
from joinedup.text.trend import sudden_changes

_WORDS = "bus late queue long nurse kind form lost park full food cold letter tax call wait".split()  # noqa: SIM905


def _texts(seed: int, many: int) -> tuple[list[str], np.ndarray]:
    draw = random.Random(seed)
    middles = np.random.default_rng(seed).standard_normal((6, 12))
    texts, rows = [], []
    for at in range(many):
        subject = draw.randrange(6)
        texts.append(" ".join(draw.choices(_WORDS[2 * subject : 2 * subject + 6], k=4)) + f" {at // 2}")
        rows.append(middles[subject] + 0.5 * np.random.default_rng(seed * 1000 + at // 2).standard_normal(12))
    vectors = np.array(rows).reshape(many, 12)
    return texts, (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), many=st.integers(0, 150), mixed=st.randoms(use_true_random=False))
def test_the_order_of_texts_does_not_matter(seed, many, mixed):
    texts, vectors = _texts(seed, many)
    order = list(range(many))
    mixed.shuffle(order)
    one = draft_themes(texts, vectors, seed=seed)
    other = draft_themes([texts[i] for i in order], vectors[order], seed=seed)

    assert one.assigned[order].tolist() == other.assigned.tolist()
    assert [theme.title for theme in one.themes] == [theme.title for theme in other.themes]
    assert [[texts[i] for i in t.quotes] for t in one.themes] == [
        [texts[order[i]] for i in t.quotes] for t in other.themes
    ]
    assert one.variance == other.variance


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), many=st.integers(0, 150))
def test_one_seed_gives_one_answer_and_themes_part_the_texts(seed, many):
    texts, vectors = _texts(seed, many)
    one, other = (draft_themes(texts, vectors, seed=seed) for _ in range(2))

    assert one.assigned.tolist() == other.assigned.tolist()
    assert one.probability.tolist() == other.probability.tolist()
    held = sorted(int(i) for theme in one.themes for i in theme.members)
    assert held == np.flatnonzero(one.assigned != NO_THEME).tolist()
    assert all(len(theme.members) >= 5 and theme.title for theme in one.themes)


_count = st.integers(0, 400).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@given(one=_count, other=_count)
def test_two_shares_differ_as_much_either_way_round(one, other):
    p = share_differs(*one, *other)

    assert 0 <= p <= 1
    assert abs(p - share_differs(*other, *one)) < 1e-9
    assert abs(p - share_differs(one[1] - one[0], one[1], other[1] - other[0], other[1])) < 1e-9
    low, high = share_between(*one)
    assert 0 <= low <= high <= 1


@given(st.lists(st.floats(0, 1), max_size=30))
def test_correction_keeps_the_order_and_never_lowers(ps):
    found = corrected(ps)

    assert all(p <= q <= 1 for p, q in zip(ps, found, strict=True))
    assert sorted(found) == [found[i] for i in sorted(range(len(ps)), key=lambda i: (ps[i], found[i]))]


@given(st.dictionaries(st.sampled_from("abcdef"), _count))
def test_no_small_number_of_people_is_told(counts):
    found = compare_segments(counts)

    assert [each.segment for each in found] == list(counts)
    for each in found:
        hits, total = counts[each.segment]
        if total < 10 or 0 < hits < 5:
            assert each.hits is None
            assert each.share is None
    held = [each for each in found if each.is_held_back]
    assert len(held) != 1 or len(found) == 1


@given(st.dictionaries(st.sampled_from(["one", "two"]), st.lists(_count, max_size=12)))
def test_changes_are_of_periods_that_were_given(counts):
    series = {name: dict(enumerate(periods)) for name, periods in counts.items()}
    for change in sudden_changes(series):
        assert series[change.series][change.period] == (change.hits, change.total)
        assert change.p <= 0.05
        assert change.total >= 5
