"""The sources of a finished run, read again to set their fields beside the pairs of a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from joinedup.errors import UsageError
from joinedup.linkage.prepare import ID, read_source
from joinedup.linkage.spec import Source, Spec, load_spec


def run_sources(
    directory: str | Path, files: Sequence[str | Path]
) -> tuple[dict[str, pa.Table], dict[str, str]]:
    """Return the named sources of the run in a directory as they stand, and the column of each one's ids.

    Both by the name that the run gave the source; which that is, and which column, its spec.toml says. Rows without
    an id of their own are numbered in a column that is added.

    Raises UsageError where the run left no spec.toml, or it names no such source.
    """
    path = Path(directory) / "spec.toml"
    if not path.is_file():
        raise UsageError(
            what="the inputs need the column of their ids",
            where=f"{directory} has no spec.toml that tells it",
            mend="add --id COLUMN",
        )
    spec = load_spec(path)
    tables, ids = {}, {}
    for file in files:
        source = _named(spec, file)
        table = read_source(spec, source)
        if source.id is None:
            table = table.append_column(ID, pa.array([str(n) for n in range(1, table.num_rows + 1)]))
        tables[source.name], ids[source.name] = table, source.id or ID
    return tables, ids


def _named(spec: Spec, file: str | Path) -> Source:
    """The source that a file is: by its path, else (where it was moved) by its name; read where the file is."""
    place = Path(file).resolve()
    for source in spec.sources:
        if Path(spec.locate(source.path)).resolve() == place:
            return source
    for source in spec.sources:
        if place.stem == source.name:
            return replace(source, path=str(place))
    raise UsageError(
        what="the run has no such source",
        where=str(file),
        mend=f"name one of: {', '.join(source.path for source in spec.sources)}",
    )
