"""Responses that are held, hidden and flagged: what the addresses of moderation take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from joinedup_web.feedback.models import Block, BlockKind, Flag, Response, ResponseState, Service
from support.feedback_things import HARMED, IN_DANGER, PERSONAL, comment_of, said


def protected_things(service_id: UUID, *, mark: Callable[[str], str] | None = None) -> dict[str, Any]:
    """Things: flag, in_hand_flag, closed_flag, masked_response, masked_comment, held_response, hidden_response, block.

    mark: puts a mark into texts of people. Nobody is told of anything.
    """
    service, now = Service.objects.get(id=service_id), timezone.now()
    told = mark or (lambda what: what.capitalize())
    waiting, in_hand, closed = (
        Flag.objects.filter(comment__response=response).order_by("kind")[0]
        for response in [said(f"{text} {told('DANGER')}", of=service) for text in (IN_DANGER, HARMED, HARMED)]
    )
    Flag.objects.filter(id=in_hand.id).update(acknowledged_at=now, note=told("NOTE"))
    Flag.objects.filter(id=closed.id).update(
        acknowledged_at=now, closed_at=now, outcome="no_danger", note=told("NOTE")
    )
    masked = said(f"{PERSONAL} {told('COMMENT')}", of=service)
    held = said(f"Buy gold coins {told('HELDTEXT')}", of=service)
    hidden = said(f"Words of abuse {told('HIDDENTEXT')}", of=service)
    Response.objects.filter(id=held.id).update(state=ResponseState.HELD, held_reason="links")
    Response.objects.filter(id=hidden.id).update(
        state=ResponseState.HIDDEN, hidden_reason=told("HIDDENREASON"), moderated_at=now
    )
    block = Block.objects.create(
        organisation=service.organisation,
        service=service,
        kind=BlockKind.TEXT,
        mark="0" * 64,
        until=now + timedelta(days=30),
        response=hidden,
    )
    return {
        "flag": waiting.id,
        "in_hand_flag": in_hand.id,
        "closed_flag": closed.id,
        "masked_response": masked.id,
        "masked_comment": comment_of(masked).id,
        "held_response": held.id,
        "hidden_response": hidden.id,
        "block": block.id,
    }
