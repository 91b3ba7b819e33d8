"""Backup and restore: one archive with the database, files, keys and checkpoints, and a manifest of digests.

The database is copied as it stands at one moment while the service goes on (SQLite's backup, or pg_dump). Files are
written once and never altered, and are copied after the database, so each that the database names is there.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from joinedup import __version__
from joinedup.errors import MissingExtraError, SourceError, UsageError
from joinedup_web.operations.sealed import MAGIC, OpeningReader, SealingWriter

MANIFEST = "manifest.json"
LEFT_OUT = {"static", "metrics", "incoming"}  # made anew at each start, or uploads under way
DATABASE = "database"


def backup(file: Path, *, passphrase: str | None) -> dict[str, Any]:
    """Write the archive; return what it holds. It appears whole or not at all, readable by its owner alone."""
    from django.conf import settings

    from joinedup_web.audit.models import Event
    from joinedup_web.operations.actions import note_backup

    site = Path(settings.SITE_DIR)
    if file.exists():
        raise UsageError(what="the file is there already", where=str(file), mend="choose a new name")
    if passphrase is None and (site / "keys").exists():
        raise UsageError(
            what="the archive would hold the keys in the open",
            where="--passphrase-file",
            mend="give a file with a passphrase, and keep that apart from the archive",
        )
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    manifest: dict[str, Any] = {
        "format": "joinedup-backup/1",
        "joinedup": __version__,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": {},
    }
    try:
        with tempfile.TemporaryDirectory(dir=site) as scratch, _writing(draft, passphrase) as out:
            copy, kind = _copy_database(Path(scratch))
            manifest["database"] = kind
            with tarfile.open(fileobj=cast(IO[bytes], out), mode="w|") as tar:
                _add(tar, copy, DATABASE, manifest)
                for path in _kept_files(site):
                    if not path.is_relative_to(scratch):
                        _add(tar, path, f"site/{path.relative_to(site)}", manifest)
                text = json.dumps(manifest, indent=1).encode()
                entry = tarfile.TarInfo(MANIFEST)
                entry.size = len(text)
                tar.addfile(entry, io.BytesIO(text))
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)
    digest = _digest(file)
    last = Event.objects.order_by("-number").values_list("number", flat=True).first() or 0
    note_backup(content=digest, last_event=last)
    count = len(manifest["files"])
    return {
        "file": str(file),
        "sha256": digest,
        "files": count,
        "lines": [f"{count} files in {file}", f"SHA-256 {digest}", "Keep the passphrase apart from it."],
    }


@contextmanager
def _writing(file: Path, passphrase: str | None) -> Iterator[Any]:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
        if passphrase is None:
            yield raw
        else:
            sealing = SealingWriter(raw, passphrase)
            yield sealing
            sealing.close()
        raw.flush()
        os.fsync(raw.fileno())


def _copy_database(scratch: Path) -> tuple[Path, str]:
    from django.db import connection

    copy = scratch / DATABASE
    if connection.vendor == "sqlite":
        source = sqlite3.connect(f"file:{connection.settings_dict['NAME']}?mode=ro", uri=True)
        target = sqlite3.connect(copy)
        with source, target:
            source.backup(target)
        source.close()
        target.close()
        return copy, "sqlite"
    _postgres_tool("pg_dump", ["--format=custom", "--no-owner", f"--file={copy}"])
    return copy, "postgresql"


def _postgres_tool(name: str, arguments: list[str]) -> None:
    from django.db import connection

    program = shutil.which(name) or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None
    )
    if program is None:
        raise MissingExtraError(what=f"{name} is not installed", mend="install PostgreSQL's client programs")
    told = connection.settings_dict
    environment = {
        **os.environ,
        "PGHOST": str(told["HOST"] or ""),
        "PGPORT": str(told["PORT"] or ""),
        "PGUSER": str(told["USER"] or ""),
        "PGPASSWORD": str(told["PASSWORD"] or ""),
        "PGDATABASE": str(told["NAME"]),
    }
    result = subprocess.run([program, *arguments], env=environment, capture_output=True, check=False)
    if result.returncode:
        raise SourceError(
            what=f"{name} failed with code {result.returncode}", mend="see the database server's log"
        )


def _kept_files(site: Path) -> Iterator[Path]:
    for path in sorted(site.rglob("*")):
        top = path.relative_to(site).parts[0]
        if (
            path.is_file()
            and not path.is_symlink()
            and top not in LEFT_OUT
            and not top.startswith("joinedup.sqlite3")
        ):
            yield path


def _add(tar: tarfile.TarFile, path: Path, name: str, manifest: dict[str, Any]) -> None:
    manifest["files"][name] = {"sha256": _digest(path), "octets": path.stat().st_size}
    tar.add(path, arcname=name, recursive=False)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpack(file: Path, site: Path, *, passphrase: str | None) -> None:
    """Unpack an archive into a site's folder and hold every file against the manifest.

    Nothing is left behind where it does not hold. Raises SourceError.
    """
    draft = site.with_name(f".{site.name}.restoring")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    try:
        with file.open("rb") as raw:
            sealed = raw.read(len(MAGIC)) == MAGIC
            raw.seek(0)
            if sealed and passphrase is None:
                raise UsageError(what="the archive is sealed", where=str(file), mend="give --passphrase-file")
            opened = OpeningReader(raw, passphrase) if sealed and passphrase is not None else raw
            with tarfile.open(fileobj=cast(IO[bytes], opened), mode="r|") as tar:
                tar.extractall(draft, filter="data")
        _hold_against_manifest(draft)
        if site.exists():
            site.rmdir()
        inner = draft / "site"
        inner.mkdir(exist_ok=True)
        (draft / DATABASE).rename(inner / f".{DATABASE}")
        (draft / MANIFEST).rename(inner / f".{MANIFEST}")
        for path in [inner, *inner.rglob("*")]:  # the archive holds files alone; folders are their owner's
            if path.is_dir():
                path.chmod(0o700)
        inner.rename(site)
    except tarfile.TarError:
        raise SourceError(what="not an archive of ours", where=str(file), mend="take another copy") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _hold_against_manifest(folder: Path) -> None:
    place = folder / MANIFEST
    if not place.exists():
        raise SourceError(what="the archive has no manifest: it was cut short", mend="take another copy")
    told = json.loads(place.read_text("utf-8"))["files"]
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    if there != set(told):
        raise SourceError(what="the archive's files are not those of its manifest", mend="take another copy")
    for name, wanted in told.items():
        if _digest(folder / name) != wanted["sha256"]:
            raise SourceError(
                what="a file is not what the manifest says", where=name, mend="take another copy"
            )


def restore(file: Path, *, passphrase: str | None) -> dict[str, Any]:
    """Put the database of an unpacked archive in place, bring it to this release, and note it in the audit record."""
    from django.conf import settings
    from django.db import connection

    from joinedup_web.operations.actions import note_restore
    from joinedup_web.operations.serving import migrate

    site = Path(settings.SITE_DIR)
    copy = site / f".{DATABASE}"
    manifest = json.loads((site / f".{MANIFEST}").read_text("utf-8"))
    if manifest["database"] != connection.vendor:
        raise UsageError(
            what=f"the backup is of {manifest['database']}, the settings ask for {connection.vendor}",
            where="DATABASE_URL",
            mend="restore into a database of the same kind",
        )
    if connection.vendor == "sqlite":
        copy.rename(connection.settings_dict["NAME"])
    else:
        if connection.introspection.table_names():
            raise UsageError(
                what="the database holds tables already", where="DATABASE_URL", mend="give an empty one"
            )
        _postgres_tool(
            "pg_restore", ["--no-owner", f"--dbname={connection.settings_dict['NAME']}", str(copy)]
        )
        copy.unlink()
    (site / f".{MANIFEST}").unlink()
    applied = migrate()
    erased = note_restore(content=_digest(file))
    return {
        "made_at": manifest["made_at"],
        "files": len(manifest["files"]),
        "migrations": applied,
        "erased_again": erased,
        "lines": [
            f"Restored {len(manifest['files'])} files of {manifest['made_at']}",
            f"{len(applied)} migrations applied since",
            f"{erased} erasures carried out again",
        ],
    }
