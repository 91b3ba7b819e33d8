"""A run's files appear together: written in a folder of their own first, and moved when all are whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

UNFINISHED = ".unfinished"
_LAST = "run.json"  # a directory with it holds a finished run


@contextmanager
def published(out: Path) -> Iterator[Path]:
    """A folder to write a run's files into; they are moved to ``out`` when the block ends, run.json last.

    Where the block fails, nothing of it is left and what ``out`` held before stays as it was. Files of an earlier run
    that was killed while it wrote are removed.
    """
    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    folder = out / UNFINISHED
    try:
        out.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        for empty in made:
            with suppress(OSError):  # somebody else has put something there
                empty.rmdir()
        raise
    (out / _LAST).unlink(missing_ok=True)
    for file in sorted(folder.iterdir(), key=lambda file: file.name == _LAST):
        file.replace(out / file.name)
    folder.rmdir()
