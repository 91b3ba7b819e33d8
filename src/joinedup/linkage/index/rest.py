"""An index held still while its files are copied."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from joinedup.engines.sqlite import connect
from joinedup.errors import UsageError
from joinedup.linkage.index.store import FRAMES, SEGMENTS, ledger_path, only_writer, require_index

_BETWEEN = 0.5


@contextmanager
def at_rest(directory: str | Path, *, wait: float = 600.0) -> Iterator[tuple[Path, ...]]:
    """Keep everybody from changing an index, and give the files that a copy needs besides the ledger.

    The ledger is to be copied by ``copy_ledger``. Readers go on. wait: seconds to wait for a change to end.

    Raises SourceError where there is no index, UsageError where a change does not end in time.
    """
    directory = Path(directory)
    require_index(directory)
    until = time.monotonic() + wait
    while True:
        try:
            with only_writer(directory):
                folders = (directory / FRAMES, directory / SEGMENTS)
                yield tuple(
                    sorted(file for folder in folders for file in folder.rglob("*") if file.is_file())
                )
                return
        except UsageError:
            if time.monotonic() >= until:
                raise
            time.sleep(_BETWEEN)


def copy_ledger(directory: str | Path, to: str | Path) -> None:
    """Write a copy of an index's ledger as it stands at one moment."""
    with (
        closing(connect(ledger_path(Path(directory)), read_only=True)) as source,
        closing(sqlite3.connect(to)) as target,
    ):
        source.backup(target)
