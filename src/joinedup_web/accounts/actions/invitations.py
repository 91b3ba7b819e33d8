"""Deeds of inviting: an invitation is sent, sent again, withdrawn, and accepted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db.models import Q

from joinedup.errors import UsageError
from joinedup_web.accounts.actions.factors import has_factor
from joinedup_web.accounts.actions.people import give
from joinedup_web.accounts.granting import apart, check_roles
from joinedup_web.accounts.memberships import holds
from joinedup_web.accounts.messages import Delivery, link_to, send_after
from joinedup_web.accounts.models import (
    Invitation,
    Membership,
    Organisation,
    ProviderIdentity,
    Role,
    StaffUser,
)
from joinedup_web.accounts.tokens import new_token
from joinedup_web.audit.deed import Deed, action
from joinedup_web.design.words import clock
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.gate.decide import require

LASTS = timedelta(days=7)


@dataclass(frozen=True)
class Sent:
    """An invitation with its link, which is told here and in the message, and kept nowhere."""

    invitation: Invitation
    link: str = field(repr=False)
    delivery: Delivery


@action("staff.invite")
def invite(
    deed: Deed,
    *,
    email: str,
    name: str,
    roles: Sequence[Role],
    organisation: Organisation | None,
    roles_expire_at: datetime | None = None,
) -> Sent:
    """Invite somebody by e-mail, with the roles that accepting gives. organisation: None for platform roles."""
    require(deed.by, "staff.grant", organisation_id=deed.organisation_id)  # an invitation gives roles
    email = email.strip().lower()
    if not roles:
        raise deed.refuse("no_roles", "choose at least one role")
    place = organisation.id if organisation else None
    user = StaffUser.objects.filter(email=email).first()
    check_roles(deed, user_id=user.id if user else None, roles=roles, organisation_id=place)
    reason = apart({code for role in roles for code in role.permissions})
    if reason:
        raise deed.refuse("duties_apart", f"these roles may not be held together: {reason}")
    if _open_invitations(deed).filter(email=email, organisation=organisation).exists():
        raise deed.refuse("invited_already", "they have an open invitation; send that one again")
    return _make(deed, email=email, name=name, roles=roles, organisation=organisation, until=roles_expire_at)


@action("staff.invite")
def send_again(deed: Deed, *, invitation: Invitation) -> Sent:
    """Withdraw an unused invitation and send a new one, good for a week."""
    if invitation.accepted_at is not None:
        raise deed.refuse("used", "the invitation was used; there is nothing to send again")
    roles = list(invitation.roles.all())
    if invitation.withdrawn_at is None:
        _withdraw(deed, invitation)
    return _make(
        deed,
        email=invitation.email,
        name=invitation.name,
        roles=roles,
        organisation=invitation.organisation,
        until=invitation.roles_expire_at,
    )


@action("staff.invite")
def withdraw_invitation(deed: Deed, *, invitation: Invitation) -> None:
    """Make an unused invitation useless."""
    if invitation.accepted_at is not None or invitation.withdrawn_at is not None:
        raise deed.refuse("not_open", "the invitation is not open any more")
    _withdraw(deed, invitation)


@action(None)
def accept_invitation(deed: Deed, *, invitation: Invitation, name: str, hashed: str) -> StaffUser:
    """Make the account that somebody was invited to, with its roles; it still needs a second factor.

    hashed: the password as Argon2 made it before the deed.
    """
    _take(deed, invitation)
    if StaffUser.objects.filter(email=invitation.email).exists():
        raise deed.refuse("account_exists", "there is an account already; sign in to accept")
    user = StaffUser(email=invitation.email, name=name.strip(), created_at=deed.at, password=hashed)
    user.save()
    deed.record("account.created", account=user.id, by="invitation")
    _accept(deed, invitation, user)
    return user


@action(None)
def accept_as_colleague(deed: Deed, *, invitation: Invitation, user: StaffUser) -> None:
    """Somebody with an account accepts further roles."""
    _take(deed, invitation)
    if user.email != invitation.email:
        raise deed.refuse("another_person", "the invitation was sent to another e-mail address")
    _accept(deed, invitation, user)


@action(None)
def accept_by_provider(
    deed: Deed, *, invitation: Invitation, issuer: str, subject: str, name: str
) -> StaffUser:
    """Make (or find) the account of an invitation, and tie it to who somebody is at the staff provider.

    The invitation's link, opened in the same browser, is what ties them; no e-mail address is compared.
    """
    _take(deed, invitation)
    user = StaffUser.objects.filter(email=invitation.email).first()
    if user is not None:
        raise deed.refuse("account_exists", "there is an account already; sign in to accept")
    user = StaffUser.objects.create_user(invitation.email, name or invitation.name or invitation.email)
    deed.record("account.created", account=user.id, by="openid_connect")
    ProviderIdentity.objects.create(
        user=user, issuer=issuer, subject=subject, created_at=deed.at, last_used_at=deed.at
    )
    deed.record("account.provider_linked", account=user.id)
    _accept(deed, invitation, user)
    return user


def create_first_administrator(*, email: str, name: str) -> str:
    """Invite a platform administrator from the machine itself; return the link that sets the account up, once.

    Whoever has the machine has the service, so this is also the way back in when all administrators are locked
    out. The administrators there are get told.

    Raises UsageError for an e-mail address or a name that cannot be; then nobody is invited.
    """
    email, name = email.strip().lower(), name.strip()
    try:
        EmailValidator()(email)
    except ValidationError as error:
        raise UsageError(
            what="this is not an e-mail address", where="EMAIL", mend="write it like name@example.gov.uk"
        ) from error
    for text, where, longest in ((email, "EMAIL", 254), (name, "--name", 150)):
        if not text or len(text) > longest or not text.isprintable():
            raise UsageError(
                what="nothing is written here" if not text else "this is too long or not plain text",
                where=where,
                mend=f"give 1 to {longest} letters",
            )
    return str(_create_first_administrator(by=SYSTEM, email=email, name=name).link)


@action(None)
def _create_first_administrator(deed: Deed, *, email: str, name: str) -> Sent:
    for open_one in _open_invitations(deed).filter(email=email, organisation=None):
        _withdraw(deed, open_one)
    role = Role.objects.get(code="platform_administrator", organisation=None)
    for colleague in StaffUser.objects.filter(
        id__in=Membership.objects.filter(holds(deed.at), role=role).values("user_id"), is_active=True
    ):
        send_after(
            deed, "administrator_invited", to=colleague.email, name=colleague.name, when=clock(deed.at)
        )
    return _make(deed, email=email, name=name, roles=[role], organisation=None, until=None)


def is_unfinished(invitation: Invitation) -> bool:
    """Whether it was accepted by somebody who has not set up a second factor yet, so that its link still helps."""
    user = invitation.accepted_by
    return user is not None and not has_factor(user) and not user.provider_identities.exists()


def _make(
    deed: Deed,
    *,
    email: str,
    name: str,
    roles: Sequence[Role],
    organisation: Organisation | None,
    until: datetime | None,
) -> Sent:
    token = new_token()
    invitation = Invitation.objects.create(
        email=email,
        name=name.strip(),
        organisation=organisation,
        roles_expire_at=until,
        token_digest=token.digest,
        invited_by_id=deed.by.id,
        created_at=deed.at,
        expires_at=deed.at + LASTS,
    )
    invitation.roles.set(roles)
    for role in roles:
        deed.record("invitation.sent", invitation=invitation.id, role=role.code, until=invitation.expires_at)
    link = link_to("accounts:invitation_link", token=token.text)
    delivery = send_after(
        deed,
        "staff_invitation",
        to=email,
        name=name or "colleague",
        inviter=deed.by.name or "An administrator",
        organisation=organisation.name if organisation else "the platform",
        expires=clock(invitation.expires_at),
        link=link,
    )
    return Sent(invitation, link, delivery)


def _open_invitations(deed: Deed):  # type: ignore[no-untyped-def]  # a queryset of Invitation
    return Invitation.objects.filter(Q(expires_at__gt=deed.at), accepted_at=None, withdrawn_at=None)


def _withdraw(deed: Deed, invitation: Invitation) -> None:
    Invitation.objects.filter(id=invitation.id).update(withdrawn_at=deed.at)
    deed.record("invitation.withdrawn", invitation=invitation.id)


def _take(deed: Deed, invitation: Invitation) -> None:
    """Use the invitation up; of two who try, one gets it."""
    taken = Invitation.objects.filter(
        id=invitation.id, accepted_at=None, withdrawn_at=None, expires_at__gt=deed.at
    ).update(accepted_at=deed.at)
    if not taken:
        raise deed.refuse("not_open", "the invitation was used, withdrawn or ran out; ask for a new one")


def _accept(deed: Deed, invitation: Invitation, user: StaffUser) -> None:
    Invitation.objects.filter(id=invitation.id).update(accepted_by=user)
    deed.record("invitation.accepted", invitation=invitation.id, account=user.id)
    held = set(
        Membership.objects.filter(
            holds(deed.at), user=user, organisation_id=invitation.organisation_id
        ).values_list("role_id", flat=True)
    )
    for role in invitation.roles.all():
        if role.id in held:
            continue
        if role.withdrawn_at is not None:
            raise deed.refuse(
                "role_withdrawn", f"the role {role.name} is no longer in use; ask for a new invitation"
            )
        give(
            deed,
            user=user,
            role=role,
            organisation_id=invitation.organisation_id,
            expires_at=invitation.roles_expire_at,
            granted_by=invitation.invited_by_id,
        )
    together = {
        code
        for codes in Membership.objects.filter(
            holds(deed.at), Q(organisation_id=invitation.organisation_id) | Q(organisation=None), user=user
        ).values_list("role__permissions", flat=True)
        for code in codes
    }
    reason = apart(together)
    if reason:
        raise deed.refuse("duties_apart", f"you may not hold these roles with those you have: {reason}")
