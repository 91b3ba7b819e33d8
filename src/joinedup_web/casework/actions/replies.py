"""Replies: written once, sent to everybody whom a case answers, by a job that tries again; failures are told."""

from __future__ import annotations

from functools import partial
from uuid import UUID, uuid5

from joinedup.casework import Entry, Move, State, moves
from joinedup_web.audit.deed import Deed, action
from joinedup_web.casework.actions.work import add_entry, locked_case, start_clock_again
from joinedup_web.casework.contacts import address_of, seal_for_reply
from joinedup_web.casework.models import Case, CaseContact, Reply
from joinedup_web.casework.reply_jobs import send_later

LONGEST = {"email": 5000, "sms": 480}
LINKED = "this case is answered together with another; reply there"


@action("case.work")
def reply_to_case(deed: Deed, *, case: Case, text: str, key: UUID) -> list[Reply]:
    """Answer whoever asked, and everybody whose case is answered together with this one. Returns the replies.

    key: of this writing of a reply, so that the same form sent twice sends one. The case is answered from then on; a
    reply that cannot be sent opens it again.
    """
    locked = locked_case(deed, case)
    followers = Case.objects.select_for_update().filter(duplicate_of=locked).exclude(state=State.CLOSED.value)
    answered = {each.id: each for each in (locked, *followers.order_by("number"))}
    ids = {case_id: uuid5(key, str(case_id)) for case_id in answered}
    if Reply.objects.filter(id__in=ids.values()).exists():
        raise deed.refuse("sent_already", "this reply went out already")
    if Move.ANSWER not in moves(locked.state):
        raise deed.refuse("moved_on", "a colleague changed this case in the meantime; look at it again")
    if locked.duplicate_of_id is not None:
        raise deed.refuse("linked", LINKED)
    words = text.strip()
    contacts = list(CaseContact.objects.filter(case__in=answered).order_by("case__number"))
    if not contacts:
        raise deed.refuse("no_contact", "nobody who asked left a way to answer them")
    if not words:
        raise deed.refuse("no_text", "write the reply")
    longest = min(LONGEST[contact.channel] for contact in contacts)
    if len(words) > longest:
        also = ": it goes out as a text message too" if longest == LONGEST["sms"] else ""
        raise deed.refuse("too_long", f"write at most {longest} characters{also}")
    replies, seen = [], set()
    for contact in contacts:
        to = address_of(contact)
        if (contact.channel, to) in seen:
            continue  # the same person asked twice, and is answered once
        seen.add((contact.channel, to))
        reply = Reply.objects.create(
            id=ids[contact.case_id],
            case=answered[contact.case_id],
            channel=contact.channel,
            to_sealed=seal_for_reply(ids[contact.case_id], to),
            text=words,
            by_id=deed.by.id,
            asked_at=deed.at,
        )
        replies.append(reply)
        deed.record("case.reply_asked", case=reply.case_id, reply=reply.id, channel=reply.channel)
        deed.after_commit(partial(send_later, str(reply.id)))
    for each in answered.values():
        _answered(deed, each)
    return replies


def _answered(deed: Deed, case: Case) -> None:
    if case.state == State.WAITING.value:
        start_clock_again(deed, case)
    case.state, case.answered_at = State.ANSWERED.value, deed.at
    case.save()
    add_entry(deed, case, Entry.REPLY)


@action("case.work")
def send_again(deed: Deed, *, reply: Reply) -> None:
    """Try a reply that failed once more; the case is answered again. Refused where its address is gone."""
    row = Reply.objects.select_for_update().get(id=reply.id)
    if row.state != "failed" or not row.to_sealed:
        raise deed.refuse("not_failed", "this reply cannot be sent again; write a new one")
    # One try stays counted, so that the service is asked first; whether the others went a person has looked into.
    row.state, row.next_at, row.tries = "waiting", None, 1
    row.problem = {**(row.problem or {}), "may_have_gone": False}
    row.save(update_fields=["state", "problem", "next_at", "tries"])
    case = locked_case(deed, row.case)
    _answered(deed, case)
    deed.record("case.reply_asked", case=case.id, reply=row.id, channel=row.channel)
    deed.after_commit(partial(send_later, str(row.id)))
