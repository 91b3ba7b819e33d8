"""Cohen's kappa against arithmetic by hand and a published table."""

from __future__ import annotations

import pytest

from joinedup.errors import UsageError
from joinedup.linkage import agreement


def test_kappa_is_cohens_own_of_a_published_table():
    # Altman, Practical Statistics for Medical Research (1991), table 14.5: two readers of xeromammograms, kappa 0.47.
    table = {
        ("normal", "normal"): 21, ("normal", "benign"): 12,
        ("benign", "normal"): 4, ("benign", "benign"): 17, ("benign", "suspected"): 1,
        ("suspected", "normal"): 3, ("suspected", "benign"): 9, ("suspected", "suspected"): 15,
        ("suspected", "cancer"): 2, ("cancer", "suspected"): 0, ("cancer", "cancer"): 1,
    }  # fmt: skip

    found = agreement([pair for pair, count in table.items() for _ in range(count)])

    assert found.things == 85
    assert found.agreed == pytest.approx(54 / 85)
    assert found.kappa is not None
    assert found.kappa.value == pytest.approx(0.47, abs=0.005)
    assert found.kappa.low < 0.47 < found.kappa.high


def test_full_agreement_is_one_and_chance_alone_nought():
    both = [("same", "same")] * 5 + [("different", "different")] * 5
    chance = [(one, other) for one in ("same", "different") for other in ("same", "different")]

    assert agreement(both).kappa.value == 1.0
    assert agreement(chance).kappa.value == 0.0


def test_where_only_one_word_was_said_kappa_is_not_known():
    found = agreement([("same", "same")] * 9)

    assert found.agreed == 1.0
    assert found.kappa is None


def test_nothing_read_by_two_is_refused():
    with pytest.raises(UsageError, match="no pair was read by two"):
        agreement([])
