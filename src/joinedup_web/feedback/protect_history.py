"""What happened to a response, from its own rows and from the audit record."""

from __future__ import annotations

from datetime import datetime

from joinedup_web.feedback.actions.masks import REASONS
from joinedup_web.feedback.masking import IDENTIFIERS
from joinedup_web.feedback.models import Block, MaskCorrection, Response, ResponseState
from joinedup_web.feedback.protect_words import HELD_REASONS
from joinedup_web.feedback.queries.protect_responses import flags_of, unmaskings
from joinedup_web.gate.actor import Actor

CORRECTIONS = {"missed": "masked what was missed", "wrong": "took a wrong mask off"}


def response_history(by: Actor, response: Response) -> list[tuple[datetime, str]]:
    """What happened, the oldest first. Who looked under the masks is named in the audit record alone."""
    kinds = dict(IDENTIFIERS)
    told = [(response.received_at, f"Received: {response.get_channel_display().lower()}")]
    if response.held_reason:
        reason = HELD_REASONS.get(response.held_reason, response.held_reason)
        told.append((response.received_at, f"Held back: {reason[:1].lower()}{reason[1:]}"))
    if response.moderated_at is not None:
        who = response.moderated_by.name if response.moderated_by is not None else "Somebody"
        done = (
            f"hid it: {response.hidden_reason}"
            if response.state == ResponseState.HIDDEN
            else "let it be seen"
        )
        told.append((response.moderated_at, f"{who} {done}"))
    for correction in MaskCorrection.objects.filter(comment__response=response).select_related("by"):
        who = correction.by.name if correction.by is not None else "Somebody"
        what = kinds.get(correction.identifier, correction.identifier).lower()
        told.append((correction.at, f"{who} {CORRECTIONS[correction.kind]} ({what})"))
    if response.masks_confirmed_at is not None:
        who = response.masks_confirmed_by.name if response.masks_confirmed_by is not None else "Somebody"
        told.append((response.masks_confirmed_at, f"{who} checked the masks"))
    for block in Block.objects.filter(response=response).select_related("by", "lifted_by"):
        who = block.by.name if block.by is not None else "Somebody"
        told.append((block.at, f"{who} blocked {block.get_kind_display().lower()}"))
        if block.lifted_at is not None:
            lifter = block.lifted_by.name if block.lifted_by is not None else "Somebody"
            told.append((block.lifted_at, f"{lifter} lifted the block of {block.get_kind_display().lower()}"))
    for flag in flags_of(by, response):
        told.append((flag.raised_at, f"Flagged: {flag.get_kind_display()}"))
    for event in unmaskings(by, response):
        reason = REASONS.get(str(event.fields.get("reason")), "")
        told.append((event.at, f"Somebody saw what is masked: {reason[:1].lower()}{reason[1:]}"))
    if response.original_gone_at is not None:
        told.append((response.original_gone_at, "What was masked was removed for good: its time had come"))
    return sorted(told, key=lambda each: each[0])
