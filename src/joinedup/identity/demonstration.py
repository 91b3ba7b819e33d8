"""A provider for demonstrations and tests: the other side of OpenID and One Login, as values in and values out.

It signs fictional people in, in the style of GOV.UK One Login or of a staff directory such as Entra ID. It has
no server, clock, store or chance of its own: whoever serves it keeps the grants and gives the rest. It is never
part of a service in production, where the settings refuse it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import cast
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from joinedup.errors import SignInError

from . import tokens
from .checks import ReplayGuard
from .claims import AuthenticationStrength, Claim, LevelOfConfidence, Name, VectorOfTrust
from .client_credentials import ClientKey, ClientSecret, MachineClient, TokenRequest, authenticate, digest
from .faults import IdentityFault, TokenCodes
from .logout import EVENT
from .openid import code_challenge
from .tokens import Claims, Json, Jwk, SigningKey

ID_TOKEN_LIFETIME = timedelta(seconds=120)
ACCESS_TOKEN_LIFETIME = timedelta(seconds=180)
CORE_IDENTITY_LIFETIME = timedelta(minutes=30)
LONGEST_QUERY = 4096
DOCUMENT_MAX_AGE = 86_400
DID_MAX_AGE = 3_600


class Style(Enum):
    """Whose manner it has: GOV.UK One Login's, for citizens, or a staff directory's."""

    ONE_LOGIN = "one_login"
    STAFF = "staff"


class ProviderRefusal(SignInError):
    """What the provider refuses. error: OAuth's name for it; status: of the answer. Never goes to a callback."""

    def __init__(self, error: str, *, status: int = 400, what: str = "") -> None:
        self.error, self.status = error, status
        super().__init__(what=what or error.replace("_", " "), where="demonstration provider")


@dataclass(frozen=True)
class DemonstrationPerson:
    """A fictional person who can be signed in as. id: unique among them; names: the present one first.

    confidence: how far their identity can be proved; below P2 there is no core identity. claims: others that
    userinfo has of them. groups and roles: of a member of staff.
    """

    id: str
    email: str
    names: tuple[Name, ...]
    birth_date: str = ""
    confidence: LevelOfConfidence = LevelOfConfidence.P2
    return_codes: tuple[str, ...] = ()
    claims: Mapping[Claim, Json] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class RegisteredClient:
    """A relying party as registered. keys: its public ones; secret_digest: SHA-256, in place of keys."""

    client_id: str
    redirect_uris: frozenset[str]
    post_logout_redirect_uris: frozenset[str] = frozenset()
    keys: tuple[Jwk, ...] = ()
    secret_digest: str = ""


@dataclass(frozen=True)
class DemonstrationProvider:
    """The provider. issuer: with a slash at its end; identity_issuer: of core identities, another than that.

    tenant: a staff directory's own id.
    """

    issuer: str
    identity_issuer: str = ""
    style: Style = Style.ONE_LOGIN
    tenant: str = ""

    def url(self, path: str) -> str:
        """One of its addresses: authorize, token, userinfo, logout, trustmark, .well-known/…"""
        return f"{self.issuer.rstrip('/')}/{path}"

    @property
    def did(self) -> str:
        """The controller of its identity keys (did:web), from the identity issuer's host and path."""
        parts = urlsplit(self.identity_issuer)
        place = [quote(parts.netloc, safe="."), *filter(None, parts.path.split("/"))]
        return "did:web:" + ":".join(place)


@dataclass(frozen=True)
class AuthoriseRequest:
    """A request to sign somebody in, read and found good."""

    client_id: str
    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str
    scopes: tuple[str, ...]
    vector: str
    claims: tuple[str, ...]
    language: str = "en"


@dataclass(frozen=True)
class Grant:
    """Somebody signed in for a request. Kept by whoever serves this, under the code, then the access token."""

    request: AuthoriseRequest
    person_id: str
    signed_in_at: int
    session_id: str

    def as_dict(self) -> dict[str, Json]:
        """As JSON can hold it, for a store."""
        return cast("dict[str, Json]", json.loads(json.dumps(asdict(self))))

    @classmethod
    def from_dict(cls, kept: Mapping[str, Json]) -> Grant:
        """The same from what as_dict gave."""
        asked = dict(cast("Mapping[str, Json]", kept["request"]))
        asked |= {name: tuple(cast("list[str]", asked[name])) for name in ("scopes", "claims")}
        return cls(**{**kept, "request": AuthoriseRequest(**asked)})  # type: ignore[arg-type]  # as_dict wrote it


def discovery_document(provider: DemonstrationProvider) -> dict[str, Json]:
    """What it says of itself (OpenID Connect Discovery)."""
    staff = provider.style is Style.STAFF
    return {
        "issuer": provider.issuer,
        "authorization_endpoint": provider.url("authorize"),
        "token_endpoint": provider.url("token"),
        "userinfo_endpoint": provider.url("userinfo"),
        "end_session_endpoint": provider.url("logout"),
        "jwks_uri": provider.url(".well-known/jwks.json"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "scopes_supported": ["openid", "email", "phone"] if not staff else ["openid", "profile", "email"],
        "id_token_signing_alg_values_supported": ["RS256"] if staff else ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post" if staff else "private_key_jwt"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": staff,
    }


def keys_document(provider: DemonstrationProvider, keys: Iterable[SigningKey]) -> dict[str, Json]:
    """Its ID token keys. As Entra's do, a staff directory's keys do not name their algorithm."""
    listed = [tokens.public_jwk(key) for key in keys]
    if provider.style is Style.STAFF:
        listed = [{name: value for name, value in jwk.items() if name != "alg"} for jwk in listed]
    return {"keys": listed}


def did_document(provider: DemonstrationProvider, keys: Iterable[SigningKey]) -> dict[str, Json]:
    """Its identity keys."""
    methods: list[Json] = []
    for key in keys:
        jwk = {name: value for name, value in tokens.public_jwk(key).items() if name != "kid"}
        name = did_key_id(provider, key)
        methods.append({"type": "JsonWebKey", "id": name, "controller": provider.did, "publicKeyJwk": jwk})
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": provider.did,
        "assertionMethod": methods,
    }


def did_key_id(provider: DemonstrationProvider, key: SigningKey) -> str:
    """The full name of an identity key: the controller, `#`, and a fingerprint."""
    return f"{provider.did}#{hashlib.sha256(key.public or b'').hexdigest()}"


def read_authorise(provider: DemonstrationProvider, client: RegisteredClient, query: str) -> AuthoriseRequest:
    """The request. ProviderRefusal where the browser must not be sent back, for lack of a proved address.

    PKCE, state and nonce are needed, whatever the real provider would let pass.
    """
    if len(query) >= LONGEST_QUERY:
        raise ProviderRefusal("invalid_request", status=403, what="the query is too long")
    pairs = parse_qsl(query, keep_blank_values=True)
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ProviderRefusal("invalid_request", what="a parameter was given twice")
    if told.get("client_id") != client.client_id or told.get("redirect_uri") not in client.redirect_uris:
        raise ProviderRefusal("invalid_request", what="the client or its redirect address is not registered")
    scopes = told.get("scope", "").split()
    good = (
        told.get("response_type") == "code" and "openid" in scopes and told.get("state") and told.get("nonce")
    )
    if not good or told.get("code_challenge_method") != "S256" or len(told.get("code_challenge", "")) != 43:
        raise ProviderRefusal("invalid_request", what="state, nonce, scope openid and PKCE (S256) are needed")
    vector = _vector(told.get("vtr", '["Cl.Cm"]')) if provider.style is Style.ONE_LOGIN else ""
    return AuthoriseRequest(
        client_id=client.client_id,
        redirect_uri=told["redirect_uri"],
        state=told["state"],
        nonce=told["nonce"],
        code_challenge=told["code_challenge"],
        scopes=tuple(scopes),
        vector=vector,
        claims=_claims(told.get("claims", "")),
        language="cy" if told.get("ui_locales", "").startswith("cy") else "en",
    )


def callback(
    provider: DemonstrationProvider, request: AuthoriseRequest, *, code: str = "", error: str = ""
) -> str:
    """Where the browser goes back to: with a code, or with an error."""
    answer = {"code": code} if code else {"error": error, "error_description": error.replace("_", " ")}
    answer["state"] = request.state
    if provider.style is Style.STAFF:
        answer["iss"] = provider.issuer
    return f"{request.redirect_uri}{'&' if '?' in request.redirect_uri else '?'}{urlencode(answer)}"


def check_token_request(
    provider: DemonstrationProvider,
    client: RegisteredClient,
    form: Mapping[str, str],
    *,
    grant: Grant | None,
    replays: ReplayGuard,
    now: datetime,
) -> Grant:
    """The grant that the code stands for, once client and code are proved. grant: what was taken from the
    store under the code, removed in the same step; None where nothing was.

    Raises ProviderRefusal invalid_client or invalid_grant.
    """
    machine = MachineClient(
        client_id=client.client_id,
        organisation="",
        scopes=frozenset(),
        secrets=(ClientSecret(client.secret_digest, valid_from=now),) if client.secret_digest else (),
        keys=tuple(ClientKey(jwk, valid_from=now) for jwk in client.keys),
    )
    request = TokenRequest(
        client_id=form.get("client_id", client.client_id),
        secret=form.get("client_secret", ""),
        assertion=form.get("client_assertion", ""),
        scopes=frozenset(),
    )
    try:
        authenticate(
            machine, request, audiences=(provider.url("token"), provider.issuer), replays=replays, now=now
        )
    except IdentityFault as fault:
        raise ProviderRefusal("invalid_client", status=401, what=fault.what) from fault
    if form.get("grant_type") != "authorization_code" or grant is None:
        raise ProviderRefusal("invalid_grant", what="the code is not known, or was used before")
    asked = grant.request
    challenge = code_challenge(form.get("code_verifier", ""))
    if asked.redirect_uri != form.get("redirect_uri") or not hmac.compare_digest(
        asked.code_challenge, challenge
    ):
        raise ProviderRefusal("invalid_grant", what="the code was given for another request")
    return grant


def subject_of(provider: DemonstrationProvider, person_id: str) -> str:
    """The pairwise subject of a person, as this provider tells it."""
    mark = hashlib.sha256(f"{provider.issuer}|{person_id}".encode()).digest()
    text = base64.urlsafe_b64encode(mark).decode()
    return text.rstrip("=") if provider.style is Style.STAFF else f"urn:fdc:gov.uk:2022:{text}"


def id_token_claims(
    provider: DemonstrationProvider,
    grant: Grant,
    person: DemonstrationPerson,
    *,
    access_token: str,
    now: datetime,
) -> dict[str, Json]:
    """What its ID token says."""
    issued = int(now.timestamp())
    claims: dict[str, Json] = {
        "iss": provider.issuer,
        "aud": grant.request.client_id,
        "sub": subject_of(provider, person.id),
        "iat": issued,
        "exp": issued + int(ID_TOKEN_LIFETIME.total_seconds()),
        "nonce": grant.request.nonce,
        "auth_time": grant.signed_in_at,
        "sid": grant.session_id,
        "at_hash": tokens.half_hash(access_token),
    }
    if provider.style is Style.STAFF:
        return claims | {
            "tid": provider.tenant,
            "oid": hashlib.sha256(f"oid|{person.id}".encode()).hexdigest()[:32],
            "name": person.names[0].full,
            "email": person.email,
            "groups": list(person.groups),
            "roles": list(person.roles),
            "amr": ["pwd", "mfa"],
        }
    strength = VectorOfTrust.read(grant.request.vector).strength
    return claims | {"vot": strength.value, "vtm": provider.url("trustmark")}


def core_identity_claims(
    provider: DemonstrationProvider, grant: Grant, person: DemonstrationPerson, *, now: datetime
) -> dict[str, Json]:
    """What its core identity JWT says."""
    issued = int(now.timestamp())
    subject: dict[str, Json] = {"name": [_name(name) for name in person.names]}
    if person.birth_date:
        subject["birthDate"] = [{"value": person.birth_date}]
    return {
        "iss": provider.identity_issuer,
        "aud": grant.request.client_id,
        "sub": subject_of(provider, person.id),
        "iat": issued,
        "nbf": issued,
        "exp": issued + int(CORE_IDENTITY_LIFETIME.total_seconds()),
        "vot": person.confidence.value,
        "vtm": provider.url("trustmark"),
        "vc": {"type": ["VerifiableCredential", "IdentityCheckCredential"], "credentialSubject": subject},
    }


def userinfo_answer(
    provider: DemonstrationProvider, grant: Grant, person: DemonstrationPerson, *, core_identity: str
) -> dict[str, Json]:
    """What userinfo tells: of what was asked, what there is. core_identity: the signed token, "" for none."""
    told: dict[str, Json] = {"sub": subject_of(provider, person.id)}
    if "email" in grant.request.scopes:
        told |= {"email": person.email, "email_verified": True}
    offered: dict[str, Json] = {claim.value: value for claim, value in person.claims.items()}
    offered[Claim.RETURN_CODE.value] = [{"code": code} for code in person.return_codes]
    if core_identity:
        offered[Claim.CORE_IDENTITY.value] = core_identity
    return told | {name: value for name, value in offered.items() if name in grant.request.claims}


def has_core_identity(grant: Grant, person: DemonstrationPerson) -> bool:
    """Whether a core identity was asked for, and can be proved as surely as was asked."""
    if Claim.CORE_IDENTITY.value not in grant.request.claims or not grant.request.vector:
        return False
    wanted = VectorOfTrust.read(grant.request.vector).confidence
    return wanted is not LevelOfConfidence.P0 and person.confidence.meets(wanted)


def logout_target(
    provider: DemonstrationProvider, client: RegisteredClient, query: str, keys: Sequence[SigningKey]
) -> tuple[str, str]:
    """Where the browser goes after logging out ("" for a page of the provider's own), and who leaves ("")."""
    told = dict(parse_qsl(query))
    codes = TokenCodes.of("id_token")
    try:
        hint = tokens.read(
            told.get("id_token_hint", ""),
            keys=[tokens.public_jwk(key) for key in keys],
            algorithms=("ES256", "RS256"),
            codes=codes,
        )
    except IdentityFault:
        return "", ""
    target = told.get("post_logout_redirect_uri", "")
    if hint.claims.get("aud") != client.client_id:
        return "", ""
    leaves = cast("str", hint.claims["sub"])
    if target not in client.post_logout_redirect_uris:
        return "", leaves
    state = {"state": told["state"]} if "state" in told else {}
    return f"{target}?{urlencode(state)}" if state else target, leaves


def logout_token_claims(
    provider: DemonstrationProvider, *, client_id: str, subject: str, jti: str, now: datetime
) -> dict[str, Json]:
    """What its back-channel notice says."""
    issued = int(now.timestamp())
    return {
        "iss": provider.issuer,
        "aud": client_id,
        "sub": subject,
        "iat": issued,
        "exp": issued + 120,
        "jti": jti,
        "events": {EVENT: {}},
    }


def sign(claims: Claims, key: SigningKey) -> str:
    """An ID token or logout token of those claims."""
    return tokens.sign(claims, key=key)


def sign_core_identity(provider: DemonstrationProvider, claims: Claims, key: SigningKey) -> str:
    """A core identity JWT of those claims, its key named in full."""
    return tokens.sign(claims, key=key, header={"kid": did_key_id(provider, key)})


def token_answer(*, access_token: str, id_token: str) -> dict[str, Json]:
    """The token endpoint's answer."""
    return {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": int(ACCESS_TOKEN_LIFETIME.total_seconds()),
        "id_token": id_token,
    }


def secret_digest(secret: str) -> str:
    """What a registration keeps of a client's secret."""
    return digest(secret)


def _name(name: Name) -> Claims:
    parts: list[Json] = [{"type": "GivenName", "value": each} for each in name.given]
    parts += [{"type": "FamilyName", "value": each} for each in name.family]
    times = {"validFrom": name.valid_from, "validUntil": name.valid_until}
    return {"nameParts": parts, **{key: day.isoformat() for key, day in times.items() if day}}


def _vector(text: str) -> str:
    try:
        (vector,) = json.loads(text)
        read = VectorOfTrust.read(vector)
    except (ValueError, TypeError) as error:
        raise ProviderRefusal("invalid_request", what="the vtr is not valid") from error
    if read.confidence is not LevelOfConfidence.P0 and read.strength is not AuthenticationStrength.MEDIUM:
        raise ProviderRefusal("invalid_request", what="an identity needs a sign-in with two factors")
    return read.text


def _claims(text: str) -> tuple[str, ...]:
    try:
        told = json.loads(text)["userinfo"] if text else {}
    except (ValueError, TypeError, KeyError) as error:
        raise ProviderRefusal("invalid_request", what="the claims cannot be read") from error
    return tuple(told)
