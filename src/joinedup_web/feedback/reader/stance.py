"""The stance of comments on a theme, where nothing better is known than whether they are pleased."""

from __future__ import annotations

from collections.abc import Iterable

from joinedup.text.themes import Stance
from joinedup.text.themes import stance_of as stance_of_sentiments

FROM_SENTIMENT = {"negative": "against", "neutral": "mixed", "positive": "for"}
_SENTIMENTS = {stance: sentiment for sentiment, stance in FROM_SENTIMENT.items()}


def counted_stance(stances: Iterable[str]) -> Stance:
    """Return the stance of comments with the counts behind it; those without one are left out."""
    return stance_of_sentiments([_SENTIMENTS[stance] for stance in stances if stance])


def stance_of(stances: Iterable[str]) -> str:
    """Return for, against or mixed, by joinedup.text.themes.stance_of; empty where too few say, or none prevails."""
    return counted_stance(stances).code
