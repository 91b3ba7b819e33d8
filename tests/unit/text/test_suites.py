"""Suites: what they ask is right, wrong answers lower the figures, and floors are kept by what is shipped."""

from __future__ import annotations

import pytest

from joinedup.errors import UsageError
from joinedup.text import FEATURES, FLOORS, best_embedder, redact, run_suite
from joinedup.text.suites import examples, run

LOCAL = [code for code, feature in FEATURES.items() if not feature.is_language_model]


def test_every_feature_has_a_suite():
    assert sorted([*run._SUITES, "theme_drafts"]) == sorted(FEATURES)


@pytest.mark.parametrize("feature", LOCAL)
def test_every_suite_runs_by_words_alone_and_tells_what_it_asked(feature):
    result = run_suite(feature, embedder=None)

    assert result.feature == feature
    assert result.model
    assert result.version
    assert result.texts > 0
    assert result.figures
    for measure, value in result.figures.items():
        assert -1 <= value <= 1, measure


def test_masking_reaches_its_floor_with_what_is_shipped():
    assert run_suite("mask", embedder=None).is_enough


def test_danger_reaches_its_floor_where_the_second_look_is_there():
    embedder = best_embedder()
    if embedder is None:
        pytest.skip("the weights of the sentence embeddings are not here")
    result = run_suite("danger", embedder=embedder)

    assert result.figures["recall"] >= FLOORS[("danger", "recall")]


def test_rules_that_find_nothing_fall_below_the_floor(monkeypatch):
    monkeypatch.setattr(run.redact, "find", lambda text: ())

    result = run_suite("mask", embedder=None)

    assert result.figures["recall"] == 0
    assert not result.is_enough
    assert len(result.missed) == run.MOST_MISSED


def test_marked_values_stand_where_they_are_said_to():
    for message in examples.planted():
        for start, end in message.places:
            assert "[[" not in message.text
            assert message.text[start:end].strip() == message.text[start:end] != ""


def test_a_half_masked_value_does_not_count(monkeypatch):
    whole = redact.find

    def half(text):
        from dataclasses import replace

        return tuple(replace(one, end=(one.start + one.end) // 2) for one in whole(text))

    monkeypatch.setattr(run.redact, "find", half)
    figures = run_suite("mask", embedder=None).figures

    assert figures["recall"] == 0
    assert figures["precision"] == 1  # every mask touches a value


def test_no_suite_of_that_name():
    with pytest.raises(UsageError, match="no suite"):
        run_suite("fortune_telling", embedder=None)


def test_drafting_needs_a_language_model():
    with pytest.raises(UsageError, match="no language model"):
        run_suite("theme_drafts", embedder=None)
