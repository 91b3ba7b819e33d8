"""One person's details against the records of one mapped segment: candidates, levels and weights, compiled.

The segment's file comes viewed as several types, with a layout that says where each array begins, so that one
compiled function serves every model.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from joinedup.linkage.kernels import pairs
from joinedup.linkage.kernels.lookup import mixed, place_of
from joinedup.linkage.kernels.match_states import CODES, SHARES, fill_states, place_among, value_code


@njit(cache=True, nogil=True)
def hash_asked(data, offsets, values, out):
    """A 64-bit hash of each text; of the first ``values`` an empty one is missing: 0."""
    pairs.hash_texts(data, offsets, np.uint64(0), out)
    for k in range(len(out)):
        if k < values and offsets[k] == offsets[k + 1]:
            out[k] = np.uint64(0)
        elif out[k] == np.uint64(0):
            out[k] = np.uint64(1)


@njit(cache=True, nogil=True)
def find_share(hashed, hashes, shares):
    """log2 of the share of a value, by its hash among ascending ones; NaN where it has none."""
    low, high = 0, len(hashes)
    while low < high:
        middle = (low + high) >> 1
        if hashes[middle] < hashed:
            low = middle + 1
        else:
            high = middle
    if hashed == np.uint64(0) or low == len(hashes) or hashes[low] != hashed:
        return np.nan
    return np.log2(shares[low])


@njit(cache=True, nogil=True, inline="always")
def _is_dead(dead, row):
    return len(dead) > 0 and place_among(dead, 0, len(dead), row) >= 0


@njit(cache=True, nogil=True)
def _slot(table, rows, row):
    """Where a row is or would be in an open-addressed table of candidates' places."""
    mask = len(table) - 1
    at = np.int64((np.uint64(row) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(33)) & mask
    while table[at] >= 0 and rows[table[at]] != row:
        at = (at + 1) & mask
    return at


@njit(cache=True, nogil=True)
def _level(states, candidate, lookup, rows, strides, table):
    """The answer that a combination of states comes to."""
    at = np.int64(0)
    for k in range(lookup[0], lookup[1]):
        at += np.int64(states[rows[k], candidate]) * strides[k]
    return table[lookup[2] + at]


@njit(cache=True, nogil=True)
def match_segment(
    i16, i32, u16, u64, f64, keys, rules, source_at, dead,
    hashes, data, offsets, numbers, extra, shares, excluded, own_source,
    rule_parts, rule_begins, rule_where,
    questions, plain_questions, steps, same,
    lookups, lookup_rows, lookup_strides, lookup_table,
    level_begins, level_weights, rarities, rarity_bits, context_parts, context_tables, context_odds, settings,
    out_row, out_weight, out_levels, out_rarity, out_context, out_found,
):  # fmt: skip
    """Write the best rows, best first, and return how many; then how many candidates there were.

    Best is by weight, then the smaller row. settings: prior, share of contexts, least weight. Room for as many
    as ``out_row`` is long. out_found: which rules found each.
    """
    ruled = len(rules)
    begins = np.zeros(ruled, np.int64)
    ends = np.zeros(ruled, np.int64)
    total = 0
    for r in range(ruled):
        hashed = np.uint64(0)
        for k in range(rule_begins[r], rule_begins[r + 1]):
            part = hashes[rule_parts[k]]
            if part == np.uint64(0):
                hashed = np.uint64(0)
                break
            hashed = part if k == rule_begins[r] else mixed(hashed, part)
        if hashed == np.uint64(0):
            continue
        first, size, bits, directory, starts, listed = rules[r]
        at = place_of(hashed, u64[first : first + size], bits, i32[directory : directory + (1 << bits) + 1])
        if at >= 0:
            begins[r] = listed + i32[starts + at]
            ends[r] = listed + i32[starts + at + 1]
            total += ends[r] - begins[r]
    if total == 0:
        return 0, 0
    size = 16
    while size < 2 * total:
        size *= 2
    table = np.full(size, -1, np.int32)
    rows = np.empty(total, np.int32)
    sure = np.zeros(total, np.bool_)  # found by a rule without a condition
    count = 0
    for r in range(ruled):
        for k in range(begins[r], ends[r]):
            row = i32[k]
            slot = _slot(table, rows, row)
            if table[slot] < 0:
                if _is_dead(dead, row) or (excluded >= 0 and i16[source_at + row] == excluded):
                    continue
                table[slot] = count
                rows[count] = row
                count += 1
            if rule_where[r] < 0:
                sure[table[slot]] = True
    if count == 0:
        return 0, 0
    rows = rows[:count]
    own = np.empty(len(keys), np.int64)
    for key in range(len(keys)):
        own[key] = value_code(hashes[key], keys[key], i32, u64)
    states = np.empty((len(questions), count), np.uint8)
    for q in range(len(questions)):
        fill_states(questions[q], rows, source_at, own_source, keys, i16, i32, u16, u64, f64, hashes, data, offsets,
              numbers, extra, own, steps, same, states[q])  # fmt: skip
    compared = len(level_begins)
    for r in range(ruled):
        if rule_where[r] >= 0:
            lookup = lookups[compared + rule_where[r]]
            for k in range(begins[r], ends[r]):
                at = table[_slot(table, rows, i32[k])]
                if at >= 0 and not sure[at]:
                    sure[at] = _level(states, at, lookup, lookup_rows, lookup_strides, lookup_table) == 0
    levels = np.empty(compared, np.int64)
    added = np.zeros(len(rarities))
    places = np.empty(len(out_row), np.int64)
    candidates = 0
    filled = 0
    for i in range(count):
        if not sure[i]:
            continue
        candidates += 1
        weight = settings[0]
        for c in range(compared):
            level = _level(states, i, lookups[c], lookup_rows, lookup_strides, lookup_table)
            levels[c] = level
            weight += level_weights[level_begins[c] + level]
        for n in range(len(rarities)):
            added[n] = 0.0
            if levels[rarities[n, 1]] == rarities[n, 2]:
                layout = keys[rarities[n, 0]]
                code = i32[layout[CODES] + rows[i]]
                theirs = f64[layout[SHARES] + code] if code >= 0 else np.nan
                theirs = -np.inf if np.isnan(theirs) else max(theirs, rarity_bits[n, 2])
                mine = -np.inf if np.isnan(shares[n]) else max(shares[n], rarity_bits[n, 2])
                larger = max(mine, theirs)
                if np.isfinite(larger):
                    added[n] = (rarity_bits[n, 0] - larger) * rarity_bits[n, 1]
                weight += added[n]
        if weight < settings[2]:
            continue
        lowest = weight
        for x in range(len(context_odds)):
            applies = True
            for k in range(context_parts[x, 0], context_parts[x, 1]):
                key = context_tables[k, 0]
                if own[key] < 0 or i32[keys[key, CODES] + rows[i]] != own[key]:
                    applies = False
                    break
            if applies:
                seen = context_odds[x]
                for k in range(context_parts[x, 2], context_parts[x, 3]):
                    seen += level_weights[context_tables[k, 1] + levels[context_tables[k, 0]]]
                lowest = min(lowest, seen)
        taken = (lowest - weight) * settings[1]
        weight += taken
        if weight < settings[2]:
            continue
        at = filled
        while at > 0 and (
            out_weight[at - 1] < weight or (out_weight[at - 1] == weight and out_row[at - 1] > rows[i])
        ):
            at -= 1
        if at >= len(out_row):
            continue
        filled = min(filled + 1, len(out_row))
        for to in range(filled - 1, at, -1):
            out_row[to], out_weight[to], out_context[to] = (
                out_row[to - 1],
                out_weight[to - 1],
                out_context[to - 1],
            )
            out_levels[to], out_rarity[to], places[to] = (
                out_levels[to - 1],
                out_rarity[to - 1],
                places[to - 1],
            )
        out_row[at], out_weight[at], out_context[at], places[at] = rows[i], weight, taken, i
        for c in range(compared):
            out_levels[at, c] = levels[c]
        for n in range(len(rarities)):
            out_rarity[at, n] = added[n]
    for at in range(filled):
        for r in range(ruled):
            found = place_among(i32, begins[r], ends[r] - begins[r], out_row[at]) >= 0
            if found and rule_where[r] >= 0:
                lookup = lookups[compared + rule_where[r]]
                found = _level(states, places[at], lookup, lookup_rows, lookup_strides, lookup_table) == 0
            out_found[at, r] = found
    return filled, candidates
