"""What `joinedup serve` and its companions do; the command line reaches these by the entry point `joinedup.site`.

Each command sets up Django for a folder, makes its calls, and returns a document whose `lines` are for people.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from joinedup.errors import UsageError
from joinedup_web.operations.archive import is_half_restored
from joinedup_web.operations.demonstration_mark import is_marked

LEDGER = "erasures.jsonl"
Say = Callable[[str], None]


def _set_up(directory: Path, *, port: int | None = None, restoring: bool = False) -> None:
    """Load Django for a folder. Raises UsageError for settings that cannot be, and for a folder half restored."""
    if not restoring and is_half_restored(directory / "site"):
        raise UsageError(
            what="a restore into this folder was interrupted",
            where=str(directory),
            mend="restore again; a PostgreSQL database that holds tables by now must be emptied first",
        )
    os.umask(0o077)  # what the site writes is its owner's alone
    os.environ["JOINEDUP_DIR"] = str(directory.absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "joinedup_web.config.settings")
    if is_marked(directory):
        os.environ.setdefault("JOINEDUP_MODE", "demonstration")
    if port is not None:
        os.environ.setdefault("JOINEDUP_URL", f"http://127.0.0.1:{port}")
    import django

    django.setup()


def serve(directory: Path, *, host: str, port: int, processes: int, with_worker: bool, say: Say) -> None:
    """Serve until stopped."""
    _set_up(directory, port=port)
    from joinedup_web.operations import serving

    serving.serve(host=host, port=port, processes=processes, with_worker=with_worker, say=say)


def worker(directory: Path, *, say: Say) -> None:
    """Work off jobs until stopped."""
    _set_up(directory)
    from joinedup_web.operations import serving

    serving.work(say=say)


def migrate(directory: Path) -> dict[str, Any]:
    """Bring the database to this release."""
    _set_up(directory)
    from joinedup_web.operations import serving

    applied = serving.migrate()
    lines = [f"Applied {name}" for name in applied] or ["The database is at this release already"]
    return {"applied": applied, "lines": lines}


def create_administrator(directory: Path, *, email: str, name: str, port: int) -> dict[str, Any]:
    """Invite the first platform administrator.

    port: where the site listens, for the link where JOINEDUP_URL is not set. Raises UsageError for an e-mail
    address or name that cannot be.
    """
    is_assumed = not os.environ.get("JOINEDUP_URL")
    _set_up(directory, port=port)
    from joinedup_web.accounts import actions
    from joinedup_web.operations import serving

    serving.migrate()
    link = actions.create_first_administrator(email=email, name=name)
    lines = [f"Open this once, within 7 days, to set up the account: {link}"]
    if is_assumed:
        lines.append(
            f"JOINEDUP_URL is not set, so the link assumes that the site is at http://127.0.0.1:{port}; "
            "otherwise set it, or give --port as to serve, and ask again."
        )
    return {"link": link, "lines": lines}


def backup(directory: Path, file: Path, *, passphrase_file: Path | None) -> dict[str, Any]:
    """Write an archive."""
    _set_up(directory)
    from joinedup_web.operations import archive

    return archive.backup(file, passphrase=_passphrase(passphrase_file))


def restore(
    directory: Path, file: Path, *, passphrase_file: Path | None, erasures: Path | None
) -> dict[str, Any]:
    """Bring an archive back. erasures: a ledger newer than the archive's own.

    Where it fails nothing stays in the folder; what an interrupted one left there is cleared away first.
    """
    from joinedup_web.operations import archive

    site = directory / "site"
    if archive.is_half_restored(site):
        shutil.rmtree(site)
    if site.exists() and any(site.iterdir()):
        raise UsageError(
            what="the folder holds a website already", where=str(site), mend="restore into an empty one"
        )
    newer = erasures.read_bytes() if erasures is not None else b""
    archive.unpack(file, site, passphrase=_passphrase(passphrase_file))
    try:
        if newer:
            with (site / LEDGER).open("ab") as ledger:
                ledger.write(newer)
        _set_up(directory, restoring=True)
        return archive.restore(file, passphrase=_passphrase(passphrase_file))
    except BaseException:
        shutil.rmtree(site, ignore_errors=True)
        raise


def erase(directory: Path, *, project: str, records: list[str]) -> dict[str, Any]:
    """Erase a person's records, all of them or none.

    Raises UsageError for a record that is not SOURCE:ID or is not there, and for a project that is not there.
    """
    _set_up(directory)
    from joinedup_web.gate.actor import SYSTEM
    from joinedup_web.linkage.models import Project
    from joinedup_web.operations.keeping import erase_at_once

    pairs = []
    for number, record in enumerate(records, 1):
        source, _, identifier = record.partition(":")
        if not source or not identifier:
            raise UsageError(what="not a record", where=f"argument {number}", mend="write SOURCE:ID")
        pairs.append((source, identifier))
    try:
        found = Project.objects.filter(id=UUID(project)).first()
    except ValueError:
        found = None
    if found is None:
        raise UsageError(
            what="there is no such project", where="PROJECT", mend="take the id from the project's address"
        )
    removed = erase_at_once(by=SYSTEM, project=found, records=pairs)
    return {
        "removed": removed,
        "lines": [f"{removed} rows removed", "Run the linkage again to look people up."],
    }


def check(directory: Path, *, deploy: bool) -> dict[str, Any]:
    """Check settings, database and keys. Raises UsageError for a folder that is not there; it makes none."""
    if not directory.is_dir():
        raise UsageError(
            what="there is no such folder",
            where=str(directory),
            mend="check the path given as --dir; `joinedup migrate` makes the folder of a new site",
        )
    _set_up(directory)
    from joinedup_web.operations import checks

    return checks.run(deploy=deploy)


def _passphrase(file: Path | None) -> str | None:
    if file is None:
        return None
    text = file.read_text(encoding="utf-8").strip()
    if not text:
        raise UsageError(what="the passphrase is empty", where=str(file), mend="write it on the first line")
    return text
