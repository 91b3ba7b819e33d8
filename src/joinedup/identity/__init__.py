"""Who is asking: citizens by GOV.UK One Login, staff by OpenID Connect, machines by client credentials."""

from __future__ import annotations

from .checks import MemoryReplayGuard, ReplayGuard
from .claims import (
    AuthenticationStrength,
    BirthDate,
    Claim,
    CoreIdentity,
    LevelOfConfidence,
    Name,
    ReturnCode,
    Subject,
    VectorOfTrust,
)
from .client_credentials import (
    ClientKey,
    ClientMethod,
    ClientSecret,
    IssuedToken,
    MachineClient,
    TokenRequest,
    authenticate,
    check_access,
    digest,
    issue_token,
    narrow_scopes,
    new_secret,
    oauth_error,
    read_token_request,
)
from .documents import DocumentCache, Documents, Kept, MemoryCache
from .faults import FaultCode, FaultKind, IdentityFault
from .logout import LogoutNotice, LogoutStart
from .one_login import (
    ENVIRONMENTS,
    INTEGRATION,
    PRODUCTION,
    IdentityAnswer,
    Language,
    OneLogin,
    OneLoginClient,
    OneLoginEnvironment,
    Step,
)
from .openid import Ask, RelyingParty, SignedIn, SignInStart
from .own_keys import MAX_AGE, OVERLAP, key_document
from .pending import MemoryPendingSignIns, PendingSignIn, PendingSignIns
from .provider import ClientAuthentication, Provider
from .staff_openid import StaffMember, entra_provider, staff_ask, staff_member
from .tokens import SigningKey

__all__ = [
    "ENVIRONMENTS",
    "INTEGRATION",
    "MAX_AGE",
    "OVERLAP",
    "PRODUCTION",
    "Ask",
    "AuthenticationStrength",
    "BirthDate",
    "Claim",
    "ClientAuthentication",
    "ClientKey",
    "ClientMethod",
    "ClientSecret",
    "CoreIdentity",
    "DocumentCache",
    "Documents",
    "FaultCode",
    "FaultKind",
    "IdentityAnswer",
    "IdentityFault",
    "IssuedToken",
    "Kept",
    "Language",
    "LevelOfConfidence",
    "LogoutNotice",
    "LogoutStart",
    "MachineClient",
    "MemoryCache",
    "MemoryPendingSignIns",
    "MemoryReplayGuard",
    "Name",
    "OneLogin",
    "OneLoginClient",
    "OneLoginEnvironment",
    "PendingSignIn",
    "PendingSignIns",
    "Provider",
    "RelyingParty",
    "ReplayGuard",
    "ReturnCode",
    "SignInStart",
    "SignedIn",
    "SigningKey",
    "StaffMember",
    "Step",
    "Subject",
    "TokenRequest",
    "VectorOfTrust",
    "authenticate",
    "check_access",
    "digest",
    "entra_provider",
    "issue_token",
    "key_document",
    "narrow_scopes",
    "new_secret",
    "oauth_error",
    "read_token_request",
    "staff_ask",
    "staff_member",
]
