"""Replies: written once, sent to everybody whom a case answers, by a job that tries again; failures are told."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

from joinedup.casework import Entry, Move, State, moves
from joinedup_web.audit.deed import Deed, action
from joinedup_web.casework.actions.work import add_entry, locked_case, start_clock_again
from joinedup_web.casework.contacts import address_of, seal_for_reply
from joinedup_web.casework.models import Case, CaseContact, Reply
from joinedup_web.casework.reply_jobs import send_later

LONGEST = {"email": 5000, "sms": 480}


@action("case.work")
def reply_to_case(deed: Deed, *, case: Case, text: str) -> list[Reply]:
    """Answer whoever asked, and everybody whose case is answered together with this one. Returns the replies.

    The case is answered from then on; a reply that cannot be sent opens it again.
    """
    locked = locked_case(deed, case)
    if Move.ANSWER not in moves(locked.state):
        raise deed.refuse("moved_on", "a colleague changed this case in the meantime; look at it again")
    if locked.duplicate_of_id is not None:
        raise deed.refuse("linked", "this case is answered together with another; reply there")
    words = text.strip()
    contacts = list(CaseContact.objects.filter(case=locked).select_related("case")) + list(
        CaseContact.objects.filter(case__duplicate_of=locked)
        .exclude(case__state=State.CLOSED.value)
        .select_related("case")
    )
    if not contacts:
        raise deed.refuse("no_contact", "nobody who asked left a way to answer them")
    if not words:
        raise deed.refuse("no_text", "write the reply")
    longest = min(LONGEST[contact.channel] for contact in contacts)
    if len(words) > longest:
        raise deed.refuse(
            "too_long", f"write at most {longest} characters: it goes out as a text message too"
        )
    replies, seen = [], set()
    for contact in contacts:
        answered = locked if contact.case_id == locked.id else contact.case
        to = address_of(contact)
        if (contact.channel, to) not in seen:
            seen.add((contact.channel, to))
            reply_id = uuid4()
            reply = Reply.objects.create(
                id=reply_id,
                case=answered,
                channel=contact.channel,
                to_sealed=seal_for_reply(reply_id, to),
                text=words,
                by_id=deed.by.id,
                asked_at=deed.at,
            )
            replies.append(reply)
            deed.record("case.reply_asked", case=answered.id, reply=reply.id, channel=reply.channel)
            deed.after_commit(partial(send_later, str(reply.id)))
        _answered(deed, answered)
    return replies


def _answered(deed: Deed, case: Case) -> None:
    if case.state == State.WAITING.value:
        start_clock_again(deed, case)
    case.state, case.answered_at = State.ANSWERED.value, deed.at
    case.save()
    add_entry(deed, case, Entry.REPLY)


@action("case.work")
def send_again(deed: Deed, *, reply: Reply) -> None:
    """Try a reply that failed once more. Refused where its address is gone: write a new one then."""
    row = Reply.objects.select_for_update().get(id=reply.id)
    if row.state != "failed" or not row.to_sealed:
        raise deed.refuse("not_failed", "this reply cannot be sent again; write a new one")
    row.state, row.problem, row.next_at, row.tries = "waiting", None, None, 0
    row.save(update_fields=["state", "problem", "next_at", "tries"])
    case = locked_case(deed, row.case, is_open=False)
    deed.record("case.reply_asked", case=case.id, reply=row.id, channel=row.channel)
    deed.after_commit(partial(send_later, str(row.id)))
