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
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from joinedup import __version__
from joinedup.errors import SourceError, UsageError
from joinedup.linkage.index import at_rest, copy_ledger, ledger_path
from joinedup_web.operations.postgres_tools import find_program, run_program
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
        with (
            tempfile.TemporaryDirectory(dir=site / "incoming") as scratch,
            _writing(draft, passphrase) as out,
        ):
            copy, manifest["database"] = _copy_database(Path(scratch))
            with tarfile.open(fileobj=cast(IO[bytes], out), mode="w|") as tar:
                _add(tar, copy, DATABASE, manifest)
                indexes = _person_indexes(site)
                for path in _kept_files(site, but=indexes):
                    _add(tar, path, f"site/{path.relative_to(site)}", manifest)
                for folder in indexes:
                    _add_index(tar, folder, f"site/{folder.relative_to(site)}", Path(scratch), manifest)
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


def _copy_database(scratch: Path) -> tuple[Path, dict[str, Any]]:
    """A copy of the database as it stands at one moment, and what it is a copy of."""
    from django.db import connection

    copy = scratch / DATABASE
    if connection.vendor == "sqlite":
        source = sqlite3.connect(f"file:{connection.settings_dict['NAME']}?mode=ro", uri=True)
        target = sqlite3.connect(copy)
        with source, target:
            source.backup(target)
        source.close()
        target.close()
        return copy, {"kind": "sqlite"}
    program, version = find_program("pg_dump", least=_server_version())
    arguments = ["--format=custom", "--no-owner", "--no-privileges", "--no-password", f"--file={copy}"]
    run_program(program, arguments, connection=connection.settings_dict)
    return copy, {"kind": "postgresql", "server": _server_version(), "pg_dump": version}


def _server_version() -> int:
    """The major version of the PostgreSQL server: 17."""
    from django.db import connection

    connection.ensure_connection()
    return int(connection.pg_version) // 10_000


def _person_indexes(site: Path) -> list[Path]:
    """The folders of person indexes, which go on being changed."""
    found = (ledger_path(path).parent for path in site.rglob("person-index") if ledger_path(path).is_file())
    return sorted(found)


def _add_index(
    tar: tarfile.TarFile, folder: Path, name: str, scratch: Path, manifest: dict[str, Any]
) -> None:
    """One index as its last version left it; nobody changes it meanwhile."""
    copy = scratch / "index.sqlite"
    with at_rest(folder) as kept:
        copy.unlink(missing_ok=True)
        copy_ledger(folder, copy)
        _add(tar, copy, f"{name}/{ledger_path(folder).name}", manifest)
        for path in kept:
            _add(tar, path, f"{name}/{path.relative_to(folder)}", manifest)


def _kept_files(site: Path, *, but: list[Path]) -> Iterator[Path]:
    for path in sorted(site.rglob("*")):
        top = path.relative_to(site).parts[0]
        if (
            not any(path.is_relative_to(folder) for folder in but)
            and path.is_file()
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
    except FileNotFoundError:
        raise SourceError(what="there is no such file", where=str(file), mend="check the path") from None
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


def is_half_restored(site: Path) -> bool:
    """Whether a restore into this folder began and did not reach its end."""
    return (site / f".{MANIFEST}").exists()


def restore(file: Path, *, passphrase: str | None) -> dict[str, Any]:
    """Put the database of an unpacked archive in place, bring it to this release, and note it in the audit record.

    The manifest goes last: while it is there, the folder is half restored, and nobody may serve it.
    """
    from django.conf import settings
    from django.db import connection

    from joinedup_web.operations.actions import note_restore
    from joinedup_web.operations.serving import migrate

    site = Path(settings.SITE_DIR)
    copy, mark = site / f".{DATABASE}", site / f".{MANIFEST}"
    manifest = json.loads(mark.read_text("utf-8"))
    told = manifest["database"]
    told = {"kind": told} if isinstance(told, str) else told  # as the first release wrote it
    if told["kind"] != connection.vendor:
        raise UsageError(
            what=f"the backup is of {told['kind']}, the settings ask for {connection.vendor}",
            where="DATABASE_URL",
            mend="restore into a database of the same kind",
        )
    if connection.vendor == "sqlite":
        copy.rename(connection.settings_dict["NAME"])
    else:
        _restore_postgres(copy, told)
        copy.unlink()
    applied = migrate()
    done = note_restore(content=_digest(file))
    mark.unlink()
    return {
        "made_at": manifest["made_at"],
        "files": len(manifest["files"]),
        "migrations": applied,
        "sessions_ended": done.sessions,
        "erased_again": done.erased,
        "lines": [
            f"Restored {len(manifest['files'])} files of {manifest['made_at']}",
            f"{len(applied)} migrations applied since",
            f"{done.sessions} sessions ended: everybody signs in again",
            f"{done.erased} erasures carried out again",
        ],
    }


def _restore_postgres(copy: Path, told: dict[str, Any]) -> None:
    """All of the copy or nothing: in one transaction, which the server undoes if anything stops it."""
    from django.db import connection

    server = _server_version()
    if told.get("server", server) > server:
        raise UsageError(
            what=f"the backup is of PostgreSQL {told['server']}, and this server is {server}",
            where="DATABASE_URL",
            mend=f"restore into PostgreSQL {told['server']} or newer",
        )
    program, _ = find_program("pg_restore", least=max(server, told.get("pg_dump", server)))
    if connection.introspection.table_names():
        raise UsageError(
            what="the database holds tables already", where="DATABASE_URL", mend="give an empty one"
        )
    connection.close()
    name = connection.settings_dict["NAME"]
    arguments = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password"]
    run_program(program, [*arguments, f"--dbname={name}", str(copy)], connection=connection.settings_dict)
