"""A PostgreSQL server of the tests' own: made in a temporary folder, gone afterwards."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def running_postgres(programs: Path, folder: Path, *, durable: bool = False) -> Iterator[str]:
    """Start a server in `folder` and yield its URI; stop it on leaving.

    durable: commits reach the disk before they are answered, as in life; tests are quicker without.

    PostgreSQL refuses to run as root, so there only its programs give up the privilege, not the tests.
    """
    demoted = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    data = folder / "data"
    data.mkdir(mode=0o700)
    if demoted:
        os.chown(data, NOBODY, NOBODY)
        folder.chmod(folder.stat().st_mode | 0o011)  # so that the server reaches its own folder in it
    port = _free_port()

    def run(*command: str | Path) -> None:
        subprocess.run(
            list(map(str, command)), check=True, cwd=data, stdout=subprocess.DEVNULL, timeout=60, **demoted
        )

    run(programs / "initdb", "-D", data, "-U", "joinedup", "-A", "trust", "-E", "UTF8", "--no-sync")
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data}"
    settings += " -c max_connections=300" if durable else " -c fsync=off"
    run(programs / "pg_ctl", "-D", data, "-l", data / "log", "-o", settings, "-w", "start")
    try:
        yield f"postgresql://joinedup@127.0.0.1:{port}/postgres"
    finally:
        run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
