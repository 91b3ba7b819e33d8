"""What the measures of lists, places and proportions read of a key's values, bound to their kernels."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.linkage.encode import Int32, Records, as_texts
from joinedup.linkage.expression import Key, Measure
from joinedup.linkage.kernels import lists
from joinedup.linkage.readings import members_of, number_of, numbers_of, parts_of

States = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Fill = Callable[[Int32, Int32, States], None]

_ANY = {
    Measure.ANY_JARO: False,
    Measure.ANY_JARO_WINKLER: True,
    Measure.ANY_LEVENSHTEIN: False,
    Measure.ANY_DAMERAU: True,
}


def list_fill(records: Records, measure: Measure, key: Key, thresholds: Floats) -> Fill:
    """The kernel of one of these measures with its data; KeyError for any other measure."""
    codes = records.key(key).codes
    fill: Fill
    if measure is Measure.HAMMING:
        texts = records.texts(key)

        def fill(left: Int32, right: Int32, out: States) -> None:
            lists.hamming_states(left, right, codes, texts.chars, texts.facts, thresholds, out)

        return fill
    values = records.key(key).values
    if measure is Measure.PROPORTION_APART:
        numbers = numbers_of(values)

        def fill(left: Int32, right: Int32, out: States) -> None:
            lists.proportion_states(left, right, codes, numbers, thresholds, out)

    elif measure is Measure.KILOMETRES_APART:
        latitudes, longitudes = places_of(values)

        def fill(left: Int32, right: Int32, out: States) -> None:
            lists.kilometre_states(left, right, codes, latitudes, longitudes, thresholds, out)

    elif measure is Measure.COSINE:
        parts, offsets, lengths = _vectors(values)

        def fill(left: Int32, right: Int32, out: States) -> None:
            lists.cosine_states(left, right, codes, parts, offsets, lengths, thresholds, out)

    elif measure in (Measure.SUBSET, Measure.SUBSET_OR_EMPTY):
        members, offsets, _ = _members(values)
        sizes = np.array([len(parts_of(text)) for text in values.to_pylist()], np.int64)
        emptied = measure is Measure.SUBSET_OR_EMPTY

        def fill(left: Int32, right: Int32, out: States) -> None:
            lists.subset_states(left, right, codes, members, offsets, sizes, emptied, out)

    else:
        fill = _any_fill(codes, values, measure, thresholds)
    return fill


def _any_fill(codes: Int32, values: pa.Array, measure: Measure, thresholds: Floats) -> Fill:
    variant = _ANY[measure]
    members, offsets, distinct = _members(values)
    texts = as_texts(pa.array(distinct, pa.string()))

    def jaro(left: Int32, right: Int32, out: States) -> None:
        lists.any_jaro_states(
            left, right, codes, members, offsets, texts.chars, texts.facts, texts.alphabet, variant, thresholds, out
        )  # fmt: skip

    def edits(left: Int32, right: Int32, out: States) -> None:
        lists.any_edit_states(
            left, right, codes, members, offsets, texts.chars, texts.facts, variant, thresholds, out
        )

    return edits if measure.is_whole else jaro


def places_of(values: pa.Array) -> tuple[Floats, Floats]:
    """Latitudes and longitudes of texts such as "53.8 -1.55", in radians; NaN for what is no place."""
    pairs = [text.split() for text in values.to_pylist()]
    good = [[number_of(part) for part in pair] if len(pair) == 2 else [math.nan] * 2 for pair in pairs]
    degrees = np.array(good, np.float64).reshape(len(pairs), 2)
    radians = np.radians(degrees)
    return np.ascontiguousarray(radians[:, 0]), np.ascontiguousarray(radians[:, 1])


def _vectors(values: pa.Array) -> tuple[Floats, npt.NDArray[np.int64], Floats]:
    """The numbers of each list one after another, where each begins, and its length; NaN where it has no direction."""
    every = [[number_of(part) for part in parts_of(text)] for text in values.to_pylist()]
    offsets = np.cumsum([0, *map(len, every)]).astype(np.int64)
    numbers = np.array([number for one in every for number in one], np.float64)
    lengths = np.array([math.sqrt(sum(number * number for number in one)) for one in every], np.float64)
    return numbers, offsets, np.where(lengths > 0, lengths, np.nan)


def _members(values: pa.Array) -> tuple[Int32, npt.NDArray[np.int64], list[str]]:
    """The members of each list as sorted numbers, each once; where each list's begin; and their texts."""
    number: dict[str, int] = {}
    sets = [
        sorted(number.setdefault(part, len(number)) for part in members_of(text, nicknames=False))
        for text in values.to_pylist()
    ]
    offsets = np.cumsum([0, *map(len, sets)]).astype(np.int64)
    return np.array([member for one in sets for member in one], np.int32), offsets, list(number)
