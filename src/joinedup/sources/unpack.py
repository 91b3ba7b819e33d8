"""The bytes of a file, unpacked on the way where it is .gz or .zip, with a guard against bombs."""

from __future__ import annotations

import gzip
import io
import tempfile
import weakref
import zipfile
import zlib
from pathlib import Path
from typing import IO, Protocol

from joinedup.errors import LimitError, SourceError
from joinedup.sources.options import MEBIBYTE, Progress, ReadOptions

_FREE_BYTES = 64 * MEBIBYTE  # a small file may unpack to this whatever its ratio


class ByteSource(Protocol):
    """Something bytes are read from, in order; b"" says the end."""

    def read(self, size: int) -> bytes: ...
    def close(self) -> None: ...


def packing(path: Path) -> str | None:
    """Return "gzip", "zip" (an archive that is not itself a workbook), or None."""
    with open_file(path) as file:
        start = file.read(4)
    if start[:2] == b"\x1f\x8b":
        return "gzip"
    if start[:2] == b"PK" and zipfile.is_zipfile(path):
        return None if is_workbook(path) else "zip"
    return None


def is_workbook(path: Path) -> bool:
    """Whether a zip archive is an Excel or OpenDocument workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {info.filename for info in archive.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError):
        return False
    return bool({"xl/workbook.xml", "xl/workbook.bin", "[Content_Types].xml", "mimetype"} & names)


def open_file(path: Path) -> IO[bytes]:
    """Open a file to read; SourceError in clear words where it is missing, a folder, or not ours to read."""
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise SourceError(what="no such file", where=str(path), mend="check the path") from error
    except IsADirectoryError as error:
        raise SourceError(what="this is a folder", where=str(path), mend="name one file in it") from error
    except (OSError, ValueError) as error:
        raise SourceError(
            what=f"the file cannot be opened ({type(error).__name__})",
            where=str(path),
            mend="check that it is a plain file that you may read",
        ) from error


def members(path: Path) -> list[zipfile.ZipInfo]:
    """The files inside a zip archive, without folders and the litter that desktops leave."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise _damaged(path, error) from error
    return [
        info
        for info in found
        if not info.is_dir()
        and not info.filename.startswith("__MACOSX/")
        and not info.filename.endswith(".DS_Store")
    ]


def open_bytes(path: Path, *, options: ReadOptions, progress: Progress | None = None) -> ByteSource:
    """Return the file's bytes, unpacked. In a .zip of several files, `options.table` says which."""
    packed = packing(path)
    file = open_file(path)
    total = path.stat().st_size
    watched = _Watched(file, total=total, progress=progress)
    if packed == "gzip":
        return _Unpacking(gzip.open(watched), path, watched=watched, options=options)
    if packed == "zip":
        info = chosen_member(path, options)
        try:
            archive = zipfile.ZipFile(watched)
            inner = archive.open(info)
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError) as error:
            file.close()
            raise _damaged(path, error) from error
        return _Unpacking(inner, path, watched=watched, options=options)
    return _Plain(watched, path)


def chosen_member(path: Path, options: ReadOptions) -> zipfile.ZipInfo:
    """The one file of a zip archive that is meant."""
    inside = members(path)
    if options.table is not None:
        named = [info for info in inside if options.table in (info.filename, Path(info.filename).stem)]
        inside = named or inside
    if len(inside) != 1:
        raise SourceError(
            what="the archive is empty" if not inside else f"the archive holds {len(inside)} files",
            where=str(path),
            mend="name one of them as the table: " + ", ".join(i.filename for i in inside[:5])
            if inside
            else "ask the sender for the file again",
        )
    if inside[0].flag_bits & 1:
        raise SourceError(
            what="the archive is protected by a password",
            where=str(path),
            mend="unpack it first, then read the file",
        )
    return inside[0]


def unpacked_copy(path: Path, *, options: ReadOptions) -> tuple[Path, object]:
    """Unpack to a temporary file. Return it, and a keeper: the file is removed with the keeper."""
    folder = tempfile.TemporaryDirectory(prefix="joinedup-unpacked-")
    keeper = _Keeper()
    weakref.finalize(keeper, folder.cleanup)
    copy = Path(folder.name) / inner_name(path, options)
    source = open_bytes(path, options=options)
    done = 0
    with copy.open("wb") as out:
        while block := source.read(MEBIBYTE):
            done += len(block)
            if done > options.max_unpacked_bytes:
                raise LimitError(
                    what=f"unpacks to more than {options.max_unpacked_bytes:,} bytes",
                    where=str(path),
                    mend="unpack it by hand, or raise max_unpacked_bytes if you trust the sender",
                )
            out.write(block)
    source.close()
    return copy, keeper


def inner_name(path: Path, options: ReadOptions) -> str:
    """The name of what is packed: people.csv for people.csv.gz, the member's own name in a .zip."""
    packed = packing(path)
    if packed == "zip":
        return Path(chosen_member(path, options).filename).name or "unnamed"
    if packed == "gzip":
        return path.stem if path.suffix.lower() in (".gz", ".gzip") else path.name
    return path.name


class _Keeper:
    """Holds a temporary file for as long as somebody holds this."""


class _Watched(io.RawIOBase):
    """A file that tells how far it has been read."""

    def __init__(self, file: IO[bytes], *, total: int, progress: Progress | None) -> None:
        super().__init__()
        self.file = file
        self.total = total
        self.progress = progress

    def read(self, size: int | None = -1) -> bytes:
        block = self.file.read(-1 if size is None else size)
        if self.progress is not None:
            self.progress(min(self.file.tell(), self.total), self.total)
        return block

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()

    def close(self) -> None:
        self.file.close()
        super().close()


class _Plain:
    def __init__(self, watched: _Watched, path: Path) -> None:
        self._watched = watched
        self._path = path

    def read(self, size: int) -> bytes:
        try:
            return self._watched.read(size)
        except OSError as error:
            raise SourceError(
                what=f"the file stops being readable ({type(error).__name__})",
                where=str(self._path),
                mend="check the disk or network drive it lies on",
            ) from error

    def close(self) -> None:
        self._watched.close()


class _Unpacking:
    """Packed bytes unpacked a block at a time; refuses when far more comes out than went in."""

    def __init__(self, inner: ByteSource, path: Path, *, watched: _Watched, options: ReadOptions) -> None:
        self._inner = inner
        self._path = path
        self._watched = watched
        self._ratio = options.max_ratio
        self._done = 0

    def read(self, size: int) -> bytes:
        try:
            block = self._inner.read(size)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise _damaged(self._path, error) from error
        self._done += len(block)
        if self._done > _FREE_BYTES and self._done > self._ratio * max(self._watched.total, 1):
            raise LimitError(
                what=f"unpacks to more than {self._ratio} times its size: it may be a compression bomb",
                where=str(self._path),
                mend="unpack it by hand, or raise max_ratio if you trust the sender",
            )
        return block

    def close(self) -> None:
        self._inner.close()
        self._watched.close()


def _damaged(path: Path, error: Exception) -> SourceError:
    return SourceError(
        what=f"the compressed file is damaged or of an unknown kind ({type(error).__name__})",
        where=str(path),
        mend="unpack it by hand to see, or ask the sender for it again",
    )
