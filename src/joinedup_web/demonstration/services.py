"""The demonstration's services: how they are set up to be asked about, and their figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from joinedup.feedback import MonthFigures
from joinedup_web.accounts.models import StaffUser
from joinedup_web.casework.actions.teams import make_team
from joinedup_web.casework.models import Team
from joinedup_web.feedback.actions.act_figures import note_figures, state_for_scorecard
from joinedup_web.feedback.actions.codebook import add_tag
from joinedup_web.feedback.actions.forms import create_form, open_form, publish
from joinedup_web.feedback.actions.points import make_point
from joinedup_web.feedback.actions.services import create_service
from joinedup_web.feedback.models import CollectionPoint, Form, Service, ServiceFigures, ServiceStatement
from joinedup_web.gate.actor import Actor

MONTHS = 6


@dataclass(frozen=True)
class Place:
    """A collection point. key: its name in the list of remarks. template: of the form that is asked there."""

    key: str
    template: str
    channel: str
    ending: str
    label: str


@dataclass(frozen=True)
class Offered:
    """A service, as fields of the deeds that set it up. month: what a month counts, about, before it changed."""

    key: str
    fields: dict[str, str]
    places: tuple[Place, ...]
    tags: tuple[tuple[str, str], ...]
    month: dict[str, int]
    statement: dict[str, Any]


FORMS = {
    "satisfaction": "Satisfaction",
    "unfinished": "When it did not work out",
    "help": "Get help with this service",
}
ENDS = (
    Place("ineligible", "unfinished", "web", "ineligible", "Page that says somebody is not eligible"),
    Place("error", "unfinished", "web", "error", "Page that says something went wrong"),
    Place("abandoned", "unfinished", "web", "abandoned", "Message about an application not finished"),
    Place("contact", "help", "web", "anywhere", "Contact page"),
)
TAGS = (
    ("Waiting for a decision", "How many days or weeks it takes until the permit or the pass comes"),
    ("Telephone", "Being on hold, nobody answering the telephone, calls cut off"),
    ("Documents and photographs", "Uploading a file, a photo that is refused, proof of address or age"),
    ("Help from staff", "Somebody at an office, a library or on the telephone who was kind and helped"),
    ("Easy to use", "The form was quick, clear and simple"),
)
OFFERED = (
    Offered(
        "parking",
        {
            "name": "Parking permits",
            "name_cy": "Trwyddedau parcio",
            "slug": "parking-permits",
            "help_text": "Telephone 01632 960100, Monday to Friday, 9am to 5pm.",
            "help_text_cy": "Ffoniwch 01632 960100, dydd Llun i ddydd Gwener, 9am i 5pm.",
        },
        (
            Place("finished", "satisfaction", "web", "completed", "Page after applying"),
            Place("letter", "satisfaction", "qr", "completed", "Letter with the permit"),
            Place("button", "satisfaction", "script", "anywhere", "Button on the pages about permits"),
            *ENDS,
        ),
        (*TAGS, ("Price and spaces", "What a permit costs, and that there is nowhere to park all the same")),
        {"started": 2140, "completed": 1650, "digital": 1310, "eligible": 2400, "cost_pence": 1_240_000},
        {"cost_at_most_pence": 850, "cost_source": "The council’s budget for this year"},
    ),
    Offered(
        "bus",
        {
            "name": "Bus passes",
            "name_cy": "Tocynnau bws",
            "slug": "bus-passes",
            "help_text": "Ask at any library, or telephone 01632 960200.",
            "help_text_cy": "Gofynnwch mewn unrhyw lyfrgell, neu ffoniwch 01632 960200.",
        },
        (
            Place("finished", "satisfaction", "web", "completed", "Page after applying"),
            Place("poster", "satisfaction", "qr", "anywhere", "Poster at Fernleigh bus station"),
            *ENDS,
        ),
        (*TAGS, ("Buses", "Buses that are late, do not come or were withdrawn, and drivers")),
        {"started": 980, "completed": 845, "digital": 410, "eligible": 1020, "cost_pence": 690_000},
        {"cost_at_most_pence": 900, "cost_source": "The council’s budget for this year"},
    ),
)


def set_up(
    offered: Offered, *, by: Actor, duty_person: StaffUser, deputy: StaffUser
) -> tuple[Service, dict[str, CollectionPoint]]:
    """Make what is lacking of a service, its forms and its points; return it with its points by their keys."""
    service = Service.objects.filter(slug=offered.fields["slug"]).first() or create_service(
        by=by, duty_person=duty_person, deputy=deputy, **offered.fields
    )
    points = {}
    for place in offered.places:
        form = _form(service, place.template, by=by)
        points[place.key] = form.points.filter(label=place.label).first() or make_point(
            by=by, form=form, channel=place.channel, ending=place.ending, label=place.label
        )
    held = set(service.tags.values_list("name", flat=True))
    for name, description in offered.tags:
        if name not in held:
            add_tag(by=by, service=service, name=name, description=description)
    return service, points


def set_up_teams(*, by: Actor, lead: StaffUser, members: list[StaffUser]) -> dict[str, Team]:
    """The two teams that answer, by their names."""
    told = {
        "Permits and passes": "Applications, documents, waiting times, renewals, lost passes",
        "Streets and buses": "Wardens and penalty notices, spaces and bays, buses and drivers",
    }
    return {
        name: Team.objects.filter(organisation_id=by.organisation_id, name=name).first()
        or make_team(by=by, name=name, purpose=purpose, reply_working_days=10, lead=lead, members=members)
        for name, purpose in told.items()
    }


def note_months(offered: Offered, service: Service, *, by: Actor, today: date) -> None:
    """Enter the figures of the whole months before today, better by and by, and what the scorecard asks for."""
    if not ServiceFigures.objects.filter(service=service).exists():
        months, first = [], today.replace(day=1)
        for back in range(MONTHS):
            first = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
            months.append(_month(offered, first, better=MONTHS - 1 - back))
        note_figures(by=by, service=service, figures=months)
    if not ServiceStatement.objects.filter(service=service).exists():
        audited_on = today.replace(day=1, month=1)
        state_for_scorecard(
            by=by, service=service, is_accessible=True, audited_on=audited_on, **offered.statement
        )


@dataclass(frozen=True)
class PublicPages:
    """A service as the public knows it. code: of the point at which its form is answered."""

    name: str
    slug: str
    code: str


def public_pages() -> list[PublicPages]:
    """The demonstration's services that are there, for its page of accounts."""
    found = []
    for each in OFFERED:
        slug = each.fields["slug"]
        points = CollectionPoint.objects.filter(form__service__slug=slug, is_open=True)
        for point in points.filter(label=each.places[0].label).select_related("form__service")[:1]:
            found.append(PublicPages(point.form.service.name, slug, point.code))
    return found


def _month(offered: Offered, first: date, *, better: int) -> MonthFigures:
    """One month. better: how many months it was on the way up."""
    about = offered.month
    started = about["started"] + 17 * ((first.month * 7) % 5)
    return MonthFigures(
        month=first,
        started=started,
        completed=started * (about["completed"] + 20 * better) // about["started"],
        digital=started * (about["digital"] + 18 * better) // about["started"],
        eligible=about["eligible"],
        cost_pence=about["cost_pence"] - 9_000 * better,
    )


def _form(service: Service, template: str, *, by: Actor) -> Form:
    form = service.forms.filter(name=FORMS[template]).first() or create_form(
        by=by, service=service, template=template, name=FORMS[template]
    )
    if form.draft is not None and not form.versions.exists():
        publish(by=by, form=form, revision=form.draft_revision)
        form.refresh_from_db()
    if form.state == "draft":
        open_form(by=by, form=form)
    return form
