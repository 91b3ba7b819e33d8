"""Pairs on disk against pairs in memory: the same order, threshold, people, refusals, measures and reviews."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joinedup.errors import LimitError, UsageError
from joinedup.linkage import kept
from joinedup.linkage.cluster import cluster
from joinedup.linkage.cluster_measures import Measures
from joinedup.linkage.cluster_parts import cluster_in_parts
from joinedup.linkage.descending import in_descending_weight
from joinedup.linkage.examples import pairs_to_review
from joinedup.linkage.expected import expected_links, expected_threshold
from joinedup.linkage.kept import Keeping, PairColumns, lowest

HISTOGRAM = np.zeros(128, np.int64)
WEIGHTS = st.sampled_from([-3.0, -0.0, 0.0, 0.5, 1.0, 1.0 + 2**-40, 7.25, 1e-300, -1e6, 40.0])


@pytest.fixture(scope="module", autouse=True)
def few_rows_at_a_time():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "ROWS", 7)
        yield


def both(folder, columns, *, with_contexts=True):
    """The same pairs, held in memory and on disk."""
    found = []
    for most in (None, 5):
        keeping = Keeping(most=most, folder=folder, patterns=300, with_contexts=with_contexts)
        for begin in range(0, max(1, len(columns)), 4):
            part = [getattr(columns, field.name)[begin : begin + 4] for field in fields(columns)]
            keeping.add(PairColumns(*part))
        found.append(keeping.finish((len(columns),), HISTOGRAM))
    return found


def pairs_of(ends, weights, adjustments=None):
    left, right = (np.array([pair[side] for pair in ends], np.int32) for side in (0, 1))
    taken = np.zeros(len(ends)) if adjustments is None else np.array(adjustments, np.float64)
    pattern = np.arange(len(ends)) % 300
    return PairColumns(left, right, np.array(weights, np.float64), pattern, taken)


@st.composite
def scored(draw):
    count = draw(st.integers(0, 40))
    weights = draw(st.lists(WEIGHTS, min_size=count, max_size=count))
    taken = draw(st.lists(st.sampled_from([0.0, -1.5, -8.0]), min_size=count, max_size=count))
    return pairs_of([(n, n + 1) for n in range(count)], weights, taken)


@settings(deadline=None)
@given(columns=scored(), most=st.integers(1, 50))
def test_the_order_of_weights_is_that_of_a_stable_sort(tmp_path_factory, columns, most):
    memory, disk = both(tmp_path_factory.getbasetemp(), columns)
    if len(columns) <= 5:
        return

    found = list(in_descending_weight(disk, lambda c, at: {"place": np.arange(at, at + len(c))}, most=most))

    assert (
        np.concatenate([c["place"] for c in found]).tolist()
        == np.argsort(-memory.weight, kind="stable").tolist()
    )


@settings(deadline=None)
@given(columns=scored(), share=st.sampled_from([0.0, 0.5, 1.0]))
def test_thresholds_sums_and_lowest_are_the_same(tmp_path_factory, columns, share):
    memory, disk = both(tmp_path_factory.getbasetemp(), columns)

    assert expected_threshold(disk, share=share) == expected_threshold(memory, share=share)
    assert expected_links(disk, threshold=0.5, share=share) == expected_links(
        memory, threshold=0.5, share=share
    )
    order = np.lexsort((-memory.right, np.abs(memory.weight)))
    for pairs in (memory, disk):
        assert lowest(pairs, lambda c: (np.abs(c.weight), -c.right), 6).tolist() == order[:6].tolist()
    for one, other in zip(memory.chunks(), disk.chunks(), strict=True):
        for field in fields(PairColumns):
            column = getattr(other, field.name)
            assert column.tolist() == getattr(one, field.name).tolist()
            assert column.dtype == getattr(one, field.name).dtype


@st.composite
def jobs(draw):
    """Records, scored pairs of few different weights, sources, identifiers and decisions."""
    records = draw(st.integers(5, 24))
    every = [(i, k) for i in range(records) for k in range(i + 1, records)]
    chosen = draw(st.lists(st.sampled_from(every), unique=True, min_size=6, max_size=40))
    weights = [w / 2 for w in draw(st.lists(st.integers(-4, 6), min_size=len(chosen), max_size=len(chosen)))]
    few = st.lists(st.sampled_from(every), unique=True, max_size=3)
    column = st.lists(st.integers(-1, 2), min_size=records, max_size=records).map(np.array)
    return pairs_of(chosen, weights), {
        "records": records,
        "threshold": 0.0,
        "source": draw(st.lists(st.integers(0, 2), min_size=records, max_size=records).map(np.array)),
        "one_to_one_sources": draw(st.frozensets(st.integers(0, 2), max_size=2)),
        "identifiers": draw(st.lists(column, max_size=2)),
        "same": tuple(np.array(draw(few), np.int32).reshape(-1, 2).T),
        "different": tuple(np.array(draw(few), np.int32).reshape(-1, 2).T),
        "split": draw(st.sampled_from([None, -1.0, 0.0, 1.3])),
        "absent_weight": -0.5,
    }


@settings(deadline=None, max_examples=200)
@given(job=jobs(), most=st.integers(1, 60))
def test_people_refusals_measures_and_reviews_are_the_same(tmp_path_factory, job, most):
    columns, obeyed = job
    memory, disk = both(tmp_path_factory.getbasetemp(), columns)
    try:
        whole = cluster(memory.left, memory.right, memory.weight, **obeyed)
    except UsageError:
        with pytest.raises(UsageError):
            cluster_in_parts(disk, most=most, **obeyed)
        return
    try:
        parts, bridges = cluster_in_parts(disk, most=most, **obeyed)
    except LimitError:  # one group has more pairs than that
        parts, bridges = cluster_in_parts(disk, most=len(columns), **obeyed)

    assert parts.person.tolist() == whole.person.tolist()
    assert parts.broken.counts() == whole.broken.counts()
    for name in ("left", "right", "weight", "reason"):
        assert getattr(parts.broken, name).tolist() == getattr(whole.broken, name).tolist()
    for field in fields(Measures):
        if field.name != "bridge":
            one, other = getattr(parts.measures, field.name), getattr(whole.measures, field.name)
            np.testing.assert_array_equal(one, other)
    for limit in (3, 300):
        assert pairs_to_review(disk, parts, threshold=0.0, limit=limit, bridges=bridges) == pairs_to_review(
            memory, whole, threshold=0.0, limit=limit
        )


def test_one_group_of_more_pairs_than_may_be_held_is_refused_with_its_size(tmp_path):
    _, disk = both(tmp_path, pairs_of([(0, n) for n in range(1, 12)], np.ones(11)))

    with pytest.raises(LimitError, match="12 records hang together by 11 pairs") as caught:
        cluster_in_parts(disk, records=20, threshold=0.0, source=np.zeros(20, np.int32), most=10)

    assert "threshold" in caught.value.mend


def test_nothing_is_left_on_the_disk(tmp_path):
    _, disk = both(tmp_path, pairs_of([(0, n) for n in range(1, 12)], np.ones(11)), with_contexts=False)

    assert list(tmp_path.iterdir()) == []
    assert disk.spill.bytes == 11 * (4 + 4 + 8 + 2)
    assert replace(disk).take(np.array([10, 0])).right.tolist() == [11, 1]
