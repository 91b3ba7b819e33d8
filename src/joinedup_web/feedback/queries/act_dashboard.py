"""What a dashboard counts: satisfaction, channels, endings, sentiment, themes, tags, and what changed suddenly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from time import perf_counter
from typing import Any

from django.core.cache import cache
from django.db.models import Count, QuerySet
from django.utils import timezone

from joinedup.feedback import Measured, Scores, satisfaction
from joinedup.text.trend import Change, sudden_changes, sudden_numbers
from joinedup_web.feedback.measured import comments_in, responses_in
from joinedup_web.feedback.models import (
    Analysis,
    Channel,
    Comment,
    Ending,
    Fate,
    Response,
    Service,
    TagAssignment,
    Theme,
    ThemeAssignment,
)
from joinedup_web.feedback.periods import Period
from joinedup_web.feedback.queries.act_improvements import LIVE
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require

MOST_BARS = 15
DISSATISFIED = "Scores of 1 or 2"
NEGATIVE = "Negative comments"
RESPONSES = "Responses"
LONG_SECONDS, KEPT_SECONDS = 0.15, 60
"""Figures that took so long to count are kept in the process for so long: counts alone, of nobody's words."""


@dataclass(frozen=True)
class Step:
    """A day, week or month. sentiments: comments by sentiment, "" for those whose sentiment is not known."""

    start: date
    responses: int
    scores: Scores
    sentiments: Mapping[str, int]

    @property
    def satisfaction(self) -> Measured:
        """Of the scores given in it."""
        return satisfaction(self.scores)


@dataclass(frozen=True)
class Dashboard:
    """All that is counted of a service in a period. themes: of the newest signed-off analysis of each question.

    comments: all of the period; unread: of these, whose sentiment is not known. counted_at: when that was.
    """

    period: Period
    steps: tuple[Step, ...]
    channels: Mapping[str, int]
    endings: Mapping[str, int]
    themes: tuple[tuple[Theme, int], ...]
    tags: tuple[tuple[str, int], ...]
    changes: tuple[Change[date], ...]
    counted_at: datetime

    @property
    def responses(self) -> int:
        """How many people answered."""
        return sum(step.responses for step in self.steps)

    @property
    def scores(self) -> Scores:
        """All scores of the period."""
        return sum((step.scores for step in self.steps), Scores((0, 0, 0, 0, 0)))

    @property
    def comments(self) -> int:
        """All comments."""
        return sum(sum(step.sentiments.values()) for step in self.steps)

    @property
    def unread(self) -> int:
        """Comments whose sentiment is not known."""
        return sum(step.sentiments.get("", 0) for step in self.steps)


def dashboard(by: Actor, of: Service, period: Period) -> Dashboard:
    """Count a service's period. Six queries, however much was said; where that took long, once a minute."""
    require(by, "measure.view", organisation_id=of.organisation_id)
    key = f"dashboard-{of.id}-{period.unit}-{period.query}"
    kept: Dashboard | None = cache.get(key)
    if kept is not None:
        return replace(kept, period=period)
    started = perf_counter()
    found = counted(of, period)
    if perf_counter() - started >= LONG_SECONDS:
        cache.set(key, found, KEPT_SECONDS)
    return found


def counted(of: Service, period: Period) -> Dashboard:
    """The same for whoever may see it."""
    responses = _responses(period, responses_in([of.id], period.span).order_by())
    comments = comments_in(of, period.span).order_by()
    tags = _tags(period, comments)
    totals = Counter({name: sum(each.values()) for name, each in tags.items()})
    steps = _steps(period, responses, comments)
    return Dashboard(
        period=period,
        steps=steps,
        channels=_by(responses, "channel", [code for code, _ in Channel.choices]),
        endings=_by(responses, "ending", [code for code, _ in Ending.choices]),
        themes=_themes(of, comments),
        tags=tuple(totals.most_common(MOST_BARS)),
        changes=_changes(period, steps, tags),
        counted_at=timezone.now(),
    )


def _responses(period: Period, responses: QuerySet[Response]) -> list[dict[str, Any]]:
    """Responses counted once, by all that the pictures tell apart: step, satisfaction, channel and ending."""
    fields = ("step", "satisfaction", "channel", "ending")
    return list(
        responses.annotate(step=period.step_of("received_at")).values(*fields).annotate(n=Count("id"))
    )


def _steps(period: Period, responses: list[dict[str, Any]], comments: QuerySet[Comment]) -> tuple[Step, ...]:
    starts = period.starts
    numbers = [0] * len(starts)
    scores = [[0, 0, 0, 0, 0] for _ in starts]
    for row in responses:
        numbers[row["step"]] += row["n"]
        if row["satisfaction"] is not None and 1 <= row["satisfaction"] <= 5:
            scores[row["step"]][row["satisfaction"] - 1] += row["n"]
    sentiments: list[Counter[str]] = [Counter() for _ in starts]
    felt = comments.annotate(step=period.step_of("received_at")).values("step", "sentiment")
    for row in felt.annotate(n=Count("id")):
        sentiments[row["step"]][row["sentiment"]] += row["n"]
    made = []
    for start, number, (one, two, three, four, five), felt_so in zip(
        starts, numbers, scores, sentiments, strict=True
    ):
        made.append(Step(start, number, Scores((one, two, three, four, five)), felt_so))
    return tuple(made)


def _by(responses: list[dict[str, Any]], field: str, codes: list[str]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for row in responses:
        found[row[field]] += row["n"]
    return {code: found[code] for code in codes if found.get(code)}


def _themes(of: Service, comments: QuerySet[Comment]) -> tuple[tuple[Theme, int], ...]:
    newest: dict[str, Analysis] = {}
    for each in Analysis.objects.filter(service=of, signed_off_at__isnull=False).order_by("signed_off_at"):
        newest[each.question] = each
    themes = {each.id: each for each in Theme.objects.filter(analysis__in=newest.values(), state__in=LIVE)}
    bearing = (
        ThemeAssignment.objects.filter(theme__in=themes, comment__in=comments)
        .exclude(fate=Fate.REJECTED)
        .order_by()
        .values_list("theme_id")
        .annotate(n=Count("id"))
    )
    found = sorted(bearing, key=lambda row: (-row[1], themes[row[0]].title))
    return tuple((themes[theme_id], n) for theme_id, n in found[:MOST_BARS])


def _tags(period: Period, comments: QuerySet[Comment]) -> dict[str, dict[date, int]]:
    """By the name of each tag, how many comments of each step bear it."""
    rows = (
        TagAssignment.objects.filter(tag__is_active=True, comment__in=comments)
        .exclude(fate=Fate.REJECTED)
        .order_by()
        .annotate(step=period.step_of("comment__received_at"))
        .values("tag__name", "step")
        .annotate(n=Count("id"))
    )
    starts = period.starts
    found: dict[str, dict[date, int]] = {}
    for row in rows:
        found.setdefault(row["tag__name"], {})[starts[row["step"]]] = row["n"]
    return dict(sorted(found.items()))


def _changes(
    period: Period, steps: tuple[Step, ...], tags: Mapping[str, Mapping[date, int]]
) -> tuple[Change[date], ...]:
    """Steps that stand out from those before them: shares of scores, sentiment and tags, and the number of answers."""
    today = timezone.localdate()
    over = [step for step in steps if period.is_over(step.start, today)]
    shares: dict[str, dict[date, tuple[int, int]]] = {
        DISSATISFIED: {s.start: (s.scores.counts[0] + s.scores.counts[1], s.scores.total) for s in over},
        NEGATIVE: {
            s.start: (s.sentiments.get("negative", 0), sum(n for word, n in s.sentiments.items() if word))
            for s in over
        },
    }
    for name, hits in tags.items():
        shares[f"Tag: {name}"] = {s.start: (hits.get(s.start, 0), sum(s.sentiments.values())) for s in over}
    numbers = {RESPONSES: {s.start: s.responses for s in over}}
    found = (*sudden_changes(shares), *sudden_numbers(numbers))
    return tuple(sorted(found, key=lambda each: (each.period, each.series), reverse=True))
