"""Invitations: a link that works once, for a week, and tells nothing to whoever guesses."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from joinedup.errors import UsageError
from joinedup_web.accounts import actions
from joinedup_web.accounts.models import Invitation, Role, StaffUser
from joinedup_web.gate.decide import Refused
from joinedup_web.operations import commands
from support.staff_accounts import PASSWORD, code_of, kinds, last_event, open_link
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def role(code: str) -> Role:
    return Role.objects.get(code=code, organisation=None)


def invite(by, *codes: str, email: str = "new@example.test", **more):
    place = more.pop("organisation", organisation())
    return actions.invite(
        by=by,
        organisation_id=place.id if place else None,
        email=email,
        name="New Person",
        roles=[role(code) for code in codes or ("clerk",)],
        organisation=place,
        **more,
    )


def path_of(sent) -> str:
    return "/staff/" + sent.link.partition("/staff/")[2]


@pytest.fixture
def administrator():
    return staff("organisation_administrator")


def test_the_whole_way_from_invitation_to_home(client, administrator):
    sign_in(client, administrator)
    form = {"email": "New@example.test", "name": "New Person", "roles": [str(role("clerk").id)]}
    sent = client.post("/staff/invitations/new", form).content.decode()
    link = re.search(r"/staff/invitation/[\w-]+", sent)[0]
    client.post("/staff/sign-out")

    assert "invited you" in open_link(client, link).content.decode()
    weak = client.post("/staff/invitation", {"name": "New Person", "password": "password1234"})
    assert "too common" in weak.content.decode()
    assert (
        client.post("/staff/invitation", {"name": "New Person", "password": PASSWORD})["Location"]
        == "/staff/sign-in/set-up"
    )
    page = client.get("/staff/sign-in/set-up/app").content.decode()
    secret = re.search(r"Key: <span class=\"app-id\">([A-Z2-7 ]+)<", page)[1].replace(" ", "")
    client.post("/staff/sign-in/set-up/app", {"code": code_of(secret)})
    client.post("/staff/sign-in/set-up/recovery-codes")
    client.post("/staff/sign-in/set-up/recovery-codes", {"step": "go_on"})

    assert client.get("/staff/").status_code == 200
    user = StaffUser.objects.get(email="new@example.test")
    held = user.memberships.get()
    assert (held.role.code, held.organisation, held.granted_by) == ("clerk", organisation(), administrator)
    assert "invitation.accepted" in kinds()
    assert open_link(client, link).status_code == 410


def test_only_a_digest_of_the_link_is_kept(administrator):
    sent = invite(acting(administrator))
    token = sent.link.rsplit("/", 1)[1]

    assert token not in str(Invitation.objects.values().get())
    assert len(sent.invitation.token_digest) == 64


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"withdrawn_at": timezone.now()}, "was withdrawn"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "has run out"),
        ({"token_digest": "0" * 64}, "is not known"),
    ],
)
def test_a_link_that_is_no_good_has_a_page_that_says_what_to_do(client, administrator, change, words):
    sent = invite(acting(administrator))
    Invitation.objects.update(**change)

    answer = open_link(client, path_of(sent))
    assert answer.status_code in (404, 410)
    assert words in answer.content.decode()
    assert client.post("/staff/invitation", {"name": "X", "password": PASSWORD}).status_code in (404, 410)

    assert StaffUser.objects.count() == 1


def test_a_used_link_helps_until_the_second_factor_is_there(client, administrator):
    sent = invite(acting(administrator))
    open_link(client, path_of(sent))
    client.post("/staff/invitation", {"name": "New Person", "password": PASSWORD})
    client.cookies.clear()

    assert "Finish setting up" in open_link(client, path_of(sent)).content.decode()
    assert client.post("/staff/invitation")["Location"] == "/staff/sign-in/set-up"
    assert StaffUser.objects.filter(email="new@example.test").count() == 1


def test_somebody_with_an_account_signs_in_to_accept(client, administrator):
    colleague = staff("clerk", where=organisation("Southshire Council"), email="colleague@example.test")
    sent = invite(acting(administrator), "analyst", email=colleague.email)

    assert "Sign in to accept" in open_link(client, path_of(sent)).content.decode()
    client.post("/staff/invitation")
    assert colleague.memberships.count() == 1
    sign_in(client, staff("leader"))
    assert "You are signed in as" in open_link(client, path_of(sent)).content.decode()
    client.post("/staff/invitation")
    assert colleague.memberships.count() == 1
    sign_in(client, colleague, organisation("Southshire Council"))
    open_link(client, path_of(sent))
    client.post("/staff/invitation")

    assert {held.role.code for held in colleague.memberships.all()} == {"clerk", "analyst"}


def test_sending_again_makes_the_old_link_useless(client, administrator):
    sent = invite(acting(administrator))

    again = actions.send_again(by=acting(administrator), invitation=sent.invitation)

    assert open_link(client, path_of(sent)).status_code == 410
    assert open_link(client, path_of(again)).status_code == 200


def test_what_may_not_be_invited_is_refused_with_its_reason(administrator):
    by = acting(administrator)
    invite(by)
    cases = [
        (lambda: invite(by), "open invitation"),
        (lambda: invite(by, email=administrator.email), "their own roles"),
        (
            lambda: invite(by, "platform_administrator", email="a@example.test"),
            "not one of this organisation",
        ),
        (lambda: invite(by, "auditor", "caseworker", email="b@example.test"), "watches the watchers"),
        (
            lambda: invite(by, email="c@example.test", organisation=organisation("Elsewhere")),
            "another organisation",
        ),
        (lambda: invite(acting(staff("clerk")), email="d@example.test"), "no role of yours"),
    ]
    for attempt, words in cases:
        with pytest.raises(Refused, match=words):
            attempt()

    assert Invitation.objects.count() == 1
    assert kinds("access.refused") == ["access.refused"] * len(cases)


def test_the_invitations_of_another_organisation_are_not_found(client):
    there = organisation("Southshire Council")
    sent = invite(acting(staff("organisation_administrator", where=there), there), organisation=there)
    sign_in(client, staff("organisation_administrator"))

    assert "new@example.test" not in client.get("/staff/invitations").content.decode()
    for deed in ("again", "withdraw"):
        assert client.post(f"/staff/invitations/{sent.invitation.id}/{deed}").status_code == 404
    assert Invitation.objects.get().withdrawn_at is None


def test_the_first_administrator_comes_from_the_command_line(client):
    link = actions.create_first_administrator(email="First@example.test", name="First Person")

    assert open_link(client, "/staff/" + link.partition("/staff/")[2]).status_code == 200
    assert Invitation.objects.get().roles.get().code == "platform_administrator"
    assert last_event("invitation.sent")["role"] == "platform_administrator"
    second = actions.create_first_administrator(email="first@example.test", name="First Person")
    assert open_link(client, "/staff/" + link.partition("/staff/")[2]).status_code == 410
    assert open_link(client, "/staff/" + second.partition("/staff/")[2]).status_code == 200


@pytest.mark.parametrize(
    ("email", "name", "where"),
    [
        ("bad", "First Person", "EMAIL"),
        ("", "First Person", "EMAIL"),
        ("a" * 250 + "@example.test", "First Person", "EMAIL"),
        ("first@example.test", "", "--name"),
        ("first@example.test", "  ", "--name"),
        ("first@example.test", "x" * 151, "--name"),
        ("first@example.test", "First\nPerson", "--name"),
    ],
)
def test_no_administrator_is_made_of_an_address_or_name_that_cannot_be(email, name, where):
    with pytest.raises(UsageError) as refused:
        actions.create_first_administrator(email=email, name=name)

    assert refused.value.where == where
    assert not Invitation.objects.exists()


def test_the_link_says_which_address_it_assumes(tmp_path, monkeypatch):
    monkeypatch.setattr(commands, "_set_up", lambda directory, port: None)
    monkeypatch.setattr("joinedup_web.operations.serving.migrate", list)
    told = {"email": "first@example.test", "name": "First Person", "port": 8123}

    monkeypatch.delenv("JOINEDUP_URL", raising=False)
    assumed = commands.create_administrator(tmp_path, **told)
    monkeypatch.setenv("JOINEDUP_URL", "https://example.test")
    stated = commands.create_administrator(tmp_path, **told)

    assert "assumes that the site is at http://127.0.0.1:8123" in assumed["lines"][1]
    assert len(stated["lines"]) == 1


def test_a_message_goes_out_when_the_invitation_is_durable(
    administrator, monkeypatch, django_capture_on_commit_callbacks
):
    sent_messages = []

    class Sender:
        def send(self, message):
            sent_messages.append(message)

    monkeypatch.setattr("joinedup_web.accounts.messages.notifier", Sender)
    with django_capture_on_commit_callbacks(execute=True):
        sent = invite(acting(administrator))

    assert [message.template for message in sent_messages] == ["staff_invitation"]
    assert sent_messages[0].personalisation["link"] == sent.link
    assert "new@example.test" not in repr(sent_messages[0])
