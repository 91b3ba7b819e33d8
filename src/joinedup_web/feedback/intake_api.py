"""The API's endpoints for responses from other systems: what a form asks, and one response at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Field, Router, Schema

from joinedup.feedback import AnswersError, offered
from joinedup_web.feedback.actions.receive import SubmissionTaken, receive
from joinedup_web.feedback.definitions import definition_of
from joinedup_web.feedback.limits import NotTaken
from joinedup_web.feedback.models import Channel, CollectionPoint, FormVersion, Response
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require
from joinedup_web.gate.rules import for_clients
from joinedup_web.linkage.views.shown import by_of

PERMISSION = "feedback.import"
CLOSED = {
    "not_yet": "the form is not open yet",
    "closed": "the form, its link or its service is closed",
    "full": "enough people have given this answer already",
    "invitation": "the form is answered through invitations alone",
    "used": "the invitation was used already",
}
router = Router(tags=["Feedback"])


class OptionOut(Schema):
    """One answer of a list."""

    value: str = Field(description="What to send")
    words: dict[str, str] = Field(description="What people read, by language")


class QuestionOut(Schema):
    """One question of a form."""

    key: str = Field(description="Its name in answers")
    kind: str = Field(
        description="satisfaction (5 the best), choice, choices, yes_no, text, number, email, phone or permission"
    )
    words: dict[str, str] = Field(description="What is asked, by language")
    required: bool
    options: list[OptionOut] = Field(description="What may be answered; empty where anything may")


class FormOut(Schema):
    """What a collection point asks."""

    name: str
    version: int = Field(description="The version of the questions; answers go to the newest")
    questions: list[QuestionOut]


class ResponseIn(Schema):
    """What one person said."""

    submission: UUID = Field(
        description="An id of your own for it; the same one sent again is kept once, so you may try again"
    )
    answers: dict[str, Any] = Field(description="By the question's key; lists for several choices")
    language: str = Field("en", pattern="^(en|cy)$", description="In which language they were asked")
    received_at: datetime | None = Field(
        None, description="When they said it, with its zone; now if left out"
    )


class ResponseOut(Schema):
    """What was kept."""

    response: UUID
    was_there: bool = Field(description="Whether this submission had been kept before")


@router.get("/feedback/points/{code}", response=FormOut, summary="What a collection point asks")
@for_clients("feedback.send")
def point_form(request: HttpRequest, code: str) -> Any:
    """Return the questions of a collection point's form."""
    _, version = _point(by_of(request), code)
    definition = definition_of(version)
    return {
        "name": version.form.name,
        "version": version.number,
        "questions": [
            {
                "key": each.key,
                "kind": each.kind.value,
                "words": each.words.as_dict(),
                "required": each.is_required,
                "options": [
                    {"value": option.value, "words": option.words.as_dict()} for option in offered(each)
                ],
            }
            for each in definition.questions
        ],
    }


@router.post(
    "/feedback/points/{code}/responses",
    response={200: ResponseOut, 201: ResponseOut},
    summary="Send one response",
)
@for_clients("feedback.send")
def send(request: HttpRequest, code: str, sent: ResponseIn) -> HttpResponse:
    """Keep one response, durably: personal data are masked before anything is stored, danger is flagged at once.

    422 names the questions whose answers cannot be taken; 409 says why the form takes none now.
    """
    by = by_of(request)
    point, version = _point(by, code)
    was_there = Response.objects.filter(submission=sent.submission).exists()
    at = sent.received_at
    if at is not None and (at.tzinfo is None or at > timezone.now()):
        what = "received_at must have a zone and lie in the past"
        return _error(request, "bad_request", 422, what=what, mend="write it as 2026-03-01T14:05:00Z")
    try:
        kept = receive(
            by=by,
            version=version,
            point=point,
            channel=Channel.API,
            ending=point.ending,
            submission=sent.submission,
            language=sent.language,
            answers=sent.answers,
            received_at=at,
        )
    except AnswersError as error:
        problems = [
            {"question": each.question, "what": each.what, "mend": each.mend} for each in error.problems
        ]
        what = "some answers cannot be taken"
        mend = f"see GET {request.path.removesuffix('/responses')}"
        return _error(request, "bad_answers", 422, what=what, mend=mend, problems=problems)
    except NotTaken as refused:
        return _error(
            request, "not_taken", 409, what=CLOSED[refused.reason], mend="ask whoever keeps the form"
        )
    except SubmissionTaken:
        what = "this submission's id was used for another form"
        return _error(request, "submission_taken", 409, what=what, mend="use a new random UUID")
    told = {"response": str(kept.id), "was_there": was_there}
    return JsonResponse(told, status=200 if was_there else 201)


def _point(by: Actor, code: str) -> tuple[CollectionPoint, FormVersion]:
    """A point of the client's organisation and the newest version of its form. Raises Http404."""
    require(by, PERMISSION)
    found = CollectionPoint.objects.filter(code=code, form__service__organisation_id=by.organisation_id)
    point = found.select_related("form__service").first()
    version = point.form.versions.first() if point is not None else None
    if point is None or version is None:
        raise Http404
    version.form = point.form
    return point, version


def _error(
    request: HttpRequest, error: str, status: int, *, what: str, mend: str, **more: Any
) -> JsonResponse:
    return JsonResponse(
        {"error": error, "what": what, "where": request.path, "mend": mend, **more}, status=status
    )
