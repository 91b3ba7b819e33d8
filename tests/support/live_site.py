"""The real site for browsers: granian in a process of its own, over a folder with a migrated SQLite database.

    site.call("support.live_data:sign_in", roles=["analyst"])

runs a function of the tests inside the site's settings (its own process, as manage commands would) and returns
what it returned, through JSON. Everything is real: sessions, content security policy, hashed and compressed
assets; only the addresses of support.design_pages are added.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
START_SECONDS = 40
CALL = """
import importlib, json, sys
import django
django.setup()
module, _, name = sys.argv[1].partition(":")
answer = getattr(importlib.import_module(module), name)(**json.loads(sys.argv[2]))
print("\\n" + json.dumps(answer))
"""


@dataclass(frozen=True)
class LiveSite:
    """A running site. url: without a slash at its end. folder: its JOINEDUP_DIR. log: what it wrote."""

    url: str
    folder: Path
    log: Path

    def call(self, function: str, **arguments: Any) -> Any:
        """Return what `module:function` returns inside the site's settings; both ways through JSON."""
        return call(self.folder, function, **arguments)


def environment(folder: Path, *, url: str = "http://127.0.0.1:1", mode: str = "test") -> dict[str, str]:
    """The environment of a site in a folder, cut loose from the caller's settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("JOINEDUP_") and name != "DATABASE_URL"
    }
    return kept | {
        "JOINEDUP_MODE": mode,
        "JOINEDUP_DIR": str(folder),
        "JOINEDUP_URL": url,
        "DJANGO_SETTINGS_MODULE": "support.live_settings",
        "PYTHONPATH": os.pathsep.join([str(TESTS), kept.get("PYTHONPATH", "")]).rstrip(os.pathsep),
    }


def call(folder: Path, function: str, **arguments: Any) -> Any:
    """Run a function of the tests inside the settings of a folder's site."""
    done = subprocess.run(
        [sys.executable, "-c", CALL, function, json.dumps(arguments)],
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{function} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.rstrip().rsplit("\n", 1)[-1])


def prepared_folder(place: Path) -> Path:
    """A folder with a migrated database, to be copied for each site: migrating takes longer than copying."""
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
        env=environment(place),
        check=True,
        timeout=300,
    )
    return place


@contextmanager
def running_site(
    template: Path, folder: Path, *, name: str = "127.0.0.1", mode: str = "test"
) -> Iterator[LiveSite]:
    """A site over a copy of a prepared folder, on a free port of this machine, until the block is left.

    name: what browsers call this machine; passkeys belong to a name such as localhost, never to a number.
    mode: in "demonstration" the built-in provider for citizens exists, and assets are gathered as in life.
    """
    shutil.copytree(template, folder, dirs_exist_ok=True)
    port = _free_port()
    url = f"http://{name}:{port}"
    log = folder / "site.log"
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += [
        "--workers",
        "1",
        "--blocking-threads",
        "4",
        "--no-ws",
        "joinedup_web.config.wsgi:application",
    ]
    if mode != "test":
        gather = "import django; django.setup(); from joinedup_web.operations.assets import gather; gather()"
        subprocess.run(
            [sys.executable, "-c", gather],
            env=environment(folder, url=url, mode=mode),
            check=True,
            timeout=120,
        )
    with log.open("wb") as written:
        process = subprocess.Popen(
            command,
            env=environment(folder, url=url, mode=mode),
            stdout=written,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
        try:
            _wait_until_it_answers(url, process, log)
            yield LiveSite(url=url, folder=folder, log=log)
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{url}/", timeout=10).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the site did not start:\n{log.read_text(errors='replace')[-3000:]}")
