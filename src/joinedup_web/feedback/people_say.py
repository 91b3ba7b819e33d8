"""What people decided about models' suggestions: the measure of each model on this organisation's own texts. And how
many texts were read by rules as they came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from joinedup_web.feedback.models import (
    Comment,
    Fate,
    Flag,
    FlagOutcome,
    RouteSuggestion,
    TagAssignment,
    Theme,
    ThemeState,
)
from joinedup_web.text.own_figures import Decided, register, register_texts

DRAFTED = (ThemeState.KEPT, ThemeState.EDITED, ThemeState.MERGED, ThemeState.SPLIT, ThemeState.DELETED)


def routes(organisation_id: UUID) -> Decided:
    """Teams that a model suggested, and those that people gave instead of or without a suggestion."""
    found = RouteSuggestion.objects.filter(comment__organisation_id=organisation_id)
    return _of_fates(_counted(found, "fate"))


def tags(organisation_id: UUID) -> Decided:
    """Tags that a model suggested, and those that people added."""
    found = TagAssignment.objects.filter(comment__organisation_id=organisation_id)
    return _of_fates(_counted(found, "fate"))


def drafted_themes(method: str, organisation_id: UUID) -> Decided:
    """Themes of analyses that are signed off: kept, changed, deleted, and added by people."""
    found = Theme.objects.filter(
        analysis__service__organisation_id=organisation_id,
        analysis__method=method,
        analysis__signed_off_at__isnull=False,
    )
    states = _counted(found.filter(split_from=None), "state")  # a part of a split theme was added by nobody
    drafted = sum(states.get(state, 0) for state in DRAFTED)
    told = tuple(
        (ThemeState(state).label.lower(), states.get(state, 0)) for state in (*DRAFTED, ThemeState.ADDED)
    )
    figures = {"kept": states.get(ThemeState.KEPT, 0) / drafted} if drafted else {}
    return Decided(drafted, figures, told)


def flags(organisation_id: UUID) -> Decided:
    """Flags that rules raised and people closed; what no rule raised is not known."""
    found = Flag.objects.filter(
        organisation_id=organisation_id, raised_by=None, closed_at__isnull=False
    ).exclude(kind="unreadable")
    outcomes = _counted(found, "outcome")
    closed = sum(outcomes.values())
    told = tuple((FlagOutcome(each).label.lower(), outcomes.get(each, 0)) for each in FlagOutcome)
    figures = {"real": 1 - outcomes.get(FlagOutcome.NO_DANGER, 0) / closed} if closed else {}
    return Decided(closed, figures, told)


def comments_since(organisation_id: UUID, since: datetime) -> int:
    """Comments received since then: each was masked, and its language recognised, before anything of it was kept."""
    return Comment.objects.filter(organisation_id=organisation_id, received_at__gte=since).count()


def register_counters() -> None:
    """Tell the list of models how each one's suggestions fared, and what rules read."""
    register_texts("mask", comments_since)
    register_texts("language", comments_since)
    register("route", routes)
    register("tag", tags)
    register("danger", flags)
    register("themes", lambda organisation_id: drafted_themes("clusters", organisation_id))
    register("theme_drafts", lambda organisation_id: drafted_themes("language_model", organisation_id))


def _counted(found: object, field: str) -> dict[str, int]:
    rows = found.order_by().values_list(field).annotate(number=Count("pk"))  # type: ignore[attr-defined]
    return dict(rows)


def _of_fates(fates: Mapping[str, int]) -> Decided:
    accepted, rejected, added = (fates.get(each, 0) for each in (Fate.ACCEPTED, Fate.REJECTED, Fate.ADDED))
    figures = {}
    if accepted + rejected:
        figures["accepted"] = accepted / (accepted + rejected)
    if accepted + added:
        figures["found"] = accepted / (accepted + added)
    told = (("accepted", accepted), ("rejected", rejected), ("added by people", added))
    return Decided(accepted + rejected + added, figures, told)
