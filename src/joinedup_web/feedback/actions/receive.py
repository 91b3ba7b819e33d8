"""Receiving: what somebody sent is kept, masked, in one deed; every channel ends here.

Texts are looked at and masked in memory before the deed begins, so that nothing unmasked is ever written but the
sealed original, and so that no other deed waits meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError

from joinedup.feedback import FormDefinition, Sorted, check_all, sort_answers
from joinedup.feedback.spam import Signs, plain_words, reason_to_hold
from joinedup_web.audit.deed import Deed, action
from joinedup_web.feedback import reading
from joinedup_web.feedback.actions.flags import raise_flags
from joinedup_web.feedback.blocks import block_for, sender_mark
from joinedup_web.feedback.definitions import definition_of
from joinedup_web.feedback.first_look import FirstLook, first_look
from joinedup_web.feedback.limits import ANSWERED_BEFORE, hold_to_limits
from joinedup_web.feedback.models import (
    Channel,
    CollectionPoint,
    Comment,
    Contact,
    Ending,
    FormVersion,
    Response,
    ResponseState,
)
from joinedup_web.feedback.often import counted
from joinedup_web.feedback.originals import Original, seal_contact, seal_original
from joinedup_web.gate.actor import Actor


class SubmissionTaken(ValueError):
    """The submission's id was used for another form already."""


@dataclass(frozen=True)
class Arrival:
    """What spam is known by: what stood in the trap and the decoy, seconds since the form was given out (None: no
    valid token), and the network address, of which only a keyed digest is ever kept."""

    trap: str = ""
    decoy: str = ""
    seconds: float | None = None
    address: str = field(default="", repr=False)


@dataclass(frozen=True)
class _Ready:
    """A response made ready for the deed: nothing in it is readable that was not masked, but `plain_texts`, which
    is compared in memory alone."""

    response: Response
    looks: dict[str, FirstLook]
    contact: Contact | None
    plain_texts: tuple[str, ...] = field(repr=False)
    raw_texts: tuple[str, ...] = field(repr=False)


def receive(
    *,
    by: Actor,
    version: FormVersion,
    point: CollectionPoint | None,
    channel: str,
    ending: str,
    submission: UUID,
    language: str,
    answers: Mapping[str, Any],
    contact: tuple[str, str] | None = None,
    may_publish: bool = False,
    received_at: datetime | None = None,
    arrival: Arrival | None = None,
    may_lack: bool = False,
    invitation: str = "",
) -> Response:
    """Keep what one person sent, durably and with its event, and return it; the same submission is kept once.

    answers: by question, as they came; they are checked here. contact: ("email" or "phone", where to), where it is
    not among the answers. arrival: for channels that anybody can reach; without it nothing is taken for spam but
    what a moderator blocked. may_lack: required questions need no answer (imports, paper). invitation: the token of
    the one that is answered, which is used up.

    Raises AnswersError for answers that the form does not take, NotTaken (limits.py) where the form is closed, full
    or needs an invitation (not for channels of ANSWERED_BEFORE), and SubmissionTaken.
    """
    form = version.form
    definition = definition_of(version)
    kept = sort_answers(definition, check_all(definition, answers, language=language, may_lack=may_lack))
    ready = _made_ready(
        version=version,
        point=point,
        channel=Channel(channel).value,
        ending=Ending(ending).value,
        submission=submission,
        language="cy" if language == "cy" else "en",
        kept=kept,
        contact=contact or kept.contact,
        may_publish=may_publish or kept.may_publish,
        received_at=received_at,
    )
    if arrival is not None and arrival.address:
        ready.response.sender_mark = sender_mark(form.service_id, arrival.address)
    try:
        kept_response: Response = _keep(
            by=by,
            organisation_id=form.service.organisation_id,
            ready=ready,
            arrival=arrival,
            received_at=received_at,
            limits=None if channel in ANSWERED_BEFORE else (definition, invitation),
        )
        return kept_response
    except IntegrityError:
        before = Response.objects.filter(submission=submission).select_related("version").first()
        if before is None:
            raise
        if before.version.form_id != form.id:
            raise SubmissionTaken("the submission's id was used for another form") from None
        return before


def _made_ready(
    *,
    version: FormVersion,
    point: CollectionPoint | None,
    channel: str,
    ending: str,
    submission: UUID,
    language: str,
    kept: Sorted,
    contact: tuple[str, str] | None,
    may_publish: bool,
    received_at: datetime | None,
) -> _Ready:
    response_id = uuid4()
    looks = {key: first_look(text, language=language) for key, text in kept.texts.items()}
    original = Original(kept.texts, found={key: list(look.found) for key, look in looks.items()})
    response = Response(
        id=response_id,
        organisation_id=version.form.service.organisation_id,
        service_id=version.form.service_id,
        version=version,
        point=point,
        channel=channel,
        ending=ending,
        submission=submission,
        language=language,
        satisfaction=kept.satisfaction,
        answers={**kept.plain, **{key: look.text for key, look in looks.items()}},
        original_sealed=seal_original(response_id, original) if kept.texts else "",
        may_publish=may_publish,
    )
    to_answer = None
    if contact is not None:
        to_answer = Contact(
            response_id=response_id, channel=contact[0], to_sealed=seal_contact(response_id, contact[1])
        )
    plain = tuple(words for words in map(plain_words, kept.texts.values()) if words)
    return _Ready(response, looks, to_answer, plain, tuple(kept.texts.values()))


@action(None)
def _keep(
    deed: Deed,
    *,
    ready: _Ready,
    arrival: Arrival | None,
    received_at: datetime | None,
    limits: tuple[FormDefinition, str] | None,
) -> Response:
    response = ready.response
    at = response.received_at = received_at or deed.at
    response.held_reason = _reason_to_hold(ready, arrival, deed.at)
    response.state = ResponseState.HELD if response.held_reason else ResponseState.OPEN
    response.save(force_insert=True)  # first: what was sent twice is not asked for its limits again
    if limits is not None:
        hold_to_limits(response, limits[0], invitation=limits[1], at=deed.at)
    comments = {
        key: Comment(
            response=response,
            organisation_id=response.organisation_id,
            service_id=response.service_id,
            question=key,
            text=look.text,
            masks=look.masks,
            language=look.language,
            is_readable=look.is_readable,
            received_at=at,
        )
        for key, look in ready.looks.items()
    }
    if comments:
        Comment.objects.bulk_create(comments.values())
    if ready.contact is not None:
        ready.contact.save(force_insert=True)
    flags = 0
    for key, look in ready.looks.items():
        if look.dangers or not look.is_readable:
            flags += len(
                raise_flags(deed, comment=comments[key], dangers=look.dangers, is_readable=look.is_readable)
            )
    deed.record(
        "response.received",
        service=response.service_id,
        form=response.version.form_id,
        response=response.id,
        channel=response.channel,
        language=response.language,
        comments=len(comments),
        masked=sum(sum(look.masks.values()) for look in ready.looks.values()),
        flags=flags,
        **({"held": response.held_reason} if response.held_reason else {}),
    )
    if comments:
        where = response.organisation_id
        deed.after_commit(lambda: reading.note_new(where))
    return response


def _reason_to_hold(ready: _Ready, arrival: Arrival | None, at: datetime) -> str:
    response = ready.response
    if arrival is not None:
        alike, from_place = counted(
            service_id=response.service_id, texts=ready.plain_texts, address=arrival.address, at=at
        )
        reason = reason_to_hold(
            Signs(
                trap=arrival.trap,
                decoy=arrival.decoy,
                seconds=arrival.seconds,
                texts=ready.raw_texts,
                alike=alike,
                from_place=from_place,
            )
        )
        if reason:
            return reason
    return block_for(
        response.service_id,
        masked=[look.text for look in ready.looks.values()],
        sender=response.sender_mark,
        on=at,
    )
