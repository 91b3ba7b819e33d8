"""A service that asks for feedback, in an organisation with everything in it: its form, its point, what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from joinedup_web.feedback.models import CollectionPoint, Form, FormVersion, Response, Service
from support.feedback_forms import TWO_QUESTIONS, received

if TYPE_CHECKING:
    from support.populated import Tenant


def fill_feedback(own: Tenant) -> None:
    """Things: service, slug, form, point, code, response, comment (one that may be quoted)."""
    service = Service.objects.create(
        organisation=own.organisation, name=own.mark("SERVICE"), slug=f"marked-{own.name.lower()}-slug"
    )
    own.marks.add("SLUG")
    form = Form.objects.create(service=service, name="Satisfaction", kind="satisfaction", state="open")
    version = FormVersion.objects.create(form=form, number=1, definition=TWO_QUESTIONS)
    point = CollectionPoint.objects.create(
        form=form,
        code=f"bdf{own.name.lower()[:5]}",
        channel="web",
        ending="completed",
        label="End of the application",
    )
    response = received(
        version,
        {"satisfaction": "2", "improve": f"{own.mark('COMMENT')} was too slow"},
        may_publish=True,
        point=point,
    )
    Response.objects.filter(id=response.id).update(masks_confirmed_at=timezone.now())
    made: dict[str, Any] = {
        "service": service.id,
        "slug": service.slug,
        "form": form.id,
        "point": point.id,
        "code": point.code,
        "response": response.id,
        "comment": response.comments.get().id,
    }
    own.things |= made
