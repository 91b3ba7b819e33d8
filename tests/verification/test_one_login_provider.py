"""One Login's rules against a provider that is not ours: the official simulator, or any that signs in by itself.

    JOINEDUP_TEST_OP_URL=http://127.0.0.1:3000 JOINEDUP_TEST_OP_CONFIG=simulator \\
        pytest tests/verification/test_one_login_provider.py

JOINEDUP_TEST_OP_CONFIG=simulator sets the provider up through its /config address, with a key of ours and with
the faults that it injects. Without it the provider must have been set up by hand: client id
JOINEDUP_TEST_OP_CLIENT (default joinedup-test), the redirect address below, and the key whose private half is
the PEM file JOINEDUP_TEST_OP_KEY; the faults are then left out. The provider must sign in without a form.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from joinedup.identity import (
    Claim,
    Documents,
    FaultCode,
    IdentityFault,
    OneLogin,
    OneLoginClient,
    OneLoginEnvironment,
)
from joinedup.ports import HttpxClient, SystemClock
from support.sign_in import Browser
from support.signing_keys import TestKey, rsa_key

URL = os.environ.get("JOINEDUP_TEST_OP_URL", "").rstrip("/")
IS_SIMULATOR = os.environ.get("JOINEDUP_TEST_OP_CONFIG") == "simulator"
CLIENT = os.environ.get("JOINEDUP_TEST_OP_CLIENT", "joinedup-test")
CALLBACK, LEFT = "http://127.0.0.1:8000/callback", "http://127.0.0.1:8000/signed-out"

pytestmark = pytest.mark.skipif(not URL, reason="set JOINEDUP_TEST_OP_URL to a provider")
simulator = pytest.mark.skipif(not IS_SIMULATOR, reason="needs JOINEDUP_TEST_OP_CONFIG=simulator")

FAULTS = [
    ("idTokenErrors", "INVALID_ISS", FaultCode.ID_TOKEN_BAD_ISSUER),
    ("idTokenErrors", "INVALID_AUD", FaultCode.ID_TOKEN_BAD_AUDIENCE),
    ("idTokenErrors", "INVALID_ALG_HEADER", FaultCode.ID_TOKEN_BAD_ALGORITHM),
    ("idTokenErrors", "INVALID_SIGNATURE", FaultCode.ID_TOKEN_BAD_SIGNATURE),
    ("idTokenErrors", "TOKEN_EXPIRED", FaultCode.ID_TOKEN_EXPIRED),
    ("idTokenErrors", "TOKEN_NOT_VALID_YET", FaultCode.ID_TOKEN_NOT_YET_VALID),
    ("idTokenErrors", "NONCE_NOT_MATCHING", FaultCode.ID_TOKEN_BAD_NONCE),
    ("idTokenErrors", "INCORRECT_VOT", FaultCode.ID_TOKEN_INCORRECT_VOT),
    ("coreIdentityErrors", "INVALID_ALG_HEADER", FaultCode.CORE_IDENTITY_BAD_ALGORITHM),
    ("coreIdentityErrors", "INVALID_SIGNATURE", FaultCode.CORE_IDENTITY_BAD_SIGNATURE),
    ("coreIdentityErrors", "INVALID_ISS", FaultCode.CORE_IDENTITY_BAD_ISSUER),
    ("coreIdentityErrors", "INVALID_AUD", FaultCode.CORE_IDENTITY_BAD_AUDIENCE),
    ("coreIdentityErrors", "INCORRECT_SUB", FaultCode.CORE_IDENTITY_INCORRECT_SUB),
    ("coreIdentityErrors", "TOKEN_EXPIRED", FaultCode.CORE_IDENTITY_EXPIRED),
    ("authoriseErrors", "ACCESS_DENIED", FaultCode.IDENTITY_NOT_PROVED),
    ("authoriseErrors", "TEMPORARILY_UNAVAILABLE", FaultCode.TEMPORARILY_UNAVAILABLE),
]


def client_key() -> TestKey:
    file = os.environ.get("JOINEDUP_TEST_OP_KEY")
    if not file:
        return rsa_key("verification")
    return TestKey(id="verification", private=load_pem_private_key(Path(file).read_bytes(), password=None))


class World:
    """Us and the provider."""

    def __init__(self, http: HttpxClient) -> None:
        self.http, self.browser = http, Browser(http)
        clock, environment = (
            SystemClock(),
            OneLoginEnvironment(
                issuer=f"{URL}/",
                identity_issuer=os.environ.get("JOINEDUP_TEST_OP_IDENTITY_ISSUER", f"{URL}/"),
                did_url=os.environ.get("JOINEDUP_TEST_OP_DID_URL", f"{URL}/.well-known/did.json"),
                trustmark_url=f"{URL}/trustmark",
            ),
        )
        self.one_login = OneLogin(
            OneLoginClient(client_id=CLIENT, redirect_uri=CALLBACK, post_logout_redirect_uri=LEFT),
            environment,
            http=http,
            documents=Documents(http=http, clock=clock),
            clock=clock,
            signing_key=client_key,
        )

    def configure(self, **errors: list[str]) -> None:
        """Set the simulator up; errors are cleared where none are named."""
        if not IS_SIMULATOR:
            return
        public = client_key().private.public_key()
        told = {
            "clientConfiguration": {
                "clientId": CLIENT,
                "publicKeySource": "STATIC",
                "publicKey": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
                "redirectUrls": [CALLBACK],
                "postLogoutRedirectUrls": [LEFT],
                "scopes": ["openid", "email", "phone"],
                "identityVerificationSupported": True,
                "idTokenSigningAlgorithm": "ES256",
                "clientLoCs": ["P0", "P2"],
                "claims": [Claim.CORE_IDENTITY.value, Claim.ADDRESS.value, Claim.RETURN_CODE.value],
            },
            **({"errorConfiguration": errors} if errors else {}),
        }
        answer = self.http.post_json(f"{URL}/config", told)
        assert answer.is_good, answer.body

    def prove(self):
        first = self.one_login.begin_sign_in()
        subject = self.one_login.finish(self.browser.go(first), self.browser.pendings).subject
        return self.prove_as(subject)

    def prove_as(self, subject):
        start = self.one_login.begin_identity(
            subject=subject, claims=(Claim.CORE_IDENTITY, Claim.ADDRESS, Claim.RETURN_CODE)
        )
        signed_in = self.one_login.finish(self.browser.go(start), self.browser.pendings)
        return self.one_login.identity(signed_in)


@pytest.fixture
def world() -> Iterator[World]:
    with HttpxClient(timeout_seconds=10) as http:
        world = World(http)
        world.configure()
        yield world
        world.configure()


def test_both_steps_succeed_and_bring_a_name_and_a_date_of_birth(world):
    answer = world.prove()

    assert answer.proved().name.full.strip()
    assert answer.proved().birth_date < datetime.now(UTC).date()
    assert answer.claims[Claim.ADDRESS]


def test_the_same_answer_is_not_taken_twice(world):
    query = world.browser.go(world.one_login.begin_sign_in())
    world.one_login.finish(query, world.browser.pendings)

    with pytest.raises(IdentityFault) as caught:
        world.one_login.finish(query, world.browser.pendings)
    assert caught.value.code is FaultCode.STATE_UNKNOWN


def test_logging_out_comes_back_with_the_state(world):
    signed_in = world.one_login.finish(
        world.browser.go(world.one_login.begin_sign_in()), world.browser.pendings
    )
    leave = world.one_login.logout(signed_in.id_token)
    answer = world.http.get(leave.url)

    assert answer.status == 302
    assert answer.headers["location"].startswith(LEFT)
    assert urlsplit(answer.headers["location"]).query == f"state={leave.state}"


@simulator
@pytest.mark.parametrize(("kind", "error", "code"), FAULTS, ids=lambda each: getattr(each, "value", each))
def test_each_fault_that_the_simulator_injects_is_refused(world, kind, error, code):
    first = world.one_login.begin_sign_in()
    subject = world.one_login.finish(world.browser.go(first), world.browser.pendings).subject
    world.configure(**{kind: [error]})

    with pytest.raises(IdentityFault) as caught:
        world.prove_as(subject)
    assert caught.value.code is code
