"""Our Dice coefficients and best matches against anonlink's own answers, recorded by bench/private_peer.py."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from joinedup.linkage.bit_text import bits_of_text
from joinedup.linkage.cluster import cluster
from joinedup.linkage.kernels import filters

RECORDED = json.loads((Path(__file__).parent / "recorded" / "anonlink_dice.json").read_text())


@pytest.fixture(scope="module")
def ours():
    words = bits_of_text(pa.array(RECORDED["left"] + RECORDED["right"]))
    counts = np.empty(len(words), np.int64)
    filters.bit_counts(words, counts)
    size = len(RECORDED["left"])
    left, right = (side.ravel().astype(np.int32) for side in np.indices((size, size)))
    out = np.empty(size * size, np.float64)
    filters.dice_values(left, right + np.int32(size), words, counts, out)
    return out.reshape(size, size)


def test_dice_is_anonlinks_for_every_pair(ours):
    told = np.zeros_like(ours)
    for left, right, score in RECORDED["dice"]:
        told[left, right] = score

    assert np.abs(ours - told).max() < 1e-12
    assert (told > 0.99).sum() >= 10
    assert (told < 0.3).sum() >= 100


def test_the_best_one_to_one_matches_are_anonlinks(ours):
    size = len(ours)
    left, right = np.nonzero(ours >= RECORDED["threshold"])
    found = cluster(
        left.astype(np.int32),
        (right + size).astype(np.int32),
        ours[left, right],
        records=2 * size,
        threshold=RECORDED["threshold"],
        source=np.repeat(np.array([0, 1], np.uint16), size),
        one_to_one_sources=frozenset({0, 1}),
    )
    person = found.person
    matched = [[i, k] for i in range(size) for k in range(size) if person[i] == person[size + k]]

    assert matched == RECORDED["matched"]
    assert len(matched) >= 20
