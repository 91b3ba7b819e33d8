"""Themes of two analyses laid side by side: which goes on, which is new, which is gone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from joinedup.text.chances import corrected, share_differs
from joinedup_web.feedback.models import Analysis
from joinedup_web.feedback.queries.themes import ThemeNow, members_by_comment

LEAST_ALIKE = 0.25
WRONG_SHARE = 0.05
WORD = re.compile(r"[\w’']{3,}")


@dataclass(frozen=True)
class ThemePair:
    """A theme of the first analysis and the likest of the second; one is None where nothing is like the other.

    alike: 0 to 1. by: comments (both hold them) or words.
    """

    first: ThemeNow | None
    second: ThemeNow | None
    alike: float | None
    by: str


def pairs_of(
    first: Sequence[ThemeNow], second: Sequence[ThemeNow], one: Analysis, other: Analysis
) -> list[ThemePair]:
    """Return each theme once, with its counterpart where there is one; the largest of the first analysis first."""
    held, others = members_by_comment(one), members_by_comment(other)
    scored = []
    for a in first:
        for b in second:
            shared = _jaccard(held.get(a.theme.id, set()), others.get(b.theme.id, set()))
            words = _jaccard(_words(a), _words(b))
            score, by = (shared, "comments") if shared >= words else (words, "words")
            if score >= LEAST_ALIKE:
                scored.append((score, a.theme.number, b.theme.number, by, a, b))
    scored.sort(key=lambda row: (-row[0], row[1], row[2]))
    matched: dict[int, ThemePair] = {}
    taken: set[int] = set()
    for score, a_number, b_number, by, a, b in scored:
        if a_number not in matched and b_number not in taken:
            matched[a_number] = ThemePair(a, b, score, by)
            taken.add(b_number)
    pairs = [matched.get(now.theme.number, ThemePair(now, None, None, "")) for now in first]
    return pairs + [ThemePair(None, now, None, "") for now in second if now.theme.number not in taken]


def judged(pairs: Sequence[ThemePair], one: Analysis, other: Analysis) -> list[tuple[ThemePair, str]]:
    """Return each pair with what can be said of its two shares; nothing where the same comments are in both."""
    both = [pair for pair in pairs if pair.first and pair.second and pair.by == "words"]
    totals = one.counts.get("used", 0), other.counts.get("used", 0)
    ps = corrected(
        [share_differs(pair.first.count, totals[0], pair.second.count, totals[1]) for pair in both]  # type: ignore[union-attr]
    )
    sure = {id(pair): p for pair, p in zip(both, ps, strict=True)}
    return [(pair, _verdict(pair, sure.get(id(pair)))) for pair in pairs]


def _verdict(pair: ThemePair, p: float | None) -> str:
    if pair.second is None:
        return "In the first alone"
    if pair.first is None:
        return "In the second alone"
    if p is None:
        return f"The same comments: {pair.alike or 0:.0%} are in both"
    if p > WRONG_SHARE:
        return "No clear difference"
    more = (pair.second.share or 0) > (pair.first.share or 0)
    return "A larger share in the second" if more else "A smaller share in the second"


def _words(now: ThemeNow) -> set[str]:
    return set(WORD.findall(f"{now.theme.title} {' '.join(now.theme.terms)}".lower()))


def _jaccard(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0
