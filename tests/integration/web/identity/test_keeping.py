"""What is kept is let go of in time, deleted accounts stay deleted, and two at once do not get the same thing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from joinedup.identity import PendingSignIn
from joinedup_web.audit.models import Event, SubjectSalt
from joinedup_web.identity import keeping
from joinedup_web.identity.models import (
    AccessToken,
    Attempts,
    Citizen,
    CitizenSession,
    PendingStart,
    ProvedIdentity,
    SeenOnce,
    SubjectLink,
)
from joinedup_web.identity.stores import DatabasePendingSignIns, DatabaseReplayGuard
from support.citizens import CitizenBrowser, citizen_events
from support.web_deeds import all_of

pytestmark = pytest.mark.web


class Request:
    """As much of a request as the store of pending sign-ins looks at."""

    def __init__(self) -> None:
        from django.contrib.sessions.backends.db import SessionStore

        self.session = SessionStore()


def a_pending(state: str = "state") -> PendingSignIn:
    return PendingSignIn(
        issuer="https://op.example/",
        state=state,
        nonce="MARKED-NONCE",
        code_verifier="MARKED-VERIFIER",
        started_at=timezone.now(),
        purpose="p",
        expected_subject="MARKED-SUBJECT",
    )


@pytest.mark.django_db
def test_nothing_is_let_go_of_before_its_time(citizen):
    citizen.sign_in()
    SeenOnce.objects.all().delete()

    assert set(keeping.let_go(on=timezone.now()).values()) == {0}
    assert citizen.is_signed_in()


@pytest.mark.django_db
def test_sessions_and_protocol_rows_go_in_time(citizen):
    citizen.leave()
    citizen.sign_in()
    Attempts.objects.create(subject="x", window=1, count=1)
    DatabaseReplayGuard().is_first("k", until=timezone.now() + timedelta(minutes=5))

    gone = keeping.let_go(on=timezone.now() + timedelta(hours=9))

    assert (gone["citizen_sessions"], gone["pending_sign_ins"], gone["attempts"]) == (1, 1, 1)
    for model in (CitizenSession, PendingStart, SeenOnce, AccessToken, Attempts):
        assert not model.objects.exists()
    assert Citizen.objects.count() == 1
    event = Event.objects.get(kind="retention.applied")
    assert (event.fields["store"], event.fields["removed"]) == ("citizen_sessions", 1)


@pytest.mark.django_db
def test_accounts_go_that_nobody_used_for_two_years(citizen, op):
    citizen.sign_in()
    citizen.prove()
    Citizen.objects.update(last_signed_in_at=timezone.now() - timedelta(days=731))

    gone = keeping.let_go(on=timezone.now())

    assert gone["citizen_accounts"] == 1
    for model in (Citizen, SubjectLink, ProvedIdentity, CitizenSession, SubjectSalt):
        assert not model.objects.exists()
    assert not citizen.is_signed_in()


@pytest.mark.django_db
def test_an_account_that_a_restored_backup_brings_back_is_deleted_again(citizen):
    citizen.sign_in()
    (row,) = Citizen.objects.all()
    (link,) = SubjectLink.objects.all()
    citizen.client.post("/account/delete")
    ledger = keeping.deleted_citizens()
    row.save(force_insert=True)
    link.save(force_insert=True)

    assert keeping.delete_again(ledger) == 1

    assert not Citizen.objects.exists()
    assert keeping.delete_again() == 0
    assert citizen_events()[-1] == ("citizen.account_deleted", {"sessions": 0})


@pytest.mark.django_db
def test_what_waits_for_the_provider_is_sealed_and_of_one_browser_the_newest_five():
    mine, other = Request(), Request()
    for number in range(7):
        DatabasePendingSignIns(mine).put(a_pending(f"state-{number}"))
    DatabasePendingSignIns(other).put(a_pending("other"))

    assert PendingStart.objects.count() == 6
    assert "MARKED" not in str(list(PendingStart.objects.values()))
    assert DatabasePendingSignIns(mine).take("state-0") is None
    assert DatabasePendingSignIns(mine).take("other") is None
    assert DatabasePendingSignIns(mine).take("state-6").nonce == "MARKED-NONCE"
    assert DatabasePendingSignIns(mine).take("state-6") is None
    assert DatabasePendingSignIns(Request()).take("state-5") is None


@pytest.mark.django_db(transaction=True)
def test_of_many_takers_of_one_answer_one_gets_it():
    request = Request()
    store = DatabasePendingSignIns(request)
    for turn in range(5):
        store.put(a_pending(f"state-{turn}"))

        taken = all_of(*[lambda turn=turn: store.take(f"state-{turn}")] * 6)

        assert [each for each in taken if isinstance(each, Exception)] == []
        assert sum(each is not None for each in taken) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_bring_one_notice_one_is_first():
    guard, until = DatabaseReplayGuard(), timezone.now() + timedelta(minutes=3)
    for turn in range(5):
        firsts = all_of(*[lambda turn=turn: guard.is_first(f"key-{turn}", until=until)] * 6)

        assert sorted(firsts) == [False] * 5 + [True]


@pytest.mark.django_db(transaction=True)
def test_two_windows_that_sign_in_for_the_first_time_at_once_share_one_account(op, citizen):
    browsers = [citizen, CitizenBrowser(op, citizen.http), CitizenBrowser(op, citizen.http)]
    backs = [each.leave() for each in browsers]

    answers = all_of(
        *[
            lambda each=each, back=back: each.client.get(back)
            for each, back in zip(browsers, backs, strict=True)
        ]
    )

    assert [getattr(answer, "status_code", answer) for answer in answers] == [302] * 3
    assert Citizen.objects.count() == 1
    assert SubjectLink.objects.count() == 1
    assert all(each.is_signed_in() for each in browsers)
