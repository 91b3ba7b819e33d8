"""Rows on disk: what a job does not hold in memory lies in nameless files, which vanish with the process."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from joinedup.errors import LimitError

Columns = Mapping[str, npt.NDArray[Any]]

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Spill:
    """A table of fixed-width columns on disk, added to at its end and read by place, by several threads at once.

    folder: where the disk is; the file has no name there, so nothing is left behind however the process ends.
    fields: the columns and their types, one row after the other on disk.
    """

    def __init__(self, folder: Path, fields: Mapping[str, npt.DTypeLike]) -> None:
        self._kind = np.dtype([(name, np.dtype(kind)) for name, kind in fields.items()])
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115  (as long as the rows are wanted)
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    @property
    def bytes(self) -> int:
        """How much of the disk it takes."""
        return self._rows * self._kind.itemsize

    def append(self, columns: Columns) -> None:
        """Write these rows after those before; OSError where the disk is full."""
        names = self._kind.names or ()
        rows = np.empty(len(columns[names[0]]), self._kind)
        for name in names:
            rows[name] = columns[name]
        waiting = memoryview(rows.view(np.uint8).data)
        while len(waiting):
            waiting = waiting[self._file.write(waiting) :]
        self._rows += len(rows)

    def read(self, begin: int, end: int) -> dict[str, npt.NDArray[Any]]:
        """The rows from begin up to, not including, end, column by column."""
        begin, end = min(begin, self._rows), min(end, self._rows)
        rows = np.empty(max(0, end - begin), self._kind)
        into = memoryview(rows.view(np.uint8).data)
        at = begin * self._kind.itemsize
        while len(into):
            got = _read_at(self._file.fileno(), into, at)
            into, at = into[got:], at + got
        return {name: np.ascontiguousarray(rows[name]) for name in self._kind.names or ()}

    def chunks(self, rows: int) -> Iterator[dict[str, npt.NDArray[Any]]]:
        """All rows in their order, so many at a time."""
        for begin in range(0, self._rows, rows):
            yield self.read(begin, begin + rows)

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()


def _read_at(file: int, into: memoryview, at: int) -> int:
    got = os.preadv(file, [into], at)
    if got <= 0:
        raise OSError(errno.EIO, "a file of the job's own is shorter than what was written to it")
    return got


def existing_folder(path: Path) -> Path:
    """The folder itself, or the nearest above it that is there: the disk that it will lie on."""
    return next((folder for folder in (path, *path.absolute().parents) if folder.is_dir()), Path.cwd())


@contextmanager
def full_disk_told(folder: Path) -> Iterator[None]:
    """Turn a full disk into a LimitError that says so; folder: where the job writes."""
    try:
        yield
    except OSError as problem:
        if problem.errno not in _FULL:
            raise
        raise LimitError(
            what="the disk is full: the job was stopped, and nothing of it is left",
            where=str(folder),
            mend="free some space, write to another disk, or keep fewer pairs (raise keep_probability)",
        ) from None
