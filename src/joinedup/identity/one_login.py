"""GOV.UK One Login's own rules, on top of OpenID: sign in first, prove who you are in a second step.

Rules are numbered as in docs/reference/one-login-rules.md, which names the test of each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import cast

from joinedup.errors import UsageError
from joinedup.ports.clock import Clock
from joinedup.ports.http import HttpClient, is_safe_to_call

from .checks import ReplayGuard
from .claims import AuthenticationStrength, Claim, CoreIdentity, LevelOfConfidence, ReturnCode, Subject
from .claims import VectorOfTrust as Vector
from .core_identity import check_core_identity
from .documents import Documents
from .faults import FaultCode, IdentityFault
from .logout import LogoutNotice, LogoutStart
from .openid import Ask, RelyingParty, SignedIn, SignInStart
from .pending import PendingSignIns
from .provider import ClientAuthentication, Provider
from .tokens import Json, SigningKey

# One Login's firewall answers 403 to longer queries.
LONGEST_REQUEST = 4096
LONGEST_LOGOUT = 2048


class Step(Enum):
    """Which of the two requests a sign-in is. The value is the pending sign-in's purpose."""

    SIGN_IN = "one_login_sign_in"
    IDENTITY = "one_login_identity"


class Language(Enum):
    """The language of One Login's pages."""

    ENGLISH = "en"
    WELSH = "cy"


@dataclass(frozen=True)
class OneLoginEnvironment:
    """Where One Login is. The identity issuer and its DID document are on a host of their own.

    identity_issuer: `iss` of the core identity JWT. did_url: the one address its keys are taken from.
    trustmark_url: what `vtm` must be where a token has it.
    """

    issuer: str
    identity_issuer: str
    did_url: str
    trustmark_url: str

    def __post_init__(self) -> None:
        if not is_safe_to_call(self.did_url):
            raise UsageError(
                what="the DID document's address is not HTTPS", where="DID URL", mend="give an https address"
            )


INTEGRATION = OneLoginEnvironment(
    issuer="https://oidc.integration.account.gov.uk/",
    identity_issuer="https://identity.integration.account.gov.uk/",
    did_url="https://identity.integration.account.gov.uk/.well-known/did.json",
    trustmark_url="https://oidc.integration.account.gov.uk/trustmark",
)
PRODUCTION = OneLoginEnvironment(
    issuer="https://oidc.account.gov.uk/",
    identity_issuer="https://identity.account.gov.uk/",
    did_url="https://identity.account.gov.uk/.well-known/did.json",
    trustmark_url="https://oidc.account.gov.uk/trustmark",
)
ENVIRONMENTS: Mapping[str, OneLoginEnvironment] = {"integration": INTEGRATION, "production": PRODUCTION}


@dataclass(frozen=True)
class OneLoginClient:
    """Us, as registered there. One registration and one set of keys for each environment.

    id_token_algorithm: ES256, or RS256 where we registered so. wanted: the confidence that we ask for.
    """

    client_id: str
    redirect_uri: str
    post_logout_redirect_uri: str = ""
    id_token_algorithm: str = "ES256"  # noqa: S105 - an algorithm's name
    wanted: LevelOfConfidence = LevelOfConfidence.P2


@dataclass(frozen=True)
class IdentityAnswer:
    """What the second step brought. identity: None where the person could not be proved.

    return_codes: how it went, in letters; they may come with an identity too. claims: the others asked for
    (address, passport, driving permit) as One Login writes them, where it has them.
    """

    subject: Subject
    identity: CoreIdentity | None
    return_codes: tuple[ReturnCode, ...] = ()
    claims: Mapping[Claim, Json] = field(default_factory=dict, repr=False)

    def proved(self) -> CoreIdentity:
        """The identity. IdentityFault identity_not_proved where there is none."""
        if self.identity is None:
            raise IdentityFault(
                FaultCode.IDENTITY_NOT_PROVED, what="One Login could not prove who the person is"
            )
        return self.identity


class OneLogin:
    """Signing citizens in with GOV.UK One Login. Holds no state; may be shared by threads.

    signing_key: gives the key that signs assertions at this moment (RSA; One Login takes no other).
    """

    def __init__(
        self,
        client: OneLoginClient,
        environment: OneLoginEnvironment,
        *,
        http: HttpClient,
        documents: Documents,
        clock: Clock,
        signing_key: Callable[[], SigningKey],
        random: Callable[[int], str] | None = None,
    ) -> None:
        provider = Provider(
            issuer=environment.issuer,
            client_id=client.client_id,
            redirect_uri=client.redirect_uri,
            authentication=ClientAuthentication.PRIVATE_KEY_JWT,
            post_logout_redirect_uri=client.post_logout_redirect_uri,
            id_token_algorithms=frozenset({client.id_token_algorithm}),
            keys_say_algorithm=True,
            longest_sign_in=timedelta(hours=2),
            longest_request=LONGEST_REQUEST,
            longest_logout=LONGEST_LOGOUT,
        )
        chance = {} if random is None else {"random": random}
        self.party = RelyingParty(
            provider, http=http, documents=documents, clock=clock, signing_key=signing_key, **chance
        )
        self.client, self.environment = client, environment

    def begin_sign_in(
        self,
        *,
        language: Language = Language.ENGLISH,
        scopes: Sequence[str] = ("openid",),
        return_to: str = "",
    ) -> SignInStart:
        """The first step: two-factor sign-in (`Cl.Cm`), no identity. Raises as RelyingParty.begin."""
        ask = Ask(
            scopes=scopes,
            extra=_extra(Vector(AuthenticationStrength.MEDIUM), language),
            purpose=Step.SIGN_IN.value,
            return_to=return_to,
        )
        return self.party.begin(ask)

    def begin_identity(
        self,
        *,
        subject: Subject,
        claims: Sequence[Claim] = (Claim.CORE_IDENTITY, Claim.RETURN_CODE),
        language: Language = Language.ENGLISH,
        scopes: Sequence[str] = ("openid",),
        return_to: str = "",
    ) -> SignInStart:
        """The second step, for one who is signed in: prove who they are (`Cl.Cm.P2`).

        subject: as they signed in; should another come back, that is refused. The core identity is asked for
        in any case. Raises as RelyingParty.begin.
        """
        asked = dict.fromkeys((Claim.CORE_IDENTITY, *claims))
        wanted = {"userinfo": {claim.value: None for claim in asked}}
        vector = Vector(AuthenticationStrength.MEDIUM, self.client.wanted)
        ask = Ask(
            scopes=scopes,
            extra={**_extra(vector, language), "claims": json.dumps(wanted, separators=(",", ":"))},
            expected_subject=subject.value,
            purpose=Step.IDENTITY.value,
            return_to=return_to,
        )
        return self.party.begin(ask)

    def finish(self, query: str, pendings: PendingSignIns) -> SignedIn:
        """The sign-in that the browser brings back, from either step; `pending.purpose` says from which.

        Raises IdentityFault: any code of RelyingParty.finish; id_token_incorrect_vot, id_token_bad_trustmark;
        and identity_not_proved, which is what access_denied means in the second step.
        """
        try:
            signed_in = self.party.finish(query, pendings)
        except IdentityFault as fault:
            if fault.code is FaultCode.ACCESS_DENIED and fault.purpose == Step.IDENTITY.value:
                told = IdentityFault(
                    FaultCode.IDENTITY_NOT_PROVED, what="One Login could not prove who the person is"
                )
                told.purpose = fault.purpose
                raise told from fault
            raise
        self._check_trust(signed_in)
        return signed_in

    def identity(self, signed_in: SignedIn) -> IdentityAnswer:
        """Who the person is, after the second step. Call it within 3 minutes: then the access token ends.

        Raises IdentityFault with a userinfo, did or core_identity code.
        """
        told = self.party.userinfo(signed_in)
        text = told.get(Claim.CORE_IDENTITY.value)
        identity = None
        if text is not None:
            if not isinstance(text, str):
                raise IdentityFault(FaultCode.CORE_IDENTITY_MALFORMED, what="the identity is not a token")
            identity = check_core_identity(
                text,
                documents=self.party.documents,
                did_url=self.environment.did_url,
                issuer=self.environment.identity_issuer,
                client_id=self.client.client_id,
                subject=signed_in.subject.value,
                wanted=self.client.wanted,
                now=self.party.clock.now(),
                skew=self.party.provider.skew,
            )
        others = (Claim.ADDRESS, Claim.PASSPORT, Claim.DRIVING_PERMIT)
        return IdentityAnswer(
            subject=signed_in.subject,
            identity=identity,
            return_codes=_return_codes(told.get(Claim.RETURN_CODE.value)),
            claims={claim: told[claim.value] for claim in others if claim.value in told},
        )

    def logout(self, id_token: str) -> LogoutStart:
        """Where to send the browser after our own session is closed. Raises as RelyingParty.logout."""
        return self.party.logout(id_token)

    def read_logout_token(self, text: str, *, replays: ReplayGuard) -> LogoutNotice:
        """Whose sessions to close, from a notice that One Login posted. Raises logout_token codes."""
        return self.party.read_logout_token(text, replays=replays)

    def _check_trust(self, signed_in: SignedIn) -> None:
        # The ID token says how strong the sign-in was, never how sure the identity: Cl.Cm in both steps.
        if signed_in.claims.get("vot") != AuthenticationStrength.MEDIUM.value:
            fault = IdentityFault(
                FaultCode.ID_TOKEN_INCORRECT_VOT, what="the sign-in was not as strong as we asked"
            )
        elif signed_in.claims.get("vtm", self.environment.trustmark_url) != self.environment.trustmark_url:
            fault = IdentityFault(
                FaultCode.ID_TOKEN_BAD_TRUSTMARK, what="the sign-in was made under other rules of trust"
            )
        else:
            return
        fault.purpose = signed_in.pending.purpose
        raise fault


def _extra(vector: Vector, language: Language) -> dict[str, str]:
    return {"vtr": json.dumps([vector.text]), "ui_locales": language.value}


def _return_codes(told: Json) -> tuple[ReturnCode, ...]:
    if told is None:
        return ()
    try:
        return tuple(ReturnCode(cast("Mapping[str, str]", each)["code"]) for each in cast("list[Json]", told))
    except (TypeError, KeyError, ValueError) as error:
        raise IdentityFault(
            FaultCode.USERINFO_MALFORMED, what="the return codes are not written as agreed"
        ) from error
