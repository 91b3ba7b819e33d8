"""What a text reads as: a plain number, or a date and which way round. Compiled by Numba, cached on disk."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, uint64

from joinedup.values.words import load_word

_KERNEL: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}  # as in `kernels`

NUMBER, WHOLE, DATE_YMD, DATE_SLASH, LEADING_ZERO = 2, 4, 8, 16, 128

_TENS = 10.0 ** np.arange(23)  # exact in binary


@njit(**_KERNEL, inline="always")
def _eight_digits(word):
    """The number that eight digits write, first digit in the lowest byte; a zero byte counts as the digit 0."""
    word = (word & uint64(0x0F0F0F0F0F0F0F0F)) * uint64(2561) >> uint64(8)
    word = (word & uint64(0x00FF00FF00FF00FF)) * uint64(6553601) >> uint64(16)
    return np.int64((word & uint64(0x0000FFFF0000FFFF)) * uint64(42949672960001) >> uint64(32))


@njit(**_KERNEL, inline="always")
def _digits(data, start, end):
    """The number that up to 16 digits and nothing else write, worked out side by side; -1 if it is none such."""
    size = end - start
    if size > 16 or start + 8 > data.shape[0]:
        return np.int64(-1)
    zeros = uint64(0x3030303030303030)
    tops, six = uint64(0xF0F0F0F0F0F0F0F0), uint64(0x0606060606060606)
    if size < 8:
        empty = uint64(64 - 8 * size)
        word = load_word(data, start) << empty | zeros & ~(~uint64(0) << empty)
        return _eight_digits(word) if word & word + six & tops == zeros else np.int64(-1)
    first, last = load_word(data, start), load_word(data, end - 8)
    if first & first + six & tops != zeros or last & last + six & tops != zeros:
        return np.int64(-1)
    if size == 8:
        return _eight_digits(first)
    before = uint64(64 - 8 * (size - 8))
    return _eight_digits(first << before) * 100_000_000 + _eight_digits(last)


@njit(**_KERNEL)
def _number(data, start, end):
    """(flags, value) of a plain decimal number: sign, digits, one point, exponent. (0, 0) if it is none."""
    plain = _digits(data, start, end)
    if plain >= 0:
        return NUMBER | WHOLE | LEADING_ZERO * (end - start > 1 and data[start] == 48), np.float64(plain)
    at = start
    sign = 1.0
    if at < end and (data[at] == 45 or data[at] == 43):
        sign = -1.0 if data[at] == 45 else 1.0
        at += 1
    digits, whole, value, scale, point = 0, np.int64(0), 0.0, 0, False
    flags = NUMBER | WHOLE
    if at + 1 < end and data[at] == 48 and 48 <= data[at + 1] <= 57:
        flags |= LEADING_ZERO
    while at < end:
        byte = data[at]
        if 48 <= byte <= 57:
            if digits < 18:
                whole = whole * 10 + np.int64(byte - 48)
            else:
                value = (value if digits > 18 else np.float64(whole)) * 10.0 + (byte - 48)
            digits += 1
            if point:
                scale -= 1
        elif byte == 46 and not point:
            point = True
            flags = flags & ~WHOLE
        else:
            break
        at += 1
    if digits == 0 or digits > 300:
        return 0, 0.0
    if at < end and (data[at] == 101 or data[at] == 69):
        at += 1
        power, down = 0, False
        if at < end and (data[at] == 45 or data[at] == 43):
            down = data[at] == 45
            at += 1
        if at >= end or end - at > 3:
            return 0, 0.0
        while at < end and 48 <= data[at] <= 57:
            power = power * 10 + (data[at] - 48)
            at += 1
        scale += -power if down else power
        flags = flags & ~WHOLE
    if at != end:
        return 0, 0.0
    if digits <= 18:
        value = np.float64(whole)
    if scale < 0:
        value = value / (_TENS[-scale] if scale >= -22 else 10.0 ** (-scale))
    elif scale > 0:
        value = value * (_TENS[scale] if scale <= 22 else 10.0**scale)
    if not np.isfinite(value):
        return 0, 0.0
    return flags, sign * value


@njit(**_KERNEL, inline="always")
def _two(data, at):
    first, second = data[at] - 48, data[at + 1] - 48
    return first * 10 + second if first < 10 and second < 10 else -1


@njit(**_KERNEL)
def _date(data, start, end):
    """(flag, y * 10000 + p * 100 + q): y-m-d (time allowed after it), or p/q/y in either order."""
    size = end - start
    if size < 8:
        return 0, 0
    if data[start] < 48 or data[start] > 57 or data[start + 1] < 48 or data[start + 1] > 57:
        return 0, 0
    if size >= 10:
        mark = data[start + 4]
        if (mark == 45 or mark == 47 or mark == 46) and data[start + 7] == mark:
            ends = size == 10 or data[start + 10] == 32 or data[start + 10] == 84
            century, year = _two(data, start), _two(data, start + 2)
            month, day = _two(data, start + 5), _two(data, start + 8)
            if ends and century >= 0 and year >= 0 and 1 <= month <= 12 and 1 <= day <= 31:
                return DATE_YMD, (century * 100 + year) * 10000 + month * 100 + day
        mark = data[start + 2]
        if (mark == 45 or mark == 47 or mark == 46) and data[start + 5] == mark:
            ends = size == 10 or data[start + 10] == 32
            first, second = _two(data, start), _two(data, start + 3)
            century, year = _two(data, start + 6), _two(data, start + 8)
            low, high = min(first, second), max(first, second)
            if ends and century >= 10 and year >= 0 and 1 <= low <= 12 and high <= 31:
                return DATE_SLASH, (century * 100 + year) * 10000 + first * 100 + second
    return 0, 0
