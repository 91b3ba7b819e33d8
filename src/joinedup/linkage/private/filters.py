"""A record's fields as keyed filters of bits: pieces of the values, each of which sets bits that only the key tells.

After Schnell, Bachteler and Reiher (2009), with the places of each piece drawn independently from HMAC-SHA-512
rather than by double hashing, whose few patterns are what Niedermeyer, Steinmetzer, Kroll and Schnell (2014) broke.
All text is worked on once a distinct value.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.linkage.bit_text import Words
from joinedup.linkage.encode import Codes, Int32, Records
from joinedup.linkage.kernels import filters, pairs
from joinedup.linkage.private.agreement import Cut, Filter, Part
from joinedup.linkage.private.secret import Secret

Ints = npt.NDArray[np.int64]
_PLACES_A_DIGEST = 32  # SHA-512 gives 64 bytes, two a place


def filter_rows(records: Records, filter_: Filter) -> tuple[Int32, list[Int32], Int32]:
    """The distinct combinations of a filter's values: each record's own (-1: no part has a value, or the salt has
    none), and for each combination the code of each part (-1 missing) and of the salt (0 where there is none)."""
    parts = [records.key(part.key).codes for part in filter_.parts]
    salt = records.key(filter_.salt).codes if filter_.salt is not None else np.zeros(len(records), np.int32)
    combined = salt.astype(np.int32)
    present = np.zeros(len(records), bool)
    for codes in parts:
        out = np.empty(len(records), np.int32)
        pairs.dense_ids(combined, codes + np.int32(1), out)
        combined = out
        present |= codes >= 0
    combined = np.where(present & (salt >= 0), combined, np.int32(-1)).astype(np.int32)
    distinct, first, inverse = np.unique(combined, return_index=True, return_inverse=True)
    if len(distinct) and distinct[0] < 0:
        first, inverse = first[1:], inverse - 1
    return inverse.astype(np.int32), [codes[first] for codes in parts], salt[first].astype(np.int32)


def without_salt(records: Records, salted: Sequence[Filter]) -> int:
    """How many records have a value for one of these filters, and no filter because its salt is missing."""
    lost = np.zeros(len(records), bool)
    for filter_ in salted:
        if filter_.salt is not None:
            lacking = records.key(filter_.salt).codes < 0
            for part in filter_.parts:
                lost |= lacking & (records.key(part.key).codes >= 0)
    return int(lost.sum())


def encode_filter(records: Records, filter_: Filter, *, secret: Secret, digest: str) -> tuple[Int32, Words]:
    """The filter of every record before hardening: a row for each (-1: none), and the rows' words."""
    rows, parts, salts = filter_rows(records, filter_)
    words = np.zeros((len(salts), filter_.length // 64), np.uint64)
    salt_texts = [""] if filter_.salt is None else records.key(filter_.salt).values.to_pylist()
    for part, codes in zip(filter_.parts, parts, strict=True):
        whose = "any part" if filter_.mixed else str(part.key)
        key = secret.key(digest=digest, purpose=f"filter {filter_.name} {whose} {part.cut.value} {part.q}")
        _set_part(words, part, records.key(part.key), codes, salts, salt_texts, key, filter_.length)
    return rows, words


def _set_part(
    words: Words,
    part: Part,
    values: Codes,
    codes: Int32,
    salts: Int32,
    salt_texts: Sequence[str],
    key: bytes,
    length: int,
) -> None:
    texts, owners, numbers = value_pieces(values.values, part)
    starts = np.searchsorted(owners, np.arange(len(values.values) + 1))
    having = np.flatnonzero(codes >= 0)
    counts = (starts[1:] - starts[:-1])[codes[having]]
    rows = np.repeat(having, counts)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    own = numbers[np.repeat(starts[:-1][codes[having]], counts) + within]
    # Each piece under each salt that it is met with is hashed once.
    salted, pieces = np.unique(salts[rows].astype(np.int64) * len(texts) + own, return_inverse=True)
    messages = [_message(salt_texts[n // len(texts)], texts[n % len(texts)]) for n in salted.tolist()]
    filters.set_bits(words, rows, pieces, places_of(messages, key=key, bits=part.bits, length=length))


def _message(salt: str, piece: str) -> bytes:
    data = salt.encode()
    return len(data).to_bytes(4, "big") + data + piece.encode()


def places_of(messages: Sequence[bytes], *, key: bytes, bits: int, length: int) -> Ints:
    """For each message, the places of its bits, below length (a power of two, so that all are equally likely)."""
    digests = -(-bits // _PLACES_A_DIGEST)
    data = b"".join(
        hmac.digest(key, bytes([number]) + message, "sha512")
        for message in messages
        for number in range(digests)
    )
    drawn = np.frombuffer(data, "<u2").reshape(len(messages), digests * _PLACES_A_DIGEST)[:, :bits]
    return (drawn & (length - 1)).astype(np.int64)


def value_pieces(values: pa.Array, part: Part) -> tuple[list[str], Ints, Ints]:
    """The distinct pieces of some texts; and, by rising text, each piece's text and number.

    A piece that a text has twice is listed twice: it sets the same bits.
    """
    if part.cut is Cut.DATE:
        listed = [_date_pieces(text) for text in values.to_pylist()]
        owners = np.repeat(np.arange(len(listed)), [len(own) for own in listed]).astype(np.int64)
        known: dict[str, int] = {}
        numbers = np.array([known.setdefault(piece, len(known)) for own in listed for piece in own], np.int64)
        return list(known) or [""], owners, numbers
    texts = values.to_pylist()
    points = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32)
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    room = len(points) + len(texts) * (part.q - 1)
    codes, owners = np.empty(room, np.uint64), np.empty(room, np.int64)
    written = filters.grams(points, offsets, part.q, codes, owners)
    distinct, numbers = np.unique(codes[:written], return_inverse=True)
    return [_gram_text(int(code), part.q) for code in distinct] or [""], owners[:written], numbers


def _gram_text(code: int, q: int) -> str:
    return "".join(chr((code >> 21 * (q - 1 - k)) & 0x1FFFFF) for k in range(q))


def _date_pieces(text: str) -> list[str]:
    """Each digit with its place; the year; month and day wherever they stand, for the two are changed over."""
    year, month, day = text[:4], text[5:7], text[8:10]
    digits = [f"{place}:{digit}" for place, digit in enumerate(year + month + day)]
    return [*digits, f"year {year}", f"other {month}", f"other {day}"]
