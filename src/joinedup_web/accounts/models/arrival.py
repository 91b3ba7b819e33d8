"""How people come in: invitations, identities at the staff provider, and recovery after a lost factor.

Links are one-use tokens of 256 random bits, kept as digests alone.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from joinedup_web.accounts.models.organisation import Organisation
from joinedup_web.accounts.models.people import Role, StaffUser


class Invitation(models.Model):
    """An invitation to an e-mail address, with the roles that accepting it gives.

    organisation: None for one to platform roles. roles_expire_at: when those roles end; None: open.
    expired_noted: its running out is in the audit record.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=150, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="invitations")
    roles = models.ManyToManyField(Role, related_name="+")
    roles_expire_at = models.DateTimeField(null=True)
    token_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    expired_noted = models.BooleanField(default=False)

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=("email",), name="invitation_by_email"),)


class ProviderIdentity(models.Model):
    """Who somebody is at the staff OpenID Connect provider. The e-mail address is never the key: it moves.

    subject: the provider's stable identifier (sub, or oid where the provider is Entra ID).
    """

    user = models.ForeignKey(StaffUser, models.CASCADE, related_name="provider_identities")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint("issuer", "subject", name="provider_identity_once"),)


class RecoveryState(models.TextChoices):
    """How a recovery stands."""

    ASKED = "asked", "Waiting for approval"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"
    USED = "used", "Used"


class Recovery(models.Model):
    """Somebody lost every factor. A second person makes sure who they are and approves; then one link works once.

    expires_at: when the request lapses, and after the approval, when the link does.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(StaffUser, models.CASCADE, related_name="recoveries")
    state = models.CharField(max_length=10, choices=RecoveryState.choices, default=RecoveryState.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    decided_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    token_digest = models.CharField(max_length=64, null=True, unique=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked_at",)
        constraints = (
            models.UniqueConstraint("user", condition=Q(state="asked"), name="recovery_asked_once"),
        )
