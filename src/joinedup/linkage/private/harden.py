"""What is done to filters so that they tell less: folding, noise and balancing, in that order.

Folding by exclusive or: Schnell and Borgs (2016, "XOR-folding for Bloom filter-based encryptions"). Noise (BLIP):
Alaggan, Gambs and Kermarrec (2012), as hardening Schnell and Borgs (2016). Balanced filters: Berger (1961)'s codes,
proposed for linkage by Schnell and Borgs (2016).
"""

from __future__ import annotations

import hmac

import numpy as np
import pyarrow as pa

from joinedup.linkage.bit_text import Words
from joinedup.linkage.encode import Int32
from joinedup.linkage.kernels import filters
from joinedup.linkage.private.agreement import Filter, Hardening
from joinedup.linkage.private.secret import Secret


def fold(words: Words) -> Words:
    """The first half of each filter's bits, exclusive or the second."""
    half = words.shape[1] // 2
    return np.asarray(words[:, :half] ^ words[:, half:], np.uint64)


def balance(words: Words, *, key: bytes) -> Words:
    """Each filter with its opposite behind it, all bits in an order that the key tells: half of them are set."""
    both = np.concatenate([words, ~words], axis=1)
    bits = np.unpackbits(np.ascontiguousarray(both, "<u8").view(np.uint8), axis=1, bitorder="little")
    drawn = b"".join(
        hmac.digest(key, place.to_bytes(4, "big"), "sha256")[:8] for place in range(bits.shape[1])
    )
    order = np.argsort(np.frombuffer(drawn, "<u8"), kind="stable")
    packed = np.packbits(bits[:, order], axis=1, bitorder="little")
    return np.ascontiguousarray(packed).view("<u8").astype(np.uint64, copy=False)


def noisy(words: Words, ids: pa.Array, *, chance: float, key: bytes) -> Words:
    """Each row with every bit turned over by chance, by the record's own keystream (ChaCha20, RFC 8439).

    The noise hangs on the key and the record's identifier alone: encoded again, a record gets the same noise, so
    many encodings of it cannot be averaged.
    """
    out = np.empty_like(words)
    nonces = b"".join(hmac.digest(key, identifier.encode(), "sha256")[:12] for identifier in ids.to_pylist())
    drawn = np.frombuffer(nonces, np.uint32).reshape(-1, 3)
    filters.flip(words, np.frombuffer(key, np.uint32), drawn, round(chance * 65536), out)
    return out


def harden(
    rows: Int32,
    words: Words,
    ids: pa.Array,
    *,
    filter_: Filter,
    hardening: Hardening,
    secret: Secret,
    digest: str,
    source: str,
) -> tuple[Int32, Words]:
    """Filters as they leave home: each record's row, and the rows.

    With noise every record has a row of its own; source and ids (each record's) then tell one record's from another's.
    """
    for _ in range(hardening.fold):
        words = fold(words)
    chance = hardening.flip(filter_)
    if chance > 0:
        having = np.flatnonzero(rows >= 0)
        key = secret.key(digest=digest, purpose=f"noise {filter_.name} {source}")
        words = noisy(words[rows[having]], ids.take(pa.array(having)), chance=chance, key=key)
        rows = np.full(len(rows), -1, np.int32)
        rows[having] = np.arange(len(having), dtype=np.int32)
    if hardening.balance:
        words = balance(words, key=secret.key(digest=digest, purpose=f"balance {filter_.name}"))
    return rows, words
