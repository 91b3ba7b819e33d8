"""Ask whether anything that we depend on has a known fault: pip-audit over the lock, npm audit over package-lock.json.

Run by `make check`. Ends with 1 where a known fault is found, and with 0 else: a database that cannot be reached is
said and stops nobody, since most of the work here is done offline. The two are asked at once, for some seconds at
most, and an answer without faults is remembered for as long as the locks stay the same: half a day, or an hour where
somebody could not be reached. Uses the standard library alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
NPM_LOCK = ROOT / "package-lock.json"
REMEMBERED = ROOT / ".venv" / "known-faults.json"
HALF_A_DAY, AN_HOUR = 43_200, 3_600  # seconds
SECONDS = float(os.environ.get("KNOWN_FAULTS_SECONDS", "25"))
PIP_AUDIT = (
    *(
        str(ROOT / ".venv" / "bin" / "pip-audit"),
        "--requirement",
        str(LOCK),
        "--require-hashes",
        "--disable-pip",
    ),
    *("--format", "json", "--progress-spinner", "off", "--timeout", "8"),
)
NPM_AUDIT = ("npm", "audit", "--json", "--prefix", str(ROOT))


@dataclass(frozen=True)
class Answer:
    """What one auditor said. faults: one line each. reached: whether it could ask anybody; left: what it could not."""

    auditor: str
    faults: tuple[str, ...] = ()
    reached: bool = True
    asked: int = 0
    left: int = 0

    @property
    def words(self) -> str:
        """One line for people."""
        if not self.reached:
            return f"{self.auditor}: not reachable, so nothing was looked up"
        rest = f", {self.left} could not be looked up" if self.left else ""
        return f"{self.auditor}: {len(self.faults)} known faults in {self.asked} packages{rest}"


def main(pip_audit: tuple[str, ...] = PIP_AUDIT, npm_audit: tuple[str, ...] = NPM_AUDIT) -> int:
    """Ask both and print what they say; return 1 where one knows a fault."""
    with ThreadPoolExecutor() as pool:
        asked = [
            pool.submit(_ask, "pip-audit", pip_audit, read_pip_audit),
            pool.submit(_ask, "npm audit", npm_audit, read_npm_audit),
        ]
        answers = [each.result() for each in asked]
    for answer in answers:
        print(answer.words)
        for fault in answer.faults:
            print(f"  {fault}")
    return int(any(answer.faults for answer in answers))


def _ask(auditor: str, command: tuple[str, ...], read: Callable[[dict[str, Any]], Answer]) -> Answer:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=ROOT)
        return read(json.loads(done.stdout))
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError, AttributeError):
        return Answer(
            auditor, reached=False
        )  # it is not there, took too long, or told of an error of its own


def read_pip_audit(told: dict[str, Any]) -> Answer:
    """Read pip-audit's JSON. A package that it skipped was not looked up, whatever its exit code says."""
    packages = told["dependencies"]
    left = [package for package in packages if "skip_reason" in package]
    faults = [
        f"{package['name']} {package['version']}: {fault['id']}, mended in {_versions(fault)}"
        for package in packages
        for fault in package.get("vulns", ())
    ]
    asked = len(packages) - len(left)
    return Answer("pip-audit", tuple(faults), reached=asked > 0, asked=asked, left=len(left))


def _versions(fault: dict[str, Any]) -> str:
    return ", ".join(fault["fix_versions"]) or "no version yet"


def read_npm_audit(told: dict[str, Any]) -> Answer:
    """Read npm's JSON; KeyError where it tells of an error instead."""
    faults = [
        f"{name} {package['range']}: {package['severity']}"
        for name, package in told["vulnerabilities"].items()
    ]
    return Answer("npm audit", tuple(faults), asked=told["metadata"]["dependencies"]["total"])


def once_in_a_while(ask: Callable[[], int] = main) -> int:
    """Ask unless the same locks were asked about lately and found without a fault."""
    key = hashlib.sha256(LOCK.read_bytes() + NPM_LOCK.read_bytes()).hexdigest()
    try:
        kept = json.loads(REMEMBERED.read_text("utf-8"))
        if kept["key"] == key and time.time() < kept["until"]:
            print(kept["words"])
            return 0
    except (OSError, ValueError, KeyError):
        pass  # never asked, or not written whole: ask
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = ask()
    words = said.getvalue().rstrip()
    print(words)
    if code == 0:
        until = time.time() + (AN_HOUR if "not" in words else HALF_A_DAY)
        REMEMBERED.write_text(json.dumps({"key": key, "until": until, "words": words}), "utf-8")
    return code


if __name__ == "__main__":
    sys.exit(once_in_a_while())
