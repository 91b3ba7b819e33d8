"""Services, forms and collection points are set up, changed, published, opened and closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from joinedup.feedback import FormError
from joinedup.feedback.templates import templates
from joinedup_web.feedback.actions import forms, points, services
from joinedup_web.feedback.models import CollectionPoint, Form, FormState, FormVersion, Service
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import Refused
from support.web_deeds import kinds
from support.web_people import acting, organisation, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def manager(where: str = "Northshire Council") -> Actor:
    place = organisation(where)
    return acting(staff("service_manager", where=place), place)


def a_service(by: Actor, **fields: Any) -> Service:
    given = {"name": "Parking permits", "slug": "parking-permits", **fields}
    return services.create_service(by=by, **given)


def a_form(by: Actor, template: str = "satisfaction", **fields: Any) -> Form:
    service = fields.pop("service", None) or a_service(by, duty_person=staff("moderator"))
    return forms.create_form(by=by, service=service, template=template, name="How was it?", **fields)


def refused(code: str) -> Any:
    return _Refusal(code)


class _Refusal:
    """Expects a refusal of this code."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, _: Any) -> bool:
        assert isinstance(error, Refused), f"nothing was refused: {error!r}"
        assert error.decision.code == self.code
        return True


def test_a_service_is_set_up_with_its_duty_person():
    by, duty = manager(), staff("moderator")

    made = a_service(by, duty_person=duty, help_text=" Call us. ")

    assert (made.organisation_id, made.duty_person, made.help_text) == (by.organisation_id, duty, "Call us.")
    assert kinds() == ["service.added"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": " "}, "no_name"),
        ({"name": "PARKING PERMITS", "slug": "other"}, "name_taken"),
        ({"name": "Other", "slug": "parking-permits"}, "address_taken"),
        ({"name": "Other", "slug": "Other one"}, "no_address"),
        ({"name": "Other", "slug": "other", "acknowledge_minutes": 4}, "minutes"),
        ({"name": "Other", "slug": "other", "keep_original_days": 366}, "days"),
    ],
)
def test_a_service_that_cannot_be_is_refused_and_nothing_is_kept(given: dict[str, Any], code: str):
    by = manager()
    a_service(by)

    with refused(code):
        a_service(by, **given)

    assert Service.objects.count() == 1
    assert kinds() == ["service.added", "access.refused"]


def test_an_address_of_another_organisation_is_taken_too():
    a_service(manager("Southshire Council"))

    with refused("address_taken"):
        a_service(manager())


def test_duty_people_may_acknowledge_flags_and_are_two():
    by, able, unable = manager(), staff("moderator"), staff("leader")

    with refused("may_not_acknowledge"):
        a_service(by, duty_person=unable)
    with refused("same_person"):
        a_service(by, duty_person=able, deputy=able)
    with refused("no_duty_person"):
        a_service(by, deputy=able)
    with refused("may_not_acknowledge"):
        a_service(by, duty_person=staff("moderator", where=organisation("Southshire Council")))


def test_a_service_is_changed_and_closed():
    by = manager()
    made = a_service(by)

    changed = services.change_service(by=by, service=made, name="Permits", is_active=False)

    assert (changed.name, changed.is_active, changed.slug) == ("Permits", False, "parking-permits")
    assert kinds() == ["service.added", "service.changed"]
    with refused("nothing_changed"):
        services.change_service(by=by, service=made, name="Permits ")


def test_strangers_and_colleagues_without_the_permission_change_nothing():
    by = manager()
    form = a_form(by)
    stranger, analyst = manager("Southshire Council"), acting(staff("analyst"))

    for who, code in ((stranger, "other_organisation"), (analyst, "no_permission")):
        with refused(code):
            services.change_service(
                by=who, organisation_id=by.organisation_id, service=form.service, name="Mine"
            )
        with refused(code):
            forms.create_form(
                by=who, organisation_id=by.organisation_id, service=form.service, template="help", name="Mine"
            )
    with pytest.raises(Service.DoesNotExist):
        services.change_service(by=stranger, service=form.service, name="Mine")
    with refused("other_organisation"):
        forms.create_form(by=stranger, service=form.service, template="help", name="Mine")
    with refused("other_organisation"):
        points.make_point(by=stranger, form=form, channel="web", ending="error", label="Mine")
    with pytest.raises(Form.DoesNotExist):
        forms.publish(by=stranger, form=form, revision=1)

    assert not FormVersion.objects.exists()
    assert not CollectionPoint.objects.exists()
    assert list(Service.objects.values_list("name", flat=True)) == ["Parking permits"]


@pytest.mark.parametrize("template", ["satisfaction", "unfinished", "help", "survey", "consultation"])
def test_a_form_begins_with_a_template(template: str):
    made = a_form(manager(), template)

    assert made.kind == templates()[template].kind
    assert (made.draft, made.draft_revision) == (templates()[template].definition.as_dict(), 1)
    assert kinds() == ["service.added", "form.added"]


def test_publishing_keeps_the_questions_as_a_version_that_never_changes():
    by = manager()
    form = a_form(by)

    first = forms.publish(by=by, form=form, revision=1)
    form.refresh_from_db()
    changed = dict(first.definition, check=True)
    form = forms.change_draft(by=by, form=form, definition=changed, revision=form.draft_revision)
    second = forms.publish(by=by, form=form, revision=form.draft_revision)

    assert (first.number, second.number) == (1, 2)
    assert FormVersion.objects.get(number=1).definition["check"] is False
    assert FormVersion.objects.get(number=2).definition["check"] is True
    form.refresh_from_db()
    assert form.draft is None
    assert kinds()[2:] == ["form.published", "form.edited", "form.published"]
    with refused("nothing_to_publish"):
        forms.publish(by=by, form=form, revision=form.draft_revision)


def test_the_second_of_two_who_edit_at_a_time_is_told():
    by = manager()
    form = a_form(by)
    draft = dict(form.draft, check=True)
    forms.change_draft(by=by, form=form, definition=draft, revision=1)

    with refused("changed_meanwhile"):
        forms.change_draft(by=by, form=form, definition=dict(form.draft, check=False), revision=1)
    with refused("changed_meanwhile"):
        forms.publish(by=by, form=form, revision=1)

    form.refresh_from_db()
    assert form.draft["check"] is True
    assert not FormVersion.objects.exists()


def test_questions_that_cannot_be_asked_are_not_kept():
    by = manager()
    form = a_form(by)

    with pytest.raises(FormError):
        forms.change_draft(by=by, form=form, definition={"pages": []}, revision=1)

    form.refresh_from_db()
    assert form.draft_revision == 1


def test_changes_that_were_not_published_are_taken_back():
    by = manager()
    form = a_form(by)
    with refused("nothing_to_drop"):
        forms.drop_draft(by=by, form=form, revision=1)
    forms.publish(by=by, form=form, revision=1)
    form = forms.change_draft(by=by, form=form, definition=dict(form.draft, check=True), revision=2)

    dropped = forms.drop_draft(by=by, form=form, revision=3)

    assert (dropped.draft, dropped.draft_revision) == (None, 4)


def test_a_form_opens_once_it_is_published_and_somebody_is_on_duty():
    by = manager()
    service = a_service(by)
    form = a_form(by, service=service)

    with refused("not_published"):
        forms.open_form(by=by, form=form)
    forms.publish(by=by, form=form, revision=1)
    with refused("no_duty_person"):
        forms.open_form(by=by, form=form)
    services.change_service(by=by, service=service, duty_person=staff("moderator"))
    opened = forms.open_form(by=by, form=form)
    with refused("open_already"):
        forms.open_form(by=by, form=form)
    closed = forms.close_form(by=by, form=form)
    with refused("not_open"):
        forms.close_form(by=by, form=form)

    assert (opened.state, closed.state) == (FormState.OPEN, FormState.CLOSED)
    assert [kind for kind in kinds() if kind.startswith("form.")] == [
        "form.added",
        "form.published",
        "form.opened",
        "form.closed",
    ]


def test_a_form_opens_and_closes_by_its_dates():
    by = manager()
    form = a_form(by)
    forms.publish(by=by, form=form, revision=1)
    now = timezone.now()

    with refused("closes_too_early"):
        forms.open_form(by=by, form=form, closes_at=now - timedelta(days=1))
    with refused("closes_too_early"):
        forms.open_form(by=by, form=form, opens_at=now + timedelta(days=2), closes_at=now + timedelta(days=1))
    opened = forms.open_form(by=by, form=form, opens_at=now, closes_at=now + timedelta(days=7))

    assert (opened.opens_at, opened.closes_at) == (now, now + timedelta(days=7))


def test_a_closed_service_opens_no_form():
    by = manager()
    form = a_form(by)
    forms.publish(by=by, form=form, revision=1)
    services.change_service(by=by, service=form.service, is_active=False)

    with refused("service_closed"):
        forms.open_form(by=by, form=form)


def test_a_point_has_an_address_of_its_own_is_closed_and_opened_again():
    by = manager()
    form = a_form(by)
    made = [
        points.make_point(by=by, form=form, channel="qr", ending=ending, label=f"Letter {ending}")
        for ending in ("completed", "ineligible", "error", "abandoned", "anywhere")
    ]

    assert len({each.code for each in made}) == 5
    assert all(set(each.code) <= set(points.LETTERS) and len(each.code) == 6 for each in made)
    assert points.close_point(by=by, point=made[0]).is_open is False
    with refused("nothing_changed"):
        points.close_point(by=by, point=made[0])
    assert points.reopen_point(by=by, point=made[0]).is_open is True
    assert kinds()[-3:] == ["point.changed", "access.refused", "point.changed"]


def test_a_form_by_invitation_has_no_points():
    by = manager()
    form = a_form(by)
    changed = forms.change_form(by=by, form=form, name="Invited", one_answer_each=True)

    with refused("by_invitation"):
        points.make_point(by=by, form=changed, channel="web", ending="anywhere", label="Letter")
    with refused("nothing_changed"):
        forms.change_form(by=by, form=changed, name="Invited", one_answer_each=True)
    with refused("no_label"):
        points.make_point(
            by=by,
            form=forms.change_form(by=by, form=changed, name="INVITED", one_answer_each=False),
            channel="web",
            ending="anywhere",
            label=" ",
        )
