"""The filters of a list: what is asked in the address, the rows it leaves, and the tag that takes it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict

from joinedup_web.design.rows import Rows
from joinedup_web.design.words import day as day_words


@dataclass(frozen=True)
class Tag:
    """One filter in force: its words, and the parameters it stands for, which removing it takes out."""

    words: str
    without: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class TextSearch:
    """Free words looked for in some fields. fields: lookups (`user__name`) or column names."""

    fields: tuple[str, ...]
    key: str = "q"
    label: str = "Search"
    hint: str = ""
    kind: str = "search"

    @property
    def names(self) -> tuple[str, ...]:
        return (self.key,)

    def read(self, asked: QueryDict) -> dict[str, Any]:
        return {"value": asked.get(self.key, "").strip()[:200].replace("\x00", "")}

    def narrow(self, rows: Rows, state: Mapping[str, Any]) -> Rows:
        return rows.search(self.fields, state["value"]) if state["value"] else rows

    def tags(self, state: Mapping[str, Any]) -> list[Tag]:
        return [Tag(state["value"], {self.key: ()})] if state["value"] else []


@dataclass(frozen=True)
class Choice:
    """One or more of some values. field: what is compared; the key without it."""

    key: str
    label: str
    choices: Sequence[tuple[Any, str]]
    field: str = ""
    kind: str = "choice"

    @property
    def names(self) -> tuple[str, ...]:
        return (self.key,)

    def read(self, asked: QueryDict) -> dict[str, Any]:
        """Values that are not offered are passed over: an old bookmark still opens."""
        given = set(asked.getlist(self.key))
        return {"value": [str(value) for value, _ in self.choices if str(value) in given]}

    def narrow(self, rows: Rows, state: Mapping[str, Any]) -> Rows:
        chosen = [value for value, _ in self.choices if str(value) in state["value"]]
        return rows.among(self.field or self.key, chosen) if chosen else rows

    def tags(self, state: Mapping[str, Any]) -> list[Tag]:
        chosen = state["value"]
        return [
            Tag(label, {self.key: tuple(other for other in chosen if other != str(value))})
            for value, label in self.choices
            if str(value) in chosen
        ]


@dataclass(frozen=True)
class DateRange:
    """From one day to another, both included. In the address: KEY_from and KEY_to as 2026-03-01."""

    key: str
    label: str
    field: str = ""
    kind: str = "dates"

    @property
    def names(self) -> tuple[str, ...]:
        return (f"{self.key}_from", f"{self.key}_to")

    def read(self, asked: QueryDict) -> dict[str, Any]:
        state: dict[str, Any] = {"errors": {}}
        for end in ("from", "to"):
            text = asked.get(f"{self.key}_{end}", "").strip()
            state[end] = text
            state[f"{end}_day"] = _day(text)
            if text and state[f"{end}_day"] is None:
                state["errors"][end] = "Enter a real date, like 27/3/2026"
        first, last = state["from_day"], state["to_day"]
        if first and last and first > last:
            state["errors"]["to"] = "The last day must be the same as or after the first"
        return state

    def narrow(self, rows: Rows, state: Mapping[str, Any]) -> Rows:
        first, last = state["from_day"], state["to_day"]
        if state["errors"] or (first is None and last is None):
            return rows
        return rows.between(self.field or self.key, first, last)

    def tags(self, state: Mapping[str, Any]) -> list[Tag]:
        return [
            Tag(f"{self.label} {end} {day_words(state[f'{end}_day'])}", {f"{self.key}_{end}": ()})
            for end in ("from", "to")
            if state[f"{end}_day"] is not None
        ]


Filter = TextSearch | Choice | DateRange


def _day(text: str) -> date | None:
    """A day as people write it, 27/3/2026 or 27 3 2026, or as addresses do, 2026-03-27."""
    parts = text.replace("/", " ").replace(".", " ").replace("-", " ").split()
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        return None
    numbers = [int(part) for part in parts]
    if len(parts[0]) == 4:
        numbers.reverse()
    try:
        return date(numbers[2], numbers[1], numbers[0])
    except (ValueError, OverflowError):
        return None
