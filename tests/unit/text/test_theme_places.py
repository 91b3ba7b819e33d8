"""New comments go to signed-off themes, or honestly to none."""

from __future__ import annotations

import numpy as np
import pytest

from joinedup.errors import ModelError
from joinedup.text.themes import NO_THEME
from joinedup.text.themes.place import fit_places, places_from_bytes


def _around(middle, many, seed):
    draw = np.random.default_rng(seed)
    rows = np.asarray(middle) + 0.15 * draw.standard_normal((many, len(middle)))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _three():
    rows = np.vstack([_around(np.eye(8)[k], 40, k) for k in range(3)])
    return rows, {7: range(40), 2: range(40, 80), 5: range(80, 120)}


def test_a_comment_like_a_theme_goes_there_and_a_strange_one_nowhere():
    rows, themes = _three()
    model = fit_places(rows, themes, seed=1)
    new = np.vstack([_around(np.eye(8)[k], 5, 10 + k) for k in range(3)] + [_around(-np.ones(8), 5, 20)])
    placed, probability = model.place(new.astype(np.float32), precision=0.9)

    assert placed[:15].tolist() == [7] * 5 + [2] * 5 + [5] * 5
    assert ((probability > 0) & (probability <= 1)).all()
    at_random, _ = fit_places(_around(np.ones(8), 120, 3), themes, seed=1).place(rows, precision=0.95)
    assert (at_random == NO_THEME).all()  # themes that nothing tells apart: never that precise


def test_more_precision_places_fewer():
    rows = np.vstack([_around(np.eye(4)[k] + 0.9, 60, k) for k in range(3)])
    model = fit_places(rows, {k: range(60 * k, 60 * k + 60) for k in range(3)}, seed=1)
    counts = [int(np.sum(model.place(rows, precision=p)[0] != NO_THEME)) for p in (0.0, 0.6, 0.99, 1.1)]

    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 0
    assert counts[-1] == 0


def test_two_themes_suffice_and_one_does_not():
    rows, _ = _three()
    model = fit_places(rows, {1: range(40), 9: range(40, 80), 3: range(4)}, seed=1)

    assert model.place(rows[:1], precision=0)[0].tolist() == [1]
    assert 3 not in model.numbers
    with pytest.raises(ModelError, match="too few themes"):
        fit_places(rows, {1: range(40)}, seed=1)


def test_bytes_hold_the_same_model_and_its_version():
    rows, themes = _three()
    model = fit_places(rows, themes, seed=1)
    again = places_from_bytes(model.to_bytes())

    assert again.version == model.version != ""
    assert again.place(rows)[0].tolist() == model.place(rows)[0].tolist()
    with pytest.raises(ModelError):
        places_from_bytes(b"nothing of the kind")


def test_nothing_to_place():
    rows, themes = _three()
    placed, probability = fit_places(rows, themes, seed=1).place(rows[:0])

    assert (len(placed), len(probability)) == (0, 0)
