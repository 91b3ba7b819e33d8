"""The gate itself: may this actor do this, in this organisation? One answer, with its reasons; deny by default."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from joinedup.errors import JoinedupError
from joinedup_web.gate.actor import Actor, ActorKind
from joinedup_web.gate.permissions import permissions, separations


@dataclass(frozen=True)
class GateDecision:
    """allowed, and why (not). code: a short stable word for the audit record and the API."""

    allowed: bool
    code: str
    reasons: tuple[str, ...]


class Refused(JoinedupError):
    """The gate said no. Holds the decision, so page, API and audit event say the same."""

    exit_code = 10

    def __init__(self, decision: GateDecision, *, permission: str) -> None:
        self.decision = decision
        self.permission = permission
        super().__init__(
            what="you may not do this",
            where=permission,
            mend="; ".join(decision.reasons),
        )


def decide(by: Actor, permission: str, *, organisation_id: UUID | None = None) -> GateDecision:
    """Return whether an actor may use a permission in an organisation.

    organisation_id: whose thing it is; None for things of the actor's own organisation or of no organisation.
    Raises KeyError for a permission that does not exist: that is a fault of ours, not of theirs.
    """
    wanted = permissions()[permission]
    if by.kind is ActorKind.SYSTEM:
        return GateDecision(True, "system", ("the service itself does this",))
    if by.kind is not ActorKind.STAFF and by.kind is not ActorKind.CLIENT:
        return GateDecision(False, "not_signed_in", ("sign in as a member of staff first",))
    if permission in by.platform:
        return GateDecision(True, "platform", (f"a platform role allows: {wanted.what}",))
    if wanted.platform:
        return GateDecision(False, "no_permission", (f"no role of yours allows: {wanted.what}",))
    if organisation_id is not None and organisation_id != by.organisation_id:
        return GateDecision(False, "other_organisation", ("it belongs to another organisation",))
    if by.organisation_id is None:
        return GateDecision(False, "no_organisation", ("choose the organisation you are working for",))
    if permission not in by.permissions:
        return GateDecision(False, "no_permission", (f"no role of yours allows: {wanted.what}",))
    return GateDecision(True, "role", (f"a role of yours allows: {wanted.what}",))


def require(by: Actor, permission: str, *, organisation_id: UUID | None = None) -> None:
    """Raise Refused unless the actor may."""
    decision = decide(by, permission, organisation_id=organisation_id)
    if not decision.allowed:
        raise Refused(decision, permission=permission)


def keep_apart(by: Actor, permission: str, *, earlier: UUID | None, earlier_permission: str) -> None:
    """Raise Refused where duties are kept apart and the same person did the earlier one on this thing."""
    if earlier is None or earlier != by.id:
        return
    for rule in separations():
        if {rule.first, rule.second} == {permission, earlier_permission}:
            raise Refused(GateDecision(False, "duties_apart", (rule.why,)), permission=permission)
