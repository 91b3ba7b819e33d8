"""The core identity JWT and its DID document, read strictly whatever they hold."""

from __future__ import annotations

import json

import pytest

from joinedup.identity import Documents, FaultCode, IdentityFault, LevelOfConfidence
from joinedup.identity.core_identity import check_core_identity, read_did_document
from joinedup.identity.tokens import public_jwk, sign
from joinedup.ports import HttpAnswer, RecordedHttp, SetClock
from support.sign_in import NOW
from support.signing_keys import ec_key

AT = int(NOW.timestamp())
DID_URL, ISSUER = "https://identity.example/.well-known/did.json", "https://identity.example/"
CONTROLLER = "did:web:identity.example"
KEY = ec_key("identity")
NAMES = [{"nameParts": [{"type": "GivenName", "value": "Ada"}, {"type": "FamilyName", "value": "Byron"}]}]
DATES = [{"value": "1970-01-02"}]


def method(name="k", **changed):
    told = {
        "type": "JsonWebKey",
        "id": f"{CONTROLLER}#{name}",
        "controller": CONTROLLER,
        "publicKeyJwk": public_jwk(KEY),
        **changed,
    }
    return {key: value for key, value in told.items() if value is not None}


def document(*methods, **changed):
    return {"id": CONTROLLER, "assertionMethod": list(methods or [method()]), **changed}


def read(person=None, did=None, header=None, **changed):
    """The identity of a token with these claims; requests made are in `read.sent`."""
    told = {
        "iss": ISSUER,
        "aud": "client",
        "sub": "somebody",
        "iat": AT,
        "nbf": AT,
        "exp": AT + 1800,
        "vot": "P2",
        "vc": {"credentialSubject": {"name": NAMES, "birthDate": DATES} if person is None else person},
        **changed,
    }
    body = json.dumps(document() if did is None else did).encode()
    http = RecordedHttp({("GET", DID_URL): [HttpAnswer(status=200, body=body)]})
    read.sent = http.sent
    return check_core_identity(
        sign(told, key=KEY, header={"kid": f"{CONTROLLER}#k", **(header or {})}),
        documents=Documents(http=http, clock=SetClock(NOW)),
        did_url=DID_URL,
        issuer=ISSUER,
        client_id="client",
        subject="somebody",
        wanted=LevelOfConfidence.P2,
        now=NOW,
    )


def code_of(**options) -> FaultCode:
    with pytest.raises(IdentityFault) as caught:
        read(**options)
    return caught.value.code


def test_a_good_identity_is_read():
    identity = read()

    assert (identity.name.full, identity.birth_date.year) == ("Ada Byron", 1970)
    assert identity.asserted_on == NOW.date()


@pytest.mark.parametrize(
    ("kid", "code"),
    [
        ("did:web:evil.example#k", FaultCode.CORE_IDENTITY_BAD_CONTROLLER),
        (f"{CONTROLLER}:sub#k", FaultCode.CORE_IDENTITY_BAD_CONTROLLER),
        (CONTROLLER, FaultCode.CORE_IDENTITY_BAD_CONTROLLER),
        (f"{CONTROLLER}#", FaultCode.CORE_IDENTITY_BAD_CONTROLLER),
        ("https://evil.example/did.json#k", FaultCode.CORE_IDENTITY_BAD_CONTROLLER),
        (f"{CONTROLLER}#another", FaultCode.CORE_IDENTITY_UNKNOWN_KEY),
        ("k", FaultCode.CORE_IDENTITY_BAD_CONTROLLER),
        (None, FaultCode.CORE_IDENTITY_UNKNOWN_KEY),
    ],
)
def test_a_key_id_leads_nowhere_but_to_the_fixed_document(kid, code):
    assert code_of(header={"kid": kid}) is code
    assert {sent.url for sent in read.sent} <= {DID_URL}


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        {"id": CONTROLLER},
        {"id": 5, "assertionMethod": [method()]},
        document(method(), method()),
        document("text"),
        document(method(publicKeyJwk=None)),
        document(method(controller="did:web:evil.example")),
        document(method(id=None)),
    ],
)
def test_what_is_no_did_document_is_refused(told):
    with pytest.raises(ValueError, match="DID document"):
        read_did_document(told)


def test_methods_of_other_forms_and_controllers_are_left_out():
    told = document(method("a", publicKeyJwk="multibase"), method("b", controller="did:web:x"), method("c"))

    assert list(read_did_document(told).methods) == [f"{CONTROLLER}#c"]


@pytest.mark.parametrize(
    "jwk",
    [{**public_jwk(KEY), "alg": "ES384"}, {**public_jwk(KEY), "crv": "P-384"}, {"kty": "oct", "k": "AA"}],
)
def test_a_key_of_another_kind_in_the_document_is_not_used(jwk):
    assert code_of(did=document(method(publicKeyJwk=jwk))) is FaultCode.CORE_IDENTITY_BAD_ALGORITHM


@pytest.mark.parametrize("vot", ["P0", "P1", "", None, "P2 ", 2, ["P2"], {"P2": 1}])
def test_below_p2_nobody_is_proved(vot):
    assert code_of(vot=vot) is FaultCode.CORE_IDENTITY_INSUFFICIENT_VOT


def test_above_p2_is_good_too():
    assert read(vot="P3").confidence is LevelOfConfidence.P3


@pytest.mark.parametrize("issuer", ["https://identity.example", "https://oidc.example/", None])
def test_the_identity_issuer_is_another_than_the_sign_ins_and_exact(issuer):
    assert code_of(iss=issuer) is FaultCode.CORE_IDENTITY_BAD_ISSUER


OTHER_NAME = [{"nameParts": [{"type": "Other", "value": "x"}]}]


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ({"birthDate": DATES}, FaultCode.CORE_IDENTITY_NO_NAME),
        ({"name": [{}], "birthDate": DATES}, FaultCode.CORE_IDENTITY_NO_NAME),
        (
            {"name": OTHER_NAME, "birthDate": DATES},
            FaultCode.CORE_IDENTITY_NO_NAME,
        ),
        ({"name": NAMES}, FaultCode.CORE_IDENTITY_NO_BIRTH_DATE),
        ({"name": NAMES, "birthDate": [{}]}, FaultCode.CORE_IDENTITY_NO_BIRTH_DATE),
        ({"name": "Ada", "birthDate": DATES}, FaultCode.CORE_IDENTITY_MALFORMED),
        ({"name": ["Ada"], "birthDate": DATES}, FaultCode.CORE_IDENTITY_MALFORMED),
        (
            {"name": [{"nameParts": [{"type": "GivenName"}]}], "birthDate": DATES},
            FaultCode.CORE_IDENTITY_MALFORMED,
        ),
        ({"name": NAMES, "birthDate": [{"value": "1970"}]}, FaultCode.CORE_IDENTITY_MALFORMED),
        ({"name": NAMES, "birthDate": [{"value": "1970-02-30"}]}, FaultCode.CORE_IDENTITY_MALFORMED),
        ({"name": NAMES, "birthDate": [{"value": 1970}]}, FaultCode.CORE_IDENTITY_MALFORMED),
        ([], FaultCode.CORE_IDENTITY_MALFORMED),
    ],
)
def test_an_identity_that_is_not_whole_is_refused_without_showing_it(person, code):
    with pytest.raises(IdentityFault) as caught:
        read(person=person)

    assert caught.value.code is code
    assert "1970" not in str(caught.value) + repr(caught.value.__cause__)


def test_without_a_credential_there_is_no_identity():
    assert code_of(vc=None) is FaultCode.CORE_IDENTITY_MALFORMED


@pytest.mark.parametrize("seconds", [10**400, -(10**400), 10**18])
def test_a_time_beyond_every_calendar_is_malformed(seconds):
    assert code_of(exp=seconds) is FaultCode.CORE_IDENTITY_MALFORMED


def test_an_identity_said_to_be_issued_before_time_began_harms_nothing():
    assert read(iat=-(10**11)).asserted_on.year == 1970
