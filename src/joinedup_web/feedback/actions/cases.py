"""A comment becomes a case, or belongs to one that there is already."""

from __future__ import annotations

from joinedup.casework import Entry, Origin, State
from joinedup_web.audit.deed import Deed, action
from joinedup_web.casework.actions.linking import link_case
from joinedup_web.casework.actions.opening import open_case
from joinedup_web.casework.actions.work import add_entry, may_handle
from joinedup_web.casework.models import Case, Team
from joinedup_web.feedback.models import Comment, CommentCase, Contact, ResponseState
from joinedup_web.feedback.originals import open_contact

CHANNELS = {"email": "email", "phone": "sms", "sms": "sms"}
"""How cases answer whoever left this kind of contact on a form."""


@action("feedback.view")
def open_case_from(
    deed: Deed, *, comment: Comment, title: str, team: Team | None = None, is_urgent: bool = False
) -> Case:
    """Open a case that answers a comment. It holds the masked words, and the way to answer, sealed anew.

    Its clock runs from when the comment came. It is answered in Welsh where the words or the form were Welsh.
    """
    locked = _locked(deed, comment)
    response = locked.response
    contact = Contact.objects.filter(response=response).first()
    case: Case = open_case(
        by=deed.by,
        title=title,
        text=locked.text,
        origin=Origin.FEEDBACK.value,
        team=team,
        language="cy" if "cy" in (locked.language, response.language) else "en",
        is_urgent=is_urgent,
        contact=(CHANNELS[contact.channel], open_contact(contact)) if contact is not None else None,
        received_at=locked.received_at,
    )
    _keep(deed, locked, case)
    return case


@action("feedback.view")
def add_to_case(deed: Deed, *, comment: Comment, case: Case) -> Case:
    """Let a comment belong to a case that there is already.

    Whoever left a way to be answered gets a case of their own, answered together with that one, so that the reply
    reaches them too. Returns the case that the comment belongs to.
    """
    locked = _locked(deed, comment)
    if Contact.objects.filter(response_id=locked.response_id).exists():
        own: Case = open_case_from(by=deed.by, comment=locked, title=case.title, team=case.team)
        link_case(by=deed.by, case=own, to=case)
        return own
    if not may_handle(deed.by):
        raise deed.refuse("no_permission", "no role of yours allows: work on cases, or give them to people")
    target = Case.objects.select_for_update().get(id=case.id)
    if target.organisation_id != locked.organisation_id:
        raise deed.refuse("no_case", "there is no case of that number")
    if target.state == State.CLOSED.value:
        raise deed.refuse("closed", "that case is closed; open it again first, or open a new one")
    add_entry(deed, target, Entry.LINKED, "A further comment belongs to this case")
    _keep(deed, locked, target)
    return target


@action("feedback.view")
def take_out_of_case(deed: Deed, *, comment: Comment) -> Case:
    """Take a comment out of a case that it was added to. Refused for the one that the case was opened from."""
    if not may_handle(deed.by):
        raise deed.refuse("no_permission", "no role of yours allows: work on cases, or give them to people")
    link = CommentCase.objects.select_for_update().select_related("case").filter(comment=comment).first()
    if link is None:
        raise deed.refuse("in_no_case", "this comment is in no case")
    if not link.may_leave:
        raise deed.refuse("first", "this case was opened from the comment; close the case instead")
    case = link.case
    link.delete()
    add_entry(deed, case, Entry.PARTED, "A comment was taken out of this case")
    deed.record("case.comment_removed", case=case.id, comment=comment.id)
    return case


def _locked(deed: Deed, comment: Comment) -> Comment:
    """The comment as it stands now, held until the deed ends."""
    locked = Comment.objects.select_for_update().get(id=comment.id)
    if locked.response.state != ResponseState.OPEN:
        raise deed.refuse(
            "not_open", "this response is held back or hidden; a moderator must let it through first"
        )
    if not locked.text:
        raise deed.refuse("no_text", "the words of this comment have been removed")
    if CommentCase.objects.filter(comment=locked).exists():
        raise deed.refuse("in_a_case", "a colleague made a case of this comment in the meantime")
    return locked


def _keep(deed: Deed, comment: Comment, case: Case) -> None:
    CommentCase.objects.create(comment=comment, case=case, by_id=deed.by.id, at=deed.at)
    deed.record("case.comment_added", case=case.id, comment=comment.id)
