"""The pictures of a dashboard, each with the table of its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from joinedup.charts import (
    Bar,
    Chart,
    Line,
    Stack,
    bar_chart,
    column_chart,
    line_chart,
    percent,
    plain,
    stacked_bars,
)
from joinedup.feedback import in_percent
from joinedup_web.feedback.models import Channel, Ending
from joinedup_web.feedback.queries.act_dashboard import Dashboard

SENTIMENTS = {"negative": "Negative", "neutral": "Neutral", "positive": "Positive"}


def satisfaction_over_time(found: Dashboard) -> Chart | None:
    """User satisfaction by day, week or month; steps without a score are left out of the line."""
    known = [(at, step) for at, step in enumerate(found.steps) if step.scores.total]
    if not known:
        return None
    period = found.period
    points = tuple((float(at), float(step.satisfaction.value or 0)) for at, step in known)
    made = line_chart(
        title=f"User satisfaction by {period.unit}",
        lines=[Line("User satisfaction", points)],
        x_name=period.unit.capitalize(),
        y_name="Satisfaction",
        x_range=(0.0, float(max(1, len(found.steps) - 1))),
        y_range=(0.0, 1.0),
        x_words=_words(found),
        y_format=percent,
        description=f"Line of user satisfaction by {period.unit}, from {percent(points[0][1])} in "
        f"{period.words(known[0][1].start)} to {percent(points[-1][1])} in {period.words(known[-1][1].start)}.",
        note="Few answers make it go up and down by chance: the table has how many, and the 95% interval.",
    )
    rows = []
    for _, step in known:
        one = step.satisfaction
        low, high = one.low or 0.0, one.high or 0.0
        value = f"{in_percent(one.value)}%" if one.value is not None else None
        rows.append(
            (period.words(step.start), value, step.scores.total, f"{low * 100:.1f}% to {high * 100:.1f}%")
        )
    columns = (period.unit.capitalize(), "User satisfaction", "Answers", "95% interval")
    return replace(made, columns=columns, rows=tuple(rows))


def responses_over_time(found: Dashboard) -> Chart | None:
    """How many people answered."""
    if not found.responses:
        return None
    return column_chart(
        title=f"Responses by {found.period.unit}",
        bars=[Bar(found.period.words(step.start), float(step.responses)) for step in found.steps],
        value_name="Responses",
        label_name=found.period.unit.capitalize(),
    )


def by_channel(found: Dashboard) -> Chart | None:
    """How responses came in."""
    return _bars("How responses came in", "Channel", {Channel(c).label: n for c, n in found.channels.items()})


def by_ending(found: Dashboard) -> Chart | None:
    """Where in the journey people were asked."""
    words = {Ending(code).label: n for code, n in found.endings.items()}
    return _bars("Where in their journey people answered", "Where", words)


def sentiment_over_time(found: Dashboard) -> Chart | None:
    """What comments sound like, by day, week or month."""
    told = [step for step in found.steps if any(step.sentiments.get(each) for each in SENTIMENTS)]
    if not told:
        return None
    unread = found.unread
    return stacked_bars(
        title=f"How comments sound, by {found.period.unit}",
        parts=tuple(SENTIMENTS.values()),
        stacks=[
            Stack(
                found.period.words(step.start),
                tuple(float(step.sentiments.get(each, 0)) for each in SENTIMENTS),
            )
            for step in told
        ],
        label_name=found.period.unit.capitalize(),
        note=f"As a model reads them. {unread:,} comments whose sentiment is not known are left out."
        if unread
        else "As a model reads them.",
    )


def top_themes(found: Dashboard) -> Chart | None:
    """The largest themes that people signed off."""
    words = {theme.title: n for theme, n in found.themes}
    return _bars(
        "Themes that were signed off, by comments",
        "Theme",
        words,
        note="Comments of these days that were in the last signed-off analysis of each question.",
    )


def top_tags(found: Dashboard) -> Chart | None:
    """The codebook's tags that most comments bear."""
    return _bars(
        "Tags, by comments", "Tag", dict(found.tags), note="Tags that somebody rejected are left out."
    )


PICTURES: Mapping[str, Callable[[Dashboard], Chart | None]] = {
    "satisfaction": satisfaction_over_time,
    "responses": responses_over_time,
    "channels": by_channel,
    "endings": by_ending,
    "sentiment": sentiment_over_time,
    "themes": top_themes,
    "tags": top_tags,
}


def _bars(title: str, name: str, values: Mapping[str, int], note: str = "") -> Chart | None:
    if not values:
        return None
    return bar_chart(
        title=title,
        bars=[Bar(label, float(number)) for label, number in values.items()],
        value_name="Comments" if name in ("Theme", "Tag") else "Responses",
        label_name=name,
        value_format=plain,
        note=note,
    )


def _words(found: Dashboard) -> list[tuple[float, str]]:
    """Names for at most six places along the axis."""
    every = max(1, -(-len(found.steps) // 6))
    return [
        (float(at), found.period.words(step.start)) for at, step in enumerate(found.steps) if at % every == 0
    ]
