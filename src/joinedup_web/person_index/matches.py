"""Matches as pages and the API tell them: one entry a person, with the reasons of its best record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from joinedup.linkage.index import Match
from joinedup_web.design.words import count
from joinedup_web.linkage.pair_page import steps_of
from joinedup_web.linkage.record_page import CERTAINTY


@dataclass(frozen=True)
class ShownMatch:
    """A person who may be meant. certainty, chance: of its best record, in words and as a share. records: how many
    of its records are alike. steps: how the weight of the best one adds up."""

    person: str
    certainty: str
    chance: str
    records: str
    steps: list[dict[str, Any]]


def best_of_each(found: Iterable[Match]) -> list[tuple[Match, int]]:
    """The best record of each person, and how many records of the person were found; the likeliest person first."""
    best: dict[str, tuple[Match, int]] = {}
    for match in found:
        held = best.get(match.person)
        if held is None or match.weight > held[0].weight:
            best[match.person] = (match, (held[1] if held else 0) + 1)
        else:
            best[match.person] = (held[0], held[1] + 1)
    return sorted(best.values(), key=lambda each: -each[0].weight)


def shown_matches(found: Iterable[Match]) -> list[ShownMatch]:
    """Matches as the page shows them."""
    return [
        ShownMatch(
            match.person,
            next(words for least, words in CERTAINTY if match.probability >= least),
            "over 99.9%" if match.probability > 0.999 else f"{match.probability * 100:.1f}%",
            f"{count(records)} record of theirs is alike."
            if records == 1
            else f"{count(records)} records of theirs are alike.",
            steps_of([{"label": s.label, "found": s.found, "bits": s.bits} for s in match.steps]),
        )
        for match, records in best_of_each(found)
    ]
