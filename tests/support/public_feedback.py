"""A service that anybody may say something about: what the addresses of the public's forms take."""

from __future__ import annotations

from typing import Any

from joinedup.feedback.templates import templates
from joinedup_web.accounts.models import Organisation
from joinedup_web.accounts.tokens import digest_of
from joinedup_web.feedback.models import (
    Channel,
    CollectionPoint,
    Ending,
    Form,
    FormState,
    FormVersion,
    Invitation,
    InvitationBatch,
    Response,
    Service,
)
from support.web_people import organisation

HELP = "Ring 01632 960 001 from Monday to Friday, 9am to 5pm."


def public_form(
    service: Service, template: str, *, code: str, ending: str = Ending.ANYWHERE, **fields: Any
) -> CollectionPoint:
    """An open form that begins with a shipped template, and a link to it."""
    shipped = templates()[template]
    form = Form.objects.create(
        service=service, kind=shipped.kind, name=shipped.name.en, state=FormState.OPEN, **fields
    )
    FormVersion.objects.create(form=form, number=1, definition=shipped.definition.as_dict())
    return CollectionPoint.objects.create(
        form=form, code=code, channel=Channel.WEB, ending=ending, label="Everywhere"
    )


def invited(form: Form, token: str) -> Invitation:
    """An invitation to a form. token: as it stands in its link."""
    batch = InvitationBatch.objects.create(form=form, channel=Channel.EMAIL)
    return Invitation.objects.create(batch=batch, token_digest=digest_of(token), state="sent")


def public_things(place: Organisation, *, mark: str) -> dict[str, Any]:
    """Things: open_slug, open_code, open_form, open_invitation. mark: tells the slugs of two organisations apart; it
    stands in no name, for what is open to everybody bears no organisation's mark."""
    service = Service.objects.create(
        organisation=place,
        name="Bus passes",
        name_cy="Tocynnau bws",
        slug=f"bus-passes-{mark}",
        help_text=HELP,
        help_text_cy="Ffoniwch 01632 960 001 o ddydd Llun i ddydd Gwener, 9am i 5pm.",
    )
    point = public_form(service, "help", code=f"hp{mark[:5]}")
    by_invitation = public_form(service, "survey", code=f"sv{mark[:5]}", one_answer_each=True)
    token = f"token-{mark}"
    invited(by_invitation.form, token)
    return {
        "open_slug": service.slug,
        "open_code": point.code,
        "open_form": point.form.id,
        "open_invitation": token,
    }


def walk_things() -> dict[str, str]:
    """For walks in a browser: codes of a short form (by QR code), of a long one, and of a button. Run by
    LiveSite.call."""
    place = organisation("Northshire Council")
    service = Service.objects.create(
        organisation=place,
        name="Parking permits",
        name_cy="Trwyddedau parcio",
        slug="parking-permits",
        help_text=HELP,
    )
    short = public_form(service, "satisfaction", code="bdfhk2", ending=Ending.COMPLETED)
    CollectionPoint.objects.filter(id=short.id).update(channel=Channel.QR)
    CollectionPoint.objects.create(
        form=short.form, code="bdfhk3", channel=Channel.SCRIPT, ending=Ending.ANYWHERE, label="Button"
    )
    public_form(service, "help", code="bdfhk4")
    return {"short": "bdfhk2", "button": "bdfhk3", "long": "bdfhk4", "slug": service.slug}


def kept() -> list[dict[str, Any]]:
    """What is kept of responses, the oldest first. Run by LiveSite.call."""
    rows = Response.objects.order_by("received_at")
    return [
        {
            "channel": row.channel,
            "language": row.language,
            "answers": row.answers,
            "satisfaction": row.satisfaction,
        }
        for row in rows
    ]
