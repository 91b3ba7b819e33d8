"""Machine clients: secrets and assertions proved, scopes narrowed, tokens short, keys rotated without a gap."""

from __future__ import annotations

import base64
import warnings
from dataclasses import replace
from datetime import timedelta

import pytest

from joinedup.identity import (
    ClientKey,
    ClientMethod,
    ClientSecret,
    FaultCode,
    IdentityFault,
    MachineClient,
    MemoryReplayGuard,
    authenticate,
    check_access,
    digest,
    issue_token,
    narrow_scopes,
    new_secret,
    oauth_error,
    read_token_request,
)
from joinedup.identity.openid import ASSERTION_TYPE, client_assertion
from joinedup.identity.tokens import public_jwk, sign
from support.openid_provider import unsigned, with_header
from support.sign_in import NOW
from support.signing_keys import ec_key, rsa_key

TOKEN_URL, ISSUER = "https://joinedup.example/oauth/token", "https://joinedup.example/"
AT = int(NOW.timestamp())
GRANT = ("grant_type", "client_credentials")
SECRET, DIGEST = new_secret()
WITH_SECRET = MachineClient(
    client_id="council-1",
    organisation="council",
    scopes=frozenset({"records.read", "records.write"}),
    secrets=(ClientSecret(DIGEST, valid_from=NOW),),
)
WITH_KEY = MachineClient(
    client_id="trust-1",
    organisation="trust",
    scopes=frozenset({"records.read"}),
    keys=(ClientKey(public_jwk(rsa_key("machine")), valid_from=NOW),),
)


@pytest.fixture
def replays(clock):
    return MemoryReplayGuard(clock=clock)


def claims(**changed):
    told = {
        "iss": "trust-1",
        "sub": "trust-1",
        "aud": TOKEN_URL,
        "iat": AT,
        "exp": AT + 300,
        "jti": "one",
        **changed,
    }
    return {name: value for name, value in told.items() if value is not None}


def request_of(assertion: str, *more: tuple[str, str]):
    kind = ("client_assertion_type", ASSERTION_TYPE)
    return read_token_request([GRANT, kind, ("client_assertion", assertion), *more])


def prove(client, request, replays, *, now=NOW):
    return authenticate(client, request, audiences=(TOKEN_URL, ISSUER), replays=replays, now=now)


def code_of(client, request, replays, *, now=NOW) -> FaultCode:
    with pytest.raises(IdentityFault) as caught:
        prove(client, request, replays, now=now)
    return caught.value.code


def by_secret(secret: str = SECRET, client: str = "council-1"):
    return read_token_request([GRANT, ("client_id", client), ("client_secret", secret)])


def test_a_secret_proves_its_client_in_the_form_and_in_the_header(replays):
    pair = base64.b64encode(f"council-1:{SECRET}".encode()).decode()
    in_header = read_token_request([GRANT], authorization=f"Basic {pair}")

    assert prove(WITH_SECRET, by_secret(), replays) is ClientMethod.SECRET
    assert prove(WITH_SECRET, in_header, replays) is ClientMethod.SECRET


def test_a_secret_has_256_bits_and_is_kept_as_its_hash():
    secret, kept = new_secret()

    assert len(base64.urlsafe_b64decode(secret.removeprefix("jus_") + "=")) == 32
    assert kept == digest(secret)
    assert secret not in kept
    assert new_secret()[0] != secret


@pytest.mark.parametrize("secret", ["jus_wrong", DIGEST], ids=["another", "the hash itself"])
def test_a_wrong_secret_is_refused_and_its_hash_is_no_secret(replays, secret):
    assert code_of(WITH_SECRET, by_secret(secret), replays) is FaultCode.CLIENT_BAD_SECRET


def test_an_unknown_client_is_refused_with_the_same_answer_as_a_wrong_secret(replays):
    unknown = code_of(None, by_secret(), replays)
    other = code_of(WITH_SECRET, by_secret(client="council-2"), replays)

    assert (unknown, other) == (FaultCode.CLIENT_UNKNOWN, FaultCode.CLIENT_UNKNOWN)
    assert oauth_error(unknown) == oauth_error(FaultCode.CLIENT_BAD_SECRET) == ("invalid_client", 401)


def test_secrets_overlap_while_a_client_moves_from_one_to_the_next(replays):
    newer, kept = new_secret()
    tomorrow, later = NOW + timedelta(days=1), NOW + timedelta(days=2)
    both = replace(
        WITH_SECRET,
        secrets=(
            ClientSecret(DIGEST, valid_from=NOW, valid_until=later),
            ClientSecret(kept, valid_from=tomorrow),
        ),
    )
    good = [
        [secret for secret in (SECRET, newer) if _passes(both, by_secret(secret), replays, now)]
        for now in (NOW, tomorrow, later)
    ]

    assert good == [[SECRET], [SECRET, newer], [newer]]


@pytest.mark.parametrize(
    ("key", "alg"), [(rsa_key("machine"), "RS256"), (ec_key("machine-ec"), "ES256")], ids=["RS256", "ES256"]
)
def test_an_assertion_proves_its_client(replays, key, alg):
    client = replace(WITH_KEY, keys=(ClientKey(public_jwk(key), valid_from=NOW),))
    assertion = client_assertion(client_id="trust-1", audience=TOKEN_URL, key=key, issued=AT, jti="one")

    assert prove(client, request_of(assertion), replays) is ClientMethod.KEY


def test_an_assertion_signed_by_ps256_proves_its_client(replays):
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    class PssKey:
        id, public = "machine", rsa_key("machine").public

        def sign(self, data: bytes) -> bytes:
            pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
            return rsa_key("machine").private.sign(data, pss, hashes.SHA256())

    jwk = {**public_jwk(rsa_key("machine")), "alg": "PS256"}
    client = replace(WITH_KEY, keys=(ClientKey(jwk, valid_from=NOW),))
    assertion = sign(claims(), key=PssKey(), header={"alg": "PS256"})

    assert prove(client, request_of(assertion), replays) is ClientMethod.KEY
    # The same key, held to RS256 by its own word, does not take PS256.
    assert code_of(WITH_KEY, request_of(assertion), replays) is FaultCode.ASSERTION_BAD_ALGORITHM


def test_authlib_takes_our_assertions_and_we_take_its(replays):
    """Another origin: authlib's own reading and writing of RFC 7523."""
    from authlib.oauth2.rfc7523 import private_key_jwt_sign
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    pem = rsa_key("machine").private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    ours = client_assertion(
        client_id="trust-1", audience=TOKEN_URL, key=rsa_key("machine"), issued=AT, jti="one"
    )
    read = jwt.decode(ours, RSAKey.import_key(pem), algorithms=["RS256"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # authlib's own, about its way to joserfc
        theirs = private_key_jwt_sign(
            pem,
            client_id="trust-1",
            token_endpoint=TOKEN_URL,
            claims={"jti": "two", "iat": AT, "exp": AT + 300},
            header={"kid": "machine"},
        )

    assert read.claims["sub"] == "trust-1"
    assert prove(WITH_KEY, request_of(theirs), replays) is ClientMethod.KEY


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"aud": "https://evil.example/token"}, FaultCode.ASSERTION_BAD_AUDIENCE),
        ({"aud": [TOKEN_URL, "https://evil.example/"]}, FaultCode.ASSERTION_BAD_AUDIENCE),
        ({"aud": None}, FaultCode.ASSERTION_BAD_AUDIENCE),
        ({"iss": "another"}, FaultCode.ASSERTION_BAD_ISSUER),
        ({"sub": "council-1"}, FaultCode.CLIENT_UNKNOWN),
        ({"exp": AT - 30, "iat": AT - 300}, FaultCode.ASSERTION_EXPIRED),
        ({"iat": AT + 31}, FaultCode.ASSERTION_NOT_YET_VALID),
        ({"nbf": AT + 31}, FaultCode.ASSERTION_NOT_YET_VALID),
        ({"exp": AT + 301}, FaultCode.ASSERTION_LIVES_TOO_LONG),
        ({"exp": AT + 400, "iat": AT + 29}, FaultCode.ASSERTION_LIVES_TOO_LONG),
        ({"exp": None}, FaultCode.ASSERTION_MALFORMED),
        ({"iat": None}, FaultCode.ASSERTION_MALFORMED),
        ({"jti": None}, FaultCode.ASSERTION_MALFORMED),
    ],
)
def test_an_assertion_with_a_wrong_claim_is_refused(replays, changed, code):
    assertion = sign(claims(**changed), key=rsa_key("machine"))

    assert code_of(WITH_KEY, request_of(assertion), replays) is code


def test_for_another_subject_the_assertion_does_not_help_even_with_the_right_client_id(replays):
    assertion = sign(claims(sub="council-1"), key=rsa_key("machine"))

    request = request_of(assertion, ("client_id", "trust-1"))
    assert code_of(WITH_KEY, request, replays) is FaultCode.ASSERTION_BAD_ISSUER


def test_our_issuer_is_an_audience_as_well(replays):
    for name, audience in (("a", ISSUER), ("b", [TOKEN_URL])):
        assertion = sign(claims(aud=audience, jti=name), key=rsa_key("machine"))
        assert prove(WITH_KEY, request_of(assertion), replays)


def test_an_assertion_signed_otherwise_is_refused(replays):
    good = sign(claims(), key=rsa_key("machine"))
    other = sign(claims(), key=rsa_key("another"), header={"kid": "machine"})
    codes = [
        code_of(WITH_KEY, request_of(text), replays)
        for text in (unsigned(good), with_header(good, alg="HS256"), with_header(good, kid="x"), other)
    ]

    assert codes == [
        FaultCode.ASSERTION_BAD_ALGORITHM,
        FaultCode.ASSERTION_BAD_ALGORITHM,
        FaultCode.ASSERTION_UNKNOWN_KEY,
        FaultCode.ASSERTION_BAD_SIGNATURE,
    ]


def test_an_assertion_serves_once_until_it_could_serve_no_more(replays, clock):
    request = request_of(sign(claims(), key=rsa_key("machine")))
    prove(WITH_KEY, request, replays)

    assert code_of(WITH_KEY, request, replays) is FaultCode.ASSERTION_REPLAYED
    clock.move(seconds=329)
    assert code_of(WITH_KEY, request, replays, now=clock.now()) is FaultCode.ASSERTION_REPLAYED
    clock.move(seconds=1)
    assert code_of(WITH_KEY, request, replays, now=clock.now()) is FaultCode.ASSERTION_EXPIRED


def test_two_clients_may_use_one_jti(replays):
    other = replace(WITH_KEY, client_id="trust-2")
    prove(WITH_KEY, request_of(sign(claims(), key=rsa_key("machine"))), replays)

    text = sign(claims(iss="trust-2", sub="trust-2"), key=rsa_key("machine"))
    assert prove(other, request_of(text), replays)


def test_a_client_with_a_key_cannot_fall_back_to_a_secret(replays):
    both = replace(WITH_KEY, secrets=(ClientSecret(DIGEST, valid_from=NOW),))

    assert code_of(both, by_secret(client="trust-1"), replays) is FaultCode.CLIENT_METHOD_NOT_ALLOWED


def test_keys_overlap_while_a_client_moves_from_one_to_the_next(replays):
    tomorrow, later = NOW + timedelta(days=1), NOW + timedelta(days=2)
    keys = (
        ClientKey(public_jwk(rsa_key("machine")), valid_from=NOW, valid_until=later),
        ClientKey(public_jwk(ec_key("machine-2")), valid_from=tomorrow),
    )
    client = replace(WITH_KEY, keys=keys)
    good = []
    for now in (NOW, tomorrow, later):
        at = int(now.timestamp())
        told = {
            key.id: sign(claims(iat=at, exp=at + 300, jti=f"{at}{key.id}"), key=key)
            for key in (rsa_key("machine"), ec_key("machine-2"))
        }
        good.append([name for name, text in told.items() if _passes(client, request_of(text), replays, now)])

    assert good == [["machine"], ["machine", "machine-2"], ["machine-2"]]


@pytest.mark.parametrize(
    ("form", "authorization", "code"),
    [
        ([], "", FaultCode.CLIENT_GRANT_UNSUPPORTED),
        ([("grant_type", "password")], "", FaultCode.CLIENT_GRANT_UNSUPPORTED),
        ([GRANT], "", FaultCode.CLIENT_REQUEST_MALFORMED),
        ([GRANT, GRANT], "", FaultCode.CLIENT_REQUEST_MALFORMED),
        ([GRANT, ("client_secret", "s")], "", FaultCode.CLIENT_REQUEST_MALFORMED),
        ([GRANT], "Bearer abc", FaultCode.CLIENT_REQUEST_MALFORMED),
        ([GRANT], "Basic !!!", FaultCode.CLIENT_REQUEST_MALFORMED),
        ([GRANT], "Basic \x80", FaultCode.CLIENT_REQUEST_MALFORMED),  # found by Hypothesis
        ([GRANT], "Basic /w==", FaultCode.CLIENT_REQUEST_MALFORMED),
        ([GRANT, ("client_id", "b")], "Basic YTpz", FaultCode.CLIENT_REQUEST_MALFORMED),
        ([GRANT, ("client_secret", "s")], "Basic YTpz", FaultCode.CLIENT_REQUEST_MALFORMED),
        ([GRANT, ("client_id", "a"), ("client_assertion", "a.b.c")], "", FaultCode.CLIENT_REQUEST_MALFORMED),
        (
            [GRANT, ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", "a.b.c")],
            "",
            FaultCode.ASSERTION_MALFORMED,
        ),
    ],
)
def test_a_request_that_cannot_be_read_one_way_is_refused(form, authorization, code):
    with pytest.raises(IdentityFault) as caught:
        read_token_request(form, authorization=authorization)
    assert caught.value.code is code


def test_basic_authorization_is_form_decoded():
    pair = base64.b64encode(b"a%3Ab:c%2Bd+e").decode()
    request = read_token_request([GRANT], authorization=f"basic {pair}")

    assert (request.client_id, request.secret) == ("a:b", "c+d e")
    assert "c+d" not in repr(request)


def test_scopes_are_what_was_asked_all_of_it_and_never_more():
    assert narrow_scopes(WITH_SECRET, frozenset({"records.read"})) == {"records.read"}
    assert narrow_scopes(WITH_SECRET, frozenset()) == WITH_SECRET.scopes
    with pytest.raises(IdentityFault) as caught:
        narrow_scopes(WITH_SECRET, frozenset({"records.read", "audit.read"}))
    assert caught.value.code is FaultCode.CLIENT_SCOPE_NOT_ALLOWED
    assert oauth_error(caught.value.code) == ("invalid_scope", 400)


def test_a_token_is_told_once_and_only_its_hash_is_kept():
    issued = issue_token(WITH_SECRET, frozenset({"records.read"}), now=NOW)

    assert issued.digest == digest(issued.token)
    assert issued.token not in repr(issued)
    assert issued.as_answer() == {
        "access_token": issued.token,
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "records.read",
    }


def test_a_token_serves_its_scope_until_its_time():
    issued = issue_token(WITH_SECRET, frozenset({"records.read"}), now=NOW)
    ends = NOW + timedelta(minutes=10)
    check_access(issued, scope="records.read", now=ends - timedelta(microseconds=1))

    refusals = []
    for kept, scope, now in (
        (None, "x", NOW),
        (issued, "records.read", ends),
        (issued, "records.write", NOW),
    ):
        with pytest.raises(IdentityFault) as caught:
            check_access(kept, scope=scope, now=now)
        refusals.append((caught.value.code, *oauth_error(caught.value.code)))
    assert refusals == [
        (FaultCode.ACCESS_TOKEN_UNKNOWN, "invalid_token", 401),
        (FaultCode.ACCESS_TOKEN_EXPIRED, "invalid_token", 401),
        (FaultCode.ACCESS_TOKEN_LACKS_SCOPE, "insufficient_scope", 403),
    ]


def _passes(client, request, replays, now) -> bool:
    try:
        prove(client, request, replays, now=now)
    except IdentityFault:
        return False
    return True
