"""First names and surnames given the wrong way round: whether a file's records show it, and what to do then.

Some registers hold one record in fifty so, most hold none; where there are none, asking costs time and can only
mislead, as many a surname is a first name too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from joinedup.linkage.compare import shared_codes
from joinedup.linkage.encode import Int32, Records
from joinedup.linkage.expression import Key, parse_key
from joinedup.linkage.kernels import pairs

_SHARE = 0.002  # exchanged pairs among those that agree in both names
_FEWEST = 10  # and so many of them at least


@dataclass(frozen=True)
class ExchangedNames:
    """The two fields that records exchange, by name."""

    first_name: str
    surname: str

    def level(self, *, judged: bool) -> dict[str, object]:
        """The level of exchanged names; where it is not to be judged, it says nothing, like a missing value."""
        first, surname = Key(column=self.first_name), Key(column=self.surname)
        other = "the surname" if judged else "the first name, and judged there"
        level: dict[str, object] = {
            "when": f"swapped({first}, {surname})",
            "label": f"exchanged with {other}",
        }
        return level if judged else {**level, "missing": True}

    def key(self) -> Key:
        """A key that both ways round have in common."""
        first, surname = Key(column=self.first_name), Key(column=self.surname)
        return parse_key(f"sorted_words(concat({first}, {surname}))")


def exchanged_names(
    records: Records, *, first_name: str, surname: str, telling: Sequence[str]
) -> ExchangedNames | None:
    """The two names, if the records show that they are exchanged; else None.

    telling: fields that are a person's own (a date of birth, a number, a phone). Pairs that agree in one of them
    and in both names crosswise are counted against those that agree in it and in both names straight: strangers
    who share names, in either order, seldom share it.
    """
    first, last = shared_codes(records, Key(column=first_name), Key(column=surname))
    straight = crossed = 0.0
    for name in telling:
        own = records.columns[name].codes
        a, b = _pairs(first, last, own)
        straight, crossed = straight + a, crossed + b
    shown = crossed >= _FEWEST and crossed >= _SHARE * (straight + crossed)
    return ExchangedNames(first_name, surname) if shown else None


def _pairs(first: Int32, last: Int32, own: Int32) -> tuple[float, float]:
    """Pairs that share a value of their own and both names: straight, and crosswise."""
    names = np.empty(2 * len(first), np.int32)
    groups = np.empty_like(names)
    pairs.dense_ids(np.concatenate((first, last)), np.concatenate((last, first)), names)
    count = pairs.dense_ids(names, np.concatenate((own, own)), groups)
    straight = groups[: len(first)]
    other_way = groups[len(first) :][first != last]
    here = np.bincount(straight[straight >= 0], minlength=count).astype(np.float64)
    there = np.bincount(other_way[other_way >= 0], minlength=count).astype(np.float64)
    return float((here * (here - 1) / 2).sum()), float((here * there).sum() / 2)
