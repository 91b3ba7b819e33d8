"""String measures over pairs of distinct values, compiled.

Values lie in one array of characters (dense 16-bit ids) with offsets. For a pair of codes each kernel gives a
*state*: 0 missing, 1 equal, then 2, 3, … for the first threshold that is passed, and the last for none.
Jaro–Winkler is bit-parallel (Hyyrö 2005 style masks) behind an upper bound from lengths and character tallies,
so that most unlike pairs cost a few nanoseconds. Values of more than 64 characters take a plain loop.
"""

from __future__ import annotations

import numpy as np
from numba import njit

JARO, JARO_WINKLER, LEVENSHTEIN, DAMERAU, JACCARD = 0, 1, 2, 3, 4


@njit(cache=True, nogil=True, inline="always")
def _bits(x):
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(cache=True, nogil=True)
def character_tallies(chars, offsets, facts):
    """Fill ``facts``: a row of four words for each value, side by side so that a look costs one miss of the cache.

    Where its characters begin; how many there are (low half) and how many of them the tally leaves out (high
    half); the tally in two words: 32 classes (character modulo 32) of 4 bits, of which as many are set as the
    class occurs, up to 4.
    """
    counts = np.zeros(32, np.int64)
    for v in range(len(offsets) - 1):
        counts[:] = 0
        for k in range(offsets[v], offsets[v + 1]):
            counts[chars[k] & 31] += 1
        beyond = 0
        for word in range(2):
            bits = np.uint64(0)
            for c in range(16):
                count = counts[16 * word + c]
                beyond += max(0, count - 4)
                bits |= np.uint64((1 << min(count, 4)) - 1) << np.uint64(4 * c)
            facts[v, 2 + word] = bits
        facts[v, 0] = np.uint64(offsets[v])
        facts[v, 1] = np.uint64(offsets[v + 1] - offsets[v]) | np.uint64(beyond) << np.uint64(32)


@njit(cache=True, nogil=True, inline="always")
def length_of(facts, value):
    return np.int64(facts[value, 1] & np.uint64(0xFFFFFFFF))


@njit(cache=True, nogil=True, inline="always")
def _shared_count(facts, one, other):
    """No more characters than this occur in both values (each as often as in the one that has fewer)."""
    tallied = _bits(facts[one, 2] & facts[other, 2]) + _bits(facts[one, 3] & facts[other, 3])
    return tallied + np.int64(min(facts[one, 1] >> np.uint64(32), facts[other, 1] >> np.uint64(32)))


@njit(cache=True, nogil=True)
def jaro_bits(chars, a, la, b, lb, masks, need):
    """Jaro of two values of at most 64 characters, or 0 where fewer than ``need`` of them match.

    masks is scratch, all zero on entry and exit.
    """
    one = np.uint64(1)
    for k in range(lb):
        masks[chars[b + k]] |= one << np.uint64(k)
    bound = max(max(la, lb) // 2 - 1, 0)
    window = (one << np.uint64(bound + 1)) - one  # b's places that a's next character may match
    flags_a = np.uint64(0)
    flags_b = np.uint64(0)
    spare = la - need
    for k in range(la):
        free = masks[chars[a + k]] & ~flags_b & window
        if free:
            flags_b |= free & (~free + one)
            flags_a |= one << np.uint64(k)
        else:
            spare -= 1
            if spare < 0:
                break
        window <<= one
        if k < bound:
            window |= one
    for k in range(lb):
        masks[chars[b + k]] = np.uint64(0)
    if spare < 0 or flags_a == np.uint64(0):
        return 0.0
    matches = 0
    moved = 0
    while flags_a:
        i = _bits((flags_a & (~flags_a + one)) - one)  # the lowest place
        k = _bits((flags_b & (~flags_b + one)) - one)
        if chars[a + i] != chars[b + k]:
            moved += 1
        matches += 1
        flags_a &= flags_a - one
        flags_b &= flags_b - one
    return (matches / la + matches / lb + (matches - moved // 2) / matches) / 3.0


@njit(cache=True, nogil=True)
def jaro_plain(chars, a, la, b, lb):
    bound = max(la, lb) // 2 - 1
    if bound < 0:
        bound = 0
    used_a = np.zeros(la, np.uint8)
    used_b = np.zeros(lb, np.uint8)
    matches = 0
    for i in range(la):
        for k in range(max(0, i - bound), min(lb, i + bound + 1)):
            if used_b[k] == 0 and chars[a + i] == chars[b + k]:
                used_b[k] = 1
                used_a[i] = 1
                matches += 1
                break
    if matches == 0:
        return 0.0
    moved = 0
    k = 0
    for i in range(la):
        if used_a[i]:
            while used_b[k] == 0:
                k += 1
            if chars[a + i] != chars[b + k]:
                moved += 1
            k += 1
    return (matches / la + matches / lb + (matches - moved // 2) / matches) / 3.0


@njit(cache=True, nogil=True)
def edits_of(chars, a, la, b, lb, swaps, most):
    """Edit distance (with unrestricted transpositions if ``swaps``), or most + 1 where it is larger."""
    while la > 0 and lb > 0 and chars[a] == chars[b]:
        a += 1
        b += 1
        la -= 1
        lb -= 1
    while la > 0 and lb > 0 and chars[a + la - 1] == chars[b + lb - 1]:
        la -= 1
        lb -= 1
    if la == 0 or lb == 0:
        return min(max(la, lb), most + 1)
    if abs(la - lb) > most:
        return most + 1
    if most == 1:
        if la == 1 and lb == 1:
            return 1
        if swaps and la == 2 and lb == 2 and chars[a] == chars[b + 1] and chars[a + 1] == chars[b]:
            return 1
        return 2
    width = lb + 2
    table = np.zeros((la + 2) * width, np.int32)
    high = la + lb
    table[0] = high
    for i in range(la + 1):
        table[(i + 1) * width] = high
        table[(i + 1) * width + 1] = i
    for k in range(lb + 1):
        table[k + 1] = high
        table[width + k + 1] = k
    for i in range(1, la + 1):
        last_match = 0
        best = high
        for k in range(1, lb + 1):
            same = chars[a + i - 1] == chars[b + k - 1]
            cost = table[i * width + k] + (0 if same else 1)
            cost = min(cost, table[(i + 1) * width + k] + 1, table[i * width + k + 1] + 1)
            if swaps:
                row = i - 1  # the last row before this one whose character is this column's
                while row > 0 and chars[a + row - 1] != chars[b + k - 1]:
                    row -= 1
                if row > 0 and last_match > 0:
                    cost = min(
                        cost, table[row * width + last_match] + (i - row - 1) + 1 + (k - last_match - 1)
                    )
            table[(i + 1) * width + k + 1] = cost
            best = min(best, cost)
            if same:
                last_match = k
        if best > most + 1:  # no row below can come back under the limit (a transposition looks one row back)
            return most + 1
    return min(table[(la + 1) * width + lb + 1], most + 1)


@njit(cache=True, nogil=True)
def _jaccard(chars, a, la, b, lb, masks):
    """Shared over all distinct characters; masks is scratch, all zero on entry and exit."""
    union = 0
    shared = 0
    for k in range(la):
        if masks[chars[a + k]] == np.uint64(0):
            masks[chars[a + k]] = np.uint64(1)
            union += 1
    for k in range(lb):
        seen = masks[chars[b + k]]
        if seen == np.uint64(0):
            union += 1
        elif seen == np.uint64(1):
            shared += 1
        masks[chars[b + k]] = np.uint64(2)
    for k in range(la):
        masks[chars[a + k]] = np.uint64(0)
    for k in range(lb):
        masks[chars[b + k]] = np.uint64(0)
    return shared / union if union else 0.0


@njit(cache=True, nogil=True, inline="always")
def passed_down(value, thresholds):
    """The state of the first threshold that a similarity reaches (strictest first)."""
    for t in range(len(thresholds)):
        if value >= thresholds[t]:
            return t + 2
    return len(thresholds) + 2


@njit(cache=True, nogil=True)
def jaro_states(left, right, codes, chars, facts, alphabet, winkler, thresholds, out):
    """Fill ``out`` with the state of each pair by Jaro, or Jaro–Winkler; thresholds from strictest to loosest.

    facts: of each value, as ``character_tallies`` fills them.

    With m matching characters Jaro is at most (m/|a| + m/|b| + 1) / 3, so it reaches t only if
    m (|a| + |b|) >= (3t - 1) |a| |b|; a common prefix of p lowers the t that Winkler's bonus needs.
    """
    masks = np.zeros(alphabet, np.uint64)
    none = len(thresholds) + 2
    loosest = thresholds[len(thresholds) - 1]
    least = np.empty(5)
    for p in range(5):
        reach = (loosest - 0.1 * p) / (1.0 - 0.1 * p) if winkler else loosest
        least[p] = 3.0 * reach - 1.0 - 1e-8
    for p in range(len(left)):
        ca = codes[left[p]]
        cb = codes[right[p]]
        if ca < 0 or cb < 0:
            out[p] = 0
            continue
        if ca == cb:
            out[p] = 1
            continue
        out[p] = none
        la = length_of(facts, ca)
        lb = length_of(facts, cb)
        if la == 0 or lb == 0:
            continue
        both = la + lb
        product = la * lb
        most = min(la, lb)
        if most * both < least[4] * product:
            continue
        most = min(most, _shared_count(facts, ca, cb))
        if most == 0 or most * both < least[4] * product:
            continue
        a = np.int64(facts[ca, 0])
        b = np.int64(facts[cb, 0])
        prefix = 0
        while prefix < 4 and prefix < la and prefix < lb and chars[a + prefix] == chars[b + prefix]:
            prefix += 1
        if most * both < least[prefix] * product:
            continue
        if la <= 64 and lb <= 64:
            need = np.int64(np.ceil(least[prefix] * product / both))
            value = jaro_bits(chars, a, la, b, lb, masks, max(need, 0))
        else:
            value = jaro_plain(chars, a, la, b, lb)
        if winkler and value > 0.7:
            value += prefix * 0.1 * (1.0 - value)
        out[p] = passed_down(value, thresholds)


@njit(cache=True, nogil=True)
def jaccard_states(left, right, codes, chars, facts, alphabet, thresholds, out):
    """The same by Jaccard's measure of shared characters."""
    masks = np.zeros(alphabet, np.uint64)
    for p in range(len(left)):
        ca = codes[left[p]]
        cb = codes[right[p]]
        if ca < 0 or cb < 0:
            out[p] = 0
        elif ca == cb:
            out[p] = 1
        else:
            a, la = np.int64(facts[ca, 0]), length_of(facts, ca)
            b, lb = np.int64(facts[cb, 0]), length_of(facts, cb)
            out[p] = passed_down(_jaccard(chars, a, la, b, lb, masks), thresholds)


@njit(cache=True, nogil=True)
def edit_states(left, right, codes, chars, facts, swaps, thresholds, out):
    """The same by edit distance (with transpositions if ``swaps``); thresholds from smallest to largest."""
    steps = len(thresholds)
    most_edits = np.int64(thresholds[steps - 1])
    for p in range(len(left)):
        ca = codes[left[p]]
        cb = codes[right[p]]
        if ca < 0 or cb < 0:
            out[p] = 0
            continue
        if ca == cb:
            out[p] = 1
            continue
        out[p] = steps + 2
        la = length_of(facts, ca)
        lb = length_of(facts, cb)
        if abs(la - lb) > most_edits:
            continue
        if max(la, lb) - _shared_count(facts, ca, cb) > most_edits:
            continue
        edits = edits_of(chars, np.int64(facts[ca, 0]), la, np.int64(facts[cb, 0]), lb, swaps, most_edits)
        for t in range(steps):
            if edits <= thresholds[t]:
                out[p] = t + 2
                break


@njit(cache=True, nogil=True)
def equal_states(left, right, codes, out):
    """0 missing, 1 equal, 2 not."""
    for p in range(len(left)):
        ca = codes[left[p]]
        cb = codes[right[p]]
        out[p] = 0 if ca < 0 or cb < 0 else (1 if ca == cb else 2)


@njit(cache=True, nogil=True)
def number_states(left, right, codes, numbers, thresholds, out):
    """Distance of the numbers behind two codes: 0 missing, 1 equal codes, then by threshold, then none.

    Last of all, where both have a value and one is no number (NaN), so that the distance is unknown.
    """
    steps = len(thresholds)
    for p in range(len(left)):
        ca = codes[left[p]]
        cb = codes[right[p]]
        if ca < 0 or cb < 0:
            out[p] = 0
            continue
        if ca == cb:
            out[p] = 1
            continue
        apart = abs(numbers[ca] - numbers[cb])
        if np.isnan(apart):
            out[p] = steps + 3
            continue
        state = steps + 2
        for t in range(steps):
            if apart <= thresholds[t]:
                state = t + 2
                break
        out[p] = state


@njit(cache=True, nogil=True)
def crossed_states(left, right, first, second, out):
    """Codes over shared values: bit 0 left.first = right.second, bit 1 the other way; +4 none; 0 missing.

    States: 0 both ways unknown, 1 both ways true, 2 only left.first = right.second is true (other false),
    3 only left.second = right.first is true (other false), 4 both false, 5 first true other unknown,
    6 first false other unknown, 7 second true first unknown, 8 second false first unknown.
    """
    for p in range(len(left)):
        a1, a2 = first[left[p]], second[left[p]]
        b1, b2 = first[right[p]], second[right[p]]
        one = -1 if a1 < 0 or b2 < 0 else (1 if a1 == b2 else 0)
        two = -1 if a2 < 0 or b1 < 0 else (1 if a2 == b1 else 0)
        if one < 0:
            out[p] = 0 if two < 0 else (7 if two == 1 else 8)
        elif two < 0:
            out[p] = 5 if one == 1 else 6
        elif one == 1:
            out[p] = 1 if two == 1 else 2
        else:
            out[p] = 3 if two == 1 else 4


@njit(cache=True, nogil=True)
def overlap_states(left, right, codes, members, offsets, thresholds, out):
    """How many members two sets share (each sorted): 0 missing, 1 equal codes, then by threshold, last none.

    State 1 is given only to sets of at least the first threshold's size: equal sets that are smaller are
    counted like any others, so that equality must be asked elsewhere.
    """
    steps = len(thresholds)
    for p in range(len(left)):
        ca = codes[left[p]]
        cb = codes[right[p]]
        if ca < 0 or cb < 0:
            out[p] = 0
            continue
        if ca == cb and offsets[ca + 1] - offsets[ca] >= thresholds[0]:
            out[p] = 1
            continue
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
        state = steps + 2
        for t in range(steps):
            if shared >= thresholds[t]:
                state = t + 2
                break
        out[p] = state


@njit(cache=True, nogil=True)
def combine(states, rows, strides, lookup, level_stride, patterns):
    """Add one comparison's level (looked up from the states in its rows) to each pair's pattern."""
    block = 2048  # small enough to stay in the nearest cache while every row is added
    at = np.empty(block, np.int32)
    for begin in range(0, len(patterns), block):
        size = min(block, len(patterns) - begin)
        at[:size] = 0
        for k in range(len(rows)):
            line = states[rows[k], begin : begin + size]
            stride = np.int32(strides[k])
            for p in range(size):
                at[p] += np.int32(line[p]) * stride
        for p in range(size):
            patterns[begin + p] += lookup[at[p]] * level_stride
