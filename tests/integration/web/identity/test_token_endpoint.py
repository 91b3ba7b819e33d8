"""Machine clients ask for tokens and use them: grants, refusals, rotation, scopes, and nobody else's data."""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from joinedup.identity.tokens import public_jwk, sign
from joinedup_web.audit.models import Event
from joinedup_web.identity.actions.clients import end_proof, register_client, rotate_proof, withdraw_client
from joinedup_web.identity.models import AccessToken, Attempts, MachineClient, ProofKind
from joinedup_web.linkage.models import Project, Run, RunState
from support.signing_keys import ec_key, rsa_key
from support.web_people import acting, organisation, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
ADDRESS = "/api/token"
AUDIENCE = "http://127.0.0.1:8000/api/token"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def administrator():
    return acting(staff("organisation_administrator"))


@pytest.fixture
def caller():
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def with_secret(administrator):
    return register_client(
        by=administrator,
        name="Housing",
        scopes=["linkage.read", "organisation.read"],
        proves_by=ProofKind.SECRET,
    )


@pytest.fixture
def with_key(administrator):
    return register_client(
        by=administrator,
        name="Schools",
        scopes=["linkage.read"],
        proves_by=ProofKind.PRIVATE_KEY,
        jwk=jwk_of(ec_key("client-a")),
    ).client


def jwk_of(key):
    return {name: value for name, value in public_jwk(key).items() if name != "alg"}


def ask(caller, client=None, secret="", **fields):
    form = {"grant_type": "client_credentials", **fields}
    if client is not None:
        form |= {"client_id": str(client.id)}
    if secret:
        form |= {"client_secret": secret}
    text = "&".join(f"{name}={value}" for name, value in form.items())
    return caller.post(ADDRESS, text, content_type="application/x-www-form-urlencoded")


def assertion(client, key, **changed):
    now = int(timezone.now().timestamp())
    claims = {
        "iss": str(client.id),
        "sub": str(client.id),
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + 60,
        "jti": secrets.token_hex(8),
        **changed,
    }
    return {"client_assertion_type": JWT_BEARER, "client_assertion": sign(claims, key=key)}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def client_events():
    rows = Event.objects.filter(kind__startswith="client.token").order_by("number")
    return [(row.kind, row.fields.get("reason", "")) for row in rows]


def test_a_secret_gives_a_token_of_which_only_the_digest_is_kept(caller, with_secret):
    answer = ask(caller, with_secret.client, with_secret.secret, scope="linkage.read")

    told = answer.json()
    assert answer.status_code == 200
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 600, "linkage.read")
    assert answer["Cache-Control"] == "no-store"
    row = AccessToken.objects.get()
    assert told["access_token"] not in str(vars(row))
    event = Event.objects.get(kind="client.token_issued")
    assert (event.actor_kind, event.actor) == ("client", str(with_secret.client.id))
    assert event.organisation == organisation().id
    assert event.fields == {"client": str(with_secret.client.id), "scopes": ["linkage.read"]}


def test_a_secret_may_come_in_the_header(caller, with_secret):
    pair = base64.b64encode(f"{with_secret.client.id}:{with_secret.secret}".encode()).decode()

    answer = caller.post(
        ADDRESS,
        "grant_type=client_credentials",
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": f"Basic {pair}"},
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("audience", [AUDIENCE, "http://127.0.0.1:8000"])
def test_an_assertion_gives_a_token_once(caller, with_key, audience):
    proof = assertion(with_key, ec_key("client-a"), aud=audience)

    assert ask(caller, **proof).status_code == 200
    again = ask(caller, **proof)

    assert again.status_code == 401
    assert client_events() == [("client.token_issued", ""), ("client.token_refused", "replayed")]


def test_every_failed_proof_looks_the_same_and_leaves_one_event(caller, with_secret, with_key):
    withdrawn = with_secret.client
    stranger = MachineClient(id="00000000-0000-4000-8000-000000000000")
    key = ec_key("client-a")
    answers = [
        ask(caller, stranger, "jus_x"),
        ask(caller, with_secret.client, "jus_wrong"),
        ask(caller, with_key, "jus_x"),
        ask(caller, **assertion(with_key, ec_key("client-b"))),
        ask(caller, **assertion(with_key, key, aud="https://evil.example/")),
        ask(caller, **assertion(with_key, key, exp=int(timezone.now().timestamp()) - 600)),
        ask(caller, with_secret.client, **assertion(with_secret.client, key)),
    ]
    MachineClient.objects.filter(id=withdrawn.id).update(withdrawn_at=timezone.now())
    answers.append(ask(caller, withdrawn, with_secret.secret))

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["error"] == "invalid_client"
    assert [reason for _, reason in client_events()] == [
        *("unknown_client", "wrong_proof", "wrong_proof", "wrong_proof", "wrong_proof", "expired"),
        *("wrong_proof", "withdrawn"),
    ]
    assert not AccessToken.objects.exists()


def test_a_refusal_is_seen_by_the_organisation_whose_client_was_named(caller, with_secret):
    ask(caller, with_secret.client, "jus_wrong")

    event = Event.objects.get(kind="client.token_refused")
    assert (event.organisation, event.actor_kind, event.actor) == (organisation().id, "anonymous", "")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"scope": "linkage.write"}, "invalid_scope"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion": "x"}, "invalid_request"),
    ],
)
def test_what_is_wrong_in_the_request_itself_is_said(caller, with_secret, fields, error):
    answer = ask(caller, with_secret.client, with_secret.secret, **fields)

    told = answer.json()
    assert (answer.status_code, told["error"]) == (400, error)
    assert {"what", "where", "mend", "error_description"} <= set(told)
    assert not AccessToken.objects.exists()
    assert len(client_events()) == 1


def test_only_forms_are_read(caller):
    assert caller.get(ADDRESS).status_code == 405
    for text, kind in [
        ("{}", "application/json"),
        ("a=" + "b" * 70_000, "application/x-www-form-urlencoded"),
    ]:
        assert caller.post(ADDRESS, text, content_type=kind).json()["error"] == "invalid_request"
    twice = caller.post(ADDRESS, "a=b&a=b", content_type="application/x-www-form-urlencoded")
    assert twice.json()["error"] == "invalid_request"


def test_a_token_opens_what_its_scope_says_and_no_more(caller, with_secret):
    token = ask(caller, with_secret.client, with_secret.secret, scope="organisation.read").json()[
        "access_token"
    ]

    mine = caller.get("/api/v1/organisation", headers=bearer(token))
    runs = caller.get("/api/v1/runs", headers=bearer(token))

    assert mine.json()["name"] == "Northshire Council"
    assert runs.status_code == 403
    assert runs.json()["code"] == "no_scope"
    assert Event.objects.filter(kind="access.refused", fields__reason="no_scope").count() == 1


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic abc", "bearer jut_x"])
def test_without_a_good_token_nothing_opens(caller, header):
    for address in ("/api/v1/organisation", "/api/v1/runs"):
        answer = caller.get(address, headers={"Authorization": header} if header else {})
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_token_ends_after_ten_minutes_and_with_its_client(caller, administrator, with_secret):
    token = ask(caller, with_secret.client, with_secret.secret).json()["access_token"]
    other = ask(caller, with_secret.client, with_secret.secret).json()["access_token"]
    assert caller.get("/api/v1/runs", headers=bearer(token)).status_code == 200
    assert AccessToken.objects.first().expires_at - timezone.now() < timedelta(minutes=10)

    AccessToken.objects.filter(digest__isnull=False).update(expires_at=timezone.now())
    assert caller.get("/api/v1/runs", headers=bearer(token)).status_code == 401

    AccessToken.objects.update(expires_at=timezone.now() + timedelta(minutes=5))
    withdraw_client(by=administrator, client=with_secret.client)
    assert caller.get("/api/v1/runs", headers=bearer(other)).status_code == 401


def test_a_staff_session_opens_no_api_and_a_token_no_page(client, caller, with_secret):
    from support.web_people import sign_in

    sign_in(client, staff("analyst"))
    assert client.get("/api/v1/runs").status_code == 401

    token = ask(caller, with_secret.client, with_secret.secret).json()["access_token"]
    assert caller.get("/staff/", headers=bearer(token)).status_code == 302


def test_secrets_rotate_with_an_overlap(caller, administrator, with_secret):
    client, old = with_secret.client, with_secret.secret

    new = rotate_proof(by=administrator, client=client, overlap=timedelta(hours=1)).secret

    assert ask(caller, client, old).status_code == 200
    assert ask(caller, client, new).status_code == 200
    client.proofs.filter(valid_until__isnull=False).update(valid_until=timezone.now())
    assert ask(caller, client, old).status_code == 401
    assert ask(caller, client, new).status_code == 200


def test_a_secret_that_may_be_known_ends_at_once_with_its_tokens(caller, administrator, with_secret):
    client = with_secret.client
    token = ask(caller, client, with_secret.secret).json()["access_token"]

    rotate_proof(by=administrator, client=client, overlap=timedelta(0))

    assert ask(caller, client, with_secret.secret).status_code == 401
    assert caller.get("/api/v1/runs", headers=bearer(token)).status_code == 401


def test_keys_rotate_with_an_overlap_and_each_is_ended_by_itself(caller, administrator, with_key):
    rotate_proof(
        by=administrator, client=with_key, overlap=timedelta(days=1), jwk=jwk_of(rsa_key("client-c"))
    )
    assert ask(caller, **assertion(with_key, ec_key("client-a"))).status_code == 200
    assert ask(caller, **assertion(with_key, rsa_key("client-c"))).status_code == 200

    old = with_key.proofs.get(hint="client-a")
    end_proof(by=administrator, client=with_key, proof_id=old.id)

    assert ask(caller, **assertion(with_key, ec_key("client-a"))).status_code == 401
    assert ask(caller, **assertion(with_key, rsa_key("client-c"))).status_code == 200
    kinds = list(Event.objects.filter(fields__client=str(with_key.id)).values_list("kind", flat=True))
    assert {"client.registered", "client.key_rotated", "client.proof_ended"} <= set(kinds)


def a_run(place, number=1, state=RunState.FINISHED, name="Residents"):
    project, _ = Project.objects.get_or_create(organisation=place, name=name, defaults={"purpose": "p"})
    figures = {"records": 10, "people": 7, "links": 3, "pairs": 40, "precision": 0.98, "recall": None}
    ended = timezone.now() + timedelta(minutes=number)
    return Run.objects.create(
        project=project, number=number, kind="link", state=state, headline=figures, finished_at=ended
    )


def test_runs_are_those_of_the_clients_own_organisation_the_newest_first_in_pages(caller, with_secret):
    for number in (1, 2, 3):
        a_run(organisation(), number)
    a_run(organisation(), 4, state=RunState.RUNNING)
    a_run(organisation("Eastshire Council"), name="MARKED-OTHER")
    token = ask(caller, with_secret.client, with_secret.secret).json()["access_token"]

    first = caller.get("/api/v1/runs?page_size=2", headers=bearer(token)).json()
    second = caller.get("/api/v1/runs?page_size=2&page=2", headers=bearer(token)).json()

    assert [run["number"] for run in first["runs"] + second["runs"]] == [3, 2, 1]
    assert (first["next_page"], second["next_page"]) == (2, None)
    assert first["runs"][0]["figures"] == {
        **{"records": 10, "people": 7, "links": 3, "pairs": 40},
        **{"precision": 0.98, "recall": None},
    }
    assert "MARKED" not in str(first) + str(second)


@pytest.mark.parametrize("query", ["page=0", "page=x", "page_size=101"])
def test_a_parameter_that_may_not_be_is_named(caller, with_secret, query):
    token = ask(caller, with_secret.client, with_secret.secret).json()["access_token"]

    answer = caller.get(f"/api/v1/runs?{query}", headers=bearer(token))

    told = answer.json()
    assert (answer.status_code, told["error"], told["where"]) == (400, "bad_request", "/api/v1/runs")
    assert told["what"].startswith(query.partition("=")[0])
    assert told["mend"]


def test_knowing_the_client_takes_one_query(caller, with_secret, django_assert_num_queries):
    token = ask(caller, with_secret.client, with_secret.secret).json()["access_token"]

    with django_assert_num_queries(2):
        caller.get("/api/v1/runs", headers=bearer(token))


def test_too_many_failures_from_one_network_must_wait(caller, with_secret):
    for _ in range(30):
        assert ask(caller, with_secret.client, "jus_wrong").status_code == 401

    answer = ask(caller, with_secret.client, with_secret.secret)

    assert answer.status_code == 429
    assert answer.json()["error"] == "too_many_requests"
    assert 0 < int(answer["Retry-After"]) <= 300
    assert len(client_events()) == 30
    Attempts.objects.all().delete()
    assert ask(caller, with_secret.client, with_secret.secret).status_code == 200


def test_a_client_that_asks_for_a_token_at_every_call_must_wait(caller, with_secret):
    Attempts.objects.all().delete()
    statuses = {ask(caller, with_secret.client, with_secret.secret).status_code for _ in range(60)}
    last = ask(caller, with_secret.client, with_secret.secret)

    assert 200 in statuses
    if timezone.now().second > 5:  # the window did not turn meanwhile
        assert 429 in statuses | {last.status_code}


def test_the_description_names_every_endpoint_with_its_scope(client):
    told = client.get("/api/openapi.json").json()

    scopes = {
        f"{method} {address}": operation["security"][0]["client"]
        for address, methods in told["paths"].items()
        for method, operation in methods.items()
    }
    assert scopes == {
        "get /api/v1/organisation": ["organisation.read"],
        "get /api/v1/runs": ["linkage.read"],
        "get /api/v1/projects/{project_id}/index": ["linkage.read"],
        "post /api/v1/projects/{project_id}/match": ["people.match"],
        "get /api/v1/services/scorecards": ["measures.read"],
        "get /api/v1/services/{service_id}/scorecard": ["measures.read"],
        "get /api/v1/feedback/points/{code}": ["feedback.send"],
        "post /api/v1/feedback/points/{code}/responses": ["feedback.send"],
    }


def test_the_description_is_a_page_without_foreign_parts(client):
    answer = client.get("/api/docs")
    page = answer.content.decode()

    assert page.count("<h1") == 1
    for word in (
        "/api/v1/runs",
        "linkage.read",
        "runs[].figures.people",
        "page_size",
        "1 to 100",
        "matches[].steps[].bits",
        "least_probability",
    ):
        assert word in page
    assert "cdn" not in page
    assert page.count("<script") == 2, "the frame's own"
