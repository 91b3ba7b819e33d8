"""A change of a person index that is killed at any moment has happened as a whole, or not at all."""

from __future__ import annotations

import pytest

from support.index_breaks import OPERATIONS, break_off, prepare


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_killed_inside_each_phase_it_is_whole_and_can_be_run_again(tmp_path, operation):
    prepared = prepare(tmp_path, operation, records=60)

    found = {
        break_off(prepared, phase, seed=seed) for phase in range(len(prepared.phases)) for seed in (1, 2)
    }

    assert found == {"before", "after"}


def test_killed_before_and_after_a_version_is_published(tmp_path):
    prepared = prepare(tmp_path, "add", records=60)
    names = [phase.name for phase in prepared.phases]

    assert break_off(prepared, names.index("scored"), seed=1) == "before"
    assert break_off(prepared, names.index("cleared up"), seed=1) == "after"
