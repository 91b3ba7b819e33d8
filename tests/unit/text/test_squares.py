"""Ridge regression by likenesses: the same as plain arithmetic, and what each row would have been told unseen."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse

from joinedup.text.classify.linear import fit_squares, scores


@pytest.fixture(scope="module")
def given():
    chance = np.random.default_rng(7)
    rows = chance.normal(size=(40, 12)) * (chance.random((40, 12)) < 0.4)
    rows[:, 11] = 0
    rows[3, 11] = 2.0  # a column that one row alone has
    wanted = np.where(rows[:, :3] + 0.3 * chance.normal(size=(40, 3)) > 0, 1.0, -1.0)
    return rows, wanted, chance.uniform(0.5, 2.0, size=40)


def by_normal_equations(rows, wanted, counts, strength):
    """The textbook's solution, with a column of ones."""
    full = np.column_stack([rows, np.ones(len(rows))])
    square = full.T @ (full * counts[:, None]) + strength * np.eye(full.shape[1])
    return np.linalg.solve(square, full.T @ (wanted * counts[:, None]))


def test_weights_are_the_textbook_s(given):
    rows, wanted, counts = given

    weights, offsets, _ = fit_squares(scipy.sparse.csr_matrix(rows), wanted, counts, strength=3.0)

    plain = by_normal_equations(rows, wanted, counts, 3.0)
    assert np.allclose(weights, plain[:-1].T, atol=1e-4)
    assert np.allclose(offsets, plain[-1], atol=1e-4)


def test_unseen_scores_are_those_of_a_model_without_the_row(given):
    rows, wanted, counts = given
    sparse = scipy.sparse.csr_matrix(rows)

    _, _, unseen = fit_squares(sparse, wanted, counts, strength=3.0)

    for place in (0, 3, 39):
        rest = np.arange(len(rows)) != place
        weights, offsets, _ = fit_squares(sparse[rest], wanted[rest], counts[rest], strength=3.0)
        assert np.allclose(unseen[place], scores(sparse[place], weights, offsets)[0], atol=1e-4)
