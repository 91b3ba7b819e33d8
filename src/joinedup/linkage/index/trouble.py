"""What SQLite and the disk refuse, as errors that say what to do: a full disk, a damaged ledger."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from joinedup.errors import JoinedupError, LimitError, SourceError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_LITTLE = 1 << 20  # bytes: with less than this left, SQLite cannot even make the file that readers share
_DISK = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
_TOLD = (
    *_DISK,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_CONSTRAINT,  # rows that contradict each other, as none that we write do
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
)


@contextmanager
def trouble_told(directory: Path) -> Iterator[None]:
    """Turn a full disk into a LimitError, and a ledger that cannot be read into a SourceError."""
    try:
        yield
    except sqlite3.Error as problem:
        told = ledger_trouble(directory, problem)
        if told is None:
            raise
        raise told from None
    except OSError as problem:
        if problem.errno not in _FULL:
            raise
        raise disk_full(directory) from None


def ledger_trouble(where: Path, problem: sqlite3.Error) -> JoinedupError | None:
    """What to tell of an error of SQLite; None: it is none of the disk's or the file's, but a fault of ours."""
    # Text that is no UTF-8 comes without a code; every other error has one.
    code = getattr(problem, "sqlite_errorcode", None)
    kind = None if code is None else code & 0xFF
    if kind is None and "decode" not in str(problem).lower():
        return None
    if kind is not None and kind not in _TOLD:
        return None
    if kind == sqlite3.SQLITE_FULL or (kind in _DISK and _is_full(where)):
        return disk_full(where)
    # The message of an error without a code may quote what is written in the file.
    said = "it is damaged" if kind is None else str(problem)
    return unusable(where, said)


def unusable(where: Path, why: str) -> SourceError:
    """The error for a ledger that cannot be used."""
    return SourceError(
        what=f"the index's ledger cannot be used: {why}",
        where=str(where),
        mend="check the path and its permissions, or restore the index from a copy",
    )


def disk_full(where: Path) -> LimitError:
    """The error where the disk is full: a change is there as a whole or not at all."""
    return LimitError(
        what="the disk is full; the index is as it was",
        where=str(where),
        mend="free some space, and run this again",
    )


def _is_full(where: Path) -> bool:
    folder = next((each for each in (where, *where.absolute().parents) if each.is_dir()), Path.cwd())
    return shutil.disk_usage(folder).free < _LITTLE
