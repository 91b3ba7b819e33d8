"""Clusters against an obvious twin, and what must hold of any of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from joinedup.errors import UsageError
from joinedup.linkage.cluster import cluster


@st.composite
def jobs(draw, *, distinct=True):
    """Records, scored pairs (all of different weight), sources, identifiers and decisions."""
    records = draw(st.integers(2, 12))
    every = [(i, k) for i in range(records) for k in range(i + 1, records)]
    chosen = draw(st.lists(st.sampled_from(every), unique=True, max_size=30))
    steps = (
        st.permutations(range(len(chosen)))
        if distinct
        else st.lists(st.integers(3, 9), min_size=len(chosen), max_size=len(chosen))
    )
    weights = [step / 2 - 3 for step in draw(steps)]
    few = st.lists(st.sampled_from(every), unique=True, max_size=3)
    column = st.lists(st.integers(-1, 2), min_size=records, max_size=records)
    return {
        "pairs": [(i, k, w) for (i, k), w in zip(chosen, weights, strict=True)],
        "records": records,
        "source": draw(st.lists(st.integers(0, 2), min_size=records, max_size=records)),
        "one_to_one": draw(st.frozensets(st.integers(0, 2), max_size=2)),
        "identifiers": draw(st.lists(column, max_size=2)),
        "same": draw(few),
        "different": draw(few),
        "split": draw(st.sampled_from([None, -1.0, 0.0, 1.3])),
    }


def run(job):
    pairs = [np.array(column) for column in zip(*job["pairs"], strict=True)] or [np.empty(0)] * 3
    both = {name: tuple(np.array(job[name]).reshape(-1, 2).T) for name in ("same", "different")}
    return cluster(
        *pairs,
        records=job["records"],
        threshold=0.0,
        source=np.array(job["source"]),
        one_to_one_sources=job["one_to_one"],
        identifiers=[np.array(column) for column in job["identifiers"]],
        split=job["split"],
        absent_weight=-0.5,
        **both,
    )


def plain(job):
    """The same in sets: slow and obvious. None where the decisions contradict each other."""
    groups = [{i} for i in range(job["records"])]
    weight = {(i, k): w for i, k, w in job["pairs"]}

    def of(x):
        return next(group for group in groups if x in group)

    def put_together(a, b):
        a, b = of(a), of(b)
        if a is not b:
            groups.remove(b)
            a |= b

    def codes(group, column):
        return {column[x] for x in group} - {-1}

    def is_forbidden(a, b):
        crossing = [(min(x, y), max(x, y)) for x in a for y in b]
        if any(set(pair) == set(decided) for pair in crossing for decided in job["different"]):
            return True
        for column in job["identifiers"]:
            one, other = codes(a, column), codes(b, column)
            if not (one <= other or other <= one):
                return True
        sources = [{job["source"][x] for x in group} & job["one_to_one"] for group in (a, b)]
        if sources[0] & sources[1]:
            return True
        evidence = sum(weight.get(pair, -0.5) for pair in crossing) / len(crossing)
        return job["split"] is not None and evidence < job["split"]

    for a, b in job["same"]:
        put_together(a, b)
    if any(of(a) is of(b) for a, b in job["different"]):
        return None
    for i, k, w in sorted(job["pairs"], key=lambda pair: (-pair[2], pair[:2])):
        if w >= 0 and of(i) is not of(k) and not is_forbidden(of(i), of(k)):
            put_together(i, k)
    return [min(of(x)) for x in range(job["records"])]


@settings(max_examples=400, deadline=None)
@given(jobs())
def test_clusters_are_the_plain_twins(job):
    expected = plain(job)
    if expected is None:
        try:
            run(job)
        except UsageError:
            return
        raise AssertionError("decisions that contradict each other were not refused")
    assert run(job).person.tolist() == expected


@settings(max_examples=200, deadline=None)
@given(jobs(distinct=False))
def test_equal_weights_are_settled_by_record_number(job):
    expected = plain(job)
    if expected is not None:
        assert run(job).person.tolist() == expected


@settings(max_examples=200, deadline=None)
@given(jobs(), st.randoms(use_true_random=False))
def test_numbering_the_records_anew_gives_the_same_people(job, random):
    if plain(job) is None:
        return
    to = list(range(job["records"]))
    random.shuffle(to)
    back = np.argsort(to)
    pairs = [(to[k], to[i], w) for i, k, w in job["pairs"]]
    random.shuffle(pairs)
    renamed = job | {
        "pairs": pairs,
        "source": [job["source"][i] for i in back],
        "identifiers": [[column[i] for i in back] for column in job["identifiers"]],
        "same": [(to[k], to[i]) for i, k in job["same"]],
        "different": [(to[k], to[i]) for i, k in job["different"]],
    }

    assert partition(run(renamed).person[to]) == partition(run(job).person)


@settings(max_examples=200, deadline=None)
@given(jobs())
def test_every_link_is_kept_or_accounted_for(job):
    if plain(job) is None:
        return
    found = run(job)
    apart = {(i, k) for i, k, w in job["pairs"] if w >= 0 and found.person[i] != found.person[k]}
    links = sum(w >= 0 for *_, w in job["pairs"])

    assert set(zip(found.broken.left.tolist(), found.broken.right.tolist(), strict=True)) == apart
    assert int(found.measures.links.sum()) + len(apart) == links
    for i, flag in enumerate(found.measures.bridge):
        if flag and not job["same"] and job["split"] is None:
            assert parts_without(job, found, i)


def parts_without(job, found, left_out):
    """Whether the ends of a link lose touch when it alone is taken out of its cluster."""
    inside = [(i, k) if w >= 0 and found.person[i] == found.person[k] else () for i, k, w in job["pairs"]]
    links = [ends for n, ends in enumerate(inside) if ends and n != left_out]
    start, end, _ = job["pairs"][left_out]
    reached, before = {start}, set()
    while reached != before:
        before = set(reached)
        reached |= {k for i, k in links if i in before} | {i for i, k in links if k in before}
    return end not in reached


def partition(person):
    return {frozenset(np.flatnonzero(person == label).tolist()) for label in person}
