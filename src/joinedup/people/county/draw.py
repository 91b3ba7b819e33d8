"""Seeded draws for whole arrays at once: generators by purpose, weighted choice, rank weights."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def generator(seed: int, purpose: str, part: int = 0) -> np.random.Generator:
    """A generator that depends on the seed, what it is for and which part of the county it serves.

    Each purpose has its own stream, so adding a draw in one place leaves all the others as they were.
    """
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), part])


def by_rank(count: int, *, flatness: float, power: float = 1.0) -> FloatArray:
    """Shares that sum to 1 and fall with rank as (rank + flatness) ** -power (Zipf–Mandelbrot)."""
    weights = (np.arange(count) + flatness) ** -power
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def pick(rng: np.random.Generator, shares: FloatArray, count: int) -> IntArray:
    """count positions in shares, each with its share's probability."""
    edges = np.cumsum(shares)
    found = np.searchsorted(edges, rng.random(count) * edges[-1], side="right")
    return np.asarray(np.minimum(found, len(shares) - 1), dtype=np.int64)


def happens(rng: np.random.Generator, chance: float | FloatArray, count: int) -> BoolArray:
    """True where the event happens; chance is one number or one a row."""
    return np.asarray(rng.random(count) < chance)


def scramble(numbers: IntArray) -> IntArray:
    """A fixed, well-mixed non-negative number for each input (SplitMix64's finaliser)."""
    mixed = numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return (mixed >> np.uint64(1)).astype(np.int64)
