"""Whether a form takes an answer: its state and dates, its quotas, and one answer for each invitation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from joinedup.feedback import FormDefinition, Quota
from joinedup_web.accounts.tokens import digest_of
from joinedup_web.feedback.models import (
    Channel,
    CollectionPoint,
    Form,
    FormState,
    Invitation,
    Response,
    ResponseState,
    Service,
)

ANSWERED_BEFORE = frozenset({Channel.IMPORT, Channel.PAPER, Channel.FACE_TO_FACE})
"""Answers that were given elsewhere, while the form was open there: they are brought in whenever there is time."""


class NotTaken(ValueError):
    """The form takes no such answer now. reason: not_yet, closed, full, invitation or used."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the form takes no answer: {reason}")
        self.reason = reason


def why_closed(form: Form, point: CollectionPoint | None, *, at: datetime) -> str:
    """Why a form asks nobody at a moment: "not_yet" or "closed"; empty where it asks. form: with its service."""
    if form.state == FormState.DRAFT or (form.opens_at is not None and at < form.opens_at):
        return "not_yet"
    if form.state == FormState.CLOSED or (form.closes_at is not None and at >= form.closes_at):
        return "closed"
    if not form.service.is_active or (point is not None and not point.is_open):
        return "closed"
    return ""


def full_quota(
    form_id: UUID, definition: FormDefinition, answers: Mapping[str, Any], *, but: UUID | None = None
) -> Quota | None:
    """The quota that answers would go beyond; None where there is room. but: a response that is not counted.

    What moderators hold or hid takes nobody's place.
    """
    for quota in definition.quotas:
        given = answers.get(quota.question)
        if quota.value not in ([str(each) for each in given] if isinstance(given, list) else [str(given)]):
            continue
        kept = Response.objects.filter(version__form_id=form_id, state=ResponseState.OPEN)
        if but is not None:
            kept = kept.exclude(id=but)
        values = kept.values_list(KeyTransform(quota.question, "answers"), flat=True)
        alike = sum(_holds(value, quota.value) for value in values.iterator())
        if alike >= quota.most:
            return quota
    return None


def hold_to_limits(response: Response, definition: FormDefinition, *, invitation: str, at: datetime) -> None:
    """Raise NotTaken where the form does not take a response; part of the deed that keeps it.

    The form is locked where places are counted, so that of two who come for the last place one gets it. The response
    and the invitation that it uses up do not know of each other; the invitation keeps the day alone.
    """
    form_id = response.version.form_id
    if definition.quotas:
        Form.objects.select_for_update().get(id=form_id)
    reason, one_answer_each = _standing(form_id, response.point_id, at)
    if reason:
        raise NotTaken(reason)
    if invitation or one_answer_each:
        use_invitation(form_id, invitation, at=at)
    if response.state == ResponseState.OPEN and full_quota(
        form_id, definition, response.answers, but=response.id
    ):
        raise NotTaken("full")


def use_invitation(form_id: UUID, invitation: str, *, at: datetime) -> None:
    """Use an invitation up; part of the deed that keeps an answer. Raises NotTaken.

    One that is used is refused on every form, also where others answer without one: its message says so.
    """
    mine = Invitation.objects.filter(token_digest=digest_of(invitation), batch__form_id=form_id).first()
    if not invitation or mine is None:
        raise NotTaken("invitation")
    # Conditions of this very table alone: PostgreSQL looks at them again once another use of it has ended, but not at
    # those of a subquery, as a join would make.
    unused = Invitation.objects.filter(id=mine.id, used_on=None)
    if not unused.update(used_on=timezone.localdate(at)):
        raise NotTaken("used")


def _standing(form_id: UUID, point_id: UUID | None, at: datetime) -> tuple[str, bool]:
    """Why a form asks nobody now (as why_closed), and whether it takes one answer each: one small statement, for every
    response asks it within its deed."""
    form, service, point = (
        connection.ops.quote_name(model._meta.db_table) for model in (Form, Service, CollectionPoint)
    )
    now = connection.ops.adapt_datetimefield_value(at)
    key = Form._meta.pk.get_db_prep_value(form_id, connection)
    place = Form._meta.pk.get_db_prep_value(point_id, connection) if point_id is not None else None
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT f.state, f.opens_at > %s, f.closes_at <= %s, f.one_answer_each, s.is_active, p.is_open "  # noqa: S608 - names of our own
            f"FROM {form} f JOIN {service} s ON s.id = f.service_id LEFT JOIN {point} p ON p.id = %s "
            f"WHERE f.id = %s",
            [now, now, place, key],
        )
        row = cursor.fetchone()
    if row is None:
        return "closed", False
    state, is_early, is_late, one_answer_each, is_active, is_open = row
    if state == FormState.DRAFT or is_early:
        return "not_yet", bool(one_answer_each)
    point_closed = point_id is not None and not is_open
    closed = state == FormState.CLOSED or is_late or not is_active or point_closed
    return "closed" if closed else "", bool(one_answer_each)


def _holds(given: Any, value: str) -> bool:
    return value in [str(each) for each in given] if isinstance(given, list) else str(given) == value
