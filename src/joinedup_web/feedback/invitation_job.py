"""The job that sends invitations: each is claimed before it is sent, so none goes twice; its address is gone after."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django_tasks import task

from joinedup.errors import JoinedupError
from joinedup.ports.notify import Language, Message
from joinedup_web.accounts.messages import link_to, notifier
from joinedup_web.feedback.actions import invitations as actions
from joinedup_web.feedback.models import Channel, Invitation, InvitationBatch, JobState
from joinedup_web.identity.sealing import opened
from joinedup_web.linkage.jobs import is_leaving

log = logging.getLogger(__name__)
LOST_AFTER = timedelta(seconds=90)
TEMPLATES = {Channel.EMAIL.value: "feedback_invitation", Channel.SMS.value: "feedback_invitation_sms"}


@task()
def send_batch(batch_id: str) -> None:
    """Send the invitations of a batch that wait."""
    batch = (
        InvitationBatch.objects.select_related("form__service__organisation")
        .filter(id=UUID(batch_id))
        .exclude(state=JobState.DONE)
        .first()
    )
    if batch is None:
        return
    InvitationBatch.objects.filter(id=batch.id).update(state=JobState.RUNNING, heartbeat_at=timezone.now())
    # What was under way when another worker stopped may have gone: it is not sent again.
    batch.invitations.filter(state="sending").update(state="unknown", to_sealed="", token_sealed="")
    for invitation in batch.invitations.filter(state="waiting").order_by("id").iterator():
        if is_leaving():
            InvitationBatch.objects.filter(id=batch.id).update(state=JobState.WAITING)
            return
        if Invitation.objects.filter(id=invitation.id, state="waiting").update(state="sending"):
            _send(batch, invitation)
            InvitationBatch.objects.filter(id=batch.id).update(heartbeat_at=timezone.now())
    actions.finish_batch(batch)


def take_up_abandoned() -> int:
    """Queue batches again whose worker was lost; return how many."""
    lost = timezone.now() - LOST_AFTER
    running = InvitationBatch.objects.filter(state=JobState.RUNNING, heartbeat_at__lt=lost)
    waiting = InvitationBatch.objects.filter(state=JobState.WAITING, asked_at__lt=lost)
    batches = [*running, *waiting]
    for batch in batches:
        send_batch.enqueue(str(batch.id))
    return len(batches)


def _send(batch: InvitationBatch, invitation: Invitation) -> None:
    service = batch.form.service
    is_welsh = batch.language == "cy"
    state = "sent"
    try:
        to = _opened(invitation.to_sealed, actions.address_context)
        token = _opened(invitation.token_sealed, actions.token_context)
        notifier().send(
            Message(
                template=TEMPLATES[batch.channel],
                to=to,
                personalisation={
                    "about": (service.name_cy if is_welsh else "") or service.name,
                    "organisation": service.organisation.name,
                    "link": link_to("feedback_public:invitation", token=token)
                    + ("?lang=cy" if is_welsh else ""),
                },
                reference=f"invitation-{batch.id}-{invitation.id}",
                language=Language.WELSH if is_welsh else Language.ENGLISH,
            )
        )
    except JoinedupError as problem:
        log.warning("an invitation of %s was not sent: %s", batch.id, type(problem).__name__)
        state = "failed"
    sent_at = timezone.now() if state == "sent" else None
    Invitation.objects.filter(id=invitation.id).update(
        state=state, to_sealed="", token_sealed="", sent_at=sent_at
    )


def _opened(kept: str, context: object) -> str:
    own, _, envelope = kept.partition(":")
    return opened(envelope, context=context(own))  # type: ignore[operator]  # one of the two above
