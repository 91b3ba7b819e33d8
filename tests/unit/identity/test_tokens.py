"""Signed tokens: read with the one key that is named, in the one algorithm that was agreed."""

from __future__ import annotations

import base64
import hmac
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from joinedup.errors import UsageError
from joinedup.identity import FaultCode, IdentityFault, key_document, tokens
from joinedup.identity.faults import TokenCodes
from joinedup.identity.openid import code_challenge
from joinedup.ports import InMemoryKeyStore, KeyPurpose, make_missing_keys
from support.sign_in import NOW
from support.signing_keys import ec_key, rsa_key

CODES = TokenCodes.of("id_token")
CLAIMS = {"sub": "somebody", "text": "é"}
KEYS = {"RS256": rsa_key("one"), "ES256": ec_key("two")}


def read(text, keys=None, **options):
    keys = [tokens.public_jwk(key) for key in KEYS.values()] if keys is None else keys
    options = {"algorithms": ("RS256", "ES256"), **options}
    return tokens.read(text, keys=keys, codes=CODES, **options)


def code_of(text, keys=None, **options) -> str:
    with pytest.raises(IdentityFault) as caught:
        read(text, keys, **options)
    return caught.value.code.name.removeprefix("ID_TOKEN_")


@pytest.mark.parametrize("algorithm", KEYS)
def test_what_we_sign_we_read_and_joserfc_reads(algorithm):
    """joserfc's own reader is the other origin: header and signature are made here by hand."""
    key = KEYS[algorithm]
    text = tokens.sign(CLAIMS, key=key)
    theirs = (RSAKey if algorithm == "RS256" else ECKey).import_key(tokens.public_jwk(key))

    assert read(text).claims == CLAIMS
    assert jwt.decode(text, theirs, algorithms=[algorithm]).claims == CLAIMS
    assert tokens.header_of(text, codes=CODES) == {"alg": algorithm, "kid": key.id, "typ": "JWT"}


def test_what_joserfc_signs_we_read():
    key = ECKey.generate_key("P-256", parameters={"kid": "three", "alg": "ES256", "use": "sig"})
    text = jwt.encode({"alg": "ES256", "kid": "three"}, CLAIMS, key)

    assert read(text, [key.as_dict(private=False)]).claims == CLAIMS


def test_the_worked_example_of_the_standard_is_read():
    """RFC 7515, appendix A.3: a token, its key, and a signature of another origin."""
    header = base64.urlsafe_b64decode("eyJhbGciOiJFUzI1NiJ9")
    assert json.loads(header) == {"alg": "ES256"}
    text = (
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9p"
        "c19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3"
        "-Kg6NU1Q"
    )
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }

    assert tokens._is_signed(text, jwk=jwk, algorithm="ES256")
    assert not tokens._is_signed(text[:-4] + "AAAA", jwk=jwk, algorithm="ES256")
    # It names no key, and a token that names none is not looked up among those there are.
    assert code_of(text, [{**jwk, "kid": "1"}]) == "UNKNOWN_KEY"


def test_a_key_named_twice_names_none():
    jwk = tokens.public_jwk(KEYS["ES256"])

    assert code_of(tokens.sign(CLAIMS, key=KEYS["ES256"]), [jwk, jwk]) == "UNKNOWN_KEY"


def test_the_public_key_is_no_shared_secret():
    """The classic confusion: HS256 with the published RSA key as its secret."""
    pem = RSAKey.import_key(tokens.public_jwk(KEYS["RS256"])).as_pem(private=False)
    parts = tokens.sign(CLAIMS, key=KEYS["RS256"], header={"alg": "HS256"}).rpartition(".")[0]
    mark = hmac.new(pem, parts.encode(), "sha256").digest()
    forged = f"{parts}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"

    assert code_of(forged) == "BAD_ALGORITHM"
    assert code_of(forged, algorithms=("RS256", "HS256")) == "BAD_ALGORITHM"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"alg": "RS256"}, "BAD_ALGORITHM"),
        ({"alg": None}, "BAD_ALGORITHM"),
        ({"kty": "RSA"}, "BAD_ALGORITHM"),
        ({"crv": "P-384"}, "BAD_ALGORITHM"),
        ({"use": "enc"}, "BAD_ALGORITHM"),
        ({"kid": "another"}, "UNKNOWN_KEY"),
        ({"x": "AAAA"}, "BAD_SIGNATURE"),
        ({"x": "!"}, "BAD_SIGNATURE"),
        ({"x": None}, "BAD_SIGNATURE"),
    ],
)
def test_a_key_that_does_not_suit_is_not_used(changed, code):
    jwk = {name: value for name, value in {**tokens.public_jwk(KEYS["ES256"]), **changed}.items() if value}

    assert code_of(tokens.sign(CLAIMS, key=KEYS["ES256"]), [jwk], key_must_say=True) == code


def test_a_key_that_names_no_algorithm_serves_where_that_was_agreed():
    jwk = tokens.public_jwk(KEYS["ES256"])
    del jwk["alg"]

    assert read(tokens.sign(CLAIMS, key=KEYS["ES256"]), [jwk]).claims == CLAIMS


def test_a_header_cannot_bring_its_own_key():
    stranger = ec_key("two-forged")
    header = {"kid": "two", "jwk": tokens.public_jwk(stranger), "jku": "https://evil.example/"}

    assert code_of(tokens.sign(CLAIMS, key=stranger, header=header)) == "BAD_SIGNATURE"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b",
        "a.b.c.d",
        "e30.e30.",
        "W10.e30.c2ln",
        "e30.W10.c2ln",
        "!!!.e30.c2ln",
        "/w.e30.c2ln",
        "é.e30.c2ln",
        "e30." * 2 + "x" * 40_000,
        base64.urlsafe_b64encode(b"[" * 20_000).decode().rstrip("=") + ".e30.c2ln",
        base64.urlsafe_b64encode(b'{"alg":"ES256","crit":["b64"],"b64":false}').decode() + ".e30.c2ln",
    ],
)
def test_what_is_no_token_is_refused(text):
    assert code_of(text) in ("MALFORMED", "BAD_ALGORITHM")


@pytest.mark.parametrize("claim", ["sub", "nonce", "jti"])
def test_half_a_surrogate_pair_is_no_text_and_the_token_malformed(claim):
    assert code_of(tokens.sign({claim: "\ud800"}, key=KEYS["ES256"])) == "MALFORMED"


@pytest.mark.parametrize("kind", ["bits", "curve"])
def test_keys_too_weak_or_of_another_curve_sign_nothing_of_ours(kind):
    if kind == "curve":
        with pytest.raises(ValueError, match="RSA or P-256"):
            tokens.sign(CLAIMS, key=ec_key("p384", curve=ec.SECP384R1))
    else:
        short = rsa_key("short", bits=1024)
        assert code_of(tokens.sign(CLAIMS, key=short), [tokens.public_jwk(short)]) == "BAD_SIGNATURE"


def test_the_hash_of_an_access_token_is_that_of_the_standard():
    """OpenID Connect Core, appendix A.3: access token and at_hash as printed there."""
    assert tokens.half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y") == "77QmUPtjPfzWtF2AnpK9RQ"


def test_a_code_challenge_is_authlibs_too():
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert code_challenge(verifier) == create_s256_code_challenge(verifier)


def test_keys_of_the_key_store_sign_and_rotate_without_a_gap():
    """Before, during and after a rotation, whoever holds yesterday's document can check today's signature."""
    from datetime import timedelta

    store, purpose = InMemoryKeyStore(), KeyPurpose.ONE_LOGIN_CLIENT
    make_missing_keys(store, on=NOW, purposes=(purpose,))
    for day in (2, 4, 6):
        yesterdays = tokens.key_set(key_document(_published(store, purpose)))
        store.rotate(purpose, on=NOW + timedelta(days=day))
        text = tokens.sign(CLAIMS, key=store.current(purpose))
        assert read(text, yesterdays).header["alg"] == "RS256"
        assert read(text, tokens.key_set(key_document(_published(store, purpose)))).claims == CLAIMS


def test_our_document_holds_no_private_part():
    text = json.dumps(key_document([rsa_key("one"), rsa_key("next")]))

    assert {name for key in json.loads(text)["keys"] for name in key} == {
        "kty",
        "kid",
        "use",
        "alg",
        "n",
        "e",
    }
    assert [key["kid"] for key in json.loads(text)["keys"]] == ["one", "next"]


@pytest.mark.parametrize("keys", [[], [rsa_key("one"), ec_key("one")]])
def test_a_document_without_keys_or_with_one_id_twice_is_refused(keys):
    with pytest.raises(UsageError):
        key_document(keys)


def test_every_code_is_stable_and_its_own():
    assert len({code.value for code in FaultCode}) == len(FaultCode)
    assert all(code.value == code.name.lower() for code in FaultCode)
    assert {code.kind.status for code in FaultCode} == {400, 403, 500, 503}


def _published(store, purpose):
    from joinedup.ports import KeyState

    return [key for key in store.all(purpose) if key.state is not KeyState.RETIRED]
