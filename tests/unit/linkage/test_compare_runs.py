"""Two partitions of records compared, against counting pair by pair."""

from __future__ import annotations

import random
from itertools import combinations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from joinedup.linkage import compare_people, difference_from_dict


def write(path, people):
    """people: (source, record) -> person."""
    rows = [{"source": s, "record_id": r, "person_id": p} for (s, r), p in people.items()]
    schema = pa.schema([("source", pa.string()), ("record_id", pa.string()), ("person_id", pa.string())])
    pq.write_table(pa.Table.from_pylist(rows, schema), path)
    return path


def joined(people, shared):
    return {
        frozenset(pair)
        for pair in combinations([r for r in people if r in shared], 2)
        if people[pair[0]] == people[pair[1]]
    }


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_those_of_counting_pair_by_pair(tmp_path, seed):
    rng = random.Random(seed)
    places = [(rng.choice("ab"), str(number)) for number in range(60)]
    first = {place: f"P{rng.randrange(25)}" for place in places[:50]}
    second = {place: f"Q{rng.randrange(25)}" for place in places[10:]}
    shared = set(first) & set(second)
    one, other = joined(first, shared), joined(second, shared)

    found = compare_people(write(tmp_path / "1", first), write(tmp_path / "2", second))

    assert (found.shared, found.only_first, found.only_second) == (40, 10, 10)
    assert found.joined_both == len(one & other)
    assert (found.joined_first, found.joined_second) == (len(one - other), len(other - one))
    groups = {p: {second[r] for r in shared if first[r] == p} for p in {first[r] for r in shared}}
    assert found.split == sum(len(parts) > 1 for parts in groups.values())
    assert all(set(parts) == groups[person] for person, parts in found.splits)
    assert [len(parts) for _, parts in found.splits] == sorted(
        (len(p) for _, p in found.splits), reverse=True
    )


def test_the_same_people_under_other_names_do_not_differ(tmp_path):
    first = {("a", str(n)): f"P{n // 3}" for n in range(30)}
    second = {place: f"X{person}" for place, person in first.items()}

    found = compare_people(write(tmp_path / "1", first), write(tmp_path / "2", second))

    assert (found.same, found.split, found.merged, found.joined_first, found.joined_second) == (
        10,
        0,
        0,
        0,
        0,
    )


def test_runs_that_share_no_record_have_nothing_in_common(tmp_path):
    found = compare_people(
        write(tmp_path / "1", {("a", "1"): "P1"}), write(tmp_path / "2", {("b", "1"): "P1"})
    )

    assert (found.shared, found.only_first, found.only_second, found.joined_both) == (0, 1, 1, 0)


def test_a_difference_is_read_back_as_it_was_written(tmp_path):
    first = {("a", str(n)): f"P{n // 3}" for n in range(30)}
    second = {("a", str(n)): f"Q{n // 4}" for n in range(30)}
    found = compare_people(write(tmp_path / "1", first), write(tmp_path / "2", second))

    import json

    assert difference_from_dict(json.loads(json.dumps(found.as_dict()))) == found
