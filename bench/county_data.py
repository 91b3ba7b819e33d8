"""The county's benchmark tables, made once for each size and seed and kept in a cache folder."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import joinedup.people.county

CACHE = Path(tempfile.gettempdir()) / "joinedup-bench"


@dataclass(frozen=True)
class County:
    """inputs: one table to deduplicate or two to link. truth: source, record_id, cluster."""

    inputs: tuple[Path, ...]
    truth: Path


def county(*, records: int, link: bool = False, seed: int = 1, folder: Path | None = None) -> County:
    """The tables of so many records (each, with ``link``), made if they are not there.

    folder: where they are or shall be; None: the cache, by size, seed and the generator's own text, so that a
    changed generator makes new data.
    """
    names = ("left", "right") if link else ("records",)
    if folder is None:
        kind = "link" if link else "dedupe"
        folder = CACHE / f"county-{kind}-{records}-seed{seed}-{_generator()}"
    found = County(tuple(folder / f"{name}.parquet" for name in names), folder / "truth.parquet")
    if not found.truth.exists():
        command = [sys.executable, "-m", "joinedup.people.county", "--records", str(records)]
        command += ["--seed", str(seed), *(["--link"] if link else []), "--out", str(folder)]
        subprocess.run(command, check=True)
    return found


def _generator() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(joinedup.people.county.__path__[0]).rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
