"""A block that is too large is refused or left to the other rules, and never without saying so."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from joinedup.errors import LimitError, ModelError
from joinedup.linkage.block import blocking
from joinedup.linkage.encode import encode
from joinedup.linkage.large_blocks import BlockLimit
from joinedup.linkage.model import rules_from_list
from joinedup.linkage.spec import Limits, spec_from_dict

RULES = rules_from_list([["surname"], ["town"]], where="test")


def records():
    """Six Smiths (two of them in Leeds), two Patels in Leeds, and one without a surname."""
    table = pa.table(
        {
            "id": [str(i) for i in range(9)],
            "surname": ["smith"] * 6 + ["patel"] * 2 + [None],
            "town": ["leeds", "leeds", "york", "bath", "hull", "ely", "leeds", "leeds", "ripon"],
        }
    )
    return encode({"all": table}, id_columns={"all": "id"}, columns=["surname", "town"], threads=1)


def pairs_of(found) -> set[tuple[str, str]]:
    ids = np.array(found.records.ids.to_pylist())
    listed = found.stream(lambda _, left, right: (left, right), [None, None], threads=1)
    return {
        tuple(sorted((ids[a], ids[b]))) for left, right in listed for a, b in zip(left, right, strict=True)
    }


def test_a_larger_block_is_refused_with_its_counts():
    with pytest.raises(LimitError) as refused:
        blocking(
            records(),
            RULES,
            across_only=False,
            block_limit=BlockLimit(5, cut=False),
        )

    # Six Smiths are 6 * 5 / 2 = 15 pairs.
    assert "1 block of the rule 'surname' holds more than 5 records (6 records and 15 pairs" in str(
        refused.value
    )
    assert "smith" not in str(refused.value)


def test_a_cut_block_is_left_to_the_other_rules_with_a_warning():
    found = blocking(records(), RULES, across_only=False, block_limit=BlockLimit(5, cut=True))

    assert found.raw == (1, 6)  # the two Patels; four people in Leeds
    # Two Smiths live in Leeds: the rule 'town' finds them, though 'surname' would have found them first.
    assert pairs_of(found) == {("0", "1"), ("0", "6"), ("0", "7"), ("1", "6"), ("1", "7"), ("6", "7")}
    assert [advice.what for advice in found.warnings] == [
        "1 block of the rule 'surname' holds more than 5 records (6 records and 15 pairs together; the largest "
        "has 6 records): their pairs were left to the other rules"
    ]


def test_without_a_limit_or_within_it_nothing_is_cut_or_said():
    for limit in (None, BlockLimit(6, cut=True)):
        found = blocking(records(), RULES, across_only=False, block_limit=limit)

        assert (found.raw, found.warnings) == ((16, 6), ())


def test_the_spec_says_what_becomes_of_larger_blocks():
    spec = {"sources": [{"path": "a.csv"}], "limits": {"largest_block": 500, "larger_blocks": "cut"}}

    assert spec_from_dict(spec).limits.block_limit == BlockLimit(500, cut=True)
    assert Limits().block_limit is None
    with pytest.raises(ModelError):
        spec_from_dict({**spec, "limits": {"largest_block": 500, "larger_blocks": "drop"}})
