"""The provider as agreed with it (Provider), and as it describes itself (Endpoints, from discovery)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from joinedup.errors import UsageError
from joinedup.ports.http import is_safe_to_call

from .checks import SKEW
from .documents import DISCOVERY, KEYS, Documents
from .tokens import KEY_TYPES, Json, Jwk, key_set


class ClientAuthentication(Enum):
    """How we prove to the token endpoint who we are. The value is OpenID Connect's own name for it."""

    PRIVATE_KEY_JWT = "private_key_jwt"
    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105 - a method's name
    CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105 - a method's name


@dataclass(frozen=True)
class Provider:
    """What was agreed with an OpenID provider when we registered there.

    issuer: exactly as its discovery says, to the last slash. id_token_algorithms: those agreed; RS256, PS256
    or ES256. keys_say_algorithm: its published keys name their algorithm, so a key that does not is refused.
    skew: how far clocks may differ. longest_sign_in: from leaving us to coming back.
    longest_request, longest_logout: how many characters a query may have, None for no limit.

    Raises UsageError where an address is not HTTPS (loopback apart) or an algorithm is not one of those.
    """

    issuer: str
    client_id: str
    redirect_uri: str
    authentication: ClientAuthentication = ClientAuthentication.PRIVATE_KEY_JWT
    client_secret: str = field(default="", repr=False)
    post_logout_redirect_uri: str = ""
    id_token_algorithms: frozenset[str] = frozenset({"ES256"})
    keys_say_algorithm: bool = False
    skew: timedelta = SKEW
    longest_sign_in: timedelta = timedelta(hours=2)
    longest_request: int | None = None
    longest_logout: int | None = None

    def __post_init__(self) -> None:
        addresses = [self.issuer, self.redirect_uri]
        addresses += [self.post_logout_redirect_uri] if self.post_logout_redirect_uri else []
        for each in addresses:
            if not is_safe_to_call(each):
                raise UsageError(
                    what="an address of the provider is not HTTPS",
                    where="issuer, redirect URI or logout redirect URI",
                    mend="give https addresses; plain http is for this machine alone",
                )
        if not self.client_id or not self.id_token_algorithms or self.id_token_algorithms - set(KEY_TYPES):
            raise UsageError(
                what="the provider's client id or algorithms are not given rightly",
                where="client id, ID token algorithms",
                mend=f"give the client id, and algorithms among {', '.join(sorted(KEY_TYPES))}",
            )
        uses_secret = self.authentication is not ClientAuthentication.PRIVATE_KEY_JWT
        if uses_secret != bool(self.client_secret):
            raise UsageError(
                what="a client secret is lacking, or given where a key is used",
                where="client secret",
                mend="give a secret for client_secret_basic and client_secret_post, and none otherwise",
            )

    @property
    def discovery_url(self) -> str:
        """Where it describes itself (OpenID Connect Discovery 4.1)."""
        return self.issuer.rstrip("/") + "/.well-known/openid-configuration"


@dataclass(frozen=True)
class Endpoints:
    """What we use of a provider's own description. userinfo and end_session: empty where it has none.

    says_issuer: it promises to name itself in each answer (RFC 9207), so an answer without is refused.
    """

    authorization: str
    token: str
    jwks: str
    userinfo: str
    end_session: str
    says_issuer: bool


def endpoints(provider: Provider, documents: Documents) -> Endpoints:
    """The provider's own description, from its cache. IdentityFault discovery_unavailable or _malformed."""

    def parse(document: Json) -> Endpoints:
        if not isinstance(document, Mapping) or document.get("issuer") != provider.issuer:
            raise ValueError("the description is of another issuer")
        return Endpoints(
            authorization=_url(document, "authorization_endpoint"),
            token=_url(document, "token_endpoint"),
            jwks=_url(document, "jwks_uri"),
            userinfo=_url(document, "userinfo_endpoint", needed=False),
            end_session=_url(document, "end_session_endpoint", needed=False),
            says_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        )

    return documents.read(provider.discovery_url, kind=DISCOVERY, parse=parse)


def published_keys(provider: Provider, documents: Documents, *, naming: object = None) -> tuple[Jwk, ...]:
    """The provider's keys, from its cache; asked again where none bears the key id named.

    IdentityFault keys_unavailable or keys_malformed, or the description's.
    """
    url = endpoints(provider, documents).jwks
    keys = documents.read(url, kind=KEYS, parse=key_set)
    if naming is None or any(key.get("kid") == naming for key in keys):
        return keys
    return documents.read(url, kind=KEYS, parse=key_set, refresh=True)


def _url(document: Mapping[str, Json], name: str, *, needed: bool = True) -> str:
    value = document.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or not is_safe_to_call(value):
        raise ValueError(f"{name} is not an address that may be called")
    return value
