"""The API's endpoints about who asks, for machine clients."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from joinedup_web.gate.rules import for_clients
from joinedup_web.identity.queries.clients import organisation_of

router = Router(tags=["Organisation"])


class OrganisationOut(Schema):
    """An organisation, with the identifiers that it has."""

    id: UUID = Field(description="Its id in this service")
    name: str = Field(description="Its name in English")
    name_cy: str = Field(description="Its name in Welsh; empty where it has none")
    kind: str = Field(description="department, agency, council, nhs, police or other")
    govuk_slug: str | None = Field(description="The last part of its page on GOV.UK")
    gss_code: str | None = Field(description="Its code from the Office for National Statistics")
    ods_code: str | None = Field(description="Its code in the NHS")
    companies_house_number: str | None = Field(description="Its number at Companies House")


@router.get("/organisation", response=OrganisationOut, summary="Your organisation")
@for_clients("organisation.read")
def organisation(request: HttpRequest) -> Any:
    """Return the organisation that the client belongs to."""
    return organisation_of(request.actor)  # type: ignore[attr-defined]
