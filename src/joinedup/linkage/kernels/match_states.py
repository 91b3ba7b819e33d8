"""The state of each question of a model for one person's details and some rows of a mapped segment, compiled.

The distinct texts of the rows are gathered behind the asked person's own into small scratch arrays, and the kernels
of ``strings`` answer from those.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from joinedup.linkage.kernels import strings

# What a question asks (the first column of ``questions``).
EQUAL, JARO, JARO_WINKLER, LEVENSHTEIN, DAMERAU, JACCARD, DAYS, DIFFERENCE = 0, 1, 2, 3, 4, 5, 6, 7
DAY_MONTH, SWAPPED, CROSSED, SAME, NICKNAME, OVERLAP = 8, 9, 10, 11, 12, 13
SAME_LEFT, SAME_RIGHT = 14, 15
# Columns of a key's layout: where each of its arrays begins, in elements of its own type; and some counts.
CODES, HASHES, VALUES, BITS, DIRECTORY, FACTS, CHARS, ALPHABET, LETTERS = 0, 1, 2, 3, 4, 5, 6, 7, 8
DAY_NUMBERS, NUMBERS, EXCHANGED, NAME_OFFSETS, NAME_MEMBERS, SET_OFFSETS, SET_MEMBERS, SHARES = (
    9, 10, 11, 12, 13, 14, 15, 16,
)  # fmt: skip
LAYOUT = 17
_ABSENT, _MISSING = -2, -1  # a value that the segment has not; no value


@njit(cache=True, nogil=True)
def _points(data, begin, end):
    """The code points of UTF-8."""
    out = np.empty(end - begin, np.int32)
    count = 0
    at = begin
    while at < end:
        first = np.int32(data[at])
        if first < 128:
            point, more = first, 0
        elif first < 224:
            point, more = first & 31, 1
        elif first < 240:
            point, more = first & 15, 2
        else:
            point, more = first & 7, 3
        for k in range(more):
            point = (point << 6) | (np.int32(data[at + 1 + k]) & 63)
        out[count] = point
        count += 1
        at += 1 + more
    return out[:count]


@njit(cache=True, nogil=True, inline="always")
def place_among(points, begin, count, wanted):
    """Where a number stands in ascending ones, or -1."""
    low, high = 0, count
    while low < high:
        middle = (low + high) >> 1
        if points[begin + middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low if low < count and points[begin + low] == wanted else -1


@njit(cache=True, nogil=True)
def _sort(values):
    """Sort a few numbers in place (Shell's way; it compiles in a tenth of the time of NumPy's)."""
    gap = 1
    while gap < len(values) // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for k in range(gap, len(values)):
            value = values[k]
            to = k
            while to >= gap and values[to - gap] > value:
                values[to] = values[to - gap]
                to -= gap
            values[to] = value
        gap //= 3


@njit(cache=True, nogil=True)
def _letters(points, i32, begin, count, out):
    """The segment's numbers of these characters; those that it has not are numbered on. Returns how many in all."""
    others = 0
    for k in range(len(points)):
        at = place_among(i32, begin, count, points[k])
        if at < 0:
            others += 1
        out[k] = min(max(at, 0), 65535)
    if others == 0:
        return count
    unknown = np.empty(others, np.int32)
    others = 0
    for k in range(len(points)):
        if place_among(i32, begin, count, points[k]) < 0:
            unknown[others] = points[k]
            others += 1
    _sort(unknown)
    distinct = 1
    for k in range(1, others):
        if unknown[k] != unknown[k - 1]:
            unknown[distinct] = unknown[k]
            distinct += 1
    for k in range(len(points)):
        at = place_among(unknown, 0, distinct, points[k])
        if at >= 0:
            out[k] = min(count + at, 65535)
    return count + distinct


@njit(cache=True, nogil=True)
def _gather(rows, layout, i32, u16, u64, points, own):
    """Texts of the rows' values behind the asked one's: codes, characters, facts, size of the alphabet."""
    count = len(rows)
    codes = np.empty(count + 1, np.int32)
    codes[0] = 0
    total = np.int64(len(points))
    for i in range(count):
        code = i32[layout[CODES] + rows[i]]
        if code < 0:
            codes[i + 1] = -1
        elif code == own:
            codes[i + 1] = 0
        else:
            codes[i + 1] = i + 1
            total += np.int64(u64[layout[FACTS] + 4 * code + 1] & np.uint64(0xFFFFFFFF))
    chars = np.empty(total, np.uint16)
    facts = np.empty((count + 1, 4), np.uint64)
    alphabet = _letters(points, i32, layout[ALPHABET], layout[LETTERS], chars)
    offsets = np.zeros(2, np.int64)
    offsets[1] = len(points)
    strings.character_tallies(chars, offsets, facts)
    at = np.int64(len(points))
    for i in range(count):
        if codes[i + 1] > 0:
            fact = layout[FACTS] + 4 * i32[layout[CODES] + rows[i]]
            begin = layout[CHARS] + np.int64(u64[fact])
            size = np.int64(u64[fact + 1] & np.uint64(0xFFFFFFFF))
            for k in range(size):
                chars[at + k] = u16[begin + k]
            facts[i + 1, 0] = np.uint64(at)
            for word in range(1, 4):
                facts[i + 1, word] = u64[fact + word]
            at += size
    return codes, chars, facts, min(alphabet, 65536)


@njit(cache=True, nogil=True)
def _text_states(kind, rows, layout, i32, u16, u64, points, own, thresholds, out):
    codes, chars, facts, alphabet = _gather(rows, layout, i32, u16, u64, points, own)
    left = np.zeros(len(rows), np.int32)
    right = np.arange(1, len(rows) + 1).astype(np.int32)
    if kind in (JARO, JARO_WINKLER):
        winkler = kind == JARO_WINKLER
        strings.jaro_states(left, right, codes, chars, facts, alphabet, winkler, thresholds, out)
    elif kind == JACCARD:
        strings.jaccard_states(left, right, codes, chars, facts, alphabet, thresholds, out)
    else:
        swaps = kind == DAMERAU
        strings.edit_states(left, right, codes, chars, facts, swaps, thresholds, out)


@njit(cache=True, nogil=True)
def _number_states(rows, layout, column, i32, f64, asked, own, thresholds, out):
    count = len(rows)
    codes = np.empty(count + 1, np.int32)
    numbers = np.empty(count + 1)
    codes[0] = 0
    numbers[0] = asked
    for i in range(count):
        code = i32[layout[CODES] + rows[i]]
        codes[i + 1] = -1 if code < 0 else (0 if code == own else i + 1)
        if code >= 0:
            numbers[i + 1] = f64[layout[column] + code]
    left = np.zeros(count, np.int32)
    right = np.arange(1, count + 1).astype(np.int32)
    strings.number_states(left, right, codes, numbers, thresholds, out)


@njit(cache=True, nogil=True)
def _set_states(rows, layout, column, i32, u64, asked, own, thresholds, out):
    """asked: the hashes of the asked value's members."""
    count = len(rows)
    codes = np.empty(count + 1, np.int32)
    offsets = np.empty(count + 2, np.int64)
    codes[0] = 0
    offsets[0] = 0
    offsets[1] = len(asked)
    for i in range(count):
        code = i32[layout[CODES] + rows[i]]
        codes[i + 1] = -1 if code < 0 else (0 if code == own else i + 1)
        size = 0
        if codes[i + 1] > 0:
            size = i32[layout[column] + code + 1] - i32[layout[column] + code]
        offsets[i + 2] = offsets[i + 1] + size
    members = np.empty(offsets[count + 1], np.uint64)
    for k in range(len(asked)):
        members[k] = asked[k]
    _sort(members[: len(asked)])
    for i in range(count):
        if codes[i + 1] > 0:
            begin = layout[column + 1] + i32[layout[column] + i32[layout[CODES] + rows[i]]]
            for k in range(offsets[i + 2] - offsets[i + 1]):
                members[offsets[i + 1] + k] = u64[begin + k]
    left = np.zeros(count, np.int32)
    right = np.arange(1, count + 1).astype(np.int32)
    strings.overlap_states(left, right, codes, members, offsets, thresholds, out)


@njit(cache=True, nogil=True, inline="always")
def _crossed(one, two):
    """The state of ``strings.crossed_states`` from two answers: 1 yes, 0 no, -1 unknown."""
    if one < 0:
        return 0 if two < 0 else (7 if two == 1 else 8)
    if two < 0:
        return 5 if one == 1 else 6
    if one == 1:
        return 1 if two == 1 else 2
    return 3 if two == 1 else 4


@njit(cache=True, nogil=True, inline="always")
def _answer(code, asked):
    return -1 if code < 0 or asked == _MISSING else (1 if code == asked else 0)


@njit(cache=True, nogil=True, inline="always")
def value_code(hashed, layout, i32, u64):
    """The code of a value in the segment, by its hash."""
    if hashed == np.uint64(0):
        return _MISSING
    high = np.int64(hashed >> np.uint64(64 - layout[BITS]))
    for at in range(i32[layout[DIRECTORY] + high], i32[layout[DIRECTORY] + high + 1]):
        other = u64[layout[HASHES] + at]
        if other >= hashed:
            return at if other == hashed else _ABSENT
    return _ABSENT


@njit(cache=True, nogil=True)
def fill_states(question, rows, source_at, own_source, keys, i16, i32, u16, u64, f64, hashes, data, offsets,
          numbers, extra, own, steps, same, out):  # fmt: skip
    """Fill ``out`` with the state of one question for each row."""
    kind, key, other = question[0], question[1], question[2]
    layout = keys[key]
    if kind == EQUAL:
        for i in range(len(rows)):
            code = i32[layout[CODES] + rows[i]]
            out[i] = 0 if code < 0 or own[key] == _MISSING else (1 if code == own[key] else 2)
        return
    if kind in (SWAPPED, CROSSED):
        second = keys[other]
        for_first = value_code(hashes[other], layout, i32, u64)
        for_second = value_code(hashes[key], second, i32, u64)
        for i in range(len(rows)):
            # one: the asked person's first is the row's second; two: the other way.
            one = _answer(i32[second[CODES] + rows[i]], for_second)
            two = _answer(i32[layout[CODES] + rows[i]], for_first)
            if kind == CROSSED and i16[source_at + rows[i]] <= own_source:  # the row is written left
                out[i] = _crossed(two, one)
            else:
                out[i] = _crossed(one, two)
        return
    if kind in (SAME, SAME_LEFT, SAME_RIGHT):
        wanted = value_code(same[question[5]], layout, i32, u64)
        mine = -1 if own[key] == _MISSING else (1 if hashes[key] == same[question[5]] else 0)
        for i in range(len(rows)):
            code = i32[layout[CODES] + rows[i]]
            theirs = -1 if code < 0 else (1 if code == wanted else 0)
            if kind != SAME:
                row_is_left = i16[source_at + rows[i]] <= own_source
                one = theirs if row_is_left == (kind == SAME_LEFT) else mine
                out[i] = 0 if one < 0 else 2 - one
                continue
            out[i] = 2 if mine == 0 or theirs == 0 else (0 if mine < 0 or theirs < 0 else 1)
        return
    if own[key] == _MISSING:
        out[:] = 0
        return
    thresholds = steps[question[3] : question[4]]
    if kind == DAY_MONTH:
        exchanged = hashes[extra[key, 0]] if extra[key, 0] >= 0 else np.uint64(0)
        turned = _ABSENT if exchanged == np.uint64(0) else value_code(exchanged, layout, i32, u64)
        for i in range(len(rows)):
            code = i32[layout[CODES] + rows[i]]
            if code < 0:
                out[i] = 0
            else:
                one = 1 if u64[layout[EXCHANGED] + code] == hashes[key] else 0
                out[i] = _crossed(one, 1 if code == turned else 0)
    elif kind in (DAYS, DIFFERENCE):
        column = DAY_NUMBERS if kind == DAYS else NUMBERS
        asked = numbers[key, 0 if kind == DAYS else 1]
        _number_states(rows, layout, column, i32, f64, asked, own[key], thresholds, out)
    elif kind in (NICKNAME, OVERLAP):
        at = 1 if kind == NICKNAME else 3
        asked_members = hashes[extra[key, at] : extra[key, at + 1]]
        column = NAME_OFFSETS if kind == NICKNAME else SET_OFFSETS
        _set_states(rows, layout, column, i32, u64, asked_members, own[key], thresholds, out)
    else:
        points = _points(data, offsets[key], offsets[key + 1])
        _text_states(kind, rows, layout, i32, u16, u64, points, own[key], thresholds, out)
