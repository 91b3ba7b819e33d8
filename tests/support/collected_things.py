"""Forms that are edited and points of each kind: what the addresses of staff who ask for feedback take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from joinedup.feedback import Quota, editing
from joinedup.feedback.templates import templates
from joinedup_web.accounts.models import Organisation, StaffUser
from joinedup_web.feedback.models import (
    Channel,
    CollectionPoint,
    Ending,
    Form,
    FormState,
    FormVersion,
    Service,
)


def collected_things(
    service_id: UUID, *, tag: str, mark: Callable[[str], str] | None = None
) -> dict[str, Any]:
    """Things: draft_form (never published), changed_form (with a version and a draft), invited_form, closed_form,
    qr_point, script_point, closed_point. tag: tells the codes of two services apart. mark: puts marks into names."""
    service = Service.objects.get(id=service_id)
    told = mark or (lambda what: what.capitalize())
    survey = templates()["survey"]
    draft = Form.objects.create(
        service=service,
        kind=survey.kind,
        name=f"Survey {told('DRAFT')}",
        draft=editing.with_quota(survey.definition, Quota("used_lately", "yes", 200)).as_dict(),
        draft_revision=1,
    )
    made = {"draft_form": draft.id}
    for name, state, more in (
        ("changed", FormState.OPEN, {"draft": survey.definition.as_dict(), "draft_revision": 3}),
        ("invited", FormState.OPEN, {"one_answer_each": True}),
        ("closed", FormState.CLOSED, {}),
    ):
        form = Form.objects.create(
            service=service, kind="satisfaction", name=f"{told('FORM')} {name}", state=state, **more
        )
        definition = templates()["satisfaction"].definition.as_dict()
        FormVersion.objects.create(form=form, number=1, definition=definition)
        made[f"{name}_form"] = form.id
    for name, channel, is_open in (
        ("qr", Channel.QR, True),
        ("script", Channel.SCRIPT, True),
        ("closed", Channel.WEB, False),
    ):
        made[f"{name}_point"] = CollectionPoint.objects.create(
            form_id=made["changed_form"],
            code=f"{name[:2]}{tag[:5]}",
            channel=channel,
            ending=Ending.ERROR,
            label=f"{told('POINT')} {name}",
            is_open=is_open,
        ).id
    return made


def collected_pages(place: Organisation, duty_person: StaffUser) -> dict[str, list[dict[str, Any]]]:
    """For the full site: a service with forms in each state and points of each kind, and the pages to visit.

    Comes after public_things, whose service it is.
    """
    service = Service.objects.get(organisation=place, slug="bus-passes-north")
    Service.objects.filter(id=service.id).update(duty_person=duty_person)
    things = {name: str(each) for name, each in collected_things(service.id, tag="north").items()}
    of, draft = {"service_id": str(service.id)}, {"form_id": things["draft_form"]}
    changed = {"form_id": things["changed_form"]}
    code = {"point_id": things["qr_point"]}
    names = ("service", "change_service", "service_state", "new_form")
    pages: dict[str, list[dict[str, Any]]] = {f"feedback:{name}": [of] for name in names}
    pages |= {
        f"feedback:{name}": [changed] for name in ("change_form", "open_form", "drop_draft", "new_point")
    }
    pages |= {
        f"feedback:{name}": [draft | {"key": "ways"}]
        for name in ("question", "question_shown", "remove_question")
    }
    return pages | {
        "feedback:form": [
            {"form_id": things[f"{name}_form"]} for name in ("draft", "changed", "invited", "closed")
        ],
        "feedback:questions": [draft, changed],
        "feedback:new_question": [draft, draft | {"query": "page=1&kind=choice"}],
        "feedback:page_heading": [draft | {"number": 1}],
        "feedback:form_end": [draft],
        "feedback:new_quota": [draft],
        "feedback:publish": [draft, changed],
        "feedback:preview": [draft | {"query": f"page={number}&in=cy"} for number in (1, 2, 3)] + [changed],
        "feedback:version": [changed | {"number": 1}],
        "feedback:points": [changed, draft],
        "feedback:point": [{"point_id": things[f"{name}_point"]} for name in ("qr", "script", "closed")],
        "feedback:poster": [code],
    }
