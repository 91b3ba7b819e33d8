"""Filters (fixed numbers of bits) as text: base64 without padding, so that they travel as any other column.

Bit i is bit i % 8, counted from the lowest, of byte i // 8.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.errors import LimitError, ModelError

Words = npt.NDArray[np.uint64]

_ALPHABET = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", np.uint8)
_VALUE = np.full(256, 255, np.uint8)
_VALUE[_ALPHABET] = np.arange(64)


def text_of_bits(words: Words) -> pa.Array:
    """Each row of 64-bit words as one text, all of one length. LimitError for more than Arrow's text holds (2 GB)."""
    rows, count = words.shape
    length = -(-count * 64 // 6)
    if rows * length >= 2**31:
        raise LimitError(
            what=f"{rows:,} filters of {count * 64} bits are more than one column of text holds",
            mend="encode the file in parts, or agree on shorter filters",
        )
    if not rows:
        return pa.array([], pa.string())
    data = np.ascontiguousarray(words, "<u8").view(np.uint8).reshape(rows, count * 8)
    padded = np.zeros((rows, -(-count * 8 // 3) * 3), np.uint8)
    padded[:, : count * 8] = data
    three = padded.reshape(rows, -1, 3).astype(np.uint32)
    joined = (three[..., 0] << 16) | (three[..., 1] << 8) | three[..., 2]
    six = np.stack([(joined >> shift) & 63 for shift in (18, 12, 6, 0)], axis=-1).reshape(rows, -1)
    characters = np.ascontiguousarray(_ALPHABET[six[:, :length]])
    offsets = pa.py_buffer(np.arange(rows + 1, dtype=np.int32) * np.int32(length))
    return pa.StringArray.from_buffers(rows, offsets, pa.py_buffer(characters))


def bits_of_text(texts: pa.Array) -> Words:
    """The words of texts that ``text_of_bits`` made, one row a text.

    Raises ModelError for texts of several lengths, or that are no such texts (a text is never quoted).
    """
    texts = texts.cast(pa.string())
    offsets = np.frombuffer(texts.buffers()[1] or bytes(4), np.int32)[
        texts.offset : texts.offset + len(texts) + 1
    ]
    lengths = np.diff(offsets)
    if not len(lengths):
        return np.zeros((0, 1), np.uint64)
    length = int(lengths[0])
    count = length * 6 // 64
    if (lengths != length).any() or not count or -(-count * 64 // 6) != length:
        raise _not_bits("their lengths differ, or are of no whole number of words")
    data = np.frombuffer(texts.buffers()[2], np.uint8)[offsets[0] : offsets[-1]].reshape(-1, length)
    six = np.zeros((len(texts), -(-length // 4) * 4), np.uint8)
    six[:, :length] = _VALUE[data]
    if int(six.max()) > 63:
        raise _not_bits("a character is none of base64's")
    four = six.reshape(len(texts), -1, 4).astype(np.uint32)
    joined = (four[..., 0] << 18) | (four[..., 1] << 12) | (four[..., 2] << 6) | four[..., 3]
    octets = np.stack([(joined >> shift) & 255 for shift in (16, 8, 0)], axis=-1).astype(np.uint8)
    octets = np.ascontiguousarray(octets.reshape(len(texts), -1)[:, : count * 8])
    return octets.view("<u8").astype(np.uint64, copy=False)


def _not_bits(why: str) -> ModelError:
    return ModelError(
        what=f"a column asked by dice() holds no filters: {why}",
        mend="ask dice() of columns that 'joinedup private encode' wrote",
    )
