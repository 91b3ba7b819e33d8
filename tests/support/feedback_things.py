"""Responses, flags and what came of them, for tests of pages about feedback."""

from __future__ import annotations

from typing import Any

from joinedup_web.accounts.models import Organisation
from joinedup_web.feedback.models import Comment, Flag, Response, Service
from support.feedback_forms import received, service, version
from support.web_people import organisation, staff

IN_DANGER = "I cannot go on. I am going to kill myself tonight."
HARMED = "My stepdad hits me and nobody at the office listens."
PERSONAL = "Ask for Priya Natarajan, my number is QQ 12 34 56 C, write to jo.bloggs@example.com"


def said(text: str, *, of: Service | None = None, form: str = "Satisfaction", **given: Any) -> Response:
    """A response with one comment, kept as every channel keeps it."""
    place = of or service()
    existing = place.forms.filter(name=form).first()
    made = existing.versions.get() if existing is not None else version(of=place, name=form)
    return received(made, {"satisfaction": "2", "improve": text}, **given)


def comment_of(response: Response) -> Comment:
    """Its only comment."""
    return Comment.objects.get(response=response)


def flagged(text: str = IN_DANGER, *, of: Service | None = None) -> Flag:
    """The first flag of a response that was just sent."""
    found = Flag.objects.filter(comment__response=said(text, of=of)).first()
    assert found is not None, "the rules for danger found nothing"
    return found


def watched_service(name: str = "Parking permits", *, where: Organisation | None = None) -> Service:
    """A service with a duty person and a deputy, who have an hour."""
    place = where or organisation()
    duty = staff("moderator", where=place, email=f"duty.{name.split()[0].lower()}@example.test")
    deputy = staff("moderator", where=place, email=f"deputy.{name.split()[0].lower()}@example.test")
    return service(name, where=place, duty_person=duty, deputy=deputy, acknowledge_minutes=60)
