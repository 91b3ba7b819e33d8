"""Comments and the cases that answer them, as they may be read together."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from django.urls import reverse

from joinedup_web.casework.models import Case
from joinedup_web.design.words import day
from joinedup_web.feedback.models import Comment, CommentCase, ResponseState, RouteSuggestion
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide, require

WORDS_OF_A_TITLE = 80


def comment(by: Actor, comment_id: UUID) -> Comment:
    """A comment of an open response, for somebody who may see both comments and cases. Raises Http404."""
    require(by, "feedback.view")
    require(by, "case.view")
    found = (
        Comment.objects.filter(
            id=comment_id, organisation_id=by.organisation_id, response__state=ResponseState.OPEN
        )
        .select_related("response__contact", "service", "case_link__case")
        .first()
    )
    if found is None:
        raise Http404
    return found


def team_of(by: Actor, of: Comment) -> str:
    """The id of the team to which a comment was routed, by a person or else by a model; empty where to none."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    route = RouteSuggestion.objects.filter(comment=of).first()
    if route is None:
        return ""
    return str(route.team_id or (route.suggested_id if route.decided_at is None else None) or "")


def title_of(of: Comment) -> str:
    """The first words of a comment, as a title to begin with."""
    words = " ".join(of.text.split())
    if len(words) <= WORDS_OF_A_TITLE:
        return words
    return words[:WORDS_OF_A_TITLE].rsplit(" ", 1)[0].rstrip(",;:-") + "…"


def links_of(by: Actor, of: Case) -> list[tuple[str, str]]:
    """The comments that a case answers, for its page: words and address; the address is for who may read comments."""
    may_read = decide(by, "feedback.view").allowed
    rows = CommentCase.objects.filter(case=of).select_related("comment__service", "comment__response")
    return [
        (
            f"Comment about {row.comment.service.name}, {day(row.comment.received_at)}",
            reverse("feedback:response", args=[row.comment.response_id]) if may_read else "",
        )
        for row in rows.order_by("id")
    ]
