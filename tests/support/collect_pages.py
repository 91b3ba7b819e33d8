"""How tests go to the pages of services and forms, and what they find there."""

from __future__ import annotations

import re
from typing import Any

from django.urls import reverse

from joinedup_web.feedback.models import Form
from support.feedback_forms import service


def page(client: Any, name: str, *args: Any, query: str = "", **kwargs: Any) -> str:
    answer = client.get(reverse(f"feedback:{name}", args=args) + query, **kwargs)
    assert answer.status_code == 200, (name, answer.status_code)
    return re.sub(r"\s+", " ", answer.content.decode())


def send(client: Any, view: str, /, *args: Any, query: str = "", **data: Any) -> Any:
    return client.post(reverse(f"feedback:{view}", args=args) + query, data)


def draft_of(form: Form) -> dict[str, Any]:
    form.refresh_from_db()
    return form.draft


def keys_of(form: Form) -> list[list[str]]:
    return [[each["key"] for each in part["questions"]] for part in draft_of(form)["pages"]]


def draft(manager: Any, client: Any, template: str = "survey") -> Form:
    of = service(duty_person=manager)
    send(client, "new_form", of.id, template=template, name="How was it?")
    return Form.objects.get(service=of)
