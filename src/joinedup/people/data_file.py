"""Read the dated data files of this room: CSV with a remark (`#`) at the head, then the columns' names."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def rows_of(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `data/<name>.csv`, each as column to text; the remark is left out."""
    text = (files("joinedup.people") / "data" / f"{name}.csv").read_text(encoding="utf-8")
    lines = text.splitlines()
    start = next(place for place, line in enumerate(lines) if not line.startswith("#"))
    return tuple(csv.DictReader(lines[start:]))


@cache
def remark_of(name: str) -> str:
    """The remark at the head of `data/<name>.csv`: its date and where it comes from."""
    text = (files("joinedup.people") / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#"))
