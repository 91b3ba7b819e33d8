"""What may be read of responses: masked, through the gate, and of one's own organisation alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import BooleanField, Exists, F, Max, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.db.models import Case as DbCase
from django.http import Http404

from joinedup_web.audit.models import Event
from joinedup_web.feedback.models import Block, Comment, Flag, Response, ResponseState, Service
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide, require

MOST_TO_CHECK = 2000
CANDIDATES = 2000
"""How many recent unmaskings are looked through for those of one response."""


def may_see_held(by: Actor) -> bool:
    """Whether somebody sees responses that are held back or hidden: who moderates, or answers for personal data."""
    return decide(by, "feedback.moderate").allowed or decide(by, "feedback.unmask").allowed


def responses(by: Actor, of: Service) -> QuerySet[Response]:
    """A service's responses with their comments, the newest first; the held and hidden for those who may see them."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    found = Response.objects.filter(service=of).select_related("version__form")
    if not may_see_held(by):
        found = found.filter(state=ResponseState.OPEN)
    found = found.annotate(
        is_checked=DbCase(
            When(masks_confirmed_at=None, then=Value(False)), default=Value(True), output_field=BooleanField()
        )
    )
    comments = Prefetch("comments", queryset=Comment.objects.order_by("question"))
    return found.prefetch_related(comments).order_by("-received_at", "-pk")


def narrowed(
    found: QuerySet[Response], of: Service, *, words: str, stances: Sequence[str], languages: Sequence[str]
) -> QuerySet[Response]:
    """A service's responses by their comments, each once. words: every one must stand in some comment. stances,
    languages: any of them.

    languages: en, cy, or "other" for all others and for what was not recognised. Each is one pass over the service's
    comments, not one look for each response.
    """
    for word in words.split():
        found = found.filter(_with(of, Q(text__icontains=word)))
    if stances:
        found = found.filter(_with(of, Q(sentiment__in=stances)))
    if languages:
        wanted = Q(language__in=[each for each in languages if each != "other"])
        if "other" in languages:
            wanted |= ~Q(language__in=("en", "cy"))
        found = found.filter(_with(of, wanted))
    return found


def _with(of: Service, condition: Q) -> Q:
    return Q(pk__in=Comment.objects.filter(condition, service=of).order_by().values("response_id"))


def chosen(by: Actor, of: Service, ids: Iterable[str]) -> list[Response]:
    """Those of a service's responses whose ids were ticked; what is no id, or another's, is left out."""
    require(by, "feedback.moderate", organisation_id=of.organisation_id)
    wanted = []
    for text in ids:
        try:
            wanted.append(UUID(text))
        except ValueError:
            continue
    return list(Response.objects.filter(service=of, id__in=wanted[:1000]).order_by("-received_at", "pk"))


def response(by: Actor, response_id: UUID, *, permission: str = "feedback.view") -> Response:
    """A response of the actor's organisation. Raises Http404 for another's, or one that they may not see."""
    require(by, permission)
    found = (
        Response.objects.filter(id=response_id, organisation_id=by.organisation_id)
        .select_related("service", "version__form", "point", "contact", "moderated_by", "masks_confirmed_by")
        .first()
    )
    if found is None or (found.state != ResponseState.OPEN and not may_see_held(by)):
        raise Http404
    return found


def comment(by: Actor, comment_id: UUID, *, permission: str) -> Comment:
    """A comment of the actor's organisation. Raises Http404 for another's, or one that they may not see."""
    require(by, permission)
    found = (
        Comment.objects.filter(id=comment_id, organisation_id=by.organisation_id)
        .select_related("response__version", "service")
        .first()
    )
    if found is None or (found.response.state != ResponseState.OPEN and not may_see_held(by)):
        raise Http404
    return found


def comments(by: Actor, of: Response) -> list[Comment]:
    """The comments of a response."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    return list(of.comments.order_by("question"))


def flags_of(by: Actor, of: Response) -> list[Flag]:
    """The flags of a response; none for those who may not see flags."""
    if not decide(by, "flag.acknowledge", organisation_id=of.organisation_id).allowed:
        return []
    return list(Flag.objects.filter(comment__response=of).select_related("raised_by").order_by("raised_at"))


def unmaskings(by: Actor, of: Response) -> list[Event]:
    """When somebody saw what was masked, by the audit record: the event of each. Names stay in the record."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    recent = Event.objects.filter(
        kind="response.unmasked", organisation=of.organisation_id, at__gte=of.received_at
    ).order_by("-number")[:CANDIDATES]
    return [event for event in recent if event.fields.get("response") == str(of.id)][::-1]


def blocks(by: Actor, of: Service) -> QuerySet[Block]:
    """What is held back of a service, and what was."""
    require(by, "feedback.moderate", organisation_id=of.organisation_id)
    return Block.objects.filter(service=of).select_related("by", "lifted_by").order_by("-at", "pk")


def block(by: Actor, block_id: UUID) -> Block:
    """A block of the actor's organisation. Raises Http404 for another's."""
    require(by, "feedback.moderate")
    found = (
        Block.objects.filter(id=block_id, organisation_id=by.organisation_id)
        .select_related("service")
        .first()
    )
    if found is None:
        raise Http404
    return found


def masks_to_check(by: Actor, of: Service) -> QuerySet[Response]:
    """Open responses with words whose masks nobody has looked at: of the MOST_TO_CHECK that wait longest, those that
    models doubted most first, so that no queue is slow for its length."""
    longest = _unchecked(by, of).order_by("received_at", "pk").values("pk")[:MOST_TO_CHECK]
    return (
        Response.objects.filter(pk__in=longest)
        .annotate(most_doubt=Max("comments__doubt"))
        .select_related("version")
        .prefetch_related(
            Prefetch("comments", queryset=Comment.objects.exclude(text="").order_by("question"))
        )
        .order_by(F("most_doubt").desc(nulls_last=True), "-may_publish", "received_at", "pk")
    )


def how_many_to_check(by: Actor, of: Service) -> int:
    """How many responses wait for somebody to look at their masks, counted up to one more than MOST_TO_CHECK."""
    return _unchecked(by, of)[: MOST_TO_CHECK + 1].count()


def _unchecked(by: Actor, of: Service) -> QuerySet[Response]:
    require(by, "feedback.moderate", organisation_id=of.organisation_id)
    words = Comment.objects.filter(response=OuterRef("pk")).exclude(text="")
    return Response.objects.filter(
        Exists(words), service=of, state=ResponseState.OPEN, masks_confirmed_at=None
    )
