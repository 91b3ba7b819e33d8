"""pg_dump and pg_restore: found in a version that fits the server, run, their failures told without data."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joinedup.errors import MissingExtraError, SourceError

INSTALLED = Path("/usr/lib/postgresql")  # where Debian and Ubuntu keep each major version apart
_TOLD = {  # what libpq reads from the environment, by its name in a connection's options
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslcrl": "PGSSLCRL",
    "channel_binding": "PGCHANNELBINDING",
    "gssencmode": "PGGSSENCMODE",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}
# What these programs say may quote a row, so that only what is known to be harmless is passed on.
_REASONS = (
    (r"password authentication failed|no password supplied", "the server refused the password"),
    (r"permission denied", "the database's user may not do all of it"),
    (r"No space left on device", "there is no room left on the disk"),
    (r"connection to server .* failed|could not connect|server closed the connection", "the server went away"),
    (r"could not read from input file|unexpected end of file|not appear to be a valid archive",
     "the copy of the database is cut short"),
    (r"already exists", "the database holds something of that name already"),
)  # fmt: skip


def find_program(
    name: str, *, least: int, path: str | None = None, installed: Path = INSTALLED
) -> tuple[str, int]:
    """Return a program and its major version, which is at least that of the server or archive it is for.

    path: where to look, as $PATH; None for the process's own. The first that fits is taken.

    Raises MissingExtraError where there is none, or only older ones, which PostgreSQL's makers do not let through.
    """
    on_path = shutil.which(name, path=path)
    others = sorted(installed.glob(f"*/bin/{name}"), key=_place_version, reverse=True)
    found = {
        place: _version(place)
        for place in dict.fromkeys([*([on_path] if on_path else []), *map(str, others)])
    }
    for place, version in found.items():
        if version is not None and version >= least:
            return place, version
    mend = f"install PostgreSQL {least}'s client programs (postgresql-client-{least})"
    newest = max((version for version in found.values() if version is not None), default=None)
    if newest is None:
        raise MissingExtraError(what=f"{name} is not installed", where="PATH", mend=mend)
    raise MissingExtraError(
        what=f"{name} is of version {newest}, and {least} or newer is needed", where="PATH", mend=mend
    )


def run_program(program: str, arguments: list[str], *, connection: Mapping[str, Any]) -> None:
    """Run one of them against the database that a connection names. Raises SourceError that says why it failed.

    connection: Django's settings of it. The password goes by the environment, where no other user sees it.
    """
    environment = {**os.environ, "LC_ALL": "C", "PGDATABASE": str(connection["NAME"])}
    given = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    environment |= {name: str(connection[key]) for name, key in given.items() if connection.get(key)}
    options = connection.get("OPTIONS") or {}
    environment |= {name: str(options[key]) for key, name in _TOLD.items() if key in options}
    done = subprocess.run(
        [program, *arguments], env=environment, capture_output=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace")
        why = next((words for pattern, words in _REASONS if re.search(pattern, said)), "")
        name = Path(program).name
        raise SourceError(
            what=f"{name} failed: {why}" if why else f"{name} failed with code {done.returncode}",
            where="DATABASE_URL",
            mend="mend that and try again" if why else "see the database server's log, and try again",
        )


def _version(program: str) -> int | None:
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=30)
    except OSError:
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", told.stdout)
    return int(found[1]) if found and told.returncode == 0 else None


def _place_version(place: Path) -> float:
    try:
        return float(place.parent.parent.name)
    except ValueError:
        return 0.0
