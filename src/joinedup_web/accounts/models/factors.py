"""What proves who somebody is, besides a password: passkeys, an authenticator app, recovery codes."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from joinedup_web.accounts.models.people import StaffUser


class Passkey(models.Model):
    """A WebAuthn credential: the public half alone, so the table is no use to a thief.

    credential_id: base64url, up to 1,023 octets before. sign_count: grows with each use where the key counts.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(StaffUser, models.CASCADE, related_name="passkeys")
    credential_id = models.CharField(max_length=1366, unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    name = models.CharField(max_length=60)
    is_backed_up = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("created_at",)


class AuthenticatorApp(models.Model):
    """The secret shared with an authenticator app (RFC 6238), encrypted.

    confirmed_at: None until the first right code. last_step: the 30-second step of the last code that was taken,
    so that no code is taken twice.
    """

    user = models.OneToOneField(StaffUser, models.CASCADE, related_name="app", primary_key=True)
    secret = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)


class RecoveryCode(models.Model):
    """A one-use code for a lost factor, kept as a digest alone (80 random bits need no slow hash)."""

    user = models.ForeignKey(StaffUser, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)
