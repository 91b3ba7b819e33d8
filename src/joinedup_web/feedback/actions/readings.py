"""What models read in comments is kept: sentiment, suggestions of tags and teams, flags. People decide about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from joinedup.text.danger import Danger
from joinedup_web.audit.deed import Deed, action
from joinedup_web.casework.models import Team
from joinedup_web.feedback.actions.flags import raise_flags
from joinedup_web.feedback.models import (
    Comment,
    Fate,
    FittedModel,
    Flag,
    Reading,
    RouteSuggestion,
    Service,
    Tag,
    TagAssignment,
)
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.text.uses import keep_use

PERSON = "person"
FIELDS = ("read_at", "sentiment", "sentiment_by", "doubt", "is_readable")
AT_A_TIME = 100  # rows of one statement


def keep_reading(
    organisation_id: UUID, *, comments: Sequence[Comment], read: Mapping[str, Any], unread: Sequence[Comment]
) -> int:
    """Keep what the models answered of comments, and that others are for people; return how many of both were kept.

    read: the answer to the order of those comments, in their order. unread: comments that no model reads. What
    another worker kept in the meantime stays as it is.
    """
    kept: int = _keep(
        by=SYSTEM, organisation_id=organisation_id, comments=list(comments), read=read, unread=list(unread)
    )
    return kept


@action(None, alone=True)
def _keep(deed: Deed, *, comments: list[Comment], read: Mapping[str, Any], unread: list[Comment]) -> int:
    wanted = [comment.id for comment in (*comments, *unread)]
    now = Comment.objects.select_for_update().filter(id__in=wanted, read_at=None)
    still = set(now.values_list("id", flat=True))
    by_feature = read.get("models", {})
    flagged = set(
        Flag.objects.filter(comment_id__in=wanted).values_list("comment_id", "kind")
    )  # the first look's, or those of a reading before
    changed, for_people = [], 0
    for comment in unread:
        if comment.id not in still:
            continue
        for_people += 1
        comment.read_at, comment.doubt, comment.is_readable = deed.at, None, False
        changed.append(comment)
        if (comment.id, "unreadable") not in flagged:
            raise_flags(deed, comment=comment, dangers=(), is_readable=False)
    places = [at for at, comment in enumerate(comments) if comment.id in still]
    for at in places:
        comment = comments[at]
        comment.read_at, comment.doubt = deed.at, read["doubt"][at]
        if read.get("sentiment") and comment.sentiment_by != PERSON:
            comment.sentiment = read["sentiment"][at][0]
            comment.sentiment_by = by_feature["sentiment"][1][:100]
        changed.append(comment)
        dangers = [
            Danger(kind, tuple(reasons))
            for kind, reasons in (read["danger"][at] if read.get("danger") else ())
            if (comment.id, kind) not in flagged
        ]
        if dangers:
            raise_flags(deed, comment=comment, dangers=dangers, is_readable=True)
    Comment.objects.bulk_update(changed, FIELDS, batch_size=AT_A_TIME)
    kept = [comments[at] for at in places]
    tags = _keep_tags(deed, kept, [read["tag"][at] for at in places], by_feature) if read.get("tag") else 0
    routes = abstained = 0
    if read.get("route"):
        routes, abstained = _keep_routes(deed, kept, [read["route"][at] for at in places], by_feature)
    for feature, (name, version) in by_feature.items():
        keep_use(
            organisation_id=comments[0].organisation_id,
            feature=feature,
            model=name,
            version=version,
            items=len(comments),
            seconds=read["seconds"].get(feature),
        )
    if deed.organisation_id is not None:
        _count(deed, deed.organisation_id, len(changed))
    deed.record(
        "reading.done",
        comments=len(kept),
        for_people=for_people,
        tags=tags,
        routes=routes,
        abstained=abstained,
    )
    return len(changed)


def _keep_tags(
    deed: Deed, comments: list[Comment], suggested: list[Any], by_feature: Mapping[str, Any]
) -> int:
    """Suggestions take the place of earlier ones that nobody looked at; what people decided stays."""
    ids = [comment.id for comment in comments]
    TagAssignment.objects.filter(comment_id__in=ids, fate=Fate.SUGGESTED).delete()
    here = {
        str(own)
        for own in Tag.objects.filter(
            service_id__in={c.service_id for c in comments}, is_active=True
        ).values_list("id", flat=True)
    }
    rows = [
        TagAssignment(comment=comment, tag_id=UUID(tag), made_by=by_feature["tag"][1][:100], probability=sure)
        for comment, tags in zip(comments, suggested, strict=True)
        for tag, sure in tags
        if tag in here
    ]
    TagAssignment.objects.bulk_create(rows, ignore_conflicts=True, batch_size=AT_A_TIME)
    return len(rows)


def _keep_routes(
    deed: Deed, comments: list[Comment], suggested: list[Any], by_feature: Mapping[str, Any]
) -> tuple[int, int]:
    ids = [comment.id for comment in comments]
    RouteSuggestion.objects.filter(comment_id__in=ids, fate=Fate.SUGGESTED, team=None).delete()
    here = {
        str(own)
        for own in Team.objects.filter(
            organisation_id__in={c.organisation_id for c in comments}, is_active=True
        ).values_list("id", flat=True)
    }
    rows = [
        RouteSuggestion(
            comment=comment,
            suggested_id=UUID(team) if team in here else None,
            probability=sure,
            made_by=by_feature["route"][1][:100],
        )
        for comment, (team, sure) in zip(comments, suggested, strict=True)
    ]
    RouteSuggestion.objects.bulk_create(rows, ignore_conflicts=True, batch_size=AT_A_TIME)
    named = sum(row.suggested_id is not None for row in rows)
    return named, len(rows) - named


def _count(deed: Deed, organisation_id: UUID, number: int) -> None:
    reading = Reading.objects.select_for_update().get_or_create(organisation_id=organisation_id)[0]
    Reading.objects.filter(id=reading.id).update(
        read=reading.read + number, heartbeat_at=deed.at, problem=None
    )


@action(None)
def keep_fitted(
    deed: Deed, *, service: Service, feature: str, model_id: UUID, decisions: int, learnt: Mapping[str, Any]
) -> FittedModel:
    """Keep that a model of a service's own was learnt; it is the one in use from then on. Its file is there."""
    made = FittedModel.objects.create(
        id=model_id,
        service=service,
        feature=feature,
        version=learnt["version"][:100],
        decisions=decisions,
        figures={**(learnt["figures"] or {}), "examples": learnt["examples"]},
        made_at=deed.at,
    )
    deed.record("reading.fitted", service=service.id, feature=feature, decisions=decisions)
    return made


@action("theme.edit")
def read_again(deed: Deed, *, service: Service) -> int:
    """Have the comments that nobody has checked read again, with the newest models; return how many."""
    waiting = Comment.objects.filter(service=service, checked_at=None, is_readable=True).exclude(read_at=None)
    number = waiting.update(read_at=None)
    if not number:
        raise deed.refuse("none_to_read", "there is no comment that was read and that nobody has checked")
    deed.record("reading.asked", service=service.id, comments=number)
    return number
