"""Deeds on invitations: people asked at a time, by e-mail or text message; nothing ties an answer to who was asked."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from uuid import uuid4

from joinedup_web.accounts.tokens import digest_of
from joinedup_web.audit.deed import Deed, action
from joinedup_web.feedback.models import Channel, Form, FormState, Invitation, InvitationBatch, JobState
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.identity.sealing import sealed

MOST = 5_000
TOKEN_BYTES = 18


def address_context(invitation_id: object) -> str:
    """Where a sealed address belongs."""
    return f"feedback.invitation.to:{invitation_id}"


def token_context(invitation_id: object) -> str:
    """Where a sealed token belongs."""
    return f"feedback.invitation.token:{invitation_id}"


@action("service.manage")
def invite(deed: Deed, *, form: Form, channel: str, language: str, people: Sequence[str]) -> InvitationBatch:
    """Ask for invitations to be sent; addresses are sealed until then, each link can be used once.

    people: e-mail addresses or telephone numbers, checked, each once.
    """
    if form.service.organisation_id != deed.organisation_id:
        raise deed.refuse("other_organisation", "it belongs to another organisation")
    if form.state != FormState.OPEN:
        raise deed.refuse("not_open", "open the form first, so that nobody is invited to a closed one")
    if channel not in (Channel.EMAIL, Channel.SMS):
        raise deed.refuse("no_such_choice", "choose email or text message")
    if not people or len(people) > MOST:
        raise deed.refuse("how_many", f"invite between 1 and {MOST:,} people at a time")
    batch = InvitationBatch.objects.create(
        form=form,
        channel=channel,
        language=language,
        counts={"people": len(people)},
        asked_by_id=deed.by.id,
        asked_at=deed.at,
    )
    made = []
    for to in people:
        token, own = secrets.token_urlsafe(TOKEN_BYTES), uuid4()
        made.append(
            Invitation(
                batch=batch,
                token_digest=digest_of(token),
                to_sealed=f"{own}:{sealed(to, context=address_context(own))}",
                token_sealed=f"{own}:{sealed(token, context=token_context(own))}",
            )
        )
    Invitation.objects.bulk_create(made, batch_size=500)
    deed.record("invitations.asked", form=form.id, batch=batch.id, channel=channel, people=len(people))
    deed.after_commit(lambda: _enqueue(batch))
    return batch


@action("service.manage")
def stop_batch(deed: Deed, *, batch: InvitationBatch) -> int:
    """Take back what was not sent yet; return how many."""
    if batch.form.service.organisation_id != deed.organisation_id:
        raise deed.refuse("other_organisation", "it belongs to another organisation")
    waiting = batch.invitations.filter(state="waiting")
    number = waiting.update(state="stopped", to_sealed="", token_sealed="")
    if not number:
        raise deed.refuse("all_sent", "all of them were sent already")
    deed.record("invitations.stopped", batch=batch.id, people=number)
    return number


def finish_batch(batch: InvitationBatch) -> None:
    """Keep how many were sent, once none waits."""
    _finish(by=SYSTEM, organisation_id=batch.form.service.organisation_id, batch=batch)


@action(None)
def _finish(deed: Deed, *, batch: InvitationBatch) -> None:
    counts = {"people": batch.invitations.count()}
    for state in ("sent", "failed", "unknown", "stopped"):
        counts[state] = batch.invitations.filter(state=state).count()
    claimed = InvitationBatch.objects.filter(id=batch.id).exclude(state=JobState.DONE)
    if claimed.update(state=JobState.DONE, counts=counts, finished_at=deed.at):
        failed = counts["failed"] + counts["unknown"]
        deed.record("invitations.sent", batch=batch.id, sent=counts["sent"], failed=failed)


def _enqueue(batch: InvitationBatch) -> None:
    from joinedup_web.feedback.invitation_job import send_batch

    send_batch.enqueue(str(batch.id))
