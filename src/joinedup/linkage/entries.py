"""Reading the entries of a table that a person wrote, and saying clearly what is wrong with one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from joinedup.errors import ModelError


class Entries:
    """The entries of one table. Each is asked for by name and type; ``finish`` refuses those left over.

    where: the file and table, for errors. Every method raises ModelError, naming the entry.
    """

    def __init__(self, data: object, where: str) -> None:
        if not isinstance(data, Mapping):
            raise ModelError(what="not a table of names and values", where=where, mend="write name = value")
        self.where = where
        self._data = data
        self._asked: list[str] = []

    def finish(self) -> None:
        """Refuse entries that nobody asked for: they are misspelt, or belong elsewhere."""
        for name in self._data:
            if name not in self._asked:
                known = ", ".join(sorted(self._asked))
                raise ModelError(what=f"unknown entry '{name}'", where=self.where, mend=f"use: {known}")

    def raw(self, name: str) -> Any:
        """The value as it is; None where the entry is absent."""
        self._asked.append(name)
        return self._data.get(name)

    def text(self, name: str, default: str | None = None) -> str | None:
        """Text that is not empty."""
        value = self.raw(name)
        if value is None:
            return default
        if not isinstance(value, str) or not value:
            raise self.wrong(name, "text", f'{name} = "…"')
        return value

    def one_of(self, name: str, known: Sequence[str], default: str | None = None) -> str | None:
        """One of the known words."""
        value = self.text(name, default)
        if value is not None and value not in known:
            raise ModelError(
                what=f"'{name}' is '{value}'", where=self.where, mend=f"use one of: {', '.join(known)}"
            )
        return value

    def flag(self, name: str, default: bool) -> bool:
        """true or false."""
        value = self.raw(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(name, "true or false", f"{name} = true")
        return value

    def number(
        self, name: str, default: float | None = None, *, above: float = -math.inf, below: float = math.inf
    ) -> float | None:
        """A number strictly between two bounds."""
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not above < value < below:
            bounds = [f"above {above:g}"] * (above > -math.inf) + [f"below {below:g}"] * (below < math.inf)
            raise self.wrong(name, " ".join(["a number", " and ".join(bounds)]).strip(), "give such a number")
        return float(value)

    def count(self, name: str, default: int | None = None, *, least: int = 1) -> int | None:
        """A whole number of at least ``least``."""
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.wrong(name, f"a whole number of at least {least}", "give such a number")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, or one text alone; empty where absent."""
        value = self.raw(name)
        items = [value] if isinstance(value, str) else [] if value is None else value
        if not isinstance(items, list) or not all(isinstance(item, str) and item for item in items):
            raise self.wrong(name, "text or a list of texts", f'{name} = ["…"]')
        return tuple(items)

    def table(self, name: str) -> Entries:
        """A table of its own; an empty one where absent."""
        value = self.raw(name)
        return Entries({} if value is None else value, f"{self.where}, [{name}]")

    def items(self, name: str) -> list[Any]:
        """A list of anything; empty where absent."""
        value = self.raw(name)
        if value is not None and not isinstance(value, list):
            raise self.wrong(name, "a list", f"{name} = [ … ]")
        return value or []

    def names(self) -> tuple[str, ...]:
        """The names of all entries, for a table whose names are the user's own."""
        return tuple(self._data)

    def wrong(self, name: str, expected: str, mend: str) -> ModelError:
        """The refusal of one entry."""
        return ModelError(what=f"'{name}' is not {expected}", where=self.where, mend=mend)
