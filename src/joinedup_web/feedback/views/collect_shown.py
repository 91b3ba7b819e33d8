"""What the pages of services, forms and collection points share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from joinedup_web.accounts.views.shown import BY_THE_GATE, sentence
from joinedup_web.feedback.models import Form
from joinedup_web.gate.decide import Refused

Answer = TypeVar("Answer")


def on_fields(form: forms.Form, fields: Mapping[str, str], deed: Callable[[], Answer]) -> Answer | None:
    """Do a deed; where it is refused for what was typed, say so beside the field that is to blame, and return None.

    fields: by the refusal's code; other refusals stand above all fields. What the gate itself refuses goes on.
    """
    try:
        return deed()
    except Refused as refused:
        if refused.decision.code in BY_THE_GATE:
            raise
        form.add_error(fields.get(refused.decision.code), sentence(refused))
        return None


def trail(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """Breadcrumbs below Feedback."""
    return [("Feedback", reverse("feedback:services")), *more]


def public_address(path: str) -> str:
    """A path of the site as the public writes it."""
    return f"{settings.JOINEDUP.url}{path}"


def form_trail(of: Form) -> list[tuple[str, str]]:
    """Breadcrumbs of a page below a form's."""
    return trail(
        (of.service.name, reverse("feedback:service", args=[of.service_id])),
        (of.name, reverse("feedback:form", args=[of.id])),
    )


def revision_in(request: HttpRequest) -> int:
    """At which revision of the draft somebody began to change it; none that ever was, where it is not told."""
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
