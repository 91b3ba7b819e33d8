"""What may be read of comments that are to be understood: through the gate, and of one's own organisation alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import Http404

from joinedup.feedback.form import Kind
from joinedup_web.casework.models import Team
from joinedup_web.feedback.definitions import definition_of
from joinedup_web.feedback.models import (
    Comment,
    FittedModel,
    Form,
    FormVersion,
    Reading,
    Response,
    ResponseState,
    Service,
)
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require


@dataclass(frozen=True)
class Question:
    """A question that people answered in their own words. words: as its newest form asks it."""

    key: str
    words: str
    comments: int


@dataclass(frozen=True)
class ReadingNow:
    """How far reading is. waiting: comments that models have not read. problem: why they cannot, where they cannot."""

    read: int
    waiting: int
    for_people: int
    problem: dict[str, str] | None


def service(by: Actor, service_id: UUID, *, permission: str = "feedback.view") -> Service:
    """A service of the actor's organisation. Raises Http404 for another's."""
    require(by, permission)
    found = Service.objects.filter(id=service_id, organisation_id=by.organisation_id).first()
    if found is None:
        raise Http404
    return found


def shown_comments(of: Service) -> QuerySet[Comment]:
    """A service's comments, those of hidden and held responses left out: these are few, so they are what is sought."""
    return Comment.objects.filter(service=of).exclude(response_id__in=_not_open(of))


def not_shown(of: Service) -> QuerySet[Comment]:
    """A service's comments of hidden and held responses; found by these alone, which are few."""
    return Comment.objects.filter(response_id__in=_not_open(of))


def _not_open(of: Service) -> Any:
    states = [ResponseState.HELD, ResponseState.HIDDEN]
    return Response.objects.filter(organisation_id=of.organisation_id, service=of, state__in=states).values(
        "id"
    )


def questions(by: Actor, of: Service) -> list[Question]:
    """The questions that have comments, the most answered first."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    counted = (
        Comment.objects.filter(service=of)
        .order_by()
        .values("question")
        .annotate(comments=Count("id"))
        .order_by("-comments", "question")
    )
    words = question_words(of)
    return [
        Question(row["question"], words.get(row["question"], row["question"]), row["comments"])
        for row in counted
    ]


def question_words(of: Service) -> dict[str, str]:
    """What each question asks, by its key, as the newest version of any form of the service has it."""
    found: dict[str, str] = {}
    for definition in (
        FormVersion.objects.filter(form__service=of).order_by("made_at").values_list("definition", flat=True)
    ):
        for question in _questions_in(definition):
            key, title = (
                question.get("key"),
                question.get("title") or question.get("label") or question.get("words"),
            )
            if isinstance(title, dict):
                title = title.get("en") or next(iter(title.values()), "")
            if key and title:
                found[str(key)] = str(title)
    return found


def _questions_in(definition: object) -> list[dict[str, object]]:
    if not isinstance(definition, dict):
        return []
    pages = definition.get("pages") or [definition]
    return [
        question
        for page in pages
        if isinstance(page, dict)
        for question in page.get("questions") or []
        if isinstance(question, dict)
    ]


def forms(by: Actor, of: Service) -> QuerySet[Form]:
    """The forms of a service, by name."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    return of.forms.order_by("name")


def closed_questions(of: Service) -> dict[str, tuple[str, dict[str, str]]]:
    """Questions with one answer of a few, by key: their words and those of each answer; the newest form's count."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for version in FormVersion.objects.filter(form__service=of).order_by("made_at"):
        for question in definition_of(version).questions:
            if question.kind == Kind.CHOICE and "__" not in question.key:
                answers = {option.value: option.words.en for option in question.options}
                found[question.key] = (question.words.en, answers)
    return found


def segments(by: Actor, of: Service) -> list[tuple[str, str]]:
    """Groups of people by an answer they gave: as filters name them, and in words."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    return [
        (f"{key}={value}", f"{words}: {answer}")
        for key, (words, answers) in closed_questions(of).items()
        for value, answer in answers.items()
    ]


def segment_words(of: Service, segment: str) -> str:
    """A segment in words; as it is kept where no form asks that any more."""
    key, _, value = segment.partition("=")
    words, answers = closed_questions(of).get(key, (key, {}))
    return f"{words}: {answers.get(value, value)}"


def within(comments: QuerySet[Comment], segment: str) -> QuerySet[Comment]:
    """The comments of people who gave an answer, such as `age=over_65`; all of them for the empty segment."""
    key, _, value = segment.partition("=")
    return comments.filter(**{f"response__answers__{key}": value}) if key else comments


def teams(by: Actor) -> QuerySet[Team]:
    """The teams that comments may go to, by name."""
    require(by, "feedback.view")
    return Team.objects.filter(organisation_id=by.organisation_id, is_active=True).order_by("name")


def reading_now(by: Actor, of: Service) -> ReadingNow:
    """How far the reading of a service's comments is."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    reading = Reading.objects.filter(organisation_id=of.organisation_id).first()
    every = Comment.objects.filter(service=of).count() - not_shown(of).count()
    unread = Comment.objects.filter(service=of, organisation_id=of.organisation_id, read_at=None).count()
    waiting = unread - not_shown(of).filter(read_at=None).count()
    return ReadingNow(
        read=every - waiting,
        waiting=waiting,
        for_people=shown_comments(of).filter(is_readable=False, checked_at=None).count(),
        problem=reading.problem if reading is not None else None,
    )


def services_now(by: Actor) -> list[tuple[Service, int, int]]:
    """Each service of the actor's organisation, with how many comments it has and how many wait to be read."""
    require(by, "feedback.view")
    services = Service.objects.filter(organisation_id=by.organisation_id).order_by("name")
    counted = dict(
        Comment.objects.filter(organisation_id=by.organisation_id)
        .order_by()
        .values_list("service_id")
        .annotate(number=Count("id"))
    )
    waiting = dict(
        Comment.objects.filter(
            organisation_id=by.organisation_id, read_at=None, response__state=ResponseState.OPEN
        )
        .order_by()
        .values_list("service_id")
        .annotate(number=Count("id"))
    )
    return [(each, counted.get(each.id, 0), waiting.get(each.id, 0)) for each in services]


def learnt(by: Actor, of: Service) -> list[FittedModel]:
    """The models in use that were learnt from decisions about a service's comments."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    newest = (of.fitted_models.filter(feature=feature).first() for feature in ("tag", "route"))
    return [each for each in newest if each is not None]
