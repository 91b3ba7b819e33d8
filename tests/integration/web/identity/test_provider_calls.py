"""What GOV.UK One Login asks of us by itself: notices that somebody left, and our keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from joinedup.identity.demonstration import subject_of
from joinedup.ports import KeyPurpose
from joinedup_web.audit.keys import key_store
from joinedup_web.identity.models import CitizenSession
from support.citizens import CitizenBrowser, citizen_events
from support.openid_provider import PERSON, UNPROVED
from support.signing_keys import ec_key

pytestmark = [pytest.mark.web, pytest.mark.django_db]
ADDRESS = "/account/back-channel-logout"


@pytest.fixture
def provider_side():
    return Client(enforce_csrf_checks=True)


def subject(op, person=PERSON) -> str:
    return subject_of(op.provider, person.id)


def test_a_notice_ends_every_session_of_that_person_and_nobody_elses(citizen, op, provider_side):
    other_browser, somebody_else = CitizenBrowser(op, citizen.http), CitizenBrowser(op, citizen.http)
    citizen.sign_in()
    other_browser.sign_in()
    op.person = UNPROVED
    somebody_else.sign_in()

    answer = provider_side.post(ADDRESS, {"logout_token": op.logout_token(subject=subject(op))})

    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert not citizen.is_signed_in()
    assert not other_browser.is_signed_in()
    assert somebody_else.is_signed_in()
    assert CitizenSession.objects.count() == 1
    kind, fields = citizen_events()[-1]
    assert (kind, fields["sessions"]) == ("citizen.back_channel_logout_accepted", 2)
    assert "You have been signed out" in citizen.page("/account/sign-in")


def test_a_notice_serves_once(citizen, op, provider_side):
    token = op.logout_token(subject=subject(op))
    citizen.sign_in()
    assert provider_side.post(ADDRESS, {"logout_token": token}).status_code == 200
    citizen.sign_in()

    answer = provider_side.post(ADDRESS, {"logout_token": token})

    assert answer.status_code == 400
    assert citizen.is_signed_in()
    assert citizen_events()[-1] == (
        "citizen.back_channel_logout_refused",
        {"fault": "logout_token_replayed"},
    )


def test_a_notice_about_nobody_we_know_is_accepted_and_names_nobody(op, provider_side):
    answer = provider_side.post(ADDRESS, {"logout_token": op.logout_token(subject="urn:nobody")})

    assert answer.status_code == 200
    assert citizen_events() == [("citizen.back_channel_logout_accepted", {"sessions": 0})]


WRONG = [
    ({"iss": "https://evil.example/"}, "logout_token_bad_issuer"),
    ({"aud": "another"}, "logout_token_bad_audience"),
    ({"sub": None}, "logout_token_no_subject"),
    ({"events": {}}, "logout_token_bad_events"),
    ({"nonce": "n"}, "logout_token_has_nonce"),
    ({"exp": 1_700_000_000}, "logout_token_expired"),
    ({"iat": 4_000_000_000}, "logout_token_not_yet_valid"),
    ({"jti": None}, "logout_token_malformed"),
]


@pytest.mark.parametrize(("changed", "code"), WRONG, ids=lambda value: str(value)[:30])
def test_a_notice_with_a_wrong_claim_ends_nothing(citizen, op, provider_side, changed, code):
    citizen.sign_in()
    changed = {"sub": subject(op), **changed}
    token = op.logout_token(**{"subject": subject(op), **changed})

    answer = provider_side.post(ADDRESS, {"logout_token": token})

    assert answer.status_code == 400
    assert citizen.is_signed_in()
    assert citizen_events()[1:] == [("citizen.back_channel_logout_refused", {"fault": code})]


@pytest.mark.parametrize("form", [{}, {"logout_token": ["a", "b"]}, {"logout_token": "not a token"}])
def test_what_is_no_notice_is_refused(op, provider_side, form):
    assert provider_side.post(ADDRESS, form).status_code == 400
    assert citizen_events() == [("citizen.back_channel_logout_refused", {"fault": "logout_token_malformed"})]


def test_a_notice_signed_by_somebody_else_is_refused(citizen, op, provider_side):
    citizen.sign_in()
    token = op.logout_token(subject=subject(op), key=ec_key("stranger"))

    assert provider_side.post(ADDRESS, {"logout_token": token}).status_code == 400
    assert citizen.is_signed_in()


def test_without_a_provider_there_is_no_such_address(provider_side):
    assert provider_side.post(ADDRESS, {"logout_token": "x"}).status_code == 404
    assert provider_side.get(ADDRESS).status_code == 405


def test_our_keys_are_published_without_private_parts_the_next_one_before_its_use(op, client):
    answer = client.get("/.well-known/jwks.json")

    keys = answer.json()["keys"]
    current = key_store().current(KeyPurpose.ONE_LOGIN_CLIENT).id
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert len(keys) == 2
    assert current in {key["kid"] for key in keys}
    for key in keys:
        assert set(key) == {"kty", "kid", "use", "alg", "n", "e"}
        assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")


def test_a_rotation_keeps_the_old_key_published_and_was_preceded_by_the_new(op, citizen, client, monkeypatch):
    before = {key["kid"] for key in client.get("/.well-known/jwks.json").json()["keys"]}
    store, now = key_store(), timezone.now()
    old = store.current(KeyPurpose.ONE_LOGIN_CLIENT).id

    new = store.rotate(KeyPurpose.ONE_LOGIN_CLIENT, on=now + timedelta(hours=25)).id

    after = {key["kid"] for key in client.get("/.well-known/jwks.json").json()["keys"]}
    assert new in before, "the key that signs now was published before it was used"
    assert old in after
    assert len(after) == 3
    citizen.sign_in()  # the provider knows the new key from before
    assert citizen.is_signed_in()
    store.retire(old, on=now + timedelta(days=4))
    assert old not in {key["kid"] for key in client.get("/.well-known/jwks.json").json()["keys"]}


def test_a_site_without_providers_publishes_an_empty_set(client):
    assert client.get("/.well-known/jwks.json").json() == {"keys": []}


def test_a_staff_provider_that_wants_signatures_has_its_key_published_too(client, settings):
    from joinedup.settings import StaffProvider

    provider = StaffProvider("Work account", "https://op.example/", "client", None)
    settings.JOINEDUP = replace(settings.JOINEDUP, staff_provider=provider)

    kids = {key["kid"] for key in client.get("/.well-known/jwks.json").json()["keys"]}

    assert key_store().current(KeyPurpose.STAFF_CLIENT).id in kids


def test_what_was_seen_once_is_forgotten_when_it_may_be(op):
    from joinedup_web.identity.models import SeenOnce
    from joinedup_web.identity.stores import DatabaseReplayGuard

    guard, now = DatabaseReplayGuard(), timezone.now()
    assert guard.is_first("k", until=now + timedelta(minutes=3))
    assert not guard.is_first("k", until=now + timedelta(minutes=3))
    SeenOnce.objects.update(until=now)
    assert guard.is_first("k", until=now + timedelta(minutes=3))


def test_documents_are_kept_as_they_came(op):
    from joinedup.identity import Kept
    from joinedup_web.identity.stores import DatabaseDocuments

    store = DatabaseDocuments()
    moment = datetime.fromisoformat("2026-05-01T12:00:00+00:00")
    first = Kept(b"one", moment, moment + timedelta(hours=1), moment)
    assert store.get("https://op.example/") is None
    store.put("https://op.example/", first)
    assert store.get("https://op.example/") == first
    second = replace(first, body=b"two", asked_at=moment + timedelta(minutes=1))
    store.put("https://op.example/", second)
    assert store.get("https://op.example/") == second
