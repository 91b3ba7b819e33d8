"""Staff register, rotate and withdraw their organisation's systems, and nobody else's."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from joinedup.identity.tokens import public_jwk
from joinedup_web.audit.models import Event
from joinedup_web.gate.decide import Refused
from joinedup_web.identity.actions.clients import register_client, rotate_proof
from joinedup_web.identity.models import ClientProof, MachineClient, ProofKind
from joinedup_web.identity.scopes import SCOPES
from support.signing_keys import ec_key, rsa_key
from support.tree import ROOT
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


@pytest.fixture
def administrator(client):
    user = staff("organisation_administrator")
    sign_in(client, user)
    return acting(user)


@pytest.fixture
def housing(administrator):
    return register_client(
        by=administrator, name="Housing", scopes=["linkage.read"], proves_by=ProofKind.SECRET
    ).client


def pem(key) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = key.private.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def form(**changed):
    return {"name": "Housing", "scopes": ["linkage.read"], "proves_by": "secret", "key": "", **changed}


def test_an_empty_list_says_what_to_do(client, administrator):
    page = client.get("/staff/clients").content.decode()

    assert "No system of your organisation uses this service yet." in page
    assert 'href="/staff/clients/new"' in page


def test_a_secret_is_shown_once_and_kept_nowhere(client, administrator):
    answer = client.post("/staff/clients/new", form())
    registered = MachineClient.objects.get()
    assert answer["Location"] == f"/staff/clients/{registered.id}/secret"

    shown = client.get(answer["Location"])
    secret = re.search(r"jus_[\w-]{43}", shown.content.decode())[0]
    again = client.get(answer["Location"])

    assert "no-store" in shown["Cache-Control"]
    assert again["Location"] == f"/staff/clients/{registered.id}"
    assert secret not in str(list(ClientProof.objects.values()))
    token = client.post(
        "/api/token",
        f"grant_type=client_credentials&client_id={registered.id}&client_secret={secret}",
        content_type="application/x-www-form-urlencoded",
    )
    assert token.status_code == 200
    event = Event.objects.get(kind="client.registered")
    assert event.fields == {
        "client": str(registered.id),
        "proves_by": "secret",
        "scopes": ["linkage.read"],
    }


@pytest.mark.parametrize("key", [ec_key("pasted"), rsa_key("pasted-rsa")], ids=["P-256", "RSA"])
@pytest.mark.parametrize("way", ["pem", "jwk", "jwks"])
def test_a_public_key_is_pasted_in_any_usual_form(client, administrator, key, way):
    jwk = public_jwk(key)
    text = {"pem": pem(key), "jwk": json.dumps(jwk), "jwks": json.dumps({"keys": [jwk]})}[way]

    answer = client.post("/staff/clients/new", form(proves_by="private_key", key=text))

    registered = MachineClient.objects.get()
    assert answer["Location"] == f"/staff/clients/{registered.id}"
    kept = registered.proofs.get().jwk
    assert {name: kept[name] for name in kept if name != "kid"} == {
        name: jwk[name] for name in jwk if name not in {"kid", "alg"}
    }
    page = client.get(answer["Location"]).content.decode()
    assert kept["kid"] in page


WRONG_KEYS = [
    ("", "Paste the public key of the system"),
    ("hello", "That is not a public key"),
    ("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----", "That is a private key"),
    (json.dumps({**public_jwk(ec_key("x")), "d": "AAAA"}), "That is a private key"),
    (json.dumps({"kty": "oct", "k": "AAAA"}), "That is a private key"),
    (json.dumps({"keys": [1, 2]}), "Paste one key"),
    ("{not json", "That is not a JWK"),
    (
        json.dumps({"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}),
        "That is not a JWK of a public key",
    ),
    (pem(rsa_key("weak", bits=1024)), "An RSA key of 1024 bits is not taken"),
    ("x" * 20_000, "too long"),
]


@pytest.mark.parametrize(("text", "words"), WRONG_KEYS, ids=[words for _, words in WRONG_KEYS])
def test_what_is_no_good_public_key_is_refused_in_words(client, administrator, text, words):
    answer = client.post("/staff/clients/new", form(proves_by="private_key", key=text))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "There is a problem" in page
    assert not MachineClient.objects.exists()


def test_a_form_that_lacks_something_says_what(client, administrator):
    page = client.post("/staff/clients/new", {}).content.decode()

    for words in ("Enter the name of the system", "Choose at least one thing", "Choose how it proves itself"):
        assert words in page


def test_a_name_is_one_clients_until_it_is_withdrawn(client, administrator, housing):
    page = client.post("/staff/clients/new", form(name="HOUSING")).content.decode()
    assert "Your organisation has a client of that name already" in page

    client.post(f"/staff/clients/{housing.id}/withdraw")
    client.post("/staff/clients/new", form(name="HOUSING"))
    assert MachineClient.objects.count() == 2


def test_rotating_shows_the_new_secret_and_when_the_old_one_ends(client, administrator, housing):
    answer = client.post(f"/staff/clients/{housing.id}/rotate", {"overlap": "day"})

    assert answer["Location"] == f"/staff/clients/{housing.id}/secret"
    assert "jus_" in client.get(answer["Location"]).content.decode()
    page = client.get(f"/staff/clients/{housing.id}").content.decode()
    assert "Ends soon" in page
    old = housing.proofs.order_by("valid_from").first()
    assert timedelta(hours=23) < old.valid_until - timezone.now() < timedelta(hours=25)


def test_a_key_is_never_used_twice(administrator):
    jwk = {name: value for name, value in public_jwk(ec_key("twice")).items() if name != "alg"}
    schools = register_client(
        by=administrator, name="S", scopes=["linkage.read"], proves_by=ProofKind.PRIVATE_KEY, jwk=jwk
    ).client

    with pytest.raises(Refused, match="has had this key before"):
        rotate_proof(by=administrator, client=schools, overlap=timedelta(0), jwk=jwk)
    other = {**public_jwk(ec_key("other")), "kid": "twice"}
    with pytest.raises(Refused, match="another key of this id"):
        rotate_proof(by=administrator, client=schools, overlap=timedelta(0), jwk=other)
    assert schools.proofs.count() == 1


def test_withdrawing_asks_first_and_cannot_be_undone(client, administrator, housing):
    assert "This cannot be undone" in client.get(f"/staff/clients/{housing.id}/withdraw").content.decode()
    assert MachineClient.objects.get().withdrawn_at is None

    client.post(f"/staff/clients/{housing.id}/withdraw")
    again = client.post(f"/staff/clients/{housing.id}/rotate", {"overlap": "none"}).content.decode()

    assert "The client was withdrawn" in again
    page = client.get(f"/staff/clients/{housing.id}").content.decode()
    assert "Withdrawn" in page
    assert "Give it a new secret" not in page


def test_one_secret_is_ended_by_itself(client, administrator, housing):
    proof = housing.proofs.get()

    client.post(f"/staff/clients/{housing.id}/proofs/{proof.id}/end")
    again = client.post(f"/staff/clients/{housing.id}/proofs/{proof.id}/end", follow=True)

    proof.refresh_from_db()
    assert proof.valid_until <= timezone.now()
    assert "That key or secret is over already" in again.content.decode()


def test_another_organisations_clients_are_not_found(client, housing):
    stranger = staff("organisation_administrator", where=organisation("Eastshire Council"))
    sign_in(client, stranger, organisation("Eastshire Council"))
    proof = housing.proofs.get()

    assert "Housing" not in client.get("/staff/clients").content.decode()
    for address in ("", "/rotate", "/secret", "/withdraw", f"/proofs/{proof.id}/end"):
        for method in (client.get, client.post):
            answer = method(f"/staff/clients/{housing.id}{address}")
            only_shows = method == client.post and address in ("", "/secret")
            assert answer.status_code == (405 if only_shows else 404)
            assert "Housing" not in answer.content.decode()
    housing.refresh_from_db()
    assert housing.withdrawn_at is None
    with pytest.raises(Refused):
        rotate_proof(
            by=acting(stranger, organisation("Eastshire Council")),
            organisation_id=housing.organisation_id,
            client=housing,
            overlap=timedelta(0),
        )


def test_an_auditor_sees_clients_and_changes_none(client, housing):
    sign_in(client, staff("auditor"))

    assert "Housing" in client.get("/staff/clients").content.decode()
    assert "Give it a new secret" not in client.get(f"/staff/clients/{housing.id}").content.decode()
    assert client.get("/staff/clients/new").status_code == 403
    assert client.post(f"/staff/clients/{housing.id}/withdraw").status_code == 403
    housing.refresh_from_db()
    assert housing.withdrawn_at is None


def test_an_analyst_sees_none(client, housing):
    sign_in(client, staff("analyst"))

    assert client.get("/staff/clients").status_code == 403
    assert client.get(f"/staff/clients/{housing.id}").status_code == 403


def test_changing_needs_to_have_proved_lately_who_one_is(client, housing):
    user = staff("organisation_administrator")
    sign_in(client, user, at=timezone.now() - timedelta(minutes=31))

    assert client.get("/staff/clients").status_code == 200
    for address in ("/staff/clients/new", f"/staff/clients/{housing.id}/withdraw"):
        assert client.get(address)["Location"].startswith("/staff/confirm?")


def test_the_list_leaves_as_csv_with_its_event(client, administrator, housing):
    answer = client.get("/staff/clients?format=csv")

    assert "Housing" in b"".join(answer).decode()
    event = Event.objects.get(kind="table.exported")
    assert event.fields == {"table": "machine_clients", "rows": 1, "filtered": False}


def test_the_guide_tells_every_scope_that_can_be_chosen():
    guide = (ROOT / "docs/how-to/machine-clients.md").read_text()

    told = re.findall(r"^\| `([a-z.]+)` \|", guide.partition("## Scopes")[2], re.M)

    assert sorted(told) == sorted(scope.code for scope in SCOPES)
