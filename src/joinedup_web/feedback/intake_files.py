"""Files of responses while they are brought in: sealed as they lie, open only while they are read, gone afterwards."""

from __future__ import annotations

import contextlib
import csv
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from joinedup import ports
from joinedup.sources import ReadOptions, read
from joinedup_web.audit.keys import key_store
from joinedup_web.feedback.files import service_folder
from joinedup_web.feedback.models import Import

MOST_BYTES = 50_000_000
ASIDE = "aside.csv"
TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".xlsb", ".ods", ".json", ".jsonl", ".zip", ".gz")
PAPER = (".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff")


def folder(of: Import) -> Path:
    """Where what belongs to one import lies."""
    return service_folder(of.form.service) / "imports" / str(of.id)


def keep(of: Import, content: bytes, *, ending: str) -> None:
    """Seal a file below the site's folder. ending: with its dot; the file's own name is not used."""
    place = folder(of)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in place.glob("file.*"):
        old.unlink()
    sealed = ports.encrypt(key_store(), content, context=_context(of))
    part = place / f"part{ending}"
    part.write_text(sealed, encoding="ascii")
    os.replace(part, place / f"file{ending}")


@contextlib.contextmanager
def opened(of: Import) -> Iterator[Path]:
    """The file, open for as long as it is read, in a folder that nobody else may enter. Raises FileNotFoundError."""
    kept = next(folder(of).glob("file.*"), None)
    if kept is None:
        raise FileNotFoundError(of.file_name)
    content = ports.decrypt(key_store(), kept.read_text(encoding="ascii"), context=_context(of))
    with tempfile.TemporaryDirectory(prefix="joinedup-") as made:
        place = Path(made) / f"responses{kept.suffix}"
        place.write_bytes(content)
        yield place


def rows_in(path: Path, *, layout: str | None) -> tuple[list[str], Iterator[list[str | None]], Sequence[str]]:
    """Return the names of a file's columns, its rows as text, and what the reader wants people to know.

    layout: TOML that says where the fields of a paper form are. Raises SourceError, and others as sources.read does.
    """
    reading = read(path, options=ReadOptions(layout=layout) if layout else ReadOptions())
    names = [str(name) for name in reading.schema.names]

    def cells() -> Iterator[list[str | None]]:
        for batch in reading.batches():
            columns = [column.cast("string").to_pylist() for column in batch.columns]
            for row in zip(*columns, strict=True):
                yield list(row)

    return names, cells(), reading.report.notes


def as_csv(names: Sequence[str], rows: Sequence[Sequence[str | None]]) -> bytes:
    """A table as CSV, so that paper is read once only."""
    import io

    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([cell or "" for cell in row] for row in rows)
    return out.getvalue().encode()


def aside_file(of: Import) -> Path:
    """Rows and answers that were kept aside, with reasons; nothing of what they said."""
    return folder(of) / ASIDE


def let_file_go(of: Import) -> None:
    """Remove the sealed file; what was kept aside stays for whoever mends it."""
    for kept in folder(of).glob("file.*"):
        kept.unlink()


def let_all_go(of: Import) -> None:
    """Remove everything of an import."""
    shutil.rmtree(folder(of), ignore_errors=True)


def _context(of: Import) -> str:
    return f"feedback.import:{of.id}"
