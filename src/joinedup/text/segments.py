"""Who says something more, and who less: segments compared, small numbers held back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from joinedup.text.chances import corrected, share_between, share_differs

LEAST_ANSWERS = 10  # of fewer people, nothing is told
LEAST_HITS = 5  # 1 to 4 people who said something might be known


@dataclass(frozen=True)
class SegmentShare:
    """How many of a segment said it. hits, share, low, high, p and stands are None or empty where held back.

    share, low, high: with 95% limits (Wilson). p: against all other segments together, corrected for the
    segments tested. stands: "more" or "less" where the difference is significant. total: None where it is
    too small to tell.
    """

    segment: str
    hits: int | None
    total: int | None
    share: float | None
    low: float | None
    high: float | None
    p: float | None
    stands: str

    @property
    def is_held_back(self) -> bool:
        """Whether its number is too small to tell, or would give another's away."""
        return self.hits is None


def compare_segments(
    counts: Mapping[str, tuple[int, int]], *, wrong_share: float = 0.05
) -> tuple[SegmentShare, ...]:
    """Return each segment's share of hits and whether it stands out, in the order given.

    counts: (hits, total) of each segment; a person in one segment only. Held back: segments of fewer than ten
    people, and those where one to four said it. Where that is one segment only, the one with the fewest hits of
    the others is held back as well, since a total would give the first away. Tests use all counts.
    """
    held = {name for name, (hits, total) in counts.items() if _is_small(hits, total)}
    others = [name for name in counts if name not in held]
    if len(held) == 1 and others:
        held.add(min(others, key=lambda name: (counts[name], name)))
    all_hits, all_total = (sum(pair[at] for pair in counts.values()) for at in (0, 1))
    shown = [name for name in counts if name not in held]
    ps = corrected(
        [
            share_differs(hits, total, all_hits - hits, all_total - total)
            for hits, total in (counts[name] for name in shown)
        ]
    )
    by_name = dict(zip(shown, ps, strict=True))
    found = []
    for name, (hits, total) in counts.items():
        if name not in by_name:
            told = total if total >= LEAST_ANSWERS else None
            found.append(SegmentShare(name, None, told, None, None, None, None, ""))
            continue
        low, high = share_between(hits, total)
        p = by_name[name]
        rest = (all_hits - hits) / (all_total - total) if all_total > total else hits / total
        stands = "" if p > wrong_share else ("more" if hits / total > rest else "less")
        found.append(SegmentShare(name, hits, total, hits / total, low, high, p, stands))
    return tuple(found)


def _is_small(hits: int, total: int) -> bool:
    return total < LEAST_ANSWERS or 0 < hits < LEAST_HITS
