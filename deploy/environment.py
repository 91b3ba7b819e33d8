"""Make the project's environment in .venv, from the hashed lock and nothing else.

With --spark, Apache Spark is added from its own hashed lock (`make spark`).

Run by `make setup`, which picks a Python from 3.11 on; uses the standard library alone. A stamp keyed on the
lock, pyproject.toml, the Python and the folder makes a second run a matter of milliseconds. Beside this file,
assets.py brings the website's style sheets, fonts and scripts,
model.py the model that reads comments.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from assets import setup_assets
from model import setup_model

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
SPARK_LOCK = ROOT / "requirements-spark.lock"
PACKAGE = ROOT / "src" / "joinedup"
WEBSITE = ROOT / "src" / "joinedup_web"
KERNEL_ROOMS = ("linkage", "people", "quality", "sources", "values")  # where compiled kernels lie
WARMED = ("linkage", "quality")  # rooms whose warm.py compiles them all
QUIET_PIP = ("-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input")
# Packages without a wheel are built with the locked setuptools, so that nothing unhashed is ever fetched.
FROM_LOCK = ("--require-hashes", "--no-build-isolation", "-r")


def main() -> int:
    """Make or refresh .venv; return the exit code, 0 when all is in place."""
    VENV.mkdir(exist_ok=True)
    with (VENV / "setup.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)  # two makes at once must not install over each other
        try:
            _install_unless_stamped()
            _warm_unless_stamped()
            _translate_unless_stamped()
            setup_assets(VENV / "assets.stamp")  # without Node the library alone is set up
            setup_model(VENV_PYTHON, VENV)  # without it comments are read by their words alone
            if "--spark" in sys.argv[1:]:
                _install_spark_unless_stamped()
        except subprocess.CalledProcessError as failure:
            print(f"make setup stopped: {' '.join(map(str, failure.cmd))}", file=sys.stderr)
            print("Its own message is above. Mend that and run make setup again.", file=sys.stderr)
            return 1
    return 0


def _install_unless_stamped() -> None:
    stamp = VENV / "installed.stamp"
    key = _digest([LOCK, ROOT / "pyproject.toml"], sys.version, str(ROOT))
    if VENV_PYTHON.exists() and stamp.exists() and stamp.read_text() == key:
        return
    started = time.monotonic()
    if not _has_pip():
        print(f"Making .venv with Python {sys.version.split()[0]}", flush=True)
        _make_venv()
    print("Installing the locked packages (the first time takes a minute)", flush=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as builder:
        builder.write(_locked_block("setuptools"))
        builder.flush()
        _run(VENV_PYTHON, *QUIET_PIP, *FROM_LOCK, builder.name)
    _run(VENV_PYTHON, *QUIET_PIP, *FROM_LOCK, LOCK)
    _run(VENV_PYTHON, *QUIET_PIP, "--no-deps", "--no-build-isolation", "--editable", ROOT)
    _run(VENV_PYTHON, "-m", "compileall", "-q", ROOT / "src")  # or everybody's first command would do it
    stamp.write_text(key)
    print(f"Environment ready in {time.monotonic() - started:.0f} s", flush=True)


def _install_spark_unless_stamped() -> None:
    """Add Apache Spark, which is too large for everybody's lock, from a lock of its own."""
    stamp = VENV / "spark.stamp"
    key = _digest([LOCK, SPARK_LOCK, ROOT / "pyproject.toml"], sys.version, str(ROOT))
    if stamp.exists() and stamp.read_text() == key:
        return
    started = time.monotonic()
    print("Installing Apache Spark (some 450 MB to download; several minutes)", flush=True)
    _run(VENV_PYTHON, *QUIET_PIP, *FROM_LOCK, SPARK_LOCK)
    stamp.write_text(key)
    print(f"Spark ready in {time.monotonic() - started:.0f} s", flush=True)
    if shutil.which("java") is None:
        print("Spark needs Java 17 or newer. On Debian or Ubuntu: sudo apt-get install default-jre-headless")


def _warm_unless_stamped() -> None:
    """Compile the kernels now, so that nobody's first linkage or profile waits for them."""
    rooms = [room for room in WARMED if (PACKAGE / room / "warm.py").exists()]
    if not rooms:
        return
    stamp = VENV / "kernels.stamp"
    files = [file for room in KERNEL_ROOMS for file in sorted((PACKAGE / room).rglob("*.py"))]
    key = _digest(files, sys.version)
    if stamp.exists() and stamp.read_text() == key:
        return
    started = time.monotonic()
    print("Compiling the kernels", flush=True)
    for room in rooms:
        _run(VENV_PYTHON, "-m", f"joinedup.{room}.warm")
    stamp.write_text(key)
    print(f"Kernels ready in {time.monotonic() - started:.0f} s", flush=True)


def _translate_unless_stamped() -> None:
    """Make the website's .mo catalogues of its .po files, by our own few lines instead of gettext's programs."""
    maker = WEBSITE / "design" / "catalogues.py"
    catalogues = sorted((WEBSITE / "locale").glob("*/LC_MESSAGES/*.po"))
    stamp = VENV / "catalogues.stamp"
    key = _digest([maker, *catalogues])
    made = all(catalogue.with_suffix(".mo").exists() for catalogue in catalogues)
    if made and stamp.exists() and stamp.read_text() == key:
        return
    _run(VENV_PYTHON, "-m", "joinedup_web.design.catalogues")
    stamp.write_text(key)


def _has_pip() -> bool:
    if not VENV_PYTHON.exists():
        return False
    probe = [VENV_PYTHON, "-c", f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        print(
            "This Python cannot make environments (no ensurepip). On Debian or Ubuntu:\n"
            "    sudo apt-get install python3-venv",
            file=sys.stderr,
        )
    _run(sys.executable, "-m", "venv", "--clear", VENV)


def _locked_block(package: str) -> str:
    """The lines of the lock that pin one package, with its hashes."""
    lines = LOCK.read_text().splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if line.startswith(f"{package}=="))
    end = next((i for i in range(start + 1, len(lines)) if not lines[i].startswith(" ")), len(lines))
    return "".join(lines[start:end])


def _digest(files: Iterable[Path], *words: str) -> str:
    digest = hashlib.sha256("\n".join(words).encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _run(*command: str | Path) -> None:
    subprocess.run(list(map(str, command)), cwd=ROOT, check=True)


if __name__ == "__main__":
    sys.exit(main())
