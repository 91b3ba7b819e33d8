"""The codebook as it stands, which comments wait to be checked, and how well models suggested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from joinedup_web.feedback.models import Comment, Fate, RouteSuggestion, Service, Tag, TagAssignment
from joinedup_web.feedback.queries.understand import shown_comments
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require

_DECIDED = (Fate.ACCEPTED, Fate.REJECTED, Fate.ADDED)


@dataclass(frozen=True)
class Fared:
    """How suggestions fared: accepted, rejected, and what people added that no model had suggested."""

    accepted: int
    rejected: int
    added: int

    @property
    def right(self) -> float | None:
        """The share of suggestions that people accepted; None where nobody looked at any."""
        looked_at = self.accepted + self.rejected
        return self.accepted / looked_at if looked_at else None

    @property
    def found(self) -> float | None:
        """The share of what people say is there that a model had suggested; None where nothing is there."""
        there = self.accepted + self.added
        return self.accepted / there if there else None


@dataclass(frozen=True)
class TagNow:
    """A tag as the codebook shows it. bearing: comments that bear it by a person's word. waiting: suggestions."""

    tag: Tag
    bearing: int
    waiting: int
    fared: Fared


def tags_now(by: Actor, of: Service) -> list[TagNow]:
    """The codebook, those in use first, by name."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    counted = of.tags.annotate(
        **{
            fate.value: Count("assignments", filter=Q(assignments__fate=fate))
            for fate in (Fate.SUGGESTED, Fate.ACCEPTED, Fate.REJECTED, Fate.ADDED)
        }
    ).order_by("-is_active", "name")
    return [
        TagNow(
            tag=tag,
            bearing=tag.accepted + tag.added,
            waiting=tag.suggested,
            fared=Fared(tag.accepted, tag.rejected, tag.added),
        )
        for tag in counted
    ]


def tag(by: Actor, tag_id: UUID, *, permission: str = "codebook.change") -> Tag:
    """One tag. Raises Http404 for another organisation's."""
    require(by, permission)
    found = (
        Tag.objects.select_related("service")
        .filter(id=tag_id, service__organisation_id=by.organisation_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


def comment(by: Actor, comment_id: UUID, *, permission: str = "theme.edit") -> Comment:
    """One comment of a response that is shown. Raises Http404 for another organisation's."""
    require(by, permission)
    found = (
        Comment.objects.select_related("service", "response", "route__suggested", "route__team", "checked_by")
        .filter(id=comment_id, organisation_id=by.organisation_id, response__state="open")
        .first()
    )
    if found is None:
        raise Http404
    return found


def to_check(by: Actor, of: Service, *, which: str) -> QuerySet[Comment]:
    """Comments that nobody has checked. which: `doubtful` (read by models, the most doubtful first), or `people`
    (what no model reads, the oldest first)."""
    require(by, "theme.edit", organisation_id=of.organisation_id)
    waiting = shown_comments(of).filter(checked_at=None)
    if which == "people":
        return waiting.filter(is_readable=False).order_by("received_at", "id")
    return waiting.filter(is_readable=True, doubt__gte=0).order_by("-doubt", "id")


def fared(by: Actor, of: Service) -> tuple[Fared, Fared]:
    """How suggestions of tags, and of teams, fared with people."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    tags = _by_fate(TagAssignment.objects.filter(tag__service=of))
    # Where a model abstained and no team was chosen, nothing was suggested and nothing was there. Begun from what
    # people decided, which is little beside a service's comments; so the service is looked at last.
    routes = RouteSuggestion.objects.exclude(suggested=None, team=None)
    decided = routes.filter(fate__in=_DECIDED).order_by().values_list("fate", "comment__service_id")
    counted = {
        fate: number
        for fate, service_id, number in decided.annotate(number=Count("id"))
        if service_id == of.id
    }
    return tags, _fared(counted)


def _by_fate(rows: QuerySet[TagAssignment]) -> Fared:
    decided = rows.filter(fate__in=_DECIDED).order_by().values_list("fate").annotate(number=Count("id"))
    return _fared(dict(decided))


def _fared(counted: Mapping[str, int]) -> Fared:
    return Fared(*(counted.get(fate.value, 0) for fate in _DECIDED))
