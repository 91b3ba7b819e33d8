"""Signing in with a local account: two factors, nothing told about who has an account, slow for guessers."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from joinedup_web.accounts.actions import make_recovery_codes
from joinedup_web.accounts.lockout import FREE_BY_ADDRESS, account_subject
from joinedup_web.accounts.models import AuthenticatorApp, FailureCount, StaffSession
from joinedup_web.accounts.sessions import USER
from support.staff_accounts import (
    PASSWORD,
    code_of,
    give_password,
    kinds,
    last_event,
    with_app,
    with_password,
)
from support.web_people import acting, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def text_of(answer) -> str:
    """The page without what differs at every request."""
    return re.sub(r'value="[\w-]{64}"|nonce="[^"]+"', "", answer.content.decode())


@pytest.fixture
def clerk():
    return with_password(staff("clerk", email="clerk@example.test"))


def test_password_and_code_open_a_session(client, clerk):
    secret = with_app(clerk)

    first = give_password(client, "Clerk@Example.test", next="/staff/account")
    assert first["Location"] == "/staff/sign-in/code"
    assert client.get("/staff/").status_code == 302, "a password alone opens nothing"
    second = client.post("/staff/sign-in/code", {"code": code_of(secret)})

    assert second["Location"] == "/staff/account"
    assert client.get("/staff/account").status_code == 200
    assert kinds() == ["sign_in.password_right", "sign_in.factor_right", "sign_in.succeeded"]
    assert last_event("sign_in.succeeded") == {"method": "password_totp"}
    assert StaffSession.objects.get().user == clerk


def test_a_code_works_once(client, clerk):
    secret = with_app(clerk)
    code = code_of(secret)
    give_password(client, clerk.email)
    client.post("/staff/sign-in/code", {"code": code})
    client.post("/staff/sign-out")

    give_password(client, clerk.email)
    answer = client.post("/staff/sign-in/code", {"code": code})

    assert answer.status_code == 422
    assert "was used already" in answer.content.decode()
    assert last_event("sign_in.failed")["reason"] == "wrong_code"


def test_the_secret_of_the_app_lies_encrypted(clerk):
    secret = with_app(clerk)

    assert secret not in AuthenticatorApp.objects.get().secret


def test_without_a_second_factor_one_must_be_set_up_first(client, clerk):
    assert give_password(client, clerk.email)["Location"] == "/staff/sign-in/set-up"
    page = client.get("/staff/sign-in/set-up/app")
    secret = re.search(r"Key: <span class=\"app-id\">([A-Z2-7 ]+)<", page.content.decode())[1].replace(
        " ", ""
    )

    wrong = client.post("/staff/sign-in/set-up/app", {"code": "000000"})
    assert "The code is wrong" in wrong.content.decode()
    right = client.post("/staff/sign-in/set-up/app", {"code": code_of(secret)})

    assert right["Location"] == "/staff/sign-in/set-up/recovery-codes"
    assert client.get("/staff/").status_code == 302, "the codes come first"
    codes = client.post("/staff/sign-in/set-up/recovery-codes").content.decode()
    assert len(re.findall(r">[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}<", codes)) == 10
    done = client.post("/staff/sign-in/set-up/recovery-codes", {"step": "go_on"})
    assert done["Location"] == "/staff/"
    assert client.get("/staff/").status_code == 200


def test_nothing_tells_whether_there_is_an_account(client, clerk):
    wrong = give_password(client, clerk.email, "wrong password")
    unknown = give_password(client, "nobody@example.test", "wrong password")

    assert text_of(wrong).replace(clerk.email, "") == text_of(unknown).replace("nobody@example.test", "")
    assert kinds("sign_in.failed") == ["sign_in.failed"] * 2
    assert last_event("sign_in.failed") == {"reason": "unknown_account"}


def test_a_closed_account_gets_the_same_words(client, clerk):
    wrong = give_password(client, clerk.email, "wrong password")
    clerk.is_active = False
    clerk.save()
    closed = give_password(client, clerk.email)

    assert text_of(wrong) == text_of(closed)
    assert last_event("sign_in.failed")["reason"] == "account_disabled"


@pytest.mark.parametrize("email", ["clerk@example.test", "nobody@example.test"])
def test_five_failures_lock_for_a_minute_whether_or_not_there_is_an_account(client, clerk, email):
    for _ in range(4):
        assert "too many attempts" not in give_password(client, email, "wrong").content.decode()
    fifth = give_password(client, email, "wrong").content.decode()
    assert "too many attempts" in fifth
    assert "sign_in.locked" in kinds()

    even_right = give_password(client, email)

    assert "too many attempts" in even_right.content.decode()
    assert last_event("sign_in.failed")["reason"] == "too_many_attempts"
    row = FailureCount.objects.get(subject=account_subject(email))
    assert timedelta(seconds=50) < row.locked_until - row.last_at <= timedelta(seconds=60)


def test_after_the_delay_the_right_password_works_and_forgets(client, clerk):
    with_app(clerk)
    for _ in range(5):
        give_password(client, clerk.email, "wrong")
    FailureCount.objects.update(locked_until=timezone.now() - timedelta(seconds=1))

    assert give_password(client, clerk.email)["Location"] == "/staff/sign-in/code"


def test_one_address_that_tries_many_accounts_is_slowed_down(client, clerk):
    give_password(client, "guess@example.test", "wrong")
    by_address = FailureCount.objects.exclude(subject=account_subject("guess@example.test"))
    by_address.update(failures=FREE_BY_ADDRESS - 1)
    give_password(client, "another.guess@example.test", "wrong")

    assert "too many attempts" in give_password(client, clerk.email).content.decode()


def test_no_address_is_kept_only_a_keyed_digest(client):
    give_password(client, "nobody@example.test", "wrong")

    kept = "".join(FailureCount.objects.values_list("subject", flat=True))
    assert "127.0.0.1" not in kept
    assert "nobody" not in kept
    assert len(kept) == 128


def test_wrong_codes_lock_the_account_too(client, clerk):
    with_app(clerk)
    give_password(client, clerk.email)
    for _ in range(5):
        answer = client.post("/staff/sign-in/code", {"code": "000000"})

    assert "too many attempts" in answer.content.decode()


def test_a_recovery_code_works_once(client, clerk):
    with_app(clerk)
    code = make_recovery_codes(by=acting(clerk), user=clerk)[0]
    give_password(client, clerk.email)

    first = client.post("/staff/sign-in/recovery-code", {"code": code.upper().replace("-", " ")})
    assert first["Location"] == "/staff/account"
    assert last_event("sign_in.succeeded") == {"method": "password_recovery_code"}
    client.post("/staff/sign-out")
    give_password(client, clerk.email)
    again = client.post("/staff/sign-in/recovery-code", {"code": code})

    assert "wrong, or was used already" in again.content.decode()


@pytest.mark.parametrize(
    "there",
    [
        "https://evil.example/",
        "//evil.example",
        "/",
        "/demonstration/",
        "javascript:alert(1)",
        "/staff\\@evil",
    ],
)
def test_signing_in_leads_nowhere_but_to_staff_pages(client, clerk, there):
    secret = with_app(clerk)
    give_password(client, clerk.email, next=there)

    answer = client.post("/staff/sign-in/code", {"code": code_of(secret)})

    assert answer["Location"] == "/staff/"


def test_who_is_too_slow_for_the_second_step_starts_again(client, clerk, monkeypatch):
    secret = with_app(clerk)
    give_password(client, clerk.email)
    later = timezone.now() + timedelta(minutes=11)
    monkeypatch.setattr("joinedup_web.accounts.pending.timezone.now", lambda: later)

    answer = client.post("/staff/sign-in/code", {"code": code_of(secret)})

    assert answer["Location"] == "/staff/sign-in"
    assert "You took too long" in client.get("/staff/sign-in").content.decode()


def test_the_session_key_changes_at_sign_in(client, clerk):
    secret = with_app(clerk)
    give_password(client, clerk.email)
    before = client.cookies["joinedup_staff"].value
    client.post("/staff/sign-in/code", {"code": code_of(secret)})

    assert client.cookies["joinedup_staff"].value != before
    client.cookies["joinedup_staff"] = before
    assert client.get("/staff/").status_code == 302


def test_a_forged_session_without_our_row_is_nobody(client, clerk):
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[USER] = str(clerk.id)
    session.save()
    client.cookies["joinedup_staff"] = session.session_key

    assert client.get("/staff/").status_code == 302


def test_a_password_is_never_in_the_page_again(client, clerk):
    answer = give_password(client, clerk.email, PASSWORD + "x")

    assert PASSWORD not in answer.content.decode()
