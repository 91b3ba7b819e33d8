"""Passkeys: set up, used alone, used as a second factor; copies, replays and strangers are refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from joinedup_web.accounts.models import Passkey, StaffSession
from support.soft_passkey import SoftPasskey
from support.staff_accounts import give_password, kinds, last_event, with_app, with_password
from support.web_people import sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
SITE = "https://service.example.gov.uk"


@pytest.fixture(autouse=True)
def _site_with_a_name(settings):
    settings.JOINEDUP = replace(settings.JOINEDUP, url=SITE)


@pytest.fixture
def clerk():
    return with_password(staff("clerk", email="clerk@example.test"))


def add_passkey(client, user, **options) -> SoftPasskey:
    """Add one on the account page of somebody who is signed in."""
    sign_in(client, user)
    made = SoftPasskey(SITE, **options)
    asked = client.post("/staff/account/passkey/options").json()
    answer = client.post(
        "/staff/account/passkey", {"credential": made.made_for(asked), "name": "work laptop"}
    )
    assert answer.status_code in (302, 422)
    return made


def use(client, passkey: SoftPasskey, **more):
    asked = client.post("/staff/sign-in/passkey/options", more).json()
    return client.post("/staff/sign-in/passkey", {"credential": passkey.proof_for(asked), **more})


def is_signed_in(client) -> bool:
    return client.get("/staff/account").status_code == 200


def test_a_passkey_alone_signs_in(client, clerk):
    made = add_passkey(client, clerk)
    client.post("/staff/sign-out")

    answer = use(client, made, next="/staff/account")

    assert answer["Location"] == "/staff/account"
    assert is_signed_in(client)
    assert StaffSession.objects.latest("started_at").method == "passkey"
    row = Passkey.objects.get()
    assert (row.name, row.user_id, row.sign_count) == ("work laptop", clerk.id, 1)
    assert row.last_used_at is not None
    assert "mfa.enrolled" in kinds()


def test_the_first_question_names_nobodys_passkeys(client, clerk):
    add_passkey(client, clerk)
    client.post("/staff/sign-out")

    asked = client.post("/staff/sign-in/passkey/options").json()

    assert asked["allowCredentials"] == []
    assert asked["userVerification"] == "required"


def test_a_passkey_is_a_second_factor_after_the_password(client, clerk):
    made = add_passkey(client, clerk)
    client.post("/staff/sign-out")
    assert give_password(client, clerk.email)["Location"] == "/staff/sign-in/code"

    asked = client.post("/staff/sign-in/passkey/options", {"second": "yes"}).json()
    assert [each["id"] for each in asked["allowCredentials"]] == [Passkey.objects.get().credential_id]
    client.post("/staff/sign-in/passkey", {"credential": made.proof_for(asked), "second": "yes"})

    assert last_event("sign_in.succeeded") == {"method": "password_passkey"}


def test_another_persons_passkey_is_no_second_factor(client, clerk):
    stranger = staff("clerk")
    theirs = add_passkey(client, stranger)
    client.post("/staff/sign-out")
    with_app(clerk)
    give_password(client, clerk.email)

    answer = use(client, theirs, second="yes")

    assert answer["Location"] == "/staff/sign-in"
    assert not is_signed_in(client)
    assert last_event("sign_in.failed")["reason"] == "wrong_passkey"


def test_an_answer_works_for_its_own_question_only_and_once(client, clerk):
    made = add_passkey(client, clerk)
    client.post("/staff/sign-out")
    asked = client.post("/staff/sign-in/passkey/options").json()
    answer = made.proof_for(asked)
    client.post("/staff/sign-in/passkey", {"credential": answer})
    assert is_signed_in(client)
    client.post("/staff/sign-out")

    client.post("/staff/sign-in/passkey", {"credential": answer})
    assert not is_signed_in(client), "no question is open"
    client.post("/staff/sign-in/passkey/options")
    client.post("/staff/sign-in/passkey", {"credential": answer})

    assert not is_signed_in(client), "another question is open"


def test_a_copied_passkey_whose_count_went_back_is_refused(client, clerk):
    made = add_passkey(client, clerk)
    client.post("/staff/sign-out")
    made.count = 9
    use(client, made)
    assert Passkey.objects.get().sign_count == 10
    client.post("/staff/sign-out")
    made.count = 4

    use(client, made)

    assert not is_signed_in(client)


@pytest.mark.parametrize("spoil", ["origin", "verifies"])
def test_a_proof_for_another_site_or_without_pin_is_refused(client, clerk, spoil):
    made = add_passkey(client, clerk)
    client.post("/staff/sign-out")
    setattr(made, spoil, {"origin": "https://evil.example", "verifies": False}[spoil])

    use(client, made)

    assert not is_signed_in(client)


def test_a_passkey_that_asks_for_no_pin_is_not_taken(client, clerk):
    add_passkey(client, clerk, verifies=False)

    assert not Passkey.objects.exists()


@pytest.mark.parametrize(
    "rubbish", ["", "{}", "[]", "null", '{"id": 1}', json.dumps({"id": "x", "rawId": "x"})]
)
def test_rubbish_is_refused_with_one_event(client, rubbish):
    client.post("/staff/sign-in/passkey/options")

    answer = client.post("/staff/sign-in/passkey", {"credential": rubbish})

    assert answer["Location"] == "/staff/sign-in"
    assert kinds() == ["sign_in.failed"]


def test_the_last_factor_cannot_be_removed(client, clerk):
    add_passkey(client, clerk)
    row = Passkey.objects.get()

    client.post(f"/staff/account/passkey/{row.id}/remove")
    assert Passkey.objects.exists()
    assert last_event("access.refused")["reason"] == "last_factor"
    with_app(clerk)
    client.post(f"/staff/account/passkey/{row.id}/remove")

    assert not Passkey.objects.exists()
    assert last_event("mfa.removed")["factor"] == "passkey"


def test_nobody_removes_a_strangers_passkey(client, clerk):
    add_passkey(client, staff("clerk"))
    row = Passkey.objects.get()
    sign_in(client, clerk)

    client.post(f"/staff/account/passkey/{row.id}/remove")

    assert Passkey.objects.exists()


def test_a_site_without_a_name_says_that_it_has_no_passkeys(client, clerk, settings):
    settings.JOINEDUP = replace(settings.JOINEDUP, url="http://127.0.0.1:8000")

    assert "data-passkey" not in client.get("/staff/sign-in").content.decode()
    sign_in(client, clerk)
    assert "reached by a number" in client.get("/staff/account").content.decode()
