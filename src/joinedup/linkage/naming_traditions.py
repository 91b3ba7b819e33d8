"""Which naming tradition a name is likely from, for counting over groups and for nothing else.

The rules are a dated data file that an administrator can copy and edit (``naming_traditions.toml`` says what they
are, and how wrong they are). The front door of this room does not name this file: only ``fairness`` uses it, and
only sums over groups of at least ten people leave it.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from joinedup.errors import ModelError

NOT_RECOGNISED = "Not recognised"
LISTED, ENDING, FIRST_NAME, LEAST = 3, 2, 2, 2
_LISTS = (
    "surnames", "surname_endings", "surname_beginnings",
    "first_names", "first_name_endings", "first_name_beginnings",
)  # fmt: skip


@dataclass(frozen=True)
class Tradition:
    """One tradition's lists: whole names, and how names begin and end; all in plain lower case."""

    name: str
    surnames: frozenset[str]
    surname_endings: tuple[str, ...]
    surname_beginnings: tuple[str, ...]
    first_names: frozenset[str]
    first_name_endings: tuple[str, ...]
    first_name_beginnings: tuple[str, ...]

    def surname_points(self, parts: Sequence[str]) -> int:
        """What a surname's parts say for the tradition; the best part counts."""
        return max((self._surname(part) for part in parts), default=0)

    def first_name_points(self, name: str) -> int:
        """What a first name says for the tradition."""
        listed = name in self.first_names or (
            len(name) > 4
            and (name.startswith(self.first_name_beginnings) or name.endswith(self.first_name_endings))
        )
        return FIRST_NAME if listed else 0

    def _surname(self, part: str) -> int:
        if part in self.surnames:
            return LISTED
        if len(part) > 4 and (
            part.endswith(self.surname_endings) or part.startswith(self.surname_beginnings)
        ):
            return ENDING
        return 0


@dataclass(frozen=True)
class NamingRules:
    """The traditions in their order, the day the rules are of, and what they rest on."""

    traditions: tuple[Tradition, ...]
    dated: date
    basis: str

    def of_names(self, first_names: Sequence[str | None], surnames: Sequence[str | None]) -> list[str | None]:
        """The tradition of each name: a tradition, ``NOT_RECOGNISED``, or None where there is no name."""
        known: dict[tuple[str | None, str | None], str | None] = {}
        out = []
        for pair in zip(first_names, surnames, strict=True):
            if pair not in known:
                known[pair] = self._one(*pair)
            out.append(known[pair])
        return out

    def _one(self, first_name: str | None, surname: str | None) -> str | None:
        words = _plain(first_name or "").split()
        first = words[0] if words else ""
        last = _plain(surname or "", keep=" -")
        if not first and not last:
            return None
        # "Al-Masri" and "O'Brien" are looked at whole, a double-barrelled name in its parts too.
        parts = dict.fromkeys([last, last.replace("-", "").replace(" ", ""), *last.replace("-", " ").split()])
        best, name = LEAST - 1, NOT_RECOGNISED
        for tradition in self.traditions:
            points = tradition.surname_points([part for part in parts if part])
            points += tradition.first_name_points(first)
            if points > best:
                best, name = points, tradition.name
        return name


def naming_rules(path: str | Path | None = None) -> NamingRules:
    """Return the rules of a file, or those that come with the program.

    Raises ModelError where the file cannot be read or a part of it is not what it should be.
    """
    if path is None:
        return _usual()
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ModelError(what="cannot be read", where=str(path), mend="name a file of naming rules") from None
    return _rules(text, where=str(path))


@cache
def _usual() -> NamingRules:
    text = files("joinedup.linkage").joinpath("naming_traditions.toml").read_text(encoding="utf-8")
    return _rules(text, where="naming_traditions.toml")


def _rules(text: str, *, where: str) -> NamingRules:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise ModelError(what="not TOML", where=where, mend="start from a copy of the usual rules") from None
    dated = data.get("dated")
    if not isinstance(dated, date):
        raise ModelError(what="no day", where=f"{where}, dated", mend="write dated = 2026-03-31")
    found = data.get("tradition")
    if not isinstance(found, list) or not found:
        raise ModelError(what="no tradition", where=where, mend="write at least one [[tradition]]")
    traditions = tuple(_tradition(each, where=f"{where}, tradition {at}") for at, each in enumerate(found, 1))
    return NamingRules(traditions, dated, str(data.get("basis", "")))


def _tradition(data: Mapping[str, Any], *, where: str) -> Tradition:
    name = data.get("name") if isinstance(data, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise ModelError(what="no name", where=where, mend='write name = "…"')
    unknown = sorted(set(data) - {"name", *_LISTS})
    if unknown:
        raise ModelError(
            what=f"'{unknown[0]}' is no list of these rules", where=where, mend=", ".join(_LISTS)
        )
    lists: dict[str, list[str]] = {}
    for each in _LISTS:
        values = data.get(each, [])
        if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
            raise ModelError(what="not a list of texts", where=f"{where}, {each}", mend='write ["…", "…"]')
        lists[each] = [_plain(value, keep=" -", strip=not each.endswith("beginnings")) for value in values]
    return Tradition(
        name=name.strip(),
        surnames=frozenset(lists["surnames"]),
        surname_endings=tuple(lists["surname_endings"]),
        surname_beginnings=tuple(lists["surname_beginnings"]),
        first_names=frozenset(lists["first_names"]),
        first_name_endings=tuple(lists["first_name_endings"]),
        first_name_beginnings=tuple(lists["first_name_beginnings"]),
    )


def _plain(text: str, *, keep: str = " ", strip: bool = True) -> str:
    """Lower case without accents; of other marks only those in ``keep``. strip: without blanks at its ends."""
    split = unicodedata.normalize("NFKD", text.replace("ł", "l").replace("Ł", "L").replace("ø", "o")).lower()
    kept = "".join(c for c in split if c.isalpha() or c in keep)
    return kept.strip() if strip else kept
