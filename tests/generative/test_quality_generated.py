"""Counting against plain Python: whatever the values, batches and table size, the counts agree."""

import math
from collections import Counter
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joinedup.quality.distinct_count import DistinctCount, HashCounter
from joinedup.quality.kernels import NULL_HASH
from joinedup.quality.measure import uniqueness, wilson
from joinedup.quality.number_sketch import NumberSketch
from joinedup.quality.rules import rules_from
from joinedup.quality.suggest import rules_toml
from joinedup.quality.tally import ColumnTally, Needs

values = st.none() | st.text(max_size=12) | st.integers(-50, 50).map(str) | st.dates().map(date.isoformat)


def tallied(rows, *, cut=7, most_kept=1 << 16, on_retired=None):
    tally = ColumnTally(exact_limit=1 << 20, most_kept=most_kept, needs=lambda: Needs(on_retired=on_retired))
    for start in range(0, len(rows), cut):
        tally.update(pa.array(rows[start : start + cut], pa.string()))
    tally.finish()
    return tally


def is_blank(text):
    return all(c in " \t\n\v\f\r" for c in text)


@given(st.lists(values, max_size=80), st.integers(1, 30), st.sampled_from([4, 16, 1 << 16]))
@settings(max_examples=150, deadline=None)
def test_a_tally_agrees_with_plain_counting(rows, cut, most_kept):
    retired = []
    tally = tallied(rows, cut=cut, most_kept=most_kept, on_retired=retired.append)
    texts = [r for r in rows if r is not None and not is_blank(r)]
    plain = Counter(texts)

    assert tally.rows == len(rows)
    assert tally.missing == rows.count(None)
    assert tally.totals.values == len(texts)
    assert tally.totals.blank == len(rows) - rows.count(None) - len(texts)
    assert tally.distinct().count == len(plain)
    assert tally.totals.longest == max(map(len, texts), default=0)
    assert tally.totals.length_sum == sum(map(len, texts))
    assert tally.totals.padded == sum(t[0] == " " or t[-1] == " " for t in texts)
    assert sum(count for _, count in tally.shapes()) == len(texts)
    told = Counter()
    for part in retired:
        for text, count in zip(part.texts.to_pylist(), part.counts.tolist(), strict=True):
            told[text] += count
    assert told == plain
    for text, count in tally.top(5):
        assert plain[text] - tally.count_error <= count <= plain[text]
    if tally.count_error == 0:
        assert sorted(c for _, c in tally.top(3)) == sorted(c for _, c in plain.most_common(3))


@given(st.lists(values, min_size=1, max_size=60), st.randoms())
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_does_not_matter(rows, random):
    turned = rows[:]
    random.shuffle(turned)
    one, other = tallied(rows), tallied(turned)
    assert one.distinct() == other.distinct()
    assert one.shapes() == other.shapes()
    assert one.totals.values == other.totals.values
    assert np.array_equal(one.totals.lengths, other.totals.lengths)


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=60))
@settings(max_examples=80, deadline=None)
def test_numbers_are_read_exactly_and_quantiles_within_one_per_cent(numbers):
    sketch = tallied([str(n) for n in numbers]).sketch
    assert sketch.count == len(numbers)
    assert (sketch.low, sketch.high) == (min(numbers), max(numbers))
    assert math.isclose(sketch.mean, sum(numbers) / len(numbers), rel_tol=1e-9, abs_tol=1e-3)
    true = sorted(numbers)[int(0.5 * (len(numbers) - 1))]
    assert math.isclose(sketch.quantile(0.5), true, rel_tol=0.0101, abs_tol=1e-9)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
@settings(max_examples=100, deadline=None)
def test_decimals_are_read_as_python_reads_them(number):
    sketch = tallied([f"{number:f}"]).sketch
    assert sketch.low == float(number)


@given(st.lists(st.integers(0, 300), max_size=500), st.integers(1, 50))
@settings(max_examples=50, deadline=None)
def test_the_hash_counter_is_exact_within_its_limit(numbers, cut):
    counter = HashCounter(10_000)
    hashes = np.array(numbers, np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(1)
    for start in range(0, len(hashes), cut):
        counter.add(hashes[start : start + cut], skip_nulls=False)
    assert counter.result() == type(counter.result())(len(set(numbers)), True)


@given(
    st.lists(st.integers(0, 80), max_size=400),
    st.integers(1, 9),
    st.integers(1, 100),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_the_hash_counter_stays_exact_while_the_different_ones_fit(numbers, cut, limit, skip_nulls):
    counter = HashCounter(limit)
    hashes = np.array(numbers, np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(1)
    hashes[np.array(numbers) == 7] = np.uint64(NULL_HASH)
    for start in range(0, len(hashes), cut):
        counter.add(hashes[start : start + cut].copy(), skip_nulls=skip_nulls)
    different = set(hashes.tolist()) - ({NULL_HASH} if skip_nulls else set())
    if len(different) + cut <= limit:
        assert counter.exact
    if counter.exact:
        assert counter.result() == DistinctCount(len(different), True)
        assert counter.held_bytes == 8 * len(different)
    else:
        assert len(different) + cut > limit
        assert counter.held_bytes == 0


@given(st.text("0123456789+-.eE /é", min_size=1, max_size=20))
@settings(max_examples=300, deadline=None)
def test_whole_numbers_are_those_of_digits_alone_wherever_they_stand(text):
    told = []
    for texts in ([text], [text, "a text that stands behind it"]):
        tally = ColumnTally(exact_limit=1 << 20)
        tally.update(pa.array(texts))
        tally.finish()
        told.append((tally.totals.numbers, tally.totals.whole, tally.totals.leading_zero, tally.sketch.low))
    assert told[0] == told[1]
    if text.isascii() and text.isdigit():
        assert told[0] == (1, 1, int(len(text) > 1 and text[0] == "0"), float(text))


@pytest.mark.parametrize("size", [1_000, 50_000, 400_000])
def test_beyond_its_limit_the_count_is_an_estimate_within_four_standard_errors(size):
    counter = HashCounter(100)
    random = np.random.default_rng(7)
    hashes = random.integers(1, 1 << 63, size).astype(np.uint64) * np.uint64(2)
    counter.add(hashes)
    counter.add(hashes)
    found = counter.result()
    assert not found.exact
    assert abs(found.count - size) / size < 4 * 0.0081


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_wilson_interval_holds_the_share_and_stays_between_0_and_1(passed, failed):
    low, high = wilson(passed, passed + failed)
    assert 0 <= low <= high <= 1
    if passed + failed:
        assert low - 1e-12 <= passed / (passed + failed) <= high + 1e-12


@given(st.integers(1, 1000), st.integers(1, 1000))
def test_uniqueness_lies_between_0_and_1(records, distinct):
    share = uniqueness(records, min(distinct, records))
    assert share is not None
    assert 0 < share <= 1


@given(st.text(max_size=20), st.lists(st.text(max_size=10), min_size=1, max_size=4))
@settings(max_examples=80, deadline=None)
def test_any_names_and_values_survive_the_rules_file(name, listed):
    import tomllib

    text_ok = all(c < "\ud800" or c > "\udfff" for word in [name, *listed] for c in word)
    if not text_ok:
        return
    entry = {"id": "r", "field": name, "metric": "one_of", "target": 0.5, "with": {"values": listed}}
    (rule,) = rules_from({"rule": [entry]}).rules
    back = rules_from(tomllib.loads(rules_toml([rule], dataset=name))).rules
    assert back == (rule,)


def test_quantiles_of_a_sketch_that_holds_nothing_are_unknown():
    sketch = NumberSketch()
    assert math.isnan(sketch.quantile(0.5))
    assert math.isnan(sketch.mean)
