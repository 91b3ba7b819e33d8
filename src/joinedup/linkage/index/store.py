"""Where the parts of an index lie, who may write, and what a broken-off change left behind."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from joinedup.errors import SourceError, UsageError

LEDGER = "index.sqlite"
SEGMENTS = "segments"
FRAMES = "frames"
WORK = "work"  # scratch of the change under way; rubbish at any other time


def ledger_path(directory: Path) -> Path:
    """The ledger's file."""
    return directory / LEDGER


def require_index(directory: Path) -> None:
    """Raise SourceError where there is no index."""
    if not ledger_path(directory).is_file():
        raise no_index(directory)


def no_index(directory: Path) -> SourceError:
    """The error where there is no index, or the making of one was broken off."""
    return SourceError(
        what="there is no person index",
        where=str(directory),
        mend="check the path, or make one with 'joinedup index build'",
    )


@contextmanager
def only_writer(directory: Path) -> Iterator[None]:
    """Hold the right to write; it is lost with the process, however that ends.

    Raises UsageError where somebody else is changing the index.
    """
    handle = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                what="somebody else is changing the index",
                where=str(directory),
                mend="wait until that is done, and run this again",
            ) from None
        yield
    finally:
        os.close(handle)


def sweep(directory: Path, *, segments: Collection[str], frames: Collection[int]) -> None:
    """Remove what no version names: the files of changes that never came to an end, and scratch.

    segments, frames: those that the newest version names. Only the writer may call this.
    """
    shutil.rmtree(directory / WORK, ignore_errors=True)
    keep = {SEGMENTS: set(segments), FRAMES: {str(number) for number in frames}}
    for folder, names in keep.items():
        if (directory / folder).is_dir():
            for entry in (directory / folder).iterdir():
                if entry.name not in names:
                    shutil.rmtree(entry)
            sync(directory / folder)


def sync(path: Path) -> None:
    """Make a file's contents, or the names in a folder, last."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
