"""Staff sign-in at an OpenID Connect provider: a known subject, or an invitation opened in the same browser."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from joinedup.identity.demonstration import Style, subject_of
from joinedup.ports import HttpxClient
from joinedup.settings import StaffProvider
from joinedup_web.accounts import actions, staff_provider
from joinedup_web.accounts.models import ProviderIdentity, Role, StaffUser
from support.openid_provider import Fault, running_provider
from support.staff_accounts import kinds, last_event, open_link
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
SECRET = "a secret of the staff client"


@pytest.fixture
def op(settings):
    back = f"{settings.JOINEDUP.url}/staff/sign-in/provider/return"
    with running_provider(style=Style.STAFF, client_secret=SECRET, redirect_uri=back) as provider:
        chosen = StaffProvider("County account", provider.issuer, "joinedup-test", SECRET)
        settings.JOINEDUP = replace(settings.JOINEDUP, staff_provider=chosen)
        staff_provider.relying_party.cache_clear()
        yield provider
        staff_provider.relying_party.cache_clear()


def at_provider(client, **asked) -> str:
    """Go to the provider and let it sign the person in; returns the address that it sends the browser back to."""
    start = client.get("/staff/sign-in/provider", asked)
    assert start.status_code == 302, start.content.decode()
    with HttpxClient(timeout_seconds=5, tries=1) as http:
        answer = http.get(start["Location"])
    parts = urlsplit(answer.headers["location"])
    return f"{parts.path}?{parts.query}"


def known(op, *roles: str, **more) -> StaffUser:
    """A colleague whom the provider knows."""
    user = staff(*(roles or ("clerk",)), **more)
    ProviderIdentity.objects.create(
        user=user, issuer=op.issuer, subject=subject_of(op.provider, op.person.id)
    )
    return user


def is_signed_in(client) -> bool:
    return client.get("/staff/account").status_code == 200


def test_a_known_subject_signs_in(client, op):
    user = known(op)
    assert "Sign in with County account" in client.get("/staff/sign-in").content.decode()

    answer = client.get(at_provider(client, next="/staff/account"))

    assert answer["Location"] == "/staff/account"
    assert is_signed_in(client)
    assert user.sessions.get().method == "openid_connect"
    assert last_event("sign_in.succeeded") == {"method": "openid_connect"}


def test_an_email_address_that_fits_opens_nothing(client, op):
    staff("clerk", email=op.person.email)

    answer = client.get(at_provider(client))

    assert answer.status_code == 403
    assert "nobody has invited you" in answer.content.decode()
    assert not is_signed_in(client)
    assert not ProviderIdentity.objects.exists()
    assert last_event("sign_in.provider_refused") == {"fault": "no_invitation"}


def test_an_invitation_opened_in_this_browser_makes_the_account(client, op):
    place = organisation()
    sent = actions.invite(
        by=acting(staff("organisation_administrator")),
        email="quite.another@example.test",
        name="New Person",
        roles=[Role.objects.get(code="clerk", organisation=None)],
        organisation=place,
    )
    page = open_link(client, "/staff/" + sent.link.partition("/staff/")[2])
    assert "Continue with County account" in page.content.decode()

    client.get(at_provider(client))

    assert is_signed_in(client)
    made = ProviderIdentity.objects.get()
    assert (made.issuer, made.subject) == (op.issuer, subject_of(op.provider, op.person.id))
    assert made.user.email == "quite.another@example.test"
    assert {"account.created", "account.provider_linked", "invitation.accepted"} <= set(kinds())
    client.post("/staff/sign-out")
    client.get(at_provider(client))
    assert is_signed_in(client)


def test_an_answer_works_once_and_in_the_browser_that_asked(client, op):
    from django.test import Client

    known(op)
    back = at_provider(client)
    stranger = Client()
    assert stranger.get(back).status_code == 400
    assert client.get(back).status_code == 302
    client.post("/staff/sign-out")

    assert client.get(back).status_code == 400
    assert last_event("sign_in.provider_refused") == {"fault": "state_unknown"}
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        (Fault.ID_TOKEN_INVALID_ISS, "id_token_bad_issuer", 400),
        (Fault.ID_TOKEN_INVALID_AUD, "id_token_bad_audience", 400),
        (Fault.ID_TOKEN_INVALID_SIGNATURE, "id_token_bad_signature", 400),
        (Fault.ID_TOKEN_NONCE_NOT_MATCHING, "id_token_bad_nonce", 400),
        (Fault.ID_TOKEN_TOKEN_EXPIRED, "id_token_expired", 400),
        (Fault.AUTHORISE_ACCESS_DENIED, "access_denied", 403),
        (Fault.OUTAGE_TOKEN, "token_unavailable", 503),
    ],
)
def test_every_fault_has_a_page_and_one_event(client, op, fault, code, status):
    known(op)
    op.faults = {fault}

    answer = client.get(at_provider(client))

    assert answer.status_code == status
    assert "You could not be signed in" in answer.content.decode()
    assert kinds() == ["sign_in.provider_refused"]
    assert last_event("sign_in.provider_refused") == {"fault": code}
    assert not is_signed_in(client)


def test_a_closed_account_is_refused(client, op):
    user = known(op)
    user.is_active = False
    user.save()

    assert client.get(at_provider(client)).status_code == 403
    assert last_event("sign_in.provider_refused") == {"fault": "account_disabled"}


def test_confirming_takes_the_same_person(client, op):
    user = known(op)
    sign_in(client, user)
    answer = client.get(at_provider(client, next="/staff/account/password"))
    assert answer["Location"] == "/staff/account/password"
    assert last_event("sign_in.confirmed") == {"method": "openid_connect"}
    other = staff("clerk")
    sign_in(client, other)

    assert client.get(at_provider(client)).status_code == 400
    assert last_event("sign_in.provider_refused") == {"fault": "subject_changed"}


def test_without_a_provider_there_is_no_such_page(client):
    assert client.get("/staff/sign-in/provider").status_code == 404
    assert client.get("/staff/sign-in/provider/return").status_code == 404
