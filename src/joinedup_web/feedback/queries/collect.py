"""What may be read of services, forms and collection points: one's own organisation's alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count, IntegerField, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404

from joinedup_web.accounts.colleagues import holders_in
from joinedup_web.accounts.models import StaffUser
from joinedup_web.feedback.models import (
    CollectionPoint,
    Form,
    FormState,
    FormVersion,
    Response,
    ResponseState,
    Service,
)
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require

Row = TypeVar("Row", bound=Model)
LATELY = timedelta(days=28)


def services(by: Actor, at: datetime) -> QuerySet[Any]:
    """The organisation's services with open_forms (by state, whatever their dates), lately and newest response."""
    require(by, "feedback.view")
    counted = _shown(Response.objects.filter(service=OuterRef("pk"), received_at__gte=at - LATELY))
    newest = _shown(Response.objects.filter(service=OuterRef("pk"))).order_by("-received_at")
    return Service.objects.filter(organisation_id=by.organisation_id).annotate(
        open_forms=Count("forms", filter=Q(forms__state=FormState.OPEN)),
        lately=_counted(counted, "service"),
        newest=Subquery(newest.values("received_at")[:1]),
    )


def service(by: Actor, service_id: UUID, *, permission: str = "feedback.view") -> Service:
    """One service with its people. Raises Http404 for another organisation's."""
    return _one(by, permission, _services().filter(id=service_id, organisation_id=by.organisation_id))


def forms_of(by: Actor, of: Service, at: datetime) -> list[Any]:
    """A service's forms by name, with point_count (open ones), version (newest number, None), and lately."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    points = CollectionPoint.objects.filter(form=OuterRef("pk"), is_open=True)
    versions = FormVersion.objects.filter(form=OuterRef("pk")).order_by("-number").values("number")[:1]
    lately = _shown(Response.objects.filter(version__form=OuterRef("pk"), received_at__gte=at - LATELY))
    rows = Form.objects.filter(service=of).select_related("service")
    return list(
        rows.annotate(
            point_count=_counted(points, "form"),
            version=Subquery(versions),
            lately=_counted(lately, "version__form"),
        ).order_by("name")
    )


def form(by: Actor, form_id: UUID, *, permission: str = "feedback.view") -> Form:
    """One form with its service. Raises Http404 for another organisation's."""
    rows = Form.objects.filter(id=form_id, service__organisation_id=by.organisation_id)
    return _one(by, permission, rows.select_related("service", "created_by"))


def versions(by: Actor, of: Form) -> list[FormVersion]:
    """A form's versions, the newest first."""
    require(by, "feedback.view", organisation_id=of.service.organisation_id)
    return list(of.versions.select_related("made_by"))


def version(by: Actor, of: Form, number: int) -> FormVersion:
    """One version. Raises Http404 for a number that there is not."""
    return _one(by, "feedback.view", of.versions.filter(number=number).select_related("made_by"))


def points_of(by: Actor, of: Form, at: datetime) -> QuerySet[Any]:
    """A form's collection points, open ones first, with total and lately: how many responses came through each."""
    require(by, "feedback.view", organisation_id=of.service.organisation_id)
    return _with_counts(CollectionPoint.objects.filter(form=of), at).order_by("-is_open", "label", "pk")


def endings_asked(by: Actor, of: Form) -> set[str]:
    """At which ends of the journey a form is asked through an open point."""
    require(by, "feedback.view", organisation_id=of.service.organisation_id)
    points = CollectionPoint.objects.filter(form=of, is_open=True).order_by()
    return set(points.values_list("ending", flat=True).distinct())


def point(by: Actor, point_id: UUID, at: datetime, *, permission: str = "feedback.view") -> Any:
    """One collection point with its form, service and counts. Raises Http404 for another organisation's."""
    rows = CollectionPoint.objects.filter(id=point_id, form__service__organisation_id=by.organisation_id)
    return _one(
        by, permission, _with_counts(rows, at).select_related("form__service__organisation", "made_by")
    )


def duty_people(by: Actor) -> list[StaffUser]:
    """Colleagues who may be a service's duty person or deputy, by name."""
    require(by, "service.manage")
    return holders_in("flag.acknowledge", [by.organisation_id])


def unable_on_duty(by: Actor, of: Service) -> list[StaffUser]:
    """The duty person and deputy of a service who may not acknowledge flags any more."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    able = {user.id for user in holders_in("flag.acknowledge", [of.organisation_id])}
    return [user for user in (of.duty_person, of.deputy) if user is not None and user.id not in able]


def responses_in(by: Actor, of: Service, at: datetime) -> tuple[int, int]:
    """How many responses a service has, and how many of them came lately; those held back or hidden left out."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    rows = _shown(Response.objects.filter(service=of))
    return rows.count(), rows.filter(received_at__gte=at - LATELY).count()


def _services() -> QuerySet[Service]:
    return Service.objects.select_related("duty_person", "deputy", "organisation")


def _with_counts(rows: QuerySet[CollectionPoint], at: datetime) -> QuerySet[Any]:
    came = _shown(Response.objects.filter(point=OuterRef("pk")))
    return rows.annotate(
        total=_counted(came, "point"), lately=_counted(came.filter(received_at__gte=at - LATELY), "point")
    )


def _shown(rows: QuerySet[Response]) -> QuerySet[Response]:
    return rows.filter(state=ResponseState.OPEN)


def _counted(rows: QuerySet[Any], by: str) -> Coalesce:
    """A subquery that counts rows of what is around it."""
    grouped = rows.order_by().values(by).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(grouped, output_field=IntegerField()), 0)


def _one(by: Actor, permission: str, rows: QuerySet[Row]) -> Row:
    require(by, permission)
    found = rows.first()
    if found is None:
        raise Http404
    return found
