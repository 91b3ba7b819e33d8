"""What may be read of files of responses that were brought in: one's own organisation's alone."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from joinedup_web.feedback.models import Form, Import, Service
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require

PERMISSION = "feedback.import"


def imports_of(by: Actor, service: Service) -> QuerySet[Import]:
    """A service's imports, the newest first."""
    require(by, PERMISSION, organisation_id=service.organisation_id)
    found = Import.objects.filter(form__service=service, form__service__organisation_id=by.organisation_id)
    return found.select_related("form", "asked_by")


def one(by: Actor, import_id: UUID) -> Import:
    """One import with its form and service. Raises Http404 for another organisation's."""
    require(by, PERMISSION)
    found = Import.objects.filter(id=import_id, form__service__organisation_id=by.organisation_id)
    row = found.select_related("form__service", "asked_by").first()
    if row is None:
        raise Http404
    return row


def forms_to_fill(by: Actor, service: Service) -> list[Form]:
    """The service's forms that were published, by name."""
    require(by, PERMISSION, organisation_id=service.organisation_id)
    return list(Form.objects.filter(service=service, versions__isnull=False).distinct().order_by("name"))
