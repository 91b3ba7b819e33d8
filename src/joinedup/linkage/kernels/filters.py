"""Filters of bits, compiled: how alike two are (Dice), which bits q-grams set, and noise from a keystream."""

from __future__ import annotations

import numpy as np
from numba import njit

from joinedup.linkage.kernels.strings import _bits, passed_down


@njit(cache=True, nogil=True)
def bit_counts(words, out):
    """How many bits of each row are set."""
    for v in range(words.shape[0]):
        count = 0
        for w in range(words.shape[1]):
            count += _bits(words[v, w])
        out[v] = count


@njit(cache=True, nogil=True, inline="always")
def _dice(words, counts, one, other):
    """Twice the bits set in both over the bits set in either's count; 0 where neither has any."""
    together = counts[one] + counts[other]
    if together == 0:
        return 0.0
    shared = 0
    for w in range(words.shape[1]):
        shared += _bits(words[one, w] & words[other, w])
    return 2.0 * shared / together


@njit(cache=True, nogil=True)
def dice_states(left, right, codes, words, counts, thresholds, out):
    """0 missing, 1 equal, then the first threshold that the Dice coefficient of the two filters reaches."""
    for p in range(len(left)):
        ca = codes[left[p]]
        cb = codes[right[p]]
        if ca < 0 or cb < 0:
            out[p] = 0
        elif ca == cb:
            out[p] = 1
        else:
            out[p] = passed_down(_dice(words, counts, ca, cb), thresholds)


@njit(cache=True, nogil=True)
def dice_values(left, right, words, counts, out):
    """The Dice coefficient of each pair of rows."""
    for p in range(len(left)):
        out[p] = _dice(words, counts, left[p], right[p])


@njit(cache=True, nogil=True)
def grams(points, offsets, q, codes, owners):
    """The q letters in a row of each text, q - 1 marks before and after; return how many were written.

    A gram is one number: 21 bits a letter (Unicode ends below 2**21), the first highest. owners: the text of each.
    """
    at = 0
    for v in range(len(offsets) - 1):
        start, end = offsets[v], offsets[v + 1]
        for first in range(start - q + 1, end):
            code = np.uint64(0)
            for k in range(first, first + q):
                point = np.uint64(1)  # the mark: no letter has this code point
                if start <= k < end:
                    point = np.uint64(points[k])
                code = (code << np.uint64(21)) | point
            codes[at] = code
            owners[at] = v
            at += 1
    return at


@njit(cache=True, nogil=True)
def set_bits(words, rows, pieces, places):
    """Set, in each piece's row, all the places that the piece has."""
    for n in range(len(rows)):
        for k in range(places.shape[1]):
            place = places[pieces[n], k]
            words[rows[n], place >> 6] |= np.uint64(1) << np.uint64(place & 63)


@njit(cache=True, nogil=True, inline="always")
def _turn(x, by):
    return (x << np.uint32(by)) | (x >> np.uint32(32 - by))


@njit(cache=True, nogil=True, inline="always")
def _quarter(x, a, b, c, d):
    x[a] += x[b]
    x[d] = _turn(x[d] ^ x[a], 16)
    x[c] += x[d]
    x[b] = _turn(x[b] ^ x[c], 12)
    x[a] += x[b]
    x[d] = _turn(x[d] ^ x[a], 8)
    x[c] += x[d]
    x[b] = _turn(x[b] ^ x[c], 7)


@njit(cache=True, nogil=True)
def keystream(key, nonce, counter, start, out):
    """One block of ChaCha20 (RFC 8439, section 2.3) as sixteen 32-bit words. start: scratch of sixteen."""
    start[0] = np.uint32(0x61707865)
    start[1] = np.uint32(0x3320646E)
    start[2] = np.uint32(0x79622D32)
    start[3] = np.uint32(0x6B206574)
    for i in range(8):
        start[4 + i] = key[i]
    start[12] = np.uint32(counter)
    for i in range(3):
        start[13 + i] = nonce[i]
    for i in range(16):
        out[i] = start[i]
    for _ in range(10):
        _quarter(out, 0, 4, 8, 12)
        _quarter(out, 1, 5, 9, 13)
        _quarter(out, 2, 6, 10, 14)
        _quarter(out, 3, 7, 11, 15)
        _quarter(out, 0, 5, 10, 15)
        _quarter(out, 1, 6, 11, 12)
        _quarter(out, 2, 7, 8, 13)
        _quarter(out, 3, 4, 9, 14)
    for i in range(16):
        out[i] += start[i]


@njit(cache=True, nogil=True)
def flip(words, key, nonces, chance, out):
    """Each row with every bit turned over with probability chance / 65536, by a keystream of the row's own nonce.

    A word whose every bit is set with that probability is made from random words, one for each binary digit of
    the chance from the last: or where the digit is 1, and where it is 0.
    """
    block = np.empty(16, np.uint32)
    start = np.empty(16, np.uint32)
    low = 0
    while low < 16 and not (chance >> low) & 1:
        low += 1
    for v in range(words.shape[0]):
        used = 16
        counter = 0
        for w in range(words.shape[1]):
            noise = np.uint64(0)
            for digit in range(low, 16):
                if used == 16:
                    keystream(key, nonces[v], counter, start, block)
                    counter += 1
                    used = 0
                drawn = np.uint64(block[used]) | np.uint64(block[used + 1]) << np.uint64(32)
                used += 2
                if (chance >> digit) & 1:
                    noise |= drawn
                else:
                    noise &= drawn
            out[v, w] = words[v, w] ^ noise
