"""Services, forms and collection points for tests of feedback, without the pages that make them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from joinedup_web.accounts.models import Organisation
from joinedup_web.feedback.actions.receive import receive
from joinedup_web.feedback.models import (
    Channel,
    CollectionPoint,
    Ending,
    Form,
    FormKind,
    FormState,
    FormVersion,
    Response,
    Service,
)
from joinedup_web.gate.actor import ANONYMOUS
from support.web_people import organisation

TWO_QUESTIONS: dict[str, Any] = {
    "pages": [
        {
            "questions": [
                {
                    "key": "satisfaction",
                    "kind": "satisfaction",
                    "words": {
                        "en": "Overall, how satisfied were you with this service?",
                        "cy": "Yn gyffredinol, pa mor fodlon oeddech chi ar y gwasanaeth hwn?",
                    },
                    "required": True,
                },
                {
                    "key": "improve",
                    "kind": "text",
                    "words": {
                        "en": "How could we improve this service?",
                        "cy": "Sut gallem ni wella’r gwasanaeth hwn?",
                    },
                    "longest": 1200,
                },
            ]
        }
    ]
}


def service(name: str = "Parking permits", *, where: Organisation | None = None, **fields: Any) -> Service:
    """A service, made once by its name."""
    place = where or organisation()
    slug = name.lower().replace(" ", "-")
    made, _ = Service.objects.get_or_create(
        organisation=place, name=name, defaults={"slug": slug, "name_cy": f"{name} (Cymraeg)", **fields}
    )
    return made


def version(
    definition: dict[str, Any] | None = None,
    *,
    of: Service | None = None,
    name: str = "Satisfaction",
    kind: str = FormKind.SATISFACTION,
    state: str = FormState.OPEN,
    **fields: Any,
) -> FormVersion:
    """The first version of an open form."""
    form = Form.objects.create(service=of or service(), name=name, kind=kind, state=state, **fields)
    return FormVersion.objects.create(form=form, number=1, definition=definition or TWO_QUESTIONS)


def point(
    of: FormVersion, *, code: str = "bdfhk2", channel: str = Channel.WEB, ending: str = Ending.COMPLETED
) -> CollectionPoint:
    """A collection point of a form."""
    return CollectionPoint.objects.create(
        form=of.form, code=code, channel=channel, ending=ending, label="End of the application"
    )


def received(of: FormVersion, answers: dict[str, Any], **given: Any) -> Response:
    """A response, received as every channel does it."""
    told: dict[str, Any] = {
        "point": None,
        "channel": Channel.WEB,
        "ending": Ending.COMPLETED,
        "submission": uuid4(),
        "language": "en",
        **given,
    }
    return receive(by=ANONYMOUS, version=of, answers=answers, **told)
