"""The sums of a folder's files, kept in the one that describes them, so that a byte that has changed is seen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_FILES = "sha256"
_OWN = "sha256_of_this"


def with_sums(folder: Path, described: Mapping[str, Any], *, besides: str) -> dict[str, Any]:
    """A description with the SHA-256 of each file of its folder, and of the description itself.

    besides: the name of the description's own file.
    """
    names = sorted(each.name for each in folder.iterdir() if each.is_file() and each.name != besides)
    whole = {**described, _FILES: {name: _sum_of_file(folder / name) for name in names}}
    return {**whole, _OWN: _sum_of(whole)}


def altered_files(folder: Path, described: Mapping[str, Any], *, besides: str) -> tuple[str, ...] | None:
    """The files of a folder that are not as they were written; None: no sums of them were kept then."""
    if _FILES not in described and _OWN not in described:
        return None
    plain = {name: value for name, value in described.items() if name != _OWN}
    if _sum_of(plain) != described.get(_OWN):
        return (besides,)  # what it says of the others may be wrong as well
    return tuple(
        name for name, sum_then in described[_FILES].items() if not _is_same(folder / name, sum_then)
    )


def _is_same(path: Path, sum_then: str) -> bool:
    try:
        return _sum_of_file(path) == sum_then
    except OSError:
        return False


def _sum_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sum_of(described: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()
