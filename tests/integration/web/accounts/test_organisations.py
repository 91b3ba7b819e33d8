"""Organisations: identifiers by the rules of their schemes, officers from a day to a day."""

from __future__ import annotations

from datetime import date

import pytest

from joinedup_web.accounts import actions
from joinedup_web.accounts.models import Officer, OfficerPost, Organisation
from joinedup_web.gate.decide import Refused
from support.staff_accounts import kinds, last_event
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
FORM = {
    "name": "Westshire Council",
    "kind": "council",
    "gss_code": "e06000001",
    "companies_house_number": "1234567",
}


def test_a_platform_administrator_adds_one_with_its_identifiers(client):
    sign_in(client, staff("platform_administrator"))

    client.post("/staff/organisations/new", FORM)

    made = Organisation.objects.get(name="Westshire Council")
    assert (made.gss_code, made.companies_house_number, made.ods_code) == ("E06000001", "01234567", None)
    assert last_event("organisation.created") == {"subject_organisation": str(made.id)}


def test_what_is_no_identifier_is_told_beside_its_field(client):
    sign_in(client, staff("platform_administrator"))

    page = client.post(
        "/staff/organisations/new",
        {"name": "X", "kind": "council", "gss_code": "E6", "ods_code": "!", "govuk_slug": "a b/c"},
    ).content.decode()

    for name in ("ONS code", "NHS organisation code", "GOV.UK address"):
        assert f"Enter a real {name}" in page
    assert not Organisation.objects.filter(name="X").exists()


def test_names_and_identifiers_are_given_once(client):
    sign_in(client, staff("platform_administrator"))
    client.post("/staff/organisations/new", FORM)

    assert (
        "of that name"
        in client.post("/staff/organisations/new", {**FORM, "name": "westshire COUNCIL"}).content.decode()
    )
    assert (
        "has that ONS code"
        in client.post("/staff/organisations/new", {**FORM, "name": "Other"}).content.decode()
    )
    assert kinds("organisation.created") == ["organisation.created"]


def test_only_the_platform_adds_organisations(client):
    sign_in(client, staff("organisation_administrator"))

    assert client.post("/staff/organisations/new", FORM).status_code == 403
    assert client.get("/staff/organisations")["Location"].endswith(str(organisation().id))


def test_an_administrator_changes_their_own_and_no_other(client):
    place, there = organisation(), organisation("Southshire Council")
    sign_in(client, staff("organisation_administrator"))
    form = {"name": "Northshire County Council", "kind": "council", "ods_code": "rx1"}

    client.post(f"/staff/organisations/{place.id}/change", form)
    place.refresh_from_db()
    assert (place.name, place.ods_code) == ("Northshire County Council", "RX1")
    assert kinds() == ["organisation.changed", "organisation.changed"]
    assert client.post(f"/staff/organisations/{there.id}/change", form).status_code == 404
    assert client.get(f"/staff/organisations/{there.id}").status_code == 404

    with pytest.raises(Refused, match="another organisation"):
        actions.change_organisation(
            by=acting(staff("organisation_administrator")),
            organisation_id=there.id,
            organisation=there,
            name="Mine now",
            kind="council",
            identifiers={},
        )


def name(post: OfficerPost, holder, since: date, **more):
    place = organisation()
    by = acting(staff("organisation_administrator"))
    return actions.name_officer(by=by, organisation=place, post=post, holder=holder, since=since, **more)


def test_a_new_dpo_ends_the_time_of_the_one_before(client):
    first, second = staff("adviser"), staff("adviser")
    name(OfficerPost.DPO, first, date(2026, 1, 1))
    name(OfficerPost.DPO, second, date(2026, 3, 1))

    rows = {row.holder: (row.since, row.until) for row in Officer.objects.all()}
    assert rows == {first: (date(2026, 1, 1), date(2026, 3, 1)), second: (date(2026, 3, 1), None)}
    assert kinds() == ["officer.named", "officer.ended", "officer.named"]
    with pytest.raises(Refused, match="began later"):
        name(OfficerPost.DPO, first, date(2025, 1, 1))


def test_there_may_be_many_information_asset_owners():
    owner = staff("asset_owner")
    name(OfficerPost.IAO, owner, date(2026, 1, 1), asset="Housing register")
    name(OfficerPost.IAO, owner, date(2026, 1, 1), asset="Council tax")

    assert Officer.objects.filter(until=None).count() == 2
    with pytest.raises(Refused, match="already"):
        name(OfficerPost.IAO, owner, date(2026, 2, 1), asset="Council tax")


def test_a_stranger_holds_no_post(client):
    stranger = staff("adviser", where=organisation("Southshire Council"))

    with pytest.raises(Refused, match="must have a role"):
        name(OfficerPost.SIRO, stranger, date(2026, 1, 1))


def test_officers_on_the_page(client):
    place, holder = organisation(), staff("adviser")
    sign_in(client, staff("organisation_administrator"))
    form = {
        "post": "dpo",
        "holder": str(holder.id),
        "since-day": "1",
        "since-month": "2",
        "since-year": "2026",
    }

    assert (
        "Enter which information asset"
        in client.post(
            f"/staff/organisations/{place.id}/officers/new", {**form, "post": "iao"}
        ).content.decode()
    )
    client.post(f"/staff/organisations/{place.id}/officers/new", form)
    assert "1 February 2026" in client.get(f"/staff/organisations/{place.id}").content.decode()
    row = Officer.objects.get()
    client.post(f"/staff/officers/{row.id}/end", {"until-day": "1", "until-month": "5", "until-year": "2026"})

    row.refresh_from_db()
    assert row.until == date(2026, 5, 1)
