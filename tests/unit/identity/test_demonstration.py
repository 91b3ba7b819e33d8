"""The demonstration provider: what it serves, and what it refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from threading import Barrier, Thread
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from joinedup.identity import MemoryReplayGuard
from joinedup.identity import demonstration as demo
from support.openid_provider import PERSON
from support.signing_keys import ec_key

PROVIDER = demo.DemonstrationProvider(
    issuer="http://127.0.0.1:8000/demo/", identity_issuer="http://127.0.0.1:8000/demo/identity/"
)
CLIENT = demo.RegisteredClient(client_id="c", redirect_uris=frozenset({"http://127.0.0.1:8000/callback"}))
GOOD = {
    "client_id": "c",
    "redirect_uri": "http://127.0.0.1:8000/callback",
    "response_type": "code",
    "scope": "openid email",
    "state": "s",
    "nonce": "n",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
    "vtr": '["Cl.Cm.P2"]',
    "ui_locales": "cy",
    "claims": '{"userinfo":{"https://vocab.account.gov.uk/v1/coreIdentityJWT":null}}',
}


def test_a_good_request_is_read():
    request = demo.read_authorise(PROVIDER, CLIENT, urlencode(GOOD))

    assert (request.vector, request.language, request.scopes) == ("Cl.Cm.P2", "cy", ("openid", "email"))
    assert demo.callback(PROVIDER, request, code="x") == "http://127.0.0.1:8000/callback?code=x&state=s"


def test_a_grant_survives_a_store_of_json():
    grant = demo.Grant(demo.read_authorise(PROVIDER, CLIENT, urlencode(GOOD)), "ada", 5, "session")

    assert demo.Grant.from_dict(json.loads(json.dumps(grant.as_dict()))) == grant


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"client_id": "another"}, 400),
        ({"redirect_uri": "http://127.0.0.1:8000/callback/"}, 400),
        ({"response_type": "token"}, 400),
        ({"scope": "email"}, 400),
        ({"state": ""}, 400),
        ({"nonce": ""}, 400),
        ({"code_challenge": ""}, 400),
        ({"code_challenge_method": "plain"}, 400),
        ({"vtr": '["Cl.P2"]'}, 400),
        ({"vtr": '["Cl.Cm","Cl.Cm.P2"]'}, 400),
        ({"vtr": "Cl.Cm"}, 400),
        ({"claims": "{"}, 400),
        ({"claims": '{"id_token":{}}'}, 400),
        ({"ui_locales": "e" * 4096}, 403),
    ],
)
def test_a_request_with_something_wrong_is_refused_and_never_sent_back(changed, status):
    with pytest.raises(demo.ProviderRefusal) as caught:
        demo.read_authorise(PROVIDER, CLIENT, urlencode({**GOOD, **changed}))
    assert (caught.value.error, caught.value.status) == ("invalid_request", status)


def test_a_parameter_given_twice_is_refused():
    with pytest.raises(demo.ProviderRefusal):
        demo.read_authorise(PROVIDER, CLIENT, urlencode([*GOOD.items(), ("state", "t")]))


def test_subjects_differ_between_people_and_providers_and_stay():
    other = demo.DemonstrationProvider(issuer="http://127.0.0.1:8000/other/")
    told = {demo.subject_of(p, who) for p in (PROVIDER, other) for who in ("ada", "una", "ada")}

    assert len(told) == 4


def test_the_did_document_names_its_keys_in_full():
    document = demo.did_document(PROVIDER, [ec_key("did-1")])

    assert document["id"] == "did:web:127.0.0.1%3A8000:demo:identity"
    (method,) = document["assertionMethod"]
    assert method["id"].startswith(f"{document['id']}#")
    assert method["publicKeyJwk"]["alg"] == "ES256"
    assert "d" not in method["publicKeyJwk"]


def test_an_interactive_provider_asks_who_to_be(someone, http):
    someone.op.interactive = True
    start = someone.one_login.begin_sign_in()
    someone.browser.pendings.put(start.pending)
    page = http.get(start.url)
    form = {**dict(parse_qsl(urlsplit(start.url).query)), "person": "una"}
    answer = http.post_form(start.url.partition("?")[0], form)

    assert b"una" in page.body
    query = urlsplit(answer.headers["location"]).query
    signed_in = someone.one_login.finish(query, someone.browser.pendings)
    assert signed_in.subject.value == demo.subject_of(someone.op.provider, "una")


@pytest.mark.parametrize("change", [{"state": "t"}, {"post_logout_redirect_uri": "https://evil.example/"}])
def test_logging_out_never_leads_to_an_address_that_is_not_registered(someone, change):
    url = someone.one_login.logout(someone.sign_in().id_token).url
    query = {**{name: each[0] for name, each in parse_qs(urlsplit(url).query).items()}, **change}
    target, leaves = demo.logout_target(
        someone.op.provider, someone.op.client, urlencode(query), someone.op.keys
    )

    assert target == ("http://127.0.0.1:9/signed-out?state=t" if "state" in change else "")
    assert leaves == demo.subject_of(someone.op.provider, PERSON.id)


def test_of_twenty_threads_with_one_token_one_is_first(clock):
    guard, ready, first = MemoryReplayGuard(clock=clock), Barrier(20), []

    def ask() -> None:
        ready.wait()
        first.append(guard.is_first("one", until=datetime(2027, 1, 1, tzinfo=UTC)))

    threads = [Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(first) == [False] * 19 + [True]
