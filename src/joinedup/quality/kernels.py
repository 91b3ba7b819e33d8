"""The pass over one column's bytes: each distinct value is examined once and counted ever after.

A batch's strings (Arrow offsets and bytes) meet an open-addressing table. A value seen before costs a hash
and a count; a new one is also examined: its length, its shape (letters to A and a, digits to 9), whether it
reads as a number or a date, and its text is kept. Compiled by Numba, cached on disk, and run without
Python's lock, so that columns are scanned side by side.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, uint64

from joinedup.values.words import load_word, store_word

from .reading_kernels import DATE_SLASH, DATE_YMD, LEADING_ZERO, NUMBER, WHOLE, _date, _number

# No kernel makes or keeps an array, so none counts references to arrays (_nrt): those counts are atomic
# operations, one or two a value, and took a seventh of a profile's time.
_KERNEL: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}

SHAPE_ROOM = 24
SHAPES = 512
TEXT_ROOM = 256
NULL_HASH = 0x9E3779B97F4A7C15

BLANK, PADDED, NON_ASCII = 1, 32, 64  # beside what a value reads as: 2, 4, 8, 16 and 128

_M1, _M2, _K = 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53, 0x9FB21C651E98DF25

# What each byte is in a shape: a letter (a; accented ones too), a capital (A), a digit (9), or itself.
_KIND = np.arange(256, dtype=np.uint8)
_KIND[97:123] = _KIND[128:] = 97
_KIND[65:91] = 65
_KIND[48:58] = 57
# The longest run of each kind that is written out; longer runs are written once with a plus sign.
_RUN = np.full(256, 2, np.int64)
_RUN[97], _RUN[65], _RUN[57] = 1, 3, 12


@njit(**_KERNEL, inline="always")
def _mix(h):
    """MurmurHash3's 64-bit finaliser: every bit of the input sways every bit of the output."""
    h ^= h >> uint64(33)
    h *= uint64(_M1)
    h ^= h >> uint64(33)
    h *= uint64(_M2)
    h ^= h >> uint64(33)
    return h


@njit(**_KERNEL, inline="always")
def _hash(data, start, end):
    """(hash, all 8-byte words or-ed together) of the bytes; the second tells whether all are ASCII.

    The last word overlaps the one before it; of texts below 8 bytes, all bytes are in one word.
    """
    size = end - start
    h = uint64(size) * uint64(_K)
    joined = uint64(0)
    if size >= 8:
        for at in range(start, end - 8, 8):
            word = load_word(data, at)
            h = (h ^ word) * uint64(_M1)
            h ^= h >> uint64(32)
            joined |= word
        word = load_word(data, end - 8)
    elif start + 8 <= data.shape[0] and size > 0:
        word = load_word(data, start) << uint64(64 - 8 * size)
    else:
        word = uint64(0)
        for at in range(size):
            word |= uint64(data[start + at]) << uint64(8 * (at + 8 - size))
    return _mix(h ^ word * uint64(_M2)), joined | word


@njit(**_KERNEL, inline="always")
def _shape_hash(data, start, end):
    """A hash of the value's shape: its runs of kinds, with the lengths that are told apart."""
    h = uint64(_K)
    size, at = 0, start
    while at < end and size < SHAPE_ROOM - 2:
        letter = _KIND[data[at]]
        first = at
        at += 1
        while at < end and _KIND[data[at]] == letter:
            at += 1
        run = at - first
        if run > _RUN[letter]:
            run = 255
            size += 2
        else:
            size += run
        h = (h ^ (uint64(letter) << uint64(8) | uint64(run))) * uint64(_M1)
        h ^= h >> uint64(29)
    return _mix(h ^ uint64(at < end))


@njit(**_KERNEL, inline="always")
def _kinds(word):
    """Eight bytes as their kinds (see _KIND), worked out side by side in one word."""
    high, ones = uint64(0x8080808080808080), uint64(0x0101010101010101)
    low = word & ~high  # adding 128 - c to seven bits sets the eighth where they are c or more
    digits = (low + ones * uint64(128 - 48)) & ~(low + ones * uint64(128 - 58)) & ~word & high
    capitals = (low + ones * uint64(128 - 65)) & ~(low + ones * uint64(128 - 91)) & ~word & high
    letters = ((low + ones * uint64(128 - 97)) & ~(low + ones * uint64(128 - 123)) | word) & high
    digits, capitals, letters = digits >> uint64(7), capitals >> uint64(7), letters >> uint64(7)
    same = ~((digits | capitals | letters) * uint64(255))
    return word & same | digits * uint64(57) | capitals * uint64(65) | letters * uint64(97)


@njit(**_KERNEL, inline="always")
def _kinds_hash(data, start, end):
    """A hash of the kinds of all bytes: texts with the same have the same shape."""
    size = end - start
    h = uint64(size) * uint64(_K)
    if size < 8:
        word = uint64(0)
        for at in range(start, end):
            word = word << uint64(8) | uint64(data[at])
        return _mix(h ^ _kinds(word) * uint64(_M2))
    for at in range(start, end - 8, 8):
        h = (h ^ _kinds(load_word(data, at))) * uint64(_M1)
        h ^= h >> uint64(32)
    return _mix(h ^ _kinds(load_word(data, end - 8)) * uint64(_M2))


@njit(**_KERNEL)
def _shape(data, start, end, shape):
    """Write the value's shape into ``shape`` and return its length."""
    size, at = 0, start
    while at < end and size < SHAPE_ROOM - 2:
        letter = _KIND[data[at]]
        first = at
        at += 1
        while at < end and _KIND[data[at]] == letter:
            at += 1
        run = at - first
        if run > _RUN[letter]:
            shape[size] = letter
            shape[size + 1] = 43  # "+": one or more
            size += 2
        else:
            for _ in range(min(run, SHAPE_ROOM - 2 - size)):
                shape[size] = letter
                size += 1
    if at < end:
        shape[size] = 46  # ".": and so on
        size += 1
    return size


@njit(**_KERNEL)
def scan(
    offsets,
    data,
    valid,
    base_row,
    slots,
    keys,
    counts,
    lengths,
    shapes,
    flags,
    numbers,
    first_rows,
    text_starts,
    text,
    shape_slots,
    shape_hashes,
    shape_text,
    shape_sizes,
    seen_kinds,
    seen_shapes,
    state,
    hashes,
    from_row,
):
    """Scan rows ``from_row`` on; return the row to go on from, which is the end unless the table is full.

    state: [entries, text bytes used, shapes, missing, spare]. ``hashes`` receives one hash a row.
    seen_kinds, seen_shapes: which shapes lately had which kinds, so that few need to be worked out.
    """
    mask = slots.shape[0] - 1
    most = keys.shape[0]
    rows = offsets.shape[0] - 1
    for row in range(from_row, rows):
        if valid.shape[0] and not valid[row]:
            state[3] += 1
            hashes[row] = uint64(NULL_HASH)
            continue
        start, end = offsets[row], offsets[row + 1]
        h, joined = _hash(data, start, end)
        hashes[row] = h
        slot = np.int64(h) & mask
        found = False
        while True:
            entry = slots[slot]
            if entry == 0:
                break
            if keys[entry - 1] == h:
                counts[entry - 1] += 1
                found = True
                break
            slot = (slot + 1) & mask
        if found:
            continue
        kept = min(end - start, TEXT_ROOM)
        if state[0] >= most or state[1] + kept > text.shape[0]:
            return row
        entry = state[0]
        state[0] = entry + 1
        slots[slot] = entry + 1
        keys[entry] = h
        counts[entry] = 1
        first_rows[entry] = base_row + row
        text_starts[entry] = state[1]
        here = state[1]
        letters, blank = end - start, end == start or data[start] == 32 or 9 <= data[start] <= 13
        ascii_only = joined & uint64(0x8080808080808080) == 0
        if not ascii_only:
            for at in range(start, end):
                letters -= (data[at] & 0xC0) == 0x80
        if blank:
            for at in range(start, end):
                blank &= data[at] == 32 or 9 <= data[at] <= 13
        while kept < end - start and kept > 0 and (data[start + kept] & 0xC0) == 0x80:
            kept -= 1
        if start + kept + 8 <= data.shape[0] and here + kept + 8 <= text.shape[0]:
            for at in range(0, kept, 8):  # a few bytes too many: the next text is written over them
                store_word(text, here + at, load_word(data, start + at))
        else:
            for at in range(kept):
                text[here + at] = data[start + at]
        state[1] = here + kept
        lengths[entry] = letters
        flag = 0 if ascii_only else NON_ASCII
        if blank:
            flag |= BLANK
        elif data[start] == 32 or data[end - 1] == 32:
            flag |= PADDED
        numbers[entry] = 0.0
        if (
            end > start and data[start] < 58
        ):  # a digit, a sign or a point; nothing else begins a number or date
            kind, value = _number(data, start, end)
            if kind:
                flag |= kind
                numbers[entry] = value
            else:
                kind, packed = _date(data, start, end)
                flag |= kind
                numbers[entry] = packed
        flags[entry] = flag
        kinds = _kinds_hash(data, start, end)
        place = np.int64(kinds) & (seen_kinds.shape[0] - 1)
        if seen_kinds[place] != kinds:
            seen_kinds[place] = kinds
            seen_shapes[place] = _shape_number(
                data, start, end, shape_slots, shape_hashes, shape_text, shape_sizes, state
            )
        shapes[entry] = seen_shapes[place]
    return rows


@njit(**_KERNEL)
def _shape_number(data, start, end, slots, known_hashes, text, sizes, state):
    """The number of a value's shape, given on its first sight; the last number means "some other shape"."""
    h = _shape_hash(data, start, end)
    mask = slots.shape[0] - 1
    slot = np.int64(h) & mask
    while slots[slot] != 0:
        known = slots[slot] - 1
        if known_hashes[known] == h:
            return known
        slot = (slot + 1) & mask
    if state[2] >= SHAPES - 1:
        return SHAPES - 1
    known = state[2]
    state[2] = known + 1
    slots[slot] = known + 1
    known_hashes[known] = h
    sizes[known] = _shape(data, start, end, text[known])
    return known


@njit(**_KERNEL)
def rebuild(slots, keys, entries):
    """Fill ``slots`` anew from the first ``entries`` keys (after growing or retiring)."""
    slots[:] = 0
    mask = slots.shape[0] - 1
    for entry in range(entries):
        slot = np.int64(keys[entry]) & mask
        while slots[slot] != 0:
            slot = (slot + 1) & mask
        slots[slot] = entry + 1


@njit(**_KERNEL)
def over(counts, entries, bar):
    """How many of the first ``entries`` counts are over the bar."""
    found = 0
    for entry in range(entries):
        found += counts[entry] > bar
    return found


@njit(**_KERNEL)
def part(counts, entries, bar, leaving, staying):
    """Number those that leave (counts up to the bar) and those that stay, both rising."""
    left, kept = 0, 0
    for entry in range(entries):
        if counts[entry] > bar:
            staying[kept] = entry
            kept += 1
        else:
            leaving[left] = entry
            left += 1


@njit(**_KERNEL)
def keep(
    staying, keys, counts, lengths, shapes, flags, numbers, first_rows, text_starts, text, entries, text_used
):
    """Move the entries that stay together, and their texts; return the bytes of text then used."""
    used = 0
    for number in range(staying.shape[0]):
        entry = staying[number]
        start = text_starts[entry]
        end = text_starts[entry + 1] if entry + 1 < entries else text_used
        back = start - used
        if back >= 8 and end + 8 <= text.shape[0]:
            for at in range(start, end, 8):  # a few bytes too many, over what has moved or is leaving
                store_word(text, at - back, load_word(text, at))
        elif back:
            for at in range(start, end):
                text[at - back] = text[at]
        keys[number] = keys[entry]
        counts[number] = counts[entry]
        lengths[number] = lengths[entry]
        shapes[number] = shapes[entry]
        flags[number] = flags[entry]
        numbers[number] = numbers[entry]
        first_rows[number] = first_rows[entry]
        text_starts[number] = used  # never after the entry that is still to be read
        used += end - start
    return used


@njit(**_KERNEL)
def join_hashes(rows, hashes, seed):
    """Fold one column's hashes into the hashes of whole rows; ``seed`` tells columns apart."""
    for at in range(rows.shape[0]):
        rows[at] = _mix(rows[at] ^ (hashes[at] + uint64(seed)))


@njit(**_KERNEL)
def add_up(
    leaving,
    counts,
    lengths,
    shapes,
    flags,
    numbers,
    sums,
    length_counts,
    shape_counts,
    year_counts,
):
    """Add the leaving entries to a column's totals; blank ones count as blank and nothing else.

    sums: [values, blank, padded, non-ASCII, numbers, whole, leading zeros, y-m-d dates, p/q/y dates, first
    part over 12, second part over 12, longest, sum of lengths, least day, greatest day].
    """
    for at in range(leaving.shape[0]):
        entry = leaving[at]
        count, flag = counts[entry], flags[entry]
        if flag & BLANK:
            sums[1] += count
            continue
        sums[0] += count
        if flag & PADDED:
            sums[2] += count
        if flag & NON_ASCII:
            sums[3] += count
        if flag & NUMBER:
            sums[4] += count
            if flag & WHOLE:
                sums[5] += count
            if flag & LEADING_ZERO:
                sums[6] += count
        length = np.int64(lengths[entry])
        sums[11] = max(sums[11], length)
        sums[12] += length * count
        length_counts[min(length, 256)] += count
        shape_counts[shapes[entry]] += count
        if flag & (DATE_YMD | DATE_SLASH):
            packed = np.int64(numbers[entry])
            year, first, second = packed // 10_000, packed // 100 % 100, packed % 100
            year_counts[year] += count
            if flag & DATE_YMD:
                sums[7] += count
            else:
                sums[8] += count
                sums[9] += count * (first > 12)
                sums[10] += count * (second > 12)
                # Both orders share the year; the day range is kept day first, the UK's habit.
                if second <= 12:
                    packed = year * 10_000 + second * 100 + first
            sums[13] = min(sums[13], packed)
            sums[14] = max(sums[14], packed)
