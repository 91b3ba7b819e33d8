"""What a recogniser proposes, before the surest of those that overlap is taken."""

from __future__ import annotations

from dataclasses import dataclass

from joinedup.text.redact.identifier import Identifier


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of the plain reading. sure: 1 (a guess) to 9 (its form and check digit leave no doubt)."""

    start: int
    end: int
    kind: Identifier
    sure: int
    why: str
