"""The API's endpoints about person indexes: whether somebody is known, for a purpose, and where an index stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from ninja import Field, Router, Schema
from ninja.errors import HttpError

from joinedup.errors import JoinedupError
from joinedup_web.gate.rules import for_clients
from joinedup_web.linkage.forms.records import REFERENCE
from joinedup_web.linkage.purposes import allowed_purposes
from joinedup_web.linkage.views.shown import by_of
from joinedup_web.person_index import actions, queries
from joinedup_web.person_index.matches import best_of_each

MOST = 50
router = Router(tags=["Person index"])


class MatchIn(Schema):
    """Who is asked about, and what for."""

    purpose: str = Field(description="A purpose that the project allows, such as casework")
    reference: str = Field(
        max_length=40, description="The number of the case, as your organisation numbers it"
    )
    details: dict[str, str] = Field(
        description="What is known of the person, by the index's fields (see GET …/index), as it is written"
    )
    most: int = Field(10, ge=1, le=MOST, description="The most people to answer with")
    least_probability: float = Field(
        0.05, ge=0, lt=1, description="Leave out whoever is less likely than this"
    )


class StepOut(Schema):
    """One addition to a weight."""

    label: str = Field(description="What was compared")
    found: str = Field(description="What was found")
    bits: float = Field(description="What it adds to the weight, in bits")


class MatchOut(Schema):
    """A person who may be meant. No value of any record is given."""

    person: str = Field(
        description="The person's number in the index; it stays the same when records come and go"
    )
    probability: float = Field(
        description="How likely the best of their records is of the person, from 0 to 1"
    )
    weight: float = Field(description="The same in bits")
    records: int = Field(description="How many of their records are alike")
    steps: list[StepOut] = Field(description="Why: the additions that make up the weight")


class MatchesOut(Schema):
    """Who may be meant, the likeliest first. Nobody: an empty list, which is no proof that they are unknown."""

    matches: list[MatchOut]
    version: int = Field(description="The version of the index that answered")
    unused: dict[str, str] = Field(description="The details that could not be used, and why, in words")


class IndexOut(Schema):
    """Where the index of a project stands."""

    version: int = Field(description="The last published version")
    changed_at: datetime | None = Field(description="When it was published, in UTC")
    records: int
    people: int
    fields: dict[str, str] = Field(description="The fields that can be asked by, and what each means")
    purposes: dict[str, str] = Field(description="The purposes that the project allows, by code")


@router.get(
    "/projects/{project_id}/index", response=IndexOut, summary="Where a project's person index stands"
)
@for_clients("linkage.read")
def index_of(request: HttpRequest, project_id: UUID) -> Any:
    """Return the version of the person index of one of the organisation's projects, and how it can be asked."""
    by = by_of(request)
    index = queries.index(by, project_id, permission="linkage.view")
    fields = queries.kinds(by, index, permission="linkage.view")
    return {
        "version": index.version,
        "changed_at": index.changed_at,
        "records": index.records,
        "people": index.people,
        "fields": {name: kind.value for name, kind in fields.items()},
        "purposes": {code: purpose.words for code, purpose in allowed_purposes(index.project).items()},
    }


@router.post("/projects/{project_id}/match", response=MatchesOut, summary="Ask whether somebody is known")
@for_clients("people.match")
def match(request: HttpRequest, project_id: UUID, asked: MatchIn) -> JsonResponse:
    """Return the people of the index who may be meant by these details, with reasons and without any record.

    Every question is recorded with its purpose before it is answered. What was asked is not kept.
    """
    by = by_of(request)
    index = queries.to_ask(by, project_id)
    if asked.purpose not in allowed_purposes(index.project):
        raise HttpError(400, "purpose: the project does not allow it")
    if not REFERENCE.regex.search(asked.reference):
        raise HttpError(400, "reference: letters, figures and - / . _ with one figure at least")
    opened = queries.opened(by, index, permission="record.view")
    try:
        answer = opened.ask(asked.details, top=MOST, least_probability=asked.least_probability)
    except JoinedupError as problem:
        raise HttpError(400, f"details: {problem.what}; {problem.mend}") from None
    people = best_of_each(answer.matches)[: asked.most]
    actions.keep_match(
        by=by,
        organisation_id=index.project.organisation_id,
        index=index,
        found=len(people),
        purpose=asked.purpose,
    )
    return JsonResponse(
        {
            "version": answer.version,
            "unused": dict(answer.unused),
            "matches": [
                {
                    "person": best.person,
                    "probability": best.probability,
                    "weight": best.weight,
                    "records": records,
                    "steps": [{"label": s.label, "found": s.found, "bits": s.bits} for s in best.steps],
                }
                for best, records in people
            ],
        }
    )  # as MatchesOut has it; to check each step again would cost a quarter of the time
