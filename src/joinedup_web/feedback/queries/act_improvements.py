"""What may be read of improvements: by staff through the gate, and by everybody what is published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from joinedup.feedback import Change, Measure, Measured, Verdict, change
from joinedup_web.feedback.improving import may_be_quoted
from joinedup_web.feedback.measured import Span, measured_from, span_from, target_of
from joinedup_web.feedback.models import (
    Comment,
    Fate,
    Improvement,
    ImprovementState,
    PublishedQuote,
    ResponseState,
    Service,
    Theme,
    ThemeAssignment,
    ThemeState,
)
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require

LIVE = (ThemeState.KEPT, ThemeState.EDITED, ThemeState.ADDED, ThemeState.CANDIDATE)
FEWEST = 5
"""Fewer people than this are never counted in public: somebody could be found among them."""


@dataclass(frozen=True)
class Outcome:
    """The measure of an improvement before and after. change: None until it was measured again."""

    before: Measured
    before_days: Span
    after: Measured | None
    after_days: Span | None
    change: Change | None

    @property
    def is_for_the_public(self) -> bool:
        """Whether enough people stand behind both, and something can be said."""
        if self.after is None or self.change is None or self.change.verdict is Verdict.UNKNOWN:
            return False
        return min(self.before.counted, self.after.counted) >= FEWEST


@dataclass(frozen=True)
class Told:
    """A published improvement as the public reads it. comments: how many said it; None: no theme; 0: too few."""

    improvement: Improvement
    quotes: list[PublishedQuote]
    comments: int | None
    outcome: Outcome | None


def service(by: Actor, service_id: UUID, *, permission: str = "feedback.view") -> Service:
    """A service of the actor's organisation. Raises Http404 for another's."""
    require(by, permission)
    found = Service.objects.filter(id=service_id, organisation_id=by.organisation_id).first()
    if found is None:
        raise Http404
    return found


def improvements(by: Actor, of: Service) -> QuerySet[Improvement]:
    """The improvements of a service."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    return of.improvements.select_related("written_by", "published_by").annotate(quoted=Count("quotes"))


def improvement(by: Actor, improvement_id: UUID, *, permission: str = "feedback.view") -> Improvement:
    """One improvement. Raises Http404 for another organisation's."""
    require(by, permission)
    found = (
        Improvement.objects.select_related("service", "written_by", "published_by", "withdrawn_by")
        .filter(id=improvement_id, service__organisation_id=by.organisation_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


def quote(by: Actor, improvement_id: UUID, comment_id: UUID, *, permission: str) -> PublishedQuote:
    """The quotation of a comment beside an improvement. Raises Http404 where there is none."""
    found = (
        improvement(by, improvement_id, permission=permission).quotes.filter(comment_id=comment_id).first()
    )
    if found is None:
        raise Http404
    return found


def signed_off_themes(by: Actor, of: Service) -> list[Theme]:
    """The themes that people signed off, the newest analysis first."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    found = Theme.objects.select_related("analysis").filter(
        analysis__service=of, analysis__signed_off_at__isnull=False, state__in=LIVE
    )
    return list(found.order_by("-analysis__signed_off_at", "number"))


def quotable(by: Actor, of: Improvement) -> QuerySet[Comment]:
    """Comments that may be quoted beside an improvement and are not yet: of its themes, or all where it has none."""
    require(by, "improvement.write", organisation_id=of.service.organisation_id)
    found = may_be_quoted(Comment.objects.filter(service_id=of.service_id))
    themes = list(of.themes.values_list("id", flat=True))
    if themes:
        bearing = ThemeAssignment.objects.filter(theme__in=themes).exclude(fate=Fate.REJECTED)
        found = found.filter(id__in=bearing.values("comment_id"))
    return found.exclude(id__in=of.quotes.values("comment_id")).order_by("-received_at", "id")


def quotable_comment(by: Actor, of: Improvement, comment_id: UUID) -> Comment:
    """One of the service's comments that may be quoted. Raises Http404 for another."""
    require(by, "improvement.write", organisation_id=of.service.organisation_id)
    found = may_be_quoted(Comment.objects.filter(service_id=of.service_id, id=comment_id)).first()
    if found is None:
        raise Http404
    return found


def shown_quotes(of: Improvement) -> list[PublishedQuote]:
    """The quotations that may be shown today: a comment that was hidden since, or flagged, is left out."""
    quotes = list(of.quotes.select_related("comment__response").order_by("id"))
    allowed = set(
        may_be_quoted(Comment.objects.filter(id__in=[each.comment_id for each in quotes])).values_list(
            "id", flat=True
        )
    )
    return [each for each in quotes if each.comment_id in allowed]


def comments_behind(themes: Iterable[Theme]) -> int | None:
    """How many comments bear one of the themes; None without any theme."""
    ids = [theme.id for theme in themes]
    if not ids:
        return None
    return (
        ThemeAssignment.objects.filter(
            ~Q(fate=Fate.REJECTED), theme__in=ids, comment__response__state=ResponseState.OPEN
        )
        .order_by()
        .values("comment_id")
        .distinct()
        .count()
    )


def outcome(of: Improvement) -> Outcome | None:
    """What its measure was before, and after where that was taken; None where it has none."""
    before = measured_from(of.baseline_told)
    if before is None or not of.baseline_told:
        return None
    after = measured_from(of.later_told)
    changed = None
    if after is not None:
        changed = change(before, after, target=target_of(Measure(before.measure), of.target))
    return Outcome(
        before=before,
        before_days=span_from(of.baseline_told),
        after=after,
        after_days=span_from(of.later_told) if of.later_told else None,
        change=changed,
    )


def public_service(slug: str) -> Service:
    """A service that is asked about in public. Raises Http404."""
    found = Service.objects.filter(slug=slug, is_active=True).select_related("organisation").first()
    if found is None:
        raise Http404
    return found


def published(of: Service) -> QuerySet[Improvement]:
    """What everybody may read, the last that was done first."""
    return of.improvements.filter(state=ImprovementState.PUBLISHED).order_by("-done_on", "-published_at")


def told(of: Improvement) -> Told:
    """A published improvement as the public reads it."""
    counted = comments_behind(of.themes.all())
    found = outcome(of)
    return Told(
        improvement=of,
        quotes=shown_quotes(of),
        comments=counted if counted is None or counted >= FEWEST else 0,
        outcome=found if found is not None and found.is_for_the_public else None,
    )
