"""The project's own files, as the architecture and documentation tests see them."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "joinedup"


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file under version control that is still there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


@cache
def pyproject() -> dict[str, Any]:
    """What pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def parsed_sources() -> Iterator[tuple[Path, ast.Module]]:
    """Each Python file of the library with its syntax tree."""
    for file in sorted(SOURCE.rglob("*.py")):
        yield file, ast.parse(file.read_text(), filename=str(file))


def rooms() -> list[str]:
    """The rooms of the library: the packages right under joinedup."""
    return sorted(door.parent.name for door in SOURCE.glob("*/__init__.py"))


def place(file: Path, line: int = 0) -> str:
    """A file, and a line where there is one, as a person would name it."""
    return f"{file.relative_to(ROOT)}:{line}" if line else str(file.relative_to(ROOT))
