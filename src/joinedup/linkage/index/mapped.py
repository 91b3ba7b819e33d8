"""Many arrays in one file that processes map and share: written once, synced, never changed."""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from joinedup.errors import SourceError
from joinedup.linkage.index.sums import with_sums

_ALIGNED = 64  # bytes: every array begins at a multiple, so that the whole file can be viewed as any type
_FORMAT = "joinedup-index-arrays/1"


class ArraysWriter:
    """Writes arrays one after another into a file; ``close`` puts it on the disk."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("wb")
        self._at = 0
        self.places: dict[str, tuple[str, int, int]] = {}
        self._pad(_ALIGNED)  # an empty file cannot be mapped

    def add(self, name: str, array: npt.NDArray[Any]) -> None:
        """Write one array; names are given once."""
        assert name not in self.places
        array = np.ascontiguousarray(array)
        self.places[name] = (array.dtype.str, self._at, array.size)
        data = array.reshape(-1).view(np.uint8)
        self._file.write(data.data)
        self._at += data.nbytes
        self._pad(-self._at % _ALIGNED)

    def _pad(self, count: int) -> None:
        self._file.write(b"\0" * count)
        self._at += count

    def close(self) -> None:
        """On the disk when this returns."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


class Arrays:
    """The arrays of a file, as plain read-only ndarrays over memory that all processes share."""

    def __init__(self, path: Path, places: Mapping[str, tuple[str, int, int]]) -> None:
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError):
            raise damaged(path) from None
        self._places = places
        self.whole = np.frombuffer(self._map, np.uint8)
        last = max((at + np.dtype(kind).itemsize * count for kind, at, count in places.values()), default=0)
        if last > len(self.whole) or len(self.whole) % _ALIGNED:
            raise damaged(path)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        kind, at, count = self._places[name]
        return np.frombuffer(self._map, np.dtype(kind), count, at)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def place(self, name: str) -> tuple[int, int]:
        """Where an array begins, counted in its own elements from the file's beginning, and how many it has."""
        kind, at, count = self._places[name]
        return at // np.dtype(kind).itemsize, count


def write_manifest(path: Path, data: Mapping[str, Any]) -> None:
    """Write the description of a segment, on the disk when this returns.

    It holds the SHA-256 of each other file of its folder, and of itself without that.
    """
    described = with_sums(path.parent, {"format": _FORMAT, **data}, besides=path.name)
    with path.open("w", encoding="utf-8") as file:
        json.dump(described, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())


def read_manifest(path: Path) -> dict[str, Any]:
    """Read it back; raises SourceError where it is damaged or of another format."""
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != _FORMAT:
            raise SourceError(
                what=f"a segment's format is '{data['format']}'",
                where=str(path),
                mend=f"this version reads '{_FORMAT}'; build the index anew",
            )
    except (OSError, ValueError, KeyError, TypeError):
        raise damaged(path) from None
    return data


def sync_folder(path: Path) -> None:
    """Make the names in a folder last."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def damaged(path: Path) -> SourceError:
    """The error for a file of an index that cannot be read."""
    return SourceError(
        what="a file of the index cannot be read",
        where=str(path),
        mend="restore the index from a copy, or build it anew",
    )
