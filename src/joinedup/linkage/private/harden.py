"""What is done to filters so that they tell less: folding, noise and balancing, in that order.

Folding by exclusive or: Schnell and Borgs (2016, "XOR-folding for Bloom filter-based encryptions"). Noise (BLIP):
Alaggan, Gambs and Kermarrec (2012); as hardening, with balanced filters, Schnell and Borgs (2016, "Randomized response
and balanced Bloom filters").
"""

from __future__ import annotations

import hmac

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.linkage.bit_text import Words
from joinedup.linkage.encode import Int32
from joinedup.linkage.kernels import filters
from joinedup.linkage.private.agreement import Filter, Hardening
from joinedup.linkage.private.secret import Secret

Nonces = npt.NDArray[np.uint32]


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


def noise_nonces(ids: pa.Array, *, key: bytes) -> Nonces:
    """What tells each record's noise from another's: 96 bits that hang on the key and the identifier alone."""
    drawn = b"".join(
        hmac.digest(key, identifier, "sha256")[:12] for identifier in ids.cast(pa.binary()).to_pylist()
    )
    return np.frombuffer(drawn, np.uint32).reshape(-1, 3)


def noisy(words: Words, nonces: Nonces, *, chance: float, key: bytes) -> Words:
    """Each row with every bit turned over by chance, by the keystream of the row's own nonce (ChaCha20, RFC 8439).

    Encoded again, a record gets the same noise, so many encodings of it cannot be averaged.
    """
    out = np.empty_like(words)
    filters.flip(words, np.frombuffer(key, np.uint32), nonces, round(chance * 65536), out)
    return out


def harden(
    rows: Int32,
    words: Words,
    nonces: Nonces,
    *,
    filter_: Filter,
    hardening: Hardening,
    secret: Secret,
    digest: str,
) -> tuple[Int32, Words]:
    """Filters as they leave home: each record's row, and the rows. With noise every record has a row of its own.

    nonces: each record's (``noise_nonces``).
    """
    for _ in range(hardening.fold):
        words = fold(words)
    chance = hardening.flip(filter_)
    if chance > 0:
        having = np.flatnonzero(rows >= 0)
        key = secret.key(digest=digest, purpose=f"noise {filter_.name}")
        words = noisy(words[rows[having]], nonces[having], chance=chance, key=key)
        rows = np.full(len(rows), -1, np.int32)
        rows[having] = np.arange(len(having), dtype=np.int32)
    if hardening.balance:
        words = balance(words, key=secret.key(digest=digest, purpose=f"balance {filter_.name}"))
    return rows, words
