"""Invariants of filters, tokens and their hardening, on generated values."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from hypothesis import given, settings
from hypothesis import strategies as st

from joinedup.linkage.bit_text import bits_of_text, text_of_bits
from joinedup.linkage.encode import encode
from joinedup.linkage.expression import Key
from joinedup.linkage.kernels import filters
from joinedup.linkage.private.agreement import Cut, Filter, Part, Token
from joinedup.linkage.private.filters import encode_filter
from joinedup.linkage.private.harden import balance, fold, noise_nonces, noisy
from joinedup.linkage.private.secret import Secret
from joinedup.linkage.private.tokens import tokens_of

DIGEST = "ab" * 32
SECRET = Secret(bytes(range(32)))
WORDS = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 2**64 - 1), min_size=width, max_size=width), min_size=2, max_size=6
    )
)
NAMES = st.lists(st.one_of(st.none(), st.text(min_size=1, max_size=12)), min_size=1, max_size=8)
NAME = Filter("names", (Part(Key(column="name")),), length=256)


def _words(rows):
    return np.array(rows, np.uint64)


def _records(names, others=None):
    table = pa.table(
        {
            "id": [str(n) for n in range(len(names))],
            "name": pa.array(names, pa.string()),
            "other": pa.array(others or names, pa.string()),
        }
    )
    return encode({"s": table}, id_columns={"s": "id"}, columns=["name", "other"])


def _dice(words, one, other):
    counts = np.empty(len(words), np.int64)
    filters.bit_counts(words, counts)
    out = np.empty(1, np.float64)
    filters.dice_values(np.array([one], np.int32), np.array([other], np.int32), words, counts, out)
    return out[0]


@settings(deadline=None)
@given(WORDS)
def test_dice_is_symmetric_between_0_and_1_and_that_of_sets(rows):
    words = _words(rows)
    sets = [{bit for bit in range(64 * len(row)) if row[bit // 64] >> bit % 64 & 1} for row in rows]

    for one in range(len(rows)):
        for other in range(len(rows)):
            value = _dice(words, one, other)
            together = len(sets[one]) + len(sets[other])

            assert value == _dice(words, other, one)
            assert 0 <= value <= 1
            assert value == (2 * len(sets[one] & sets[other]) / together if together else 0.0)
            assert one != other or value == 1.0 or not sets[one]


@settings(deadline=None)
@given(WORDS)
def test_bits_come_back_from_their_text(rows):
    assert np.array_equal(bits_of_text(text_of_bits(_words(rows))), _words(rows))


@settings(deadline=None)
@given(NAMES)
def test_equal_values_have_equal_filters_under_one_key(names):
    records = _records(names)
    rows, words = encode_filter(records, NAME, secret=SECRET, digest=DIGEST)
    again, same = encode_filter(records, NAME, secret=SECRET, digest=DIGEST)
    values = records.columns["name"].values.to_pylist()
    own = [values[code] if code >= 0 else None for code in records.columns["name"].codes]

    assert np.array_equal(rows, again)
    assert np.array_equal(words, same)
    for one, name in enumerate(own):
        assert (rows[one] < 0) == (name is None)
        for other, second in enumerate(own):
            if name is not None and name == second:
                assert np.array_equal(words[rows[one]], words[rows[other]])


@settings(deadline=None)
@given(
    st.text(alphabet="abcdefgh", min_size=2, max_size=10),
    st.text(alphabet="abcdefgh", min_size=2, max_size=10),
)
def test_mixed_parts_are_alike_the_other_way_round(first, last):
    parts = (Part(Key(column="name")), Part(Key(column="other")))
    records = _records([first, last], [last, first])

    rows, mixed = encode_filter(records, Filter("f", parts, 256, mixed=True), secret=SECRET, digest=DIGEST)

    assert np.array_equal(mixed[rows[0]], mixed[rows[1]])


@settings(deadline=None)
@given(WORDS, st.integers(0, 2**32))
def test_a_balanced_filter_has_half_its_bits_set_and_keeps_who_is_equal(rows, seed):
    words = _words(rows)
    balanced = balance(words, key=seed.to_bytes(32, "big"))
    counts = np.empty(len(words), np.int64)
    filters.bit_counts(balanced, counts)

    assert balanced.shape == (len(words), 2 * words.shape[1])
    assert set(counts.tolist()) == {64 * words.shape[1]}
    for one in range(len(rows)):
        assert (rows[one] == rows[0]) == np.array_equal(balanced[one], balanced[0])


@settings(deadline=None)
@given(WORDS)
def test_folding_is_the_exclusive_or_of_the_halves(rows):
    words = _words([row + row for row in rows])

    assert not fold(words).any()
    words[:, -1] ^= np.uint64(5)
    assert (fold(words)[:, -1] == 5).all()


@settings(deadline=None)
@given(WORDS, st.integers(1, 32768), st.binary(min_size=32, max_size=32))
def test_noise_is_the_records_own_and_the_same_each_time(rows, chance, key):
    words = _words(rows)
    nonces = noise_nonces(pa.array([f"r{n}" for n in range(len(rows))]), key=key)

    once = noisy(words, nonces, chance=chance / 65536, key=key)
    turned = noisy(words[::-1].copy(), nonces[::-1].copy(), chance=chance / 65536, key=key)

    assert np.array_equal(once, turned[::-1])
    flipped = noisy(np.zeros_like(words), nonces, chance=chance / 65536, key=key)
    assert np.array_equal(once, words ^ flipped)


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=12, max_size=12), st.integers(0, 2**31))
def test_the_keystream_is_chacha20(key, nonce, counter):
    out, scratch = np.empty(16, np.uint32), np.empty(16, np.uint32)
    filters.keystream(np.frombuffer(key, np.uint32), np.frombuffer(nonce, np.uint32), counter, scratch, out)

    peer = Cipher(algorithms.ChaCha20(key, counter.to_bytes(4, "little") + nonce), None).encryptor()
    assert out.tobytes() == peer.update(bytes(64))


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["x", "ax", None])), min_size=1))
def test_tokens_are_equal_just_where_all_their_keys_are(pairs):
    records = _records([one for one, _ in pairs], [other for _, other in pairs])
    token = Token("t", (Key(column="name"), Key(column="other")), most=1000)

    texts, count = tokens_of(records, token, secret=SECRET, digest=DIGEST)

    places = [int(identifier) for identifier in records.ids.to_pylist()]
    found = dict(zip(places, texts.to_pylist(), strict=True))
    for one, pair in enumerate(pairs):
        assert (found[one] is None) == (None in pair)
        for other, second in enumerate(pairs):
            if None not in pair and None not in second:
                assert (found[one] == found[other]) == (pair == second)
    assert count.given == sum(None not in pair for pair in pairs)


def test_a_date_with_a_slip_or_changed_over_stays_alike():
    dates = ["1980-03-12", "1980-12-03", "1980-03-13", "1951-07-28"]
    records = _records(dates)
    filter_ = Filter("born", (Part(Key(column="name"), Cut.DATE, bits=10),), 1024)

    rows, words = encode_filter(records, filter_, secret=SECRET, digest=DIGEST)
    row = dict(zip(records.ids.to_pylist(), rows, strict=True))
    alike = [_dice(words, row["0"], row[str(n)]) for n in range(4)]

    assert alike[0] == 1
    assert alike[2] > 0.75  # 9 of 11 pieces are shared
    assert alike[1] > 0.6  # the year, both numbers and the digits that stay
    assert alike[3] < 0.35
