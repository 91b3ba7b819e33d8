"""Analyses and their themes as they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import Http404
from django.utils import timezone

from joinedup_web.feedback.models import (
    Analysis,
    Comment,
    Fate,
    JobState,
    ResponseState,
    Service,
    Theme,
    ThemeAssignment,
    ThemeState,
)
from joinedup_web.feedback.queries.understand import not_shown, shown_comments, within
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require

LIVE = (ThemeState.CANDIDATE, ThemeState.KEPT, ThemeState.EDITED, ThemeState.ADDED)
STANCES = ("against", "mixed", "for")
QUOTES_SHOWN = 3
MOST_OFFERED = 20


@dataclass(frozen=True)
class ThemeNow:
    """A theme as the result page shows it. share: of the comments read. stances: how many of each, unknown left out."""

    theme: Theme
    count: int
    share: float | None
    stances: Mapping[str, int]
    quotes: tuple[Comment, ...]
    doubts: tuple[str, ...] = ()

    @property
    def known_stances(self) -> int:
        """How many comments have a stance."""
        return sum(self.stances.values())


@dataclass(frozen=True)
class Fates:
    """What people made of the drafts of a method: the measure of the model that made them.

    drafted: in analyses that are finished. not_looked_at: neither changed, nor signed off.
    """

    analyses: int
    drafted: int
    kept: int
    edited: int
    merged: int
    split: int
    deleted: int
    not_looked_at: int
    added: int

    @property
    def survived(self) -> float | None:
        """The share of drafts looked at that people kept, as they were or edited; None where none was."""
        looked_at = self.drafted - self.not_looked_at
        return (self.kept + self.edited) / looked_at if looked_at else None


def analyses(by: Actor, of: Service) -> QuerySet[Analysis]:
    """The analyses of a service, the newest first."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    return of.analyses.select_related("asked_by", "signed_off_by", "form")


def to_sign_off(by: Actor) -> int:
    """How many finished analyses of the actor's organisation wait to be signed off."""
    require(by, "theme.sign_off")
    return _not_signed_off(by).count()


def waiting_for_sign_off(by: Actor) -> list[Analysis]:
    """The newest finished analyses of the actor's organisation that wait to be signed off."""
    require(by, "feedback.view")
    return list(_not_signed_off(by).select_related("service").order_by("-asked_at")[:MOST_OFFERED])


def _not_signed_off(by: Actor) -> QuerySet[Analysis]:
    return Analysis.objects.filter(
        service__organisation_id=by.organisation_id, state=JobState.DONE, signed_off_at=None
    )


def analysis(by: Actor, analysis_id: UUID, *, permission: str = "feedback.view") -> Analysis:
    """One analysis. Raises Http404 for another organisation's."""
    require(by, permission)
    found = (
        Analysis.objects.select_related("service", "form", "asked_by", "signed_off_by")
        .filter(id=analysis_id, service__organisation_id=by.organisation_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


def theme(by: Actor, theme_id: UUID, *, permission: str = "feedback.view") -> Theme:
    """One theme. Raises Http404 for another organisation's."""
    require(by, permission)
    found = (
        Theme.objects.select_related("analysis__service", "merged_into", "split_from", "tag")
        .filter(id=theme_id, analysis__service__organisation_id=by.organisation_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


def comments_of(of: Analysis) -> QuerySet[Comment]:
    """The comments that an analysis is about, whatever their language, as they stood when it was asked for."""
    first = timezone.make_aware(datetime.combine(of.first_day, time.min))
    after = timezone.make_aware(datetime.combine(of.last_day + timedelta(days=1), time.min))
    found = shown_comments(of.service).filter(
        question=of.question, received_at__gte=first, received_at__lt=min(after, of.asked_at)
    )
    if of.form_id is not None:
        found = found.filter(response__version__form_id=of.form_id)
    for field in ("channel", "ending"):
        if of.filters.get(field):
            found = found.filter(**{f"response__{field}": of.filters[field]})
    return within(found, of.filters.get("segment", ""))


def members(of: Theme) -> QuerySet[ThemeAssignment]:
    """The comments of a theme that nobody took out of it; the surest first."""
    return (
        of.assignments.exclude(fate=Fate.REJECTED)
        .filter(comment__response__state=ResponseState.OPEN)
        .select_related("comment")
        .order_by("-probability", "comment_id")
    )


def members_by_theme(of: Analysis) -> dict[int, set[int]]:
    """The comments of each live theme by its number; comments as numbers that mean nothing elsewhere."""
    held: dict[int, set[int]] = defaultdict(set)
    numbers: dict[UUID, int] = {}
    rows = ThemeAssignment.objects.filter(theme__analysis=of, theme__state__in=LIVE).exclude(
        fate=Fate.REJECTED
    )
    for theme_number, comment in rows.values_list("theme__number", "comment_id").iterator(chunk_size=5000):
        held[theme_number].add(numbers.setdefault(comment, len(numbers)))
    return dict(held)


def stances_by_theme(of: Analysis) -> dict[int, list[str]]:
    """The stance of each comment of each live theme, by the theme's number."""
    held: dict[int, list[str]] = defaultdict(list)
    rows = (
        ThemeAssignment.objects.filter(theme__analysis=of, theme__state__in=LIVE)
        .exclude(fate=Fate.REJECTED)
        .order_by()
        .values_list("theme__number", "stance")
        .annotate(number=Count("id"))
    )
    for theme_number, stance, number in rows:
        held[theme_number] += [stance] * number
    return dict(held)


def members_by_comment(of: Analysis) -> dict[UUID, set[str]]:
    """The comments of each live theme, by the theme's id."""
    held: dict[UUID, set[str]] = defaultdict(set)
    rows = ThemeAssignment.objects.filter(theme__analysis=of, theme__state__in=LIVE).exclude(
        fate=Fate.REJECTED
    )
    for theme_id, comment in rows.values_list("theme_id", "comment_id").iterator(chunk_size=5000):
        held[theme_id].add(str(comment))
    return dict(held)


def board(by: Actor, of: Analysis, states: Iterable[str] = LIVE) -> list[ThemeNow]:
    """The themes in the given states with what is known of each, the largest first."""
    require(by, "feedback.view", organisation_id=of.service.organisation_id)
    return _board(
        of, list(of.themes.filter(state__in=list(states)).select_related("merged_into", "split_from"))
    )


def theme_now(by: Actor, of: Theme) -> ThemeNow:
    """One theme, whatever its state, with what is known of it."""
    require(by, "feedback.view", organisation_id=of.analysis.service.organisation_id)
    return _board(of.analysis, [of])[0]


def _board(of: Analysis, themes: list[Theme]) -> list[ThemeNow]:
    counted = _counted(of, themes)
    quotes = _quotes(themes)
    used = of.counts.get("used", 0)
    found = []
    for each in themes:
        total = sum(counted[each.id].values())
        found.append(
            ThemeNow(
                theme=each,
                count=total,
                share=total / used if used else None,
                stances={name: counted[each.id].get(name, 0) for name in STANCES},
                quotes=tuple(quotes[key] for key in each.quotes if key in quotes)[:QUOTES_SHOWN],
                doubts=tuple(doubt["words"] for doubt in of.lint if each.number in doubt["themes"]),
            )
        )
    return sorted(found, key=lambda now: (-now.count, now.theme.number))


def _counted(of: Analysis, themes: list[Theme]) -> dict[UUID, dict[str, int]]:
    """Comments by theme and stance. Those of hidden and held responses are few: counted apart, and taken off."""
    counted: dict[UUID, dict[str, int]] = defaultdict(dict)
    every = ThemeAssignment.objects.filter(theme__in=themes).exclude(fate=Fate.REJECTED).order_by()
    for theme_id, stance, number in every.values_list("theme_id", "stance").annotate(number=Count("id")):
        counted[theme_id][stance] = number
    gone = every.filter(comment_id__in=not_shown(of.service).values("id"))
    for theme_id, stance, number in gone.values_list("theme_id", "stance").annotate(number=Count("id")):
        counted[theme_id][stance] -= number
    return counted


def _quotes(themes: Iterable[Theme]) -> dict[str, Comment]:
    wanted = [key for theme in themes for key in theme.quotes]
    found = Comment.objects.filter(id__in=wanted, response__state=ResponseState.OPEN)
    return {str(comment.id): comment for comment in found}


def undecided(shown: Iterable[ThemeNow]) -> int:
    """How many of the themes wait for somebody's decision."""
    return sum(now.theme.state == ThemeState.CANDIDATE for now in shown)


def others_to_compare(by: Actor, of: Analysis) -> list[Analysis]:
    """Finished analyses that one may be compared with: the same service's first, the newest first."""
    require(by, "feedback.view", organisation_id=of.service.organisation_id)
    done = Analysis.objects.filter(service__organisation_id=by.organisation_id, state=JobState.DONE).exclude(
        id=of.id
    )
    newest = done.select_related("service").order_by("-asked_at")
    own, others = newest.filter(service=of.service), newest.exclude(service=of.service)
    return [*own[:MOST_OFFERED], *others[:MOST_OFFERED]]


def without_theme(of: Analysis) -> QuerySet[Comment]:
    """The comments of an analysis that no live theme holds and a model could read."""
    held = ThemeAssignment.objects.filter(theme__analysis=of, theme__state__in=LIVE).exclude(
        fate=Fate.REJECTED
    )
    return comments_of(of).filter(is_readable=True).exclude(id__in=held.values("comment_id"))


def left_to_people(of: Analysis) -> QuerySet[Comment]:
    """The comments of an analysis that no model reads, by language."""
    return comments_of(of).filter(is_readable=False)


def fates(organisation_id: UUID, *, method: str | None = None) -> Fates:
    """What people made of draft themes, over an organisation's analyses. method: clusters or language_model alone."""
    themes = Theme.objects.filter(analysis__service__organisation_id=organisation_id)
    if method is not None:
        themes = themes.filter(analysis__method=method)
    drafted = themes.exclude(drafted={})
    by_state = dict(drafted.order_by().values_list("state").annotate(number=Count("id")))
    return Fates(
        analyses=drafted.order_by().values("analysis").distinct().count(),
        drafted=sum(by_state.values()),
        kept=by_state.get(ThemeState.KEPT, 0),
        edited=by_state.get(ThemeState.EDITED, 0),
        merged=by_state.get(ThemeState.MERGED, 0),
        split=by_state.get(ThemeState.SPLIT, 0),
        deleted=by_state.get(ThemeState.DELETED, 0),
        not_looked_at=by_state.get(ThemeState.CANDIDATE, 0),
        added=themes.filter(drafted={}, split_from=None, state=ThemeState.ADDED).count(),
    )
