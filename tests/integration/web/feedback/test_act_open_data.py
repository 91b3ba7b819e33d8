"""Figures become open data by a decision, with small numbers withheld, and are withdrawn by another."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from joinedup.feedback import MonthFigures
from joinedup_web.audit.models import Event
from joinedup_web.feedback.actions import act_figures as actions
from joinedup_web.feedback.models import Response, ResponseState
from joinedup_web.gate.decide import Refused
from support.feedback_forms import received, service, version
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
LICENCE = {"licence": "Open Government Licence v3.0", "licence_url": "https://example.org/licence"}
NAMES = ("figures", "figures_csv", "figures_json", "figures_metadata")


@pytest.fixture
def publisher():
    return acting(staff("publisher"))


def told(month: date, *counts: int, of=None):
    """So many people gave a 1, a 2, a 3, a 4, a 5 in the middle of a month."""
    of = of or version()
    at = timezone.make_aware(datetime(month.year, month.month, 15, 12))
    for score, count in enumerate(counts, 1):
        for _ in range(count):
            received(of, {"satisfaction": str(score)}, received_at=at)
    return of


def rows_of(slug: str) -> dict[str, dict[str, str]]:
    text = Client().get(reverse("feedback_public:figures_csv", args=[slug])).content.decode()
    return {row["month"]: row for row in csv.DictReader(io.StringIO(text))}


def test_nothing_is_open_before_somebody_decides_it(client: Client) -> None:
    of = told(date(2026, 3, 1), 0, 0, 0, 0, 6).form.service
    for name in NAMES:
        assert Client().get(reverse(f"feedback_public:{name}", args=[of.slug])).status_code == 404
    sign_in(client, staff("publisher"))
    there = reverse("feedback:open_data", args=[of.id])
    assert "are not open" in client.get(there).content.decode()

    client.post(there, LICENCE)

    for name in NAMES:
        answer = Client().get(reverse(f"feedback_public:{name}", args=[of.slug]))
        assert answer.status_code == 200
        assert not answer.cookies
    assert Event.objects.filter(kind="figures.opened").count() == 1
    client.post(reverse("feedback:open_data_close", args=[of.id]))
    for name in NAMES:
        assert Client().get(reverse(f"feedback_public:{name}", args=[of.slug])).status_code == 404
    assert Event.objects.filter(kind="figures.closed").count() == 1


def test_small_numbers_are_withheld_in_every_form_of_them(publisher) -> None:
    of = told(date(2026, 1, 1), 0, 0, 0, 5, 6)
    told(date(2026, 3, 1), 1, 0, 0, 5, 6, of=of)
    found = of.form.service
    figures = [MonthFigures(date(2026, 3, 1), 100, 97, 80, None, 5050)]
    actions.note_figures(by=acting(staff("service_manager")), service=found, figures=figures)
    actions.open_figures(by=publisher, service=found, **LICENCE)

    rows = rows_of(found.slug)

    assert [rows["2026-01"][f"score_{n}"] for n in range(1, 6)] == ["0", "0", "0", "5", "6"]
    assert rows["2026-01"]["satisfaction_percent"] == "88.6"  # (3*5 + 4*6) / (4*11) = 39/44
    assert rows["2026-02"]["answers"] == "0"
    assert [rows["2026-03"][f"score_{n}"] for n in range(1, 6)] == [""] * 5
    assert rows["2026-03"]["answers"] == "12"
    assert (rows["2026-03"]["started"], rows["2026-03"]["completed"]) == ("", "")
    assert rows["2026-03"]["cost_pounds"] == "50.50"
    assert "started" in rows["2026-03"]["withheld"].split()
    json = Client().get(reverse("feedback_public:figures_json", args=[found.slug])).json()
    march = next(month for month in json["months"] if month["month"] == "2026-03")
    assert march["score_1"] is None
    assert march["cost_pounds"] == 50.5
    assert "score_1" in march["withheld"]
    assert json["licence"] == {"name": LICENCE["licence"], "url": LICENCE["licence_url"]}
    page = Client().get(reverse("feedback_public:figures", args=[found.slug])).content.decode()
    assert "Withheld" in page
    assert "97" not in page.split("<tbody")[1]


def test_the_page_groups_the_digits_of_every_number_and_the_files_none(publisher) -> None:
    of = told(date(2026, 3, 1), 0, 0, 0, 0, 6).form.service
    figures = [MonthFigures(date(2026, 3, 1), 2140, 2020, 1900, None, 1_195_000)]
    actions.note_figures(by=acting(staff("service_manager")), service=of, figures=figures)
    actions.open_figures(by=publisher, service=of, **LICENCE)

    page = Client().get(reverse("feedback_public:figures", args=[of.slug])).content.decode()

    assert "2,140" in page
    assert "11,950.00" in page
    assert rows_of(of.slug)["2026-03"]["cost_pounds"] == "11950.00"


def test_the_month_under_way_and_what_is_hidden_are_left_out(publisher) -> None:
    today = timezone.localdate()
    of = told(date(2026, 3, 1), 0, 0, 0, 0, 6)
    received(of, {"satisfaction": "5"})
    spam = received(of, {"satisfaction": "1"}, received_at=timezone.make_aware(datetime(2026, 3, 16)))
    Response.objects.filter(id=spam.id).update(state=ResponseState.HIDDEN)
    actions.open_figures(by=publisher, service=of.form.service, **LICENCE)

    rows = rows_of(of.form.service.slug)

    assert f"{today:%Y-%m}" not in rows
    assert rows["2026-03"]["answers"] == "6"


def test_the_description_belongs_to_the_file(publisher) -> None:
    of = told(date(2026, 3, 1), 0, 0, 0, 0, 6).form.service
    actions.open_figures(by=publisher, service=of, **LICENCE)

    answer = Client().get(reverse("feedback_public:figures_csv", args=[of.slug]))
    described = Client().get(reverse("feedback_public:figures_metadata", args=[of.slug])).json()

    assert answer["Link"].startswith(f"</feedback/{of.slug}/figures.csv-metadata.json>")
    headings = answer.content.decode().splitlines()[0].split(",")
    assert headings == [column["name"] for column in described["tableSchema"]["columns"]]
    assert described["dc:license"] == {"@id": LICENCE["licence_url"]}


def test_it_is_decided_once_and_with_a_licence_that_can_be_read(client: Client, publisher) -> None:
    of = service()
    sign_in(client, staff("publisher"))
    wrong = client.post(
        reverse("feedback:open_data", args=[of.id]), {"licence": "X", "licence_url": "http://x.example"}
    )
    assert wrong.status_code == 422
    assert "must begin with https://" in wrong.content.decode()
    for call, code in ((actions.close_figures, "not_open"), (actions.open_figures, "no_licence")):
        more = {"licence": "X", "licence_url": "javascript:alert(1)"} if call is actions.open_figures else {}
        with pytest.raises(Refused) as told:
            call(by=publisher, service=of, **more)
        assert told.value.decision.code == code
    actions.open_figures(by=publisher, service=of, **LICENCE)
    with pytest.raises(Refused) as told:
        actions.open_figures(by=publisher, service=of, **LICENCE)
    assert told.value.decision.code == "open_already"


def test_only_a_publisher_of_the_organisation_decides_it(client: Client) -> None:
    of, south = service(), organisation("Southshire Council")
    for user, where, status in (
        (staff("service_manager"), organisation(), 403),
        (staff("publisher", where=south), south, 404),
    ):
        sign_in(client, user, where)
        assert client.post(reverse("feedback:open_data", args=[of.id]), LICENCE).status_code == status
    assert Client().get(reverse("feedback_public:figures", args=[of.slug])).status_code == 404
