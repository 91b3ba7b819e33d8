"""An archive sealed with a passphrase: written and read as a stream, so that its size does not matter.

scrypt makes the key; AES-256-GCM seals pieces of a mebibyte, each bound to its place and to whether it is the last
(the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015), so that pieces cannot be altered, moved,
repeated or cut off.
"""

from __future__ import annotations

import secrets
import struct
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from joinedup.errors import SourceError

MAGIC = b"joinedup-sealed/1\n"
PIECE = 1 << 20
_SALT, _PREFIX, _TAG = 16, 7, 16
_COST = 1 << 16  # scrypt's N: 64 MiB and about a fifth of a second


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(passphrase.encode()))


def _nonce(prefix: bytes, place: int, *, last: bool) -> bytes:
    return prefix + struct.pack(">IB", place, last)


class SealingWriter:
    """A file to write to; what arrives in `out` is sealed. Close it, or the archive will not open."""

    def __init__(self, out: BinaryIO, passphrase: str) -> None:
        salt, self._prefix = secrets.token_bytes(_SALT), secrets.token_bytes(_PREFIX)
        self._cipher, self._out = _cipher(passphrase, salt), out
        self._kept, self._place = bytearray(), 0
        out.write(MAGIC + salt + self._prefix)

    def write(self, octets: bytes) -> int:
        """Take in more."""
        self._kept += octets
        while len(self._kept) > PIECE:
            self._seal(bytes(self._kept[:PIECE]), last=False)
            del self._kept[:PIECE]
        return len(octets)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        nonce = _nonce(self._prefix, self._place, last=last)
        self._out.write(self._cipher.encrypt(nonce, piece, MAGIC))
        self._place += 1

    def flush(self) -> None:
        """Pieces are sealed when they are whole."""

    def close(self) -> None:
        """Seal the last piece."""
        self._seal(bytes(self._kept), last=True)
        self._kept.clear()


class OpeningReader:
    """What a SealingWriter sealed, as a file to read. Raises SourceError at the first piece that is not right."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        header = source.read(len(MAGIC) + _SALT + _PREFIX)
        if header[: len(MAGIC)] != MAGIC or len(header) != len(MAGIC) + _SALT + _PREFIX:
            raise SourceError(what="not a sealed archive", mend="give the file that joinedup backup wrote")
        salt, self._prefix = header[len(MAGIC) : -_PREFIX], header[-_PREFIX:]
        self._cipher, self._source = _cipher(passphrase, salt), source
        self._open, self._place, self._next = bytearray(), 0, source.read(PIECE + _TAG)

    def read(self, size: int = -1) -> bytes:
        """Up to `size` octets; fewer only at the end."""
        while self._next and (size < 0 or len(self._open) < size):
            piece, self._next = self._next, self._source.read(PIECE + _TAG)
            nonce = _nonce(self._prefix, self._place, last=not self._next)
            try:
                self._open += self._cipher.decrypt(nonce, piece, MAGIC)
            except InvalidTag:
                raise SourceError(
                    what="the passphrase is wrong, or the archive was altered or cut short",
                    where=f"piece {self._place + 1}",
                    mend="check the passphrase, or take another copy",
                ) from None
            self._place += 1
        end = len(self._open) if size < 0 else size
        taken = bytes(self._open[:end])
        del self._open[:end]
        return taken
