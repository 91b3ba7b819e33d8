"""Candidate pairs: an even sample of them, and rules with a ``where`` among rules without."""

from __future__ import annotations

import numpy as np
import pytest

from joinedup.linkage.block import blocking
from joinedup.linkage.estimate import rule_filters
from joinedup.linkage.model import rules_from_list
from support.engine_table import engine_table

_ROWS = [{"x": f"v{n % 4}", "y": f"w{n % 3}"} for n in range(400)]


def _listed(rules, *, one_in=1, threads=2):
    records = engine_table(_ROWS, ["x", "y"]).records
    found = blocking(records, rules_from_list(rules, where="test"), across_only=False)
    filters = rule_filters(records, found.rules)
    chunks = found.stream(lambda _, left, right: (left, right), filters, threads=threads, one_in=one_in)
    return {pair for left, right in chunks for pair in zip(left.tolist(), right.tolist(), strict=True)}


@pytest.mark.parametrize("one_in", [2, 7, 50])
def test_a_sample_is_an_even_share_of_the_pairs_and_the_same_each_time(one_in):
    every = _listed([["x"]])
    drawn = _listed([["x"]], one_in=one_in)

    assert len(every) == 4 * 100 * 99 // 2
    assert drawn < every
    # Within five standard errors of a share of 1 / one_in.
    share = 1 / one_in
    assert abs(len(drawn) / len(every) - share) < 5 * np.sqrt(share * (1 - share) / len(every))
    assert drawn == _listed([["x"]], one_in=one_in, threads=1)


def test_a_sample_takes_no_side_between_records():
    drawn = _listed([["x"]], one_in=4)

    seen = np.bincount(np.array(sorted(drawn)).ravel(), minlength=400)
    assert seen.min() > 0  # of 99 pairs a record, 25 are expected
    assert seen.max() < 60


def test_a_rule_with_a_condition_leaves_its_other_pairs_to_later_rules():
    narrow = {"on": ["x"], "where": "equal(y)"}

    assert _listed([narrow, ["x"]]) == _listed([["x"]])
    assert _listed([narrow]) == _listed([["x"]]) & _listed([["y"]])
