"""Measures of lists, of places on the Earth and of proportions over pairs of distinct values, compiled.

States as in ``strings``: 0 missing, 1 equal, then by threshold from the strictest, then none; and one more where the
measure may be unknown of values that are there.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from joinedup.linkage.kernels.strings import edits_of, jaro_bits, jaro_plain, length_of, passed_down

_EARTH = 6371.0  # kilometres, as Splink counts


@njit(cache=True, nogil=True, inline="always")
def _passed_up(value, thresholds):
    """The state of the first threshold that a distance keeps (strictest first)."""
    for t in range(len(thresholds)):
        if value <= thresholds[t]:
            return t + 2
    return len(thresholds) + 2


@njit(cache=True, nogil=True)
def hamming_states(left, right, codes, chars, facts, thresholds, out):
    """How many places of two texts differ; texts of two lengths are never alike."""
    for p in range(len(left)):
        ca, cb = codes[left[p]], codes[right[p]]
        if ca < 0 or cb < 0:
            out[p] = 0
            continue
        if ca == cb:
            out[p] = 1
            continue
        out[p] = len(thresholds) + 2
        size = length_of(facts, ca)
        if size != length_of(facts, cb):
            continue
        a, b = np.int64(facts[ca, 0]), np.int64(facts[cb, 0])
        differ = 0
        for k in range(size):
            differ += chars[a + k] != chars[b + k]
        out[p] = _passed_up(differ, thresholds)


@njit(cache=True, nogil=True)
def proportion_states(left, right, codes, numbers, thresholds, out):
    """The difference of two numbers over the larger; no share of nothing (0 and 0) is small."""
    for p in range(len(left)):
        ca, cb = codes[left[p]], codes[right[p]]
        if ca < 0 or cb < 0:
            out[p] = 0
            continue
        one, other = numbers[ca], numbers[cb]
        if np.isnan(one) or np.isnan(other):
            out[p] = len(thresholds) + 3
            continue
        larger = max(one, other)
        apart = abs(one - other)
        out[p] = len(thresholds) + 2 if larger == 0.0 else _passed_up(apart / larger, thresholds)


@njit(cache=True, nogil=True)
def kilometre_states(left, right, codes, latitudes, longitudes, thresholds, out):
    """Great-circle distance of two places (spherical law of cosines), in kilometres.

    latitudes, longitudes: of each value, in radians; NaN where it is no place.
    """
    for p in range(len(left)):
        ca, cb = codes[left[p]], codes[right[p]]
        if ca < 0 or cb < 0:
            out[p] = 0
            continue
        one, other = latitudes[ca], latitudes[cb]
        turn = longitudes[cb] - longitudes[ca]
        cosine = np.sin(one) * np.sin(other) + np.cos(one) * np.cos(other) * np.cos(turn)
        if np.isnan(cosine):
            out[p] = len(thresholds) + 3
        elif ca == cb:
            out[p] = 1
        else:
            out[p] = _passed_up(np.arccos(min(1.0, max(-1.0, cosine))) * _EARTH, thresholds)


@njit(cache=True, nogil=True)
def cosine_states(left, right, codes, numbers, offsets, lengths, thresholds, out):
    """Cosine of two lists of numbers; unknown where they have two sizes, or one has no direction (length NaN)."""
    for p in range(len(left)):
        ca, cb = codes[left[p]], codes[right[p]]
        if ca < 0 or cb < 0:
            out[p] = 0
            continue
        size = offsets[ca + 1] - offsets[ca]
        both = lengths[ca] * lengths[cb]
        if np.isnan(both) or size != offsets[cb + 1] - offsets[cb]:
            out[p] = len(thresholds) + 3
        elif ca == cb:
            out[p] = 1
        else:
            dot = 0.0
            for k in range(size):
                dot += numbers[offsets[ca] + k] * numbers[offsets[cb] + k]
            out[p] = passed_down(dot / both, thresholds)


@njit(cache=True, nogil=True)
def subset_states(left, right, codes, members, offsets, sizes, emptied, out):
    """Whether the list that has fewer members is a part of the other: 0 missing, 2 yes, 3 no.

    members: of each list, sorted, each once. sizes: how many it has written, those written twice counted twice.
    emptied: whether a list without members is a part of any.
    """
    for p in range(len(left)):
        ca, cb = codes[left[p]], codes[right[p]]
        if ca < 0 or cb < 0:
            out[p] = 0
            continue
        fewer = min(sizes[ca], sizes[cb])
        i, k, shared = offsets[ca], offsets[cb], 0
        while i < offsets[ca + 1] and k < offsets[cb + 1]:
            if members[i] == members[k]:
                shared += 1
                i += 1
                k += 1
            elif members[i] < members[k]:
                i += 1
            else:
                k += 1
        out[p] = 2 if shared == fewer and (fewer > 0 or emptied) else 3


@njit(cache=True, nogil=True)
def any_jaro_states(
    left, right, codes, members, offsets, chars, facts, alphabet, winkler, thresholds, out
):  # fmt: skip
    """Jaro, or Jaro–Winkler, of the two members that are most alike; unknown of a list without members.

    members: the numbers of each list's members among the texts of chars and facts.
    """
    masks = np.zeros(alphabet, np.uint64)
    for p in range(len(left)):
        ca, cb = codes[left[p]], codes[right[p]]
        if ca < 0 or cb < 0:
            out[p] = 0
            continue
        if offsets[ca] == offsets[ca + 1] or offsets[cb] == offsets[cb + 1]:
            out[p] = len(thresholds) + 3
            continue
        if ca == cb:
            out[p] = 1
            continue
        best = 0.0
        for i in range(offsets[ca], offsets[ca + 1]):
            for k in range(offsets[cb], offsets[cb + 1]):
                if members[i] == members[k]:
                    best = 1.0
                    break
                best = max(best, _jaro(members[i], members[k], chars, facts, winkler, masks))
            if best == 1.0:
                break
        out[p] = passed_down(best, thresholds)


@njit(cache=True, nogil=True)
def any_edit_states(left, right, codes, members, offsets, chars, facts, swaps, thresholds, out):
    """Edit distance of the two members that are most alike; otherwise as ``any_jaro_states``."""
    most = np.int64(thresholds[len(thresholds) - 1])
    for p in range(len(left)):
        ca, cb = codes[left[p]], codes[right[p]]
        if ca < 0 or cb < 0:
            out[p] = 0
            continue
        if offsets[ca] == offsets[ca + 1] or offsets[cb] == offsets[cb + 1]:
            out[p] = len(thresholds) + 3
            continue
        if ca == cb:
            out[p] = 1
            continue
        best = np.int64(most + 1)
        for i in range(offsets[ca], offsets[ca + 1]):
            for k in range(offsets[cb], offsets[cb + 1]):
                one, other = members[i], members[k]
                if one == other:
                    best = np.int64(0)
                    break
                la, lb = length_of(facts, one), length_of(facts, other)
                if abs(la - lb) < best:
                    a, b = np.int64(facts[one, 0]), np.int64(facts[other, 0])
                    best = min(best, edits_of(chars, a, la, b, lb, swaps, most))
            if best == 0:
                break
        out[p] = _passed_up(best, thresholds)


@njit(cache=True, nogil=True)
def _jaro(one, other, chars, facts, winkler, masks):
    la, lb = length_of(facts, one), length_of(facts, other)
    a, b = np.int64(facts[one, 0]), np.int64(facts[other, 0])
    if la == 0 or lb == 0:
        return 0.0
    value = (
        jaro_bits(chars, a, la, b, lb, masks, 0) if la <= 64 and lb <= 64 else jaro_plain(chars, a, la, b, lb)
    )
    if winkler and value > 0.7:
        prefix = 0
        while prefix < 4 and prefix < la and prefix < lb and chars[a + prefix] == chars[b + prefix]:
            prefix += 1
        value += prefix * 0.1 * (1.0 - value)
    return value
