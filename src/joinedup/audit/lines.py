"""Lines of files that come from elsewhere: read in blocks, and hashed in passing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

_LONGEST_LINE = 64 * 1024
_BLOCK = 1 << 20


def hashed_lines(stream: BinaryIO, hashed: Hash) -> Iterator[bytes]:
    """Lines with their line breaks; one that has grown out of all bounds comes in pieces, which fail as lines."""
    rest = b""
    while block := stream.read(_BLOCK):
        hashed.update(block)
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            yield line + b"\n"
        while len(rest) > _LONGEST_LINE:
            yield rest[:_LONGEST_LINE]
            rest = rest[_LONGEST_LINE:]
    if rest:
        yield rest
