"""Pairs within stretches of a sorted batch of records, where each stretch is a block or a part of one."""

from __future__ import annotations

from numba import njit

from joinedup.linkage.kernels.pairs import _pair_hash


@njit(cache=True, nogil=True)
def list_cell_pairs(
    begin, end, until, number, source, part, split, across_only, keys, earlier, one_in, left, right
):
    """Write the pairs of rows begin..end with later rows of their stretch; return how many.

    until: where each row's stretch ends. number: of the record in each row, ascending within a stretch. split:
    the stretch holds two parts of a block, and only pairs of different parts are its own. keys: of each row under
    each rule, -1 where missing; earlier: the rules (columns) by which a pair may have been found before. one_in:
    keep about one pair in so many, by a hash of its two record numbers.
    """
    count = 0
    for at in range(begin, end):
        for to in range(at + 1, until[at]):
            if split[at] and part[at] == part[to]:
                continue
            if across_only and source[at] == source[to]:
                continue
            if one_in > 1 and _pair_hash(number[at], number[to]) % one_in != 0:
                continue
            seen = False
            for r in earlier:
                k = keys[at, r]
                if k >= 0 and k == keys[to, r]:
                    seen = True
                    break
            if not seen:
                left[count] = at
                right[count] = to
                count += 1
    return count
