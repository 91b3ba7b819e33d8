"""Pictures of the themes of an analysis."""

from __future__ import annotations

from collections.abc import Sequence

from joinedup.charts import Bar, Chart, Stack, bar_chart, plain, stacked_bars
from joinedup_web.feedback.queries.themes import ThemeNow
from joinedup_web.feedback.theme_words import STANCES

MOST_BARS = 25


def sizes(board: Sequence[ThemeNow]) -> Chart:
    """How many comments each theme has."""
    return bar_chart(
        title="How many comments each theme has",
        bars=[Bar(now.theme.title, float(now.count)) for now in board[:MOST_BARS]],
        value_name="Comments",
        label_name="Theme",
        value_format=plain,
        note=_cut(board),
    )


def stances(board: Sequence[ThemeNow]) -> Chart:
    """What stance the comments of each theme take, as far as it is known."""
    return stacked_bars(
        title="What stance the comments of each theme take",
        parts=tuple(STANCES.values()),
        stacks=[
            Stack(now.theme.title, tuple(float(now.stances[stance]) for stance in STANCES))
            for now in board[:MOST_BARS]
        ],
        label_name="Theme",
        note=_cut(board) or "Comments whose stance is not known are left out.",
    )


def _cut(board: Sequence[ThemeNow]) -> str:
    return f"The {MOST_BARS} largest of {len(board)} themes." if len(board) > MOST_BARS else ""
