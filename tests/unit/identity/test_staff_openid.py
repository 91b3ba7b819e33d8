"""Staff sign-in with a provider in the manner of Entra ID."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from joinedup.errors import UsageError
from joinedup.identity import (
    Ask,
    ClientAuthentication,
    Documents,
    FaultCode,
    IdentityFault,
    Provider,
    RelyingParty,
    SignedIn,
    entra_provider,
    staff_ask,
    staff_member,
)
from joinedup.identity.demonstration import Style
from support.openid_provider import TENANT, Fault, TestProvider, running_provider
from support.sign_in import Browser
from support.signing_keys import ec_key, rsa_key

SECRET = "a secret with spaces & signs"
SIGN_IN = {
    Fault.ID_TOKEN_INVALID_ISS: FaultCode.ID_TOKEN_BAD_ISSUER,
    Fault.ID_TOKEN_INVALID_AUD: FaultCode.ID_TOKEN_BAD_AUDIENCE,
    Fault.ID_TOKEN_INVALID_ALG_HEADER: FaultCode.ID_TOKEN_BAD_ALGORITHM,
    Fault.ID_TOKEN_ALG_NONE: FaultCode.ID_TOKEN_BAD_ALGORITHM,
    Fault.ID_TOKEN_INVALID_SIGNATURE: FaultCode.ID_TOKEN_BAD_SIGNATURE,
    Fault.ID_TOKEN_TOKEN_EXPIRED: FaultCode.ID_TOKEN_EXPIRED,
    Fault.ID_TOKEN_TOKEN_NOT_VALID_YET: FaultCode.ID_TOKEN_NOT_YET_VALID,
    Fault.ID_TOKEN_NONCE_NOT_MATCHING: FaultCode.ID_TOKEN_BAD_NONCE,
    Fault.ID_TOKEN_OTHER_AZP: FaultCode.ID_TOKEN_BAD_AUTHORISED_PARTY,
    Fault.AUTHORISE_ACCESS_DENIED: FaultCode.ACCESS_DENIED,
    Fault.ID_TOKEN_OTHER_TENANT: FaultCode.STAFF_WRONG_TENANT,
    Fault.ID_TOKEN_NO_OID: FaultCode.STAFF_NO_OBJECT_ID,
    Fault.ID_TOKEN_NO_GROUPS: FaultCode.STAFF_GROUPS_NOT_TOLD,
}


@dataclass
class Staff:
    op: TestProvider
    party: RelyingParty
    browser: Browser

    def sign_in(self, ask: Ask | None = None, *, spoil: Callable[[str], str] = str) -> SignedIn:
        query = self.browser.go(self.party.begin(ask or staff_ask()))
        return self.party.finish(spoil(query), self.browser.pendings)


@pytest.fixture
def op(clock) -> Iterator[TestProvider]:
    with running_provider(clock=clock, style=Style.STAFF, client_secret=SECRET) as provider:
        yield provider


def staff_of(op, http, clock, **changed) -> Staff:
    host = op.issuer.partition(f"/{TENANT}")[0]
    options = {"client_id": "joinedup-test", "redirect_uri": "http://127.0.0.1:9/callback"}
    provider = changed.pop("provider", None) or entra_provider(
        tenant=TENANT, client_secret=SECRET, host=host, **options
    )
    documents = Documents(http=http, clock=clock)
    return Staff(op, RelyingParty(provider, http=http, documents=documents, clock=clock), Browser(http))


@pytest.fixture
def staff(op, http, clock) -> Staff:
    return staff_of(op, http, clock)


def test_a_member_of_staff_is_known_by_object_id_and_never_by_e_mail(staff):
    signed_in = staff.sign_in(staff_ask(return_to="/staff/"))
    member = staff_member(signed_in, tenant=TENANT, needs_groups=True)

    assert member.subject.value == signed_in.claims["oid"]
    assert member.subject.value not in (signed_in.claims["email"], signed_in.claims["sub"])
    assert (member.groups, member.roles) == ({"group-one"}, {"Joinedup.Analyst"})
    assert "mfa" in member.methods
    assert "ada@" not in repr(member)


def test_without_a_tenant_the_subject_is_the_key(staff):
    signed_in = staff.sign_in()

    assert staff_member(signed_in).subject == signed_in.subject


@pytest.mark.parametrize(("fault", "code"), SIGN_IN.items(), ids=lambda each: each.name)
def test_each_fault_is_refused_by_its_own_code(staff, fault, code):
    staff.op.faults = {fault}

    with pytest.raises(IdentityFault) as caught:
        staff_member(staff.sign_in(), tenant=TENANT, needs_groups=True)
    assert caught.value.code is code


def test_a_provider_that_promises_to_name_itself_must(staff):
    def without_issuer(query: str) -> str:
        return "&".join(part for part in query.split("&") if not part.startswith("iss="))

    with pytest.raises(IdentityFault) as caught:
        staff.sign_in(spoil=without_issuer)
    assert caught.value.code is FaultCode.RESPONSE_BAD_ISSUER


def test_an_es256_key_among_the_published_is_no_use_where_rs256_was_agreed(staff):
    staff.op.keys = [ec_key("op-1")]

    with pytest.raises(IdentityFault) as caught:
        staff.sign_in()
    assert caught.value.code is FaultCode.ID_TOKEN_BAD_ALGORITHM


def test_a_short_rsa_key_is_refused(staff):
    staff.op.keys = [rsa_key("short", bits=1024)]

    with pytest.raises(IdentityFault) as caught:
        staff.sign_in()
    assert caught.value.code is FaultCode.ID_TOKEN_BAD_SIGNATURE


@pytest.mark.parametrize(
    ("signed_in", "max_age", "is_good"), [(-3600, 3600, True), (-3630, 3600, True), (-3631, 3600, False)]
)
def test_a_sign_in_may_not_be_older_than_was_asked(staff, clock, signed_in, max_age, is_good):
    staff.op.signed_in_at = int(clock.now().timestamp()) + signed_in

    if is_good:
        assert staff.sign_in(staff_ask(max_age=max_age))
        return
    with pytest.raises(IdentityFault) as caught:
        staff.sign_in(staff_ask(max_age=max_age))
    assert caught.value.code is FaultCode.ID_TOKEN_SIGN_IN_TOO_OLD


def test_a_fresh_sign_in_must_have_been_made_since_it_was_asked(staff, clock):
    assert "prompt=login" in staff.party.begin(staff_ask(fresh=True)).url
    assert staff.sign_in(staff_ask(fresh=True))

    staff.op.signed_in_at = int(clock.now().timestamp()) - 31
    with pytest.raises(IdentityFault) as caught:
        staff.sign_in(staff_ask(fresh=True))
    assert caught.value.code is FaultCode.ID_TOKEN_SIGN_IN_TOO_OLD


@pytest.mark.parametrize(
    "method", [ClientAuthentication.CLIENT_SECRET_BASIC, ClientAuthentication.CLIENT_SECRET_POST]
)
def test_a_wrong_secret_is_refused_and_shown_nowhere(op, http, clock, method):
    provider = Provider(
        issuer=op.issuer,
        client_id="joinedup-test",
        redirect_uri="http://127.0.0.1:9/callback",
        authentication=method,
        client_secret="WRONG",
        id_token_algorithms=frozenset({"RS256"}),
    )
    staff = staff_of(op, http, clock, provider=provider)

    with pytest.raises(IdentityFault) as caught:
        staff.sign_in()
    assert caught.value.code is FaultCode.CLIENT_REFUSED
    assert "WRONG" not in repr(provider) + str(caught.value)


def test_a_secret_is_sent_form_encoded_in_basic_as_oauth_asks(op, http, clock):
    provider = Provider(
        issuer=op.issuer,
        client_id="joinedup-test",
        redirect_uri="http://127.0.0.1:9/callback",
        authentication=ClientAuthentication.CLIENT_SECRET_BASIC,
        client_secret=SECRET,
        id_token_algorithms=frozenset({"RS256"}),
    )

    assert staff_of(op, http, clock, provider=provider).sign_in()


def test_another_providers_pending_sign_in_is_not_finished_here(staff, op, http, clock):
    start = staff.party.begin(staff_ask())
    other = entra_provider(
        tenant="another", client_id="x", redirect_uri="https://x.example/cb", client_secret="s"
    )
    party = RelyingParty(other, http=http, documents=staff.party.documents, clock=clock)

    with pytest.raises(IdentityFault) as caught:
        party.finish(staff.browser.go(start), staff.browser.pendings)
    assert caught.value.code is FaultCode.RESPONSE_BAD_ISSUER


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "http://op.example/"},
        {"redirect_uri": "http://joinedup.example/callback"},
        {"post_logout_redirect_uri": "ftp://joinedup.example/"},
        {"client_id": ""},
        {"id_token_algorithms": frozenset()},
        {"id_token_algorithms": frozenset({"HS256"})},
        {"id_token_algorithms": frozenset({"none"})},
        {"client_secret": "not with a key"},
        {"authentication": ClientAuthentication.CLIENT_SECRET_POST},
    ],
)
def test_a_provider_that_could_not_be_safe_is_refused(changed):
    good = {"issuer": "https://op.example/", "client_id": "c", "redirect_uri": "https://rp.example/cb"}
    assert Provider(**good)

    with pytest.raises(UsageError):
        Provider(**{**good, **changed})


def test_a_key_is_needed_to_sign_in_with_a_key(http, clock):
    provider = Provider(issuer="https://op.example/", client_id="c", redirect_uri="https://rp.example/cb")

    with pytest.raises(UsageError, match="no key to sign with"):
        RelyingParty(provider, http=http, documents=Documents(http=http, clock=clock), clock=clock)
