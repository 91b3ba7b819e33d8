"""The parts of the value scan that work on eight bytes at once say what a byte-by-byte reading says."""

from __future__ import annotations

import random
import re

import numpy as np
import pyarrow as pa
import pytest
from numba import njit, uint64

from joinedup.quality import kernels
from joinedup.quality.distinct_count import HashCounter
from joinedup.quality.tally import ColumnTally


@njit
def kinds_of(word):
    return kernels._kinds(uint64(word))


def kind(byte: int) -> int:
    """Letters are a, capitals A, digits 9, bytes of accented letters a, and all else itself."""
    if byte >= 128 or re.fullmatch("[a-z]", chr(byte)):
        return ord("a")
    if re.fullmatch("[A-Z]", chr(byte)):
        return ord("A")
    return ord("9") if re.fullmatch("[0-9]", chr(byte)) else byte


def test_every_byte_has_its_kind_at_every_place():
    chance = random.Random(3)
    for byte in range(256):
        for place in range(8):
            text = [chance.randrange(256) for _ in range(8)]
            text[place] = byte

            found = int(kinds_of(np.uint64(int.from_bytes(bytes(text), "little")))).to_bytes(8, "little")

            assert list(found) == [kind(each) for each in text]


def test_texts_that_differ_in_one_byte_are_told_apart_at_every_length():
    texts = {"x" * size for size in range(1, 30)}
    texts |= {"x" * at + "y" + "x" * (size - at - 1) for size in range(1, 30) for at in range(size)}
    tally = ColumnTally(exact_limit=1 << 20)

    tally.update(pa.array(sorted(texts) * 2))
    tally.finish()

    assert tally.distinct().count == len(texts)
    assert sorted(tally.top(10_000)) == [(text, 2) for text in sorted(texts)]


def test_a_text_counts_the_same_wherever_it_stands_in_the_buffer():
    for text in ("ab", "abcdefg", "abcdefgh", "abcdefghijk"):
        tally = ColumnTally(exact_limit=1 << 20)

        hashes = tally.update(pa.array([text, "longer than the others are", text]))

        assert hashes[0] == hashes[2] != hashes[1]


@pytest.mark.parametrize("limit", [500, 5_000])
def test_an_estimate_does_not_depend_on_when_exactness_was_given_up(limit):
    hashes = np.random.default_rng(2).integers(0, 1 << 63, 20_000).astype(np.uint64)
    early, late = HashCounter(1), HashCounter(limit)
    for at in range(0, len(hashes), 100):
        early.add(hashes[at : at + 100])
        late.add(hashes[at : at + 100])

    assert not late.exact
    assert late.result() == early.result()
