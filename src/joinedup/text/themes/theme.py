"""What a draft theme is, and a set of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NO_THEME = -1


@dataclass(frozen=True)
class DraftTheme:
    """One theme that a machine suggests to a person.

    number: from 0, largest theme first; its value in ThemeSet.assigned. title: a few of its words. description: a
    sentence saying how many comments it has and what the most typical one says. terms: words that set it apart, best
    first. members: indexes of its comments, most typical first. quotes: indexes of a few that show it, typical and
    unlike each other. spread: mean distance (1 - cosine) of its comments to its centre. agreement: how often two of
    its comments fell together in the runs, 0 to 1.
    """

    number: int
    title: str
    description: str
    terms: tuple[str, ...]
    members: NDArray[np.int64]
    quotes: tuple[int, ...]
    spread: float
    agreement: float


@dataclass(frozen=True)
class ThemeSet:
    """Draft themes of some texts.

    assigned: each text's theme, or NO_THEME. probability: how sure its place is, 0 to 1 (0 where it has no theme):
    the share of runs that put it with its theme. variance: mean adjusted mutual information between pairs of
    runs, 1 where every run drew the same themes. centres: one row a theme, of length 1.
    """

    themes: tuple[DraftTheme, ...]
    assigned: NDArray[np.int32]
    probability: NDArray[np.float32]
    variance: float
    centres: NDArray[np.float32]

    @property
    def noise_share(self) -> float:
        """The share of texts without a theme."""
        return float(np.mean(self.assigned == NO_THEME)) if len(self.assigned) else 0.0
