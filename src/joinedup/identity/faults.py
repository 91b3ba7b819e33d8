"""Why a sign-in, a logout notice or a machine's request was refused: one code for each reason.

The website shows a page and writes one audit event by the code, so codes stay as they are once released.
A fault never holds a token, a name or a subject: only our own words, and where the rule stands.
"""

# ruff: noqa: S105 - codes have the word "token" in them, and are no passwords

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from joinedup.errors import SignInError


class FaultKind(Enum):
    """What sort of page answers a fault.

    DECLINED: the person, or the provider on their account, said no. AGAIN: nothing is wrong; start again.
    OUTAGE: a service is down; try later. REFUSED: what came cannot be trusted, and somebody should look.
    OURS: our own configuration or registration is wrong.
    """

    DECLINED = "declined"
    AGAIN = "again"
    OUTAGE = "outage"
    REFUSED = "refused"
    OURS = "ours"

    @property
    def status(self) -> int:
        """The HTTP status of the page that tells it."""
        return {"declined": 403, "again": 400, "outage": 503, "refused": 400, "ours": 500}[self.value]


class FaultCode(Enum):
    """Every reason for a refusal. The value is the stable code."""

    # The provider's answer in the browser
    RESPONSE_MALFORMED = "response_malformed"
    STATE_UNKNOWN = "state_unknown"
    SIGN_IN_TOO_OLD = "sign_in_too_old"
    RESPONSE_BAD_ISSUER = "response_bad_issuer"
    ACCESS_DENIED = "access_denied"
    IDENTITY_NOT_PROVED = "identity_not_proved"
    TEMPORARILY_UNAVAILABLE = "temporarily_unavailable"
    LOGIN_REQUIRED = "login_required"
    INTERACTION_REQUIRED = "interaction_required"
    REQUEST_REJECTED = "request_rejected"
    PROVIDER_SERVER_ERROR = "provider_server_error"
    PROVIDER_ERROR_UNKNOWN = "provider_error_unknown"
    REQUEST_TOO_LONG = "request_too_long"
    # Documents that the provider publishes
    DISCOVERY_UNAVAILABLE = "discovery_unavailable"
    DISCOVERY_MALFORMED = "discovery_malformed"
    KEYS_UNAVAILABLE = "keys_unavailable"
    KEYS_MALFORMED = "keys_malformed"
    DID_UNAVAILABLE = "did_unavailable"
    DID_MALFORMED = "did_malformed"
    # The exchange of the code
    TOKEN_UNAVAILABLE = "token_unavailable"
    TOKEN_FORBIDDEN = "token_forbidden"
    CODE_REFUSED = "code_refused"
    CLIENT_REFUSED = "client_refused"
    TOKEN_ANSWER_MALFORMED = "token_answer_malformed"
    # The ID token
    ID_TOKEN_MALFORMED = "id_token_malformed"
    ID_TOKEN_BAD_ALGORITHM = "id_token_bad_algorithm"
    ID_TOKEN_UNKNOWN_KEY = "id_token_unknown_key"
    ID_TOKEN_BAD_SIGNATURE = "id_token_bad_signature"
    ID_TOKEN_BAD_ISSUER = "id_token_bad_issuer"
    ID_TOKEN_BAD_AUDIENCE = "id_token_bad_audience"
    ID_TOKEN_BAD_AUTHORISED_PARTY = "id_token_bad_authorised_party"
    ID_TOKEN_EXPIRED = "id_token_expired"
    ID_TOKEN_NOT_YET_VALID = "id_token_not_yet_valid"
    ID_TOKEN_BAD_NONCE = "id_token_bad_nonce"
    ID_TOKEN_NO_SUBJECT = "id_token_no_subject"
    ID_TOKEN_SIGN_IN_TOO_OLD = "id_token_sign_in_too_old"
    ID_TOKEN_BAD_ACCESS_TOKEN_HASH = "id_token_bad_access_token_hash"
    ID_TOKEN_INCORRECT_VOT = "id_token_incorrect_vot"
    ID_TOKEN_BAD_TRUSTMARK = "id_token_bad_trustmark"
    SUBJECT_CHANGED = "subject_changed"
    # What the provider tells of the person
    USERINFO_UNAVAILABLE = "userinfo_unavailable"
    USERINFO_REFUSED = "userinfo_refused"
    USERINFO_MALFORMED = "userinfo_malformed"
    USERINFO_BAD_SUBJECT = "userinfo_bad_subject"
    # The core identity JWT
    CORE_IDENTITY_MALFORMED = "core_identity_malformed"
    CORE_IDENTITY_BAD_ALGORITHM = "core_identity_bad_algorithm"
    CORE_IDENTITY_BAD_CONTROLLER = "core_identity_bad_controller"
    CORE_IDENTITY_UNKNOWN_KEY = "core_identity_unknown_key"
    CORE_IDENTITY_BAD_SIGNATURE = "core_identity_bad_signature"
    CORE_IDENTITY_BAD_ISSUER = "core_identity_bad_issuer"
    CORE_IDENTITY_BAD_AUDIENCE = "core_identity_bad_audience"
    CORE_IDENTITY_INCORRECT_SUB = "core_identity_incorrect_sub"
    CORE_IDENTITY_EXPIRED = "core_identity_expired"
    CORE_IDENTITY_NOT_YET_VALID = "core_identity_not_yet_valid"
    CORE_IDENTITY_INSUFFICIENT_VOT = "core_identity_insufficient_vot"
    CORE_IDENTITY_NO_NAME = "core_identity_no_name"
    CORE_IDENTITY_NO_BIRTH_DATE = "core_identity_no_birth_date"
    # Staff
    STAFF_WRONG_TENANT = "staff_wrong_tenant"
    STAFF_NO_OBJECT_ID = "staff_no_object_id"
    STAFF_GROUPS_NOT_TOLD = "staff_groups_not_told"
    # Logout
    LOGOUT_TOKEN_MALFORMED = "logout_token_malformed"
    LOGOUT_TOKEN_BAD_ALGORITHM = "logout_token_bad_algorithm"
    LOGOUT_TOKEN_UNKNOWN_KEY = "logout_token_unknown_key"
    LOGOUT_TOKEN_BAD_SIGNATURE = "logout_token_bad_signature"
    LOGOUT_TOKEN_BAD_ISSUER = "logout_token_bad_issuer"
    LOGOUT_TOKEN_BAD_AUDIENCE = "logout_token_bad_audience"
    LOGOUT_TOKEN_EXPIRED = "logout_token_expired"
    LOGOUT_TOKEN_NOT_YET_VALID = "logout_token_not_yet_valid"
    LOGOUT_TOKEN_NO_SUBJECT = "logout_token_no_subject"
    LOGOUT_TOKEN_BAD_EVENTS = "logout_token_bad_events"
    LOGOUT_TOKEN_HAS_NONCE = "logout_token_has_nonce"
    LOGOUT_TOKEN_REPLAYED = "logout_token_replayed"
    LOGOUT_TOO_LONG = "logout_too_long"
    LOGOUT_UNSUPPORTED = "logout_unsupported"
    # Machine clients
    CLIENT_REQUEST_MALFORMED = "client_request_malformed"
    CLIENT_GRANT_UNSUPPORTED = "client_grant_unsupported"
    CLIENT_UNKNOWN = "client_unknown"
    CLIENT_BAD_SECRET = "client_bad_secret"
    CLIENT_METHOD_NOT_ALLOWED = "client_method_not_allowed"
    CLIENT_SCOPE_NOT_ALLOWED = "client_scope_not_allowed"
    ASSERTION_MALFORMED = "assertion_malformed"
    ASSERTION_BAD_ALGORITHM = "assertion_bad_algorithm"
    ASSERTION_UNKNOWN_KEY = "assertion_unknown_key"
    ASSERTION_BAD_SIGNATURE = "assertion_bad_signature"
    ASSERTION_BAD_ISSUER = "assertion_bad_issuer"
    ASSERTION_BAD_AUDIENCE = "assertion_bad_audience"
    ASSERTION_EXPIRED = "assertion_expired"
    ASSERTION_NOT_YET_VALID = "assertion_not_yet_valid"
    ASSERTION_LIVES_TOO_LONG = "assertion_lives_too_long"
    ASSERTION_REPLAYED = "assertion_replayed"
    ACCESS_TOKEN_UNKNOWN = "access_token_unknown"
    ACCESS_TOKEN_EXPIRED = "access_token_expired"
    ACCESS_TOKEN_LACKS_SCOPE = "access_token_lacks_scope"

    @property
    def kind(self) -> FaultKind:
        """What sort of page answers it."""
        return _KINDS.get(self, FaultKind.REFUSED)


@dataclass(frozen=True)
class TokenCodes:
    """Which code each check of one kind of token gives."""

    malformed: FaultCode
    bad_algorithm: FaultCode
    unknown_key: FaultCode
    bad_signature: FaultCode
    bad_issuer: FaultCode
    bad_audience: FaultCode
    expired: FaultCode
    not_yet_valid: FaultCode

    @classmethod
    def of(cls, prefix: str) -> TokenCodes:
        """Those whose value begins with the prefix: `id_token`, `core_identity`, `logout_token`, `assertion`."""
        return cls(**{name: FaultCode(f"{prefix}_{name}") for name in cls.__dataclass_fields__})


class IdentityFault(SignInError):
    """A refusal, with its stable code. what and mend: words for a page; where: a host and path, or a status.

    purpose: the step that was refused, as its pending sign-in named it; empty where none was found.
    """

    def __init__(self, code: FaultCode, *, what: str = "", where: str = "", mend: str = "") -> None:
        self.code = code
        self.purpose = ""
        super().__init__(
            what=what or code.value.replace("_", " "),
            where=where,
            mend=mend or _MEND[code.kind],
        )

    @property
    def kind(self) -> FaultKind:
        """What sort of page answers it."""
        return self.code.kind

    def as_dict(self) -> dict[str, str]:
        """The three parts and the code, for machines and for the audit event."""
        return {**super().as_dict(), "code": self.code.value}


_MEND = {
    FaultKind.DECLINED: "try again, or use another way to do this",
    FaultKind.AGAIN: "start again from the sign-in page",
    FaultKind.OUTAGE: "try again in a few minutes",
    FaultKind.REFUSED: "start again; if it happens twice, tell the team that runs this service",
    FaultKind.OURS: "tell the team that runs this service",
}

_KINDS = {
    FaultCode.ACCESS_DENIED: FaultKind.DECLINED,
    FaultCode.IDENTITY_NOT_PROVED: FaultKind.DECLINED,
    FaultCode.STATE_UNKNOWN: FaultKind.AGAIN,
    FaultCode.SIGN_IN_TOO_OLD: FaultKind.AGAIN,
    FaultCode.LOGIN_REQUIRED: FaultKind.AGAIN,
    FaultCode.INTERACTION_REQUIRED: FaultKind.AGAIN,
    FaultCode.CODE_REFUSED: FaultKind.AGAIN,
    FaultCode.SUBJECT_CHANGED: FaultKind.AGAIN,
    FaultCode.ID_TOKEN_SIGN_IN_TOO_OLD: FaultKind.AGAIN,
    FaultCode.TEMPORARILY_UNAVAILABLE: FaultKind.OUTAGE,
    FaultCode.PROVIDER_SERVER_ERROR: FaultKind.OUTAGE,
    FaultCode.DISCOVERY_UNAVAILABLE: FaultKind.OUTAGE,
    FaultCode.KEYS_UNAVAILABLE: FaultKind.OUTAGE,
    FaultCode.DID_UNAVAILABLE: FaultKind.OUTAGE,
    FaultCode.TOKEN_UNAVAILABLE: FaultKind.OUTAGE,
    FaultCode.USERINFO_UNAVAILABLE: FaultKind.OUTAGE,
    FaultCode.REQUEST_REJECTED: FaultKind.OURS,
    FaultCode.REQUEST_TOO_LONG: FaultKind.OURS,
    FaultCode.LOGOUT_TOO_LONG: FaultKind.OURS,
    FaultCode.LOGOUT_UNSUPPORTED: FaultKind.OURS,
    FaultCode.TOKEN_FORBIDDEN: FaultKind.OURS,
    FaultCode.CLIENT_REFUSED: FaultKind.OURS,
    FaultCode.STAFF_GROUPS_NOT_TOLD: FaultKind.OURS,
}
