"""A service of Northshire with people for every part in hearing it; what comments there are; run by LiveSite.call."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.utils import timezone

from joinedup_web.feedback.actions import forms, points, services
from joinedup_web.feedback.import_job import work_on_import
from joinedup_web.feedback.models import Comment, Flag, FormVersion, Import, Response, Service
from support.feedback_forms import received
from support.web_people import acting, organisation, sign_in, staff

SUBJECTS = (
    ("Nobody answered the telephone for {} minutes, I was on hold and then cut off", "2"),
    ("The form asked me for the same {} documents again and lost what I typed", "2"),
    ("Staff at desk {} were kind and explained everything, thank you", "5"),
)
ROLES = ("service_manager", "moderator", "analyst", "publisher")


def begin() -> dict[str, Any]:
    """Staff with their cookies, a service with its duty person, an open form and a QR code for its end."""
    place = organisation("Northshire Council")
    people = {role: staff(role, where=place, email=f"{role}@story.example") for role in ROLES}
    by = acting(people["service_manager"], place)
    service = services.create_service(
        by=by,
        name="Parking permits",
        name_cy="Trwyddedau parcio",
        slug="parking-permits",
        help_text="",
        help_text_cy="",
        duty_person=people["moderator"],
        deputy=None,
    )
    form = forms.create_form(by=by, service=service, template="satisfaction", name="Satisfaction")
    forms.publish(by=by, form=form, revision=form.draft_revision)
    forms.open_form(by=by, form=form)
    point = points.make_point(
        by=by, form=form, channel="qr", ending="completed", label="Letter with the permit"
    )
    return {
        "cookies": {role: _cookie(user, place) for role, user in people.items()},
        "service": str(service.id),
        "point": str(point.id),
        "slug": service.slug,
    }


def more_comments(times: int) -> int:
    """What others wrote, received as every channel does it."""
    service = Service.objects.get(slug="parking-permits")
    version = FormVersion.objects.get(form__service=service)
    for number in range(times):
        for text, satisfaction in SUBJECTS:
            received(
                version, {"satisfaction": satisfaction, "improve": text.format(number + 3)}, may_publish=True
            )
    return Comment.objects.count()


def kept() -> list[dict[str, Any]]:
    """What was received, in order."""
    return [
        {
            "language": response.language,
            "channel": response.channel,
            "ending": response.ending,
            "texts": [comment.text for comment in response.comments.all()],
        }
        for response in Response.objects.order_by("received_at")
    ]


def confirm_masks() -> int:
    """A moderator has checked what is masked."""
    return Response.objects.update(masks_confirmed_at=timezone.now())


def how_far() -> dict[str, int]:
    """Comments that models have read, and flags."""
    return {
        "unread": Comment.objects.filter(read_at=None).count(),
        "told": Flag.objects.exclude(told_at=None).count(),
    }


def _cookie(user: Any, place: Any) -> str:
    client = Client()
    sign_in(client, user, where=place)
    return client.cookies["joinedup_staff"].value


def form_of(slug: str) -> str:
    """The id of a service's form."""
    return str(FormVersion.objects.get(form__service__slug=slug).form_id)


def take_in_all() -> int:
    """Let the worker do what waits of imports."""
    waiting = Import.objects.filter(state="waiting")
    for of in waiting:
        work_on_import.func(str(of.id))
    return len(waiting)
