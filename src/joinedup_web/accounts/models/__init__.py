"""Everything that accounts keeps, by subject: organisations, people, invitations, factors, sessions, reviews."""

from joinedup_web.accounts.models.access import (
    AccessReview,
    EmergencyAccess,
    EmergencyReason,
    ReviewDecision,
    ReviewItem,
)
from joinedup_web.accounts.models.arrival import (
    Invitation,
    ProviderIdentity,
    Recovery,
    RecoveryState,
)
from joinedup_web.accounts.models.colleague import Colleague
from joinedup_web.accounts.models.factors import AuthenticatorApp, Passkey, RecoveryCode
from joinedup_web.accounts.models.organisation import Organisation, OrganisationKind
from joinedup_web.accounts.models.people import (
    Membership,
    Officer,
    OfficerPost,
    Role,
    StaffUser,
    StaffUserManager,
)
from joinedup_web.accounts.models.session import FailureCount, SessionEnd, SignInMethod, StaffSession

__all__ = [
    "AccessReview",
    "AuthenticatorApp",
    "Colleague",
    "EmergencyAccess",
    "EmergencyReason",
    "FailureCount",
    "Invitation",
    "Membership",
    "Officer",
    "OfficerPost",
    "Organisation",
    "OrganisationKind",
    "Passkey",
    "ProviderIdentity",
    "Recovery",
    "RecoveryCode",
    "RecoveryState",
    "ReviewDecision",
    "ReviewItem",
    "Role",
    "SessionEnd",
    "SignInMethod",
    "StaffSession",
    "StaffUser",
    "StaffUserManager",
]
