"""The demonstration as people start it: `joinedup demo`, which goes on to serve what it has built."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 600
PROGRAM = str(Path(sys.executable).parent / "joinedup")


@contextmanager
def running_demonstration(folder: Path, *, people: int, inside: Path | None = None) -> Iterator[str]:
    """Build a demonstration in a folder and serve it; gives its address, without a slash at its end.

    inside: the folder to do it in, so that `folder` may be named in short, as `make run` does.
    What the site wrote is in serve.log in the folder.
    """
    settings = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JOINEDUP_", "DJANGO_")) and name != "DATABASE_URL"
    }
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    demo = [PROGRAM, "demo", "--people", str(people), "--dir", str(folder), "--port", str(port)]
    log = (inside or Path()) / folder / "serve.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as written:
        process = subprocess.Popen(demo, env=settings, stdout=written, stderr=subprocess.STDOUT, cwd=inside)
        try:
            _wait(f"http://127.0.0.1:{port}", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/health/live", timeout=10).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the demonstration did not start:\n{log.read_text(errors='replace')[-3000:]}")
