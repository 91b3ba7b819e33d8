"""Which encoding a text file is in, and text in any encoding as a stream of UTF-8 or ASCII-like bytes."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from charset_normalizer import from_bytes

from joinedup.sources.unpack import ByteSource

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ALIKE = ["cp1252", "cp850", "mac_roman", "iso8859_15", "cp1250", "iso8859_2", "cp1257"]
_BY_CHANCE = 10
UNDECODABLE = "\udc80"


@dataclass(frozen=True)
class Encoding:
    """name: as Python calls it. mark: length in bytes of the byte order mark. why: how it was found out.

    plain: bytes below 128 mean ASCII and stand alone, so that rows can be cut before they are decoded.
    """

    name: str
    mark: int
    why: str

    @property
    def plain(self) -> bool:
        return self.name == "utf-8" or is_single_byte(self.name)


def is_single_byte(name: str) -> bool:
    """Whether each byte is one character and the ASCII ones are ASCII."""
    try:
        return (
            bytes(range(128)).decode(name) == bytes(range(128)).decode("ascii")
            and all(len(bytes([byte]).decode(name, "replace")) == 1 for byte in range(128, 256))
            and len(b"\xc3\xa9".decode(name, "replace")) == 2
        )
    except (UnicodeError, LookupError):
        return False


def bytes_without_meaning(name: str) -> tuple[bytes, ...]:
    """The single bytes that a single-byte encoding gives no character."""
    if name == "utf-8":
        return ()
    bad = []
    for byte in range(128, 256):
        try:
            bytes([byte]).decode(name)
        except UnicodeDecodeError:
            bad.append(bytes([byte]))
    return tuple(bad)


def find_encoding(sample: bytes, *, declared: str | None = None) -> Encoding:
    """Return the encoding of a file that begins with `sample`.

    A byte order mark decides; then UTF-16 by its zero bytes; then UTF-8 where lines speak for it, even if others
    contradict it (those are read by the fallback, line by line); then the likeliest of the one-byte encodings,
    Windows-1252 before others.
    """
    if declared is not None:
        name = codecs.lookup(declared).name
        name = {"utf-8-sig": "utf-8", "ascii": "utf-8"}.get(name, name)
        for mark, marked in _MARKS:
            if sample.startswith(mark) and marked.startswith(name):
                return Encoding(marked, len(mark), "declared")
        return Encoding({"utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(name, name), 0, "declared")
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return Encoding(name, len(mark), "byte order mark")
    wide = _wide(sample)
    if wide:
        return Encoding(wide, 0, "zero bytes")
    if sample.isascii():
        return Encoding("utf-8", 0, "only ASCII so far")
    valid, invalid = _utf8_lines(sample)
    if not invalid:
        return Encoding("utf-8", 0, "valid UTF-8")
    # One byte a letter can look like UTF-8 by chance, hardly ever in Windows-1252 and seldom elsewhere.
    if valid * _BY_CHANCE > len(invalid) or (valid and _likeliest(b"\n".join(invalid)) == "cp1252"):
        return Encoding("utf-8", 0, "lines of valid UTF-8 beside others")
    return Encoding(_likeliest(sample), 0, "not UTF-8; the likeliest one-byte encoding")


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: text of our kind has a zero in every other byte."""
    start = sample[: len(sample) & ~1][:4096]
    if len(start) < 4:
        return None
    pairs = len(start) // 2
    even, odd = start[0::2].count(0) / pairs, start[1::2].count(0) / pairs
    if odd > 0.7 and even < 0.1:
        return "utf-16-le"
    if even > 0.7 and odd < 0.1:
        return "utf-16-be"
    return None


def _utf8_lines(sample: bytes) -> tuple[int, list[bytes]]:
    """How many lines with letters beyond ASCII are UTF-8, and those that are not."""
    lines = sample.replace(b"\r", b"\n").split(b"\n")
    valid, invalid = 0, []
    for place, line in enumerate(lines):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            valid += 1
        except UnicodeDecodeError as error:
            cut_by_sample = (
                place == len(lines) - 1 and error.end == len(line) and "end of data" in error.reason
            )
            if not cut_by_sample:
                invalid.append(line)
    return valid, invalid


def _likeliest(sample: bytes) -> str:
    telling = b"\n".join(line for line in sample.split(b"\n") if not line.isascii())[:50_000]
    # A few characters cannot tell the Western encodings apart; Windows-1252 is what British offices write.
    high = sum(byte > 127 for byte in telling)
    undefined = any(byte in telling for byte in bytes_without_meaning("cp1252"))
    if high >= 20 or undefined:
        best = from_bytes(telling, cp_isolation=_ALIKE).best()
        if best is not None and best.encoding in _ALIKE:
            as_windows = telling.decode("cp1252", "replace")
            if undefined or (str(best) != as_windows and _strange(as_windows) > _strange(str(best))):
                return str(best.encoding)
    return "latin-1" if undefined else "cp1252"


def _strange(text: str) -> float:
    """The share of non-ASCII characters that British data rarely hold: not letters, quotes, dashes, £, €."""
    high = [c for c in text if ord(c) > 127]
    usual = sum((c.isalpha() and c not in "ƒŒœªºÐðÞþ") or c in "£€‘’“”–—…°½¼\u00a0" for c in high)
    return 1 - usual / max(len(high), 1)


class TextBytes:
    """A ByteSource that gives bytes rows can be cut in: as they are if `plain`, else turned into UTF-8.

    What cannot be turned becomes bytes that are not valid UTF-8, so that the row it stands in is found.
    """

    def __init__(self, source: ByteSource, encoding: Encoding, *, remove_nul: bool = False) -> None:
        self._source = source
        self._skip = encoding.mark
        self._decoder = (
            None if encoding.plain else codecs.getincrementaldecoder(encoding.name)("joinedup-mark")
        )
        self._remove_nul = remove_nul
        self._ended = False

    def read(self, size: int) -> bytes:
        """About `size` bytes; b"" only at the end."""
        while not self._ended:
            block = self._source.read(size + self._skip)
            self._ended = not block
            block, self._skip = block[self._skip :], max(0, self._skip - len(block))
            if self._decoder is not None:
                text = self._decoder.decode(block, self._ended)
                block = text.encode("utf-8", "surrogatepass")
            if self._remove_nul:
                block = block.replace(b"\0", b"")
            if block:
                return block
        return b""

    def close(self) -> None:
        self._source.close()


def _mark(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return UNDECODABLE, max(error.end, error.start + 1)
    raise error


codecs.register_error("joinedup-mark", _mark)
