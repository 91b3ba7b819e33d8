"""Whatever a signed identity, a DID document or an answer holds: an IdentityFault or a value, and nothing else."""

from __future__ import annotations

import contextlib
import json

from hypothesis import given
from hypothesis import strategies as st

from joinedup.identity import Documents, IdentityFault, LevelOfConfidence, MemoryPendingSignIns
from joinedup.identity.client_credentials import read_token_request
from joinedup.identity.core_identity import check_core_identity
from joinedup.identity.openid import Ask, RelyingParty
from joinedup.identity.provider import Provider
from joinedup.identity.tokens import public_jwk, sign
from joinedup.ports import HttpAnswer, RecordedHttp, SetClock
from support.sign_in import NOW
from support.signing_keys import ec_key, rsa_key

AT, URL, CONTROLLER = int(NOW.timestamp()), "https://identity.example/did.json", "did:web:identity.example"
any_text = st.text(max_size=12) | st.just("\ud800")  # half a pair, which JSON allows
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
name_parts = st.lists(
    st.fixed_dictionaries({"type": st.sampled_from(["GivenName", "FamilyName"]), "value": json_values})
    | json_values,
    max_size=3,
)
person = st.fixed_dictionaries(
    {},
    optional={
        "name": st.lists(st.fixed_dictionaries({"nameParts": name_parts | json_values}), max_size=3)
        | json_values,
        "birthDate": st.lists(st.fixed_dictionaries({"value": json_values | st.dates().map(str)}))
        | json_values,
    },
)
method = {"id": f"{CONTROLLER}#k", "controller": CONTROLLER, "publicKeyJwk": public_jwk(ec_key("identity"))}


@given(
    subject=person | json_values, name=st.sampled_from(["iat", "exp", "vot", "aud", "x"]), value=json_values
)
def test_a_signed_identity_of_any_shape_is_read_or_refused(subject, name, value):
    claims = {"iss": "i", "aud": "c", "sub": "s", "iat": AT, "exp": AT + 60, "vot": "P2"}
    claims |= {"vc": {"credentialSubject": subject}, name: value}
    _check(
        sign(claims, key=ec_key("identity"), header={"kid": method["id"]}),
        {"id": CONTROLLER, "assertionMethod": [method]},
    )


@given(methods=st.lists(st.just(method) | json_values, max_size=3) | json_values, jwk=json_values)
def test_a_did_document_of_any_shape_is_read_or_refused(methods, jwk):
    text = sign({"iss": "i"}, key=ec_key("identity"), header={"kid": method["id"]})
    for told in (methods, [{**method, "publicKeyJwk": jwk}]):
        _check(text, {"id": CONTROLLER, "assertionMethod": told})


@given(header=json_values, text=st.text(max_size=40))
def test_a_token_of_any_shape_is_read_or_refused(header, text):
    extra = header if isinstance(header, dict) else {"kid": header, "alg": header}
    good = {"id": CONTROLLER, "assertionMethod": [method]}
    _check(sign({"iss": "i"}, key=ec_key("identity"), header=extra), good)
    _check(text, good)
    _check(f"{text}.{text}.{text}", good)


@given(discovery=json_values, token=json_values, keys=json_values)
def test_a_provider_may_answer_anything_and_a_fault_is_said(discovery, token, keys):
    provider = Provider(issuer="https://op.example/", client_id="c", redirect_uri="https://rp.example/cb")
    described = {
        "issuer": provider.issuer,
        "authorization_endpoint": "https://op.example/a",
        "token_endpoint": "https://op.example/t",
        "jwks_uri": "https://op.example/k",
    }
    for first in (discovery, described):
        http = RecordedHttp(
            {
                ("GET", provider.discovery_url): [_answer(first)],
                ("POST", "https://op.example/t"): [_answer(token)],
                ("GET", "https://op.example/k"): [_answer(keys)],
            }
        )
        clock, pendings = SetClock(NOW), MemoryPendingSignIns()
        party = RelyingParty(
            provider,
            http=http,
            documents=Documents(http=http, clock=clock),
            clock=clock,
            signing_key=lambda: rsa_key("client-1"),
        )
        with contextlib.suppress(IdentityFault):
            start = party.begin(Ask())
            pendings.put(start.pending)
            party.finish(f"code=x&state={start.pending.state}", pendings)


@given(
    query=st.text(max_size=60),
    form=st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=4),
)
def test_a_callback_or_token_request_of_any_shape_is_read_or_refused(query, form):
    provider = Provider(issuer="https://op.example/", client_id="c", redirect_uri="https://rp.example/cb")
    http, clock = RecordedHttp({}), SetClock(NOW)
    party = RelyingParty(
        provider,
        http=http,
        documents=Documents(http=http, clock=clock),
        clock=clock,
        signing_key=lambda: rsa_key("client-1"),
    )
    with contextlib.suppress(IdentityFault):
        party.finish(query, MemoryPendingSignIns())
    for fields in (form, [("grant_type", "client_credentials"), *form]):
        with contextlib.suppress(IdentityFault):
            read_token_request(fields, authorization=query)


def _answer(value) -> HttpAnswer:
    return HttpAnswer(status=200, body=json.dumps(value).encode())


def _check(text: str, did) -> None:
    http = RecordedHttp({("GET", URL): [_answer(did)]})
    with contextlib.suppress(IdentityFault):
        check_core_identity(
            text,
            documents=Documents(http=http, clock=SetClock(NOW)),
            did_url=URL,
            issuer="i",
            client_id="c",
            subject="s",
            wanted=LevelOfConfidence.P2,
            now=NOW,
        )
