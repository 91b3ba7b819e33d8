"""Exact keyed tokens: HMAC-SHA-256 of several keys of a record together, so that equal ones can be put in blocks."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.linkage.encode import Int32, Records
from joinedup.linkage.kernels import pairs
from joinedup.linkage.private.agreement import Token
from joinedup.linkage.private.secret import Secret

TOKEN_DIGITS = 24  # hexadecimal: 96 bits, of which two by chance are never alike


@dataclass(frozen=True)
class TokenCount:
    """How many records of a file have a token, and how many of them lost it as too rare or too frequent."""

    name: str
    given: int
    too_rare: int
    too_frequent: int


def tokens_of(records: Records, token: Token, *, secret: Secret, digest: str) -> tuple[pa.Array, TokenCount]:
    """A record's token as text, or null: where one of its keys is missing, or the token is left out."""
    codes = [records.key(key).codes for key in token.on]
    combined = codes[0]
    for other in codes[1:]:
        out = np.empty(len(records), np.int32)
        pairs.dense_ids(combined, other, out)
        combined = out
    present = combined >= 0
    counts = np.bincount(combined[present]) if present.any() else np.zeros(1, np.int64)
    own = np.where(present, counts[combined], 0)
    kept = present & (own >= token.least) & (own <= token.most)
    key = secret.key(digest=digest, purpose=f"token {token.name}")
    text = _texts(combined, kept, codes, [records.key(k).values for k in token.on], key)
    rare, frequent = int((present & (own < token.least)).sum()), int((own > token.most).sum())
    return text, TokenCount(token.name, int(kept.sum()), rare, frequent)


def _texts(
    combined: Int32, kept: np.ndarray[tuple[int], np.dtype[np.bool_]], codes: Sequence[Int32],
    values: Sequence[pa.Array], key: bytes,
) -> pa.Array:  # fmt: skip
    at = np.flatnonzero(kept)
    _, first, inverse = np.unique(combined[at], return_index=True, return_inverse=True)
    # Each part behind its length, so that no two lists of parts make one message.
    parts = [v.take(pa.array(c[at[first]])) for c, v in zip(codes, values, strict=True)]
    sized = [text for part in parts for text in (pc.cast(pc.binary_length(part), pa.string()), part)]
    messages = pc.cast(pc.binary_join_element_wise(*sized, ":"), pa.binary()).to_pylist()
    made = [hmac.digest(key, message, "sha256").hex()[:TOKEN_DIGITS] for message in messages]
    numbers = np.full(len(combined), len(made), np.int64)
    numbers[at] = inverse
    return pa.array([*made, None], pa.string()).take(pa.array(numbers))
