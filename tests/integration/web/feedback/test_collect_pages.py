"""Staff set a service up on pages: its forms, questions, links, QR codes and posters."""

from __future__ import annotations

import pytest
from django.urls import reverse

from joinedup_web.feedback.models import Channel, CollectionPoint, Form, FormState, FormVersion, Service
from support.collect_pages import page, send
from support.feedback_forms import point, received, service, version
from support.web_people import organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


@pytest.fixture
def manager(client):
    user = staff("service_manager")
    sign_in(client, user)
    return user


def test_nothing_is_there_yet_and_the_page_says_what_to_do(client, manager):
    text = page(client, "services")

    assert "No service asks for feedback yet" in text
    assert "Set up a service" in text


def test_who_may_not_set_services_up_is_not_offered_it(client):
    sign_in(client, staff("leader"))
    of = service()

    assert "Set up a service" not in page(client, "services")
    assert "Add a form" not in page(client, "service", of.id)
    assert client.get(reverse("feedback:new_service")).status_code == 403


def test_from_nothing_to_a_form_that_people_can_reach(client, manager):
    answer = send(
        client,
        "new_service",
        name="Parking permits",
        slug="parking-permits",
        duty_person=str(manager.id),
        deputy="",
        acknowledge_minutes="60",
        keep_original_days="30",
    )
    made = Service.objects.get()
    assert answer.url == reverse("feedback:service", args=[made.id])
    assert "Add a form next" in page(client, "service", made.id)
    send(client, "new_form", made.id, template="satisfaction", name="After an application")
    form = Form.objects.get()
    assert "Look the questions over, and publish them" in page(client, "service", made.id)
    assert "become version 1" in page(client, "publish", form.id)
    send(client, "publish", form.id, revision="1")
    assert FormVersion.objects.get().number == 1
    assert "No form takes answers" in page(client, "service", made.id)
    send(client, "open_form", form.id)
    form.refresh_from_db()
    assert form.state == FormState.OPEN
    assert "Nobody can reach a form yet" in page(client, "service", made.id)
    send(client, "new_point", form.id, label="Last page", ending="completed", channel="qr")
    point = CollectionPoint.objects.get()
    text = page(client, "point", point.id)
    assert f"/f/{point.code}" in text
    assert "Poster to print" in text
    assert "app-empty" not in page(client, "services")
    form_page = page(client, "form", form.id)
    assert "They were told they are not eligible" in form_page, "the ends that are not asked are named"
    public = client.get(f"/f/{point.code}", follow=True)
    assert "Overall, how satisfied were you with this service?" in public.content.decode()


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"name": ""}, "id_name", "Enter the name of the service"),
        ({"name": "Bins"}, "id_name", "There is a service of that name already"),
        ({"slug": "bins"}, "id_slug", "That address is taken"),
        ({"slug": "Not an address"}, "id_slug", "Use small letters"),
        ({"duty_person": ""}, "id_duty_person", "Select the duty person"),
        ({"acknowledge_minutes": "1"}, "id_acknowledge_minutes", "Enter a number of minutes from 5 to 1440"),
        ({"keep_original_days": "x"}, "id_keep_original_days", "Enter a number of days from 1 to 365"),
    ],
)
def test_what_is_wrong_with_a_service_stands_beside_its_field(client, manager, wrong, field, words):
    service("Bins")
    given = {
        "name": "Parking permits",
        "slug": "parking-permits",
        "duty_person": str(manager.id),
        "acknowledge_minutes": "60",
        "keep_original_days": "30",
    }

    answer = send(client, "new_service", **{**given, **wrong})

    assert answer.status_code == 422
    text = answer.content.decode()
    assert f'href="#{field}"' in text
    assert words in text
    assert Service.objects.count() == 1


def test_the_deputy_is_somebody_else(client, manager):
    of = service()
    given = {"name": of.name, "slug": of.slug, "acknowledge_minutes": "60", "keep_original_days": "30"}

    answer = send(client, "change_service", of.id, duty_person=manager.id, deputy=manager.id, **given)

    assert 'href="#id_deputy"' in answer.content.decode()


def test_a_service_is_closed_and_opened_again(client, manager):
    of = service()

    assert "takes answers any more" in page(client, "service_state", of.id)
    send(client, "service_state", of.id)
    of.refresh_from_db()
    assert of.is_active is False
    send(client, "service_state", of.id)
    of.refresh_from_db()
    assert of.is_active is True


def test_who_cannot_be_on_duty_any_more_is_named(client, manager):
    leader = staff("leader")
    of = service(duty_person=leader)

    assert f"{leader.name} may not acknowledge flags any more" in page(client, "service", of.id)


def test_services_are_filtered_and_downloaded(client, manager):
    service("Parking permits")
    service("Bins", is_active=False)

    text = page(client, "services", query="?q=bins")
    assert "Bins" in text
    assert "Parking permits" not in text
    csv = b"".join(client.get(reverse("feedback:services") + "?format=csv").streaming_content).decode()
    assert csv.splitlines()[1].startswith("Bins,Closed")


def test_counts_of_a_point_are_its_own(client, manager):
    of = version(of=service(duty_person=manager))
    first, second = point(of, code="bdfhk2"), point(of, code="bdfhk3")
    for _ in range(2):
        received(of, {"satisfaction": "4"}, point=first)
    received(of, {"satisfaction": "4"}, point=second)

    assert "2, 2 of them in the last 28 days" in page(client, "point", first.id)
    assert "1, 1 of them in the last 28 days" in page(client, "point", second.id)
    assert "3 responses, 3 of them" in page(client, "service", of.form.service_id)


def test_a_form_opens_between_two_days(client, manager):
    form = version(of=service(duty_person=manager), state=FormState.DRAFT).form
    days = {"opens_on-day": "1", "opens_on-month": "6", "opens_on-year": "2099"}
    days |= {"closes_on-day": "31", "closes_on-month": "5", "closes_on-year": "2099"}

    wrong = send(client, "open_form", form.id, **days)
    assert "must be the same as or after the first" in wrong.content.decode()
    past = {**days, "opens_on-year": "2019", "closes_on-year": "2020"}
    assert "must be today or in the future" in send(client, "open_form", form.id, **past).content.decode()
    send(client, "open_form", form.id, **{**days, "closes_on-month": "7"})
    form.refresh_from_db()

    assert form.opens_at.isoformat() == "2099-05-31T23:00:00+00:00", "midnight in London"
    assert form.closes_at.isoformat() == "2099-07-31T23:00:00+00:00", "the end of the last day"
    assert "Opens on 1 June 2099" in page(client, "form", form.id)
    send(client, "close_form", form.id)
    form.refresh_from_db()
    assert form.state == FormState.CLOSED


def test_a_form_without_a_duty_person_is_not_opened(client, manager):
    form = version(of=service(), state=FormState.DRAFT).form

    answer = send(client, "open_form", form.id)

    assert answer.status_code == 422
    assert "Name the service’s duty person first" in answer.content.decode()
    assert "nobody is on duty" in page(client, "form", form.id)


def test_a_form_is_renamed_and_put_to_invitations(client, manager):
    form = version(of=service(duty_person=manager)).form

    send(client, "change_form", form.id, name="Exit survey", one_answer_each="yes")

    form.refresh_from_db()
    assert (form.name, form.one_answer_each) == ("Exit survey", True)
    text = page(client, "form", form.id)
    assert "through invitations alone" in text
    assert "Make a link" not in text
    refused = send(client, "new_point", form.id, label="Desk", ending="anywhere", channel="web")
    assert refused.status_code == 422


def test_qr_codes_and_posters_are_of_qr_points_alone(client, manager):
    of = version(of=service(duty_person=manager))
    code, link = point(of, code="bdfhk2", channel=Channel.QR), point(of, code="bdfhk3", channel=Channel.WEB)

    svg = client.get(reverse("feedback:point_svg", args=[code.id]))
    png = client.get(reverse("feedback:point_png", args=[code.id]))

    assert svg["Content-Type"] == "image/svg+xml"
    assert b"<svg" in svg.content
    assert png.content.startswith(b"\x89PNG")
    poster = page(client, "poster", code.id)
    assert "Tell us about Parking permits" in poster
    assert 'lang="cy"' in poster
    assert "Parking permits (Cymraeg)" in poster
    for name in ("point_svg", "point_png", "poster"):
        assert client.get(reverse(f"feedback:{name}", args=[link.id])).status_code == 404


def test_the_line_for_another_website_names_the_point(client, manager):
    of = version(of=service(duty_person=manager))
    button = point(of, channel=Channel.SCRIPT)

    text = page(client, "point", button.id)

    assert f"/feedback.js&#34; data-point=&#34;{button.code}&#34; async" in text
    assert f"/f/{button.code}&#34;&gt;Give feedback on this service" in text
    assert "data-kind" not in text
    Form.objects.update(kind="help")
    assert "data-kind=&#34;help&#34;" in page(client, "point", button.id)


def test_points_are_searched_and_their_links_downloaded(client, manager):
    of = version(of=service(duty_person=manager))
    first, second = point(of, code="bdfhk2"), point(of, code="bdfhk3", channel=Channel.QR)
    CollectionPoint.objects.filter(id=second.id).update(label="Library counter")
    received(of, {"satisfaction": "4"}, point=first)

    text = page(client, "points", of.form_id, query="?q=library")
    assert "Library counter" in text
    assert "End of the application" not in text
    answer = client.get(reverse("feedback:points", args=[of.form_id]) + "?format=csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 3
    assert "/f/bdfhk2,Link or page,They finished,Open,1,1" in lines[1]
    other = version(of=service("Theirs", where=organisation("Southshire Council")), name="Other")
    assert client.get(reverse("feedback:points", args=[other.form_id])).status_code == 404


def test_a_point_is_closed_and_opened_again(client, manager):
    of = version(of=service(duty_person=manager))
    made = point(of)

    send(client, "point_state", made.id)
    made.refresh_from_db()
    assert made.is_open is False
    assert "Open it again" in page(client, "point", made.id)
    send(client, "point_state", made.id)
    made.refresh_from_db()
    assert made.is_open is True


def test_what_belongs_to_others_is_not_there(client, manager):
    place = organisation("Southshire Council")
    of = version(of=service("Theirs", where=place))
    theirs = point(of, channel=Channel.QR)
    addresses = [
        ("service", [of.form.service_id]),
        ("change_service", [of.form.service_id]),
        ("service_state", [of.form.service_id]),
        ("new_form", [of.form.service_id]),
        *(
            (name, [of.form_id])
            for name in ("form", "questions", "publish", "preview", "open_form", "new_point")
        ),
        ("question", [of.form_id, "improve"]),
        ("version", [of.form_id, 1]),
        *((name, [theirs.id]) for name in ("point", "poster", "point_svg")),
    ]

    for name, args in addresses:
        assert client.get(reverse(f"feedback:{name}", args=args)).status_code == 404, name
    for name, args in (
        ("service_state", [of.form.service_id]),
        ("close_form", [of.form_id]),
        ("point_state", [theirs.id]),
        ("move_question", [of.form_id, "improve"]),
    ):
        assert send(client, name, *args).status_code == 404, name
    assert "Theirs" not in page(client, "services")
    theirs.refresh_from_db()
    assert theirs.is_open
