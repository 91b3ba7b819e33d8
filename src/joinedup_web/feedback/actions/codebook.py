"""The tags of a service's codebook, and what somebody decides about a comment: its tags, its team, its feeling."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from joinedup_web.audit.deed import Deed, action
from joinedup_web.casework.models import Team
from joinedup_web.feedback.actions.readings import PERSON
from joinedup_web.feedback.models import Comment, Fate, RouteSuggestion, Service, Tag, TagAssignment

MOST_TAGS = 200
BORNE = (Fate.ACCEPTED, Fate.ADDED)


@action("codebook.change")
def add_tag(deed: Deed, *, service: Service, name: str, description: str) -> Tag:
    """Add a tag. What it is for is where suggestions begin, before anybody has used it."""
    _refuse_taken(deed, service, name)
    if service.tags.filter(is_active=True).count() >= MOST_TAGS:
        raise deed.refuse("too_many", f"a codebook holds at most {MOST_TAGS} tags; retire one first")
    tag = Tag.objects.create(
        service=service, name=name, description=description, made_by_id=deed.by.id, made_at=deed.at
    )
    deed.record("codebook.tag_added", service=service.id, tag=tag.id)
    return tag


@action("codebook.change")
def add_tags(deed: Deed, *, service: Service, tags: Sequence[tuple[str, str]]) -> int:
    """Add tags, each a name and what it is for, whose names differ; those that are there already stay as they are.

    Returns how many were new.
    """
    there = {name.casefold() for name in service.tags.values_list("name", flat=True)}
    new = [(name, description) for name, description in tags if name.casefold() not in there]
    if not new:
        raise deed.refuse("name_taken", "all of these tags are in the codebook already")
    if service.tags.filter(is_active=True).count() + len(new) > MOST_TAGS:
        raise deed.refuse("too_many", f"a codebook holds at most {MOST_TAGS} tags; retire some first")
    made = Tag.objects.bulk_create(
        Tag(service=service, name=name, description=description, made_by_id=deed.by.id, made_at=deed.at)
        for name, description in new
    )
    for tag in made:
        deed.record("codebook.tag_added", service=service.id, tag=tag.id)
    return len(made)


@action("codebook.change")
def merge_tag(deed: Deed, *, tag: Tag, into: Tag) -> int:
    """Give another tag the comments that bear this one by a person's word, and retire this one.

    Suggestions that nobody looked at go; what people made of suggestions of this tag stays with it, as its measure.
    Returns how many comments bear the other one that had not.
    """
    if into.service_id != tag.service_id:
        raise deed.refuse("other_codebook", "choose a tag of this service’s codebook")
    if into.id == tag.id or not into.is_active:
        raise deed.refuse("no_target", "choose another tag that is in use")
    bearing = Comment.objects.filter(tag_assignments__tag=tag, tag_assignments__fate__in=BORNE)
    decided = {"decided_by_id": deed.by.id, "decided_at": deed.at}
    held = into.assignments.values("comment_id")
    new = [
        TagAssignment(comment_id=comment, tag=into, made_by=PERSON, fate=Fate.ADDED, **decided)
        for comment in bearing.exclude(id__in=held).values_list("id", flat=True)
    ]
    # A suggestion of the other tag that was rejected is so no more: the two are now one.
    unsure = into.assignments.filter(comment__in=bearing, fate__in=(Fate.SUGGESTED, Fate.REJECTED))
    moved = unsure.update(fate=Fate.ACCEPTED, **decided) + len(new)
    TagAssignment.objects.bulk_create(new, batch_size=500)
    tag.assignments.filter(fate=Fate.SUGGESTED).delete()
    tag.is_active = False
    tag.save(update_fields=["is_active"])
    deed.record("codebook.tag_merged", service=tag.service_id, tag=tag.id, into=into.id, comments=moved)
    return moved


@action("codebook.change")
def change_tag(deed: Deed, *, tag: Tag, name: str, description: str) -> None:
    """Give a tag another name or description; the comments that bear it keep it."""
    _refuse_taken(deed, tag.service, name, but=tag)
    tag.name, tag.description = name, description
    tag.save(update_fields=["name", "description"])
    deed.record("codebook.tag_changed", service=tag.service_id, tag=tag.id)


@action("codebook.change")
def retire_tag(deed: Deed, *, tag: Tag, is_active: bool) -> None:
    """Suggest a tag no more, or again. Comments that bear it keep it; suggestions that nobody looked at go."""
    if tag.is_active == is_active:
        raise deed.refuse("so_already", f"this tag is {'in use' if is_active else 'retired'} already")
    tag.is_active = is_active
    tag.save(update_fields=["is_active"])
    if not is_active:
        tag.assignments.filter(fate=Fate.SUGGESTED).delete()
    deed.record("codebook.tag_retired", service=tag.service_id, tag=tag.id, active=is_active)


@action("theme.edit")
def check_comment(
    deed: Deed, *, comment: Comment, tags: Collection[Tag], team: Team | None, sentiment: str, again: bool
) -> None:
    """Say which tags a comment bears, which team it is for, and how its writer feels (empty: it cannot be told).

    What a model suggested becomes accepted or rejected by it, what it did not suggest is added: its measure, and
    what it learns from. again: the page showed that somebody had checked it before.
    """
    locked = Comment.objects.select_for_update().get(id=comment.id)
    if locked.checked_at is not None and not again:
        raise deed.refuse("checked", "a colleague has checked this comment in the meantime")
    here = {tag.id for tag in tags}
    if Tag.objects.filter(id__in=here).exclude(service_id=comment.service_id).exists():
        raise deed.refuse("other_codebook", "choose tags of this service’s codebook")
    if team is not None and team.organisation_id != comment.organisation_id:
        raise deed.refuse("other_team", "choose a team of your organisation")
    counts = _decide_tags(deed, locked, here)
    route = _decide_team(deed, locked, team)
    changed: dict[str, Any] = {"checked_by_id": deed.by.id, "checked_at": deed.at}
    if sentiment != locked.sentiment:
        changed |= {"sentiment": sentiment, "sentiment_by": PERSON}
    Comment.objects.filter(id=locked.id).update(**changed)
    deed.record("comment.tagged", comment=locked.id, route=route, **counts)


def _decide_tags(deed: Deed, comment: Comment, here: Collection[Any]) -> dict[str, int]:
    decided = {"decided_by_id": deed.by.id, "decided_at": deed.at}
    held = list(comment.tag_assignments.all())
    accepted = [each.id for each in held if each.tag_id in here and each.fate != Fate.ADDED]
    rejected = [each.id for each in held if each.tag_id not in here and each.fate != Fate.ADDED]
    TagAssignment.objects.filter(id__in=accepted).update(fate=Fate.ACCEPTED, **decided)
    TagAssignment.objects.filter(id__in=rejected).update(fate=Fate.REJECTED, **decided)
    comment.tag_assignments.filter(fate=Fate.ADDED).exclude(tag_id__in=here).delete()
    new = sorted(set(here) - {each.tag_id for each in held})
    TagAssignment.objects.bulk_create(
        [
            TagAssignment(comment=comment, tag_id=tag, made_by=PERSON, fate=Fate.ADDED, **decided)
            for tag in new
        ]
    )
    return {"accepted": len(accepted), "rejected": len(rejected), "added": len(new)}


def _decide_team(deed: Deed, comment: Comment, team: Team | None) -> str:
    """Keep where a comment goes beside what was suggested; return the event's word for it."""
    route = RouteSuggestion.objects.filter(comment=comment).first()
    if route is None and team is None:
        return "none"
    if route is None:
        route = RouteSuggestion(comment=comment, made_by=PERSON)
    chosen = team.id if team is not None else None
    if route.suggested_id == chosen:
        route.fate = Fate.ACCEPTED
    else:
        route.fate = Fate.ADDED if route.suggested_id is None else Fate.REJECTED
    route.team, route.decided_by_id, route.decided_at = team, deed.by.id, deed.at
    route.save()
    if route.fate == Fate.ACCEPTED:
        return "accepted" if chosen is not None else "none"
    return "changed"


def _refuse_taken(deed: Deed, service: Service, name: str, *, but: Tag | None = None) -> None:
    others = Tag.objects.filter(service=service, name__iexact=name)
    if others.exclude(id=but.id if but is not None else None).exists():
        raise deed.refuse("name_taken", "there is a tag of that name in this codebook already")
