"""Staff sign-in with any OpenID provider, and what Entra ID does its own way.

A member of staff is known by tenant and object id (Entra) or by issuer and subject (others), never by an
e-mail address or a name: those are given to others when people move, and a tenant's guests choose their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .claims import Subject
from .faults import FaultCode, IdentityFault
from .openid import Ask, SignedIn
from .provider import ClientAuthentication, Provider
from .tokens import Json

ENTRA_HOST = "https://login.microsoftonline.com"


@dataclass(frozen=True)
class StaffMember:
    """Who of the staff signed in.

    subject: what an account is looked up by; under Entra its value is the object id. name and email: to show,
    never to decide by. groups, roles: as the provider says; which permissions they give is our own data.
    methods: how they signed in (`amr`), for example "mfa".
    """

    subject: Subject
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()


def entra_provider(
    *,
    tenant: str,
    client_id: str,
    redirect_uri: str,
    client_secret: str = "",
    post_logout_redirect_uri: str = "",
    host: str = ENTRA_HOST,
) -> Provider:
    """One Entra ID tenant as a provider. With a secret: client_secret_post; without: private_key_jwt.

    tenant: its GUID. "common" and "organizations" would let in everybody's staff, so a token's tenant is
    checked against this one. Entra's published keys do not name their algorithm; RS256 is agreed here.
    """
    method = (
        ClientAuthentication.CLIENT_SECRET_POST if client_secret else ClientAuthentication.PRIVATE_KEY_JWT
    )
    return Provider(
        issuer=f"{host}/{tenant}/v2.0",
        client_id=client_id,
        redirect_uri=redirect_uri,
        authentication=method,
        client_secret=client_secret,
        post_logout_redirect_uri=post_logout_redirect_uri,
        id_token_algorithms=frozenset({"RS256"}),
        keys_say_algorithm=False,
    )


def staff_ask(*, max_age: int | None = None, fresh: bool = False, return_to: str = "") -> Ask:
    """What to ask for a member of staff. fresh: they sign in anew though the provider knows them."""
    return Ask(
        scopes=("openid", "profile", "email"),
        extra={"prompt": "login"} if fresh else {},
        max_age=0 if fresh and max_age is None else max_age,
        purpose="staff_sign_in",
        return_to=return_to,
    )


def staff_member(signed_in: SignedIn, *, tenant: str = "", needs_groups: bool = False) -> StaffMember:
    """Who signed in. tenant: Entra's GUID, empty for other providers.

    needs_groups: our roles hang on groups, so a token that leaves them out (Entra does above 200 groups and
    points elsewhere) is refused rather than read as "no groups".

    Raises IdentityFault staff_wrong_tenant, staff_no_object_id or staff_groups_not_told.
    """
    claims, subject = signed_in.claims, signed_in.subject
    if tenant:
        if claims.get("tid") != tenant:
            raise IdentityFault(FaultCode.STAFF_WRONG_TENANT, what="the account is of another organisation")
        object_id = claims.get("oid")
        if not isinstance(object_id, str) or not object_id:
            raise IdentityFault(FaultCode.STAFF_NO_OBJECT_ID, what="the account has no object id")
        subject = Subject(issuer=subject.issuer, value=object_id)
    if needs_groups and "groups" not in claims:
        raise IdentityFault(
            FaultCode.STAFF_GROUPS_NOT_TOLD,
            what="the provider did not say which groups the account is in",
            mend="use app roles, or have only the application's groups put into its tokens",
        )
    return StaffMember(
        subject=subject,
        name=_text(claims.get("name")),
        email=_text(claims.get("email")),
        groups=_texts(claims, "groups"),
        roles=_texts(claims, "roles"),
        methods=_texts(claims, "amr"),
    )


def _text(told: Json) -> str:
    return told if isinstance(told, str) else ""


def _texts(claims: Mapping[str, Json], name: str) -> frozenset[str]:
    told = claims.get(name)
    if not isinstance(told, Sequence) or isinstance(told, str):
        return frozenset()
    return frozenset(each for each in told if isinstance(each, str))
