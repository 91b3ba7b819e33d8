"""A pair's weight is told as steps that add up to it, in bits and in words."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinedup.errors import ModelError
from joinedup.linkage.explain import (
    Part,
    explain_blocking,
    explain_model,
    explain_pair,
    explain_pairs,
    match_probability,
    odds_in_words,
)
from joinedup.linkage.model import Model, model_from_dict
from joinedup.linkage.run import RuleCount

# Weights by hand: log2(.8/.1) = 3, log2(.5/.25) = 1, log2(.5/.75) = -.585; prior 1/5: log2(.2/.8) = -2.
DATA = {
    "prior": 0.2,
    "comparisons": [
        {
            "name": "surname",
            "levels": [
                {"when": "missing(surname)", "label": "missing"},
                {"when": "equal(surname)", "label": "same", "m": 0.8, "u": 0.1, "term_frequency": "surname"},
                {"when": "otherwise", "label": "different", "m": 0.2, "u": 0.9},
            ],
        },
        {
            "name": "sex",
            "levels": [
                {"when": "equal(sex)", "label": "same", "m": 0.5, "u": 0.25},
                {"when": "otherwise", "label": "different", "m": 0.5, "u": 0.75},
            ],
        },
    ],
    "blocking_rules": [["surname"]],
}


def model() -> Model:
    return model_from_dict(DATA)


def test_the_steps_are_the_prior_the_levels_and_the_rarity():
    told = explain_pair(model(), [1, 0], {0: 2.5})

    assert [(s.part, s.label, s.found) for s in told.steps] == [
        (Part.PRIOR, "Before comparing", "one pair in 5"),
        (Part.LEVEL, "surname", "same"),
        (Part.RARITY, "surname, how rare", "a rare value"),
        (Part.LEVEL, "sex", "same"),
    ]
    assert [s.bits for s in told.steps] == pytest.approx([-2, 3, 2.5, 1])
    assert told.weight == pytest.approx(4.5)
    assert told.probability == pytest.approx(2**4.5 / (1 + 2**4.5))


def test_what_a_context_takes_is_the_last_step():
    told = explain_pair(model(), [1, 0], context_bits=-1.5)

    assert (told.steps[-1].part, told.steps[-1].bits) == (Part.CONTEXT, -1.5)
    assert told.weight == pytest.approx(-2 + 3 + 1 - 1.5)


def test_a_missing_value_says_nothing():
    told = explain_pair(model(), [0, 1])

    assert told.steps[1].bits == 0
    assert told.steps[1].in_words == "surname: missing, no evidence"
    assert told.weight == pytest.approx(-2 + math.log2(0.5 / 0.75))


def test_words_name_what_speaks_most_for_and_against():
    assert explain_pair(model(), [1, 1]).in_words == (
        "More likely than not the same person (+0.4 bits). Most for it: surname (same, +3.0). "
        "Most against it: sex (different, −0.6)."
    )
    assert "Most against" not in explain_pair(model(), [1, 0]).in_words


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), max_size=5), st.floats(-20, 20))
def test_the_steps_of_every_pair_add_up(levels, rarity):
    for told in explain_pairs(model(), levels, [{0: rarity}] * len(levels)):
        assert math.fsum(s.bits for s in told.steps) == pytest.approx(told.weight)
        assert 0 <= told.probability <= 1


@pytest.mark.parametrize("levels", [[0], [0, 2], [-1, 0], [0, 0, 0]])
def test_levels_that_do_not_fit_the_model_are_refused(levels):
    with pytest.raises(ModelError):
        explain_pair(model(), levels)


def test_a_model_is_told_level_by_level_even_before_training():
    rows = explain_model(model())
    untrained = explain_model(
        model_from_dict(
            {**DATA, "comparisons": [{"name": "s", "levels": [{"when": "equal(s)"}, {"when": "otherwise"}]}]}
        )
    )

    assert [(r.comparison, r.label, r.missing, r.term_frequency) for r in rows[:2]] == [
        ("surname", "missing", True, None),
        ("surname", "same", False, "surname"),
    ]
    assert rows[1].weight == pytest.approx(3)
    assert [r.weight for r in untrained] == [None, None]


def test_blocking_is_told_with_what_each_rule_added():
    rows = explain_blocking([RuleCount("a", 40, 40), RuleCount("b", 70, 55), RuleCount("c", 10, 5)])

    assert [(r.new, r.share, r.so_far) for r in rows] == [(40, 0.4, 40), (55, 0.55, 95), (5, 0.05, 100)]
    assert explain_blocking([RuleCount("a", 0, 0)])[0].share == 0


@pytest.mark.parametrize(
    ("weight", "expected"), [(0, 0.5), (1, 2 / 3), (-1, 1 / 3), (2000, 1.0), (-2000, 0.0)]
)
def test_weights_become_probabilities_without_overflow(weight, expected):
    assert match_probability(weight) == pytest.approx(expected)


def test_odds_are_rounded_as_people_say_them():
    assert [odds_in_words(b) for b in (10, 20, -3, -10)] == [
        "1,000 times likelier",
        "1,000,000 times likelier",
        "8 times less likely",
        "1,000 times less likely",
    ]
