"""Staff sessions as their owners see them, and failed attempts as the lock-out counts them."""

from __future__ import annotations

import uuid

from django.db import models

from joinedup_web.accounts.models.people import StaffUser


class SignInMethod(models.TextChoices):
    """How somebody signed in; the codes are those of the audit record."""

    PASSKEY = "passkey", "Passkey"
    PASSWORD_PASSKEY = "password_passkey", "Password and passkey"
    PASSWORD_TOTP = "password_totp", "Password and authenticator app"
    PASSWORD_RECOVERY_CODE = "password_recovery_code", "Password and recovery code"
    OPENID_CONNECT = "openid_connect", "Organisation account"
    DEMONSTRATION = "demonstration", "Demonstration"


class SessionEnd(models.TextChoices):
    """Why a session ended."""

    SIGNED_OUT = "signed_out", "Signed out"
    BY_OWNER = "by_owner", "Ended from another session"
    BY_ADMINISTRATOR = "by_administrator", "Ended by an administrator"
    ACCOUNT_DISABLED = "account_disabled", "Account closed"
    PROOF_CHANGED = "proof_changed", "Password or second factor changed"
    TIMED_OUT = "timed_out", "Timed out"


class StaffSession(models.Model):
    """One sign-in. Found by the digest of its session key; the key itself is in the cookie and Django's store.

    last_seen_at: to the minute, so that reading a page seldom writes. browser: family and system, no version.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(StaffUser, models.CASCADE, related_name="sessions")
    key_digest = models.CharField(max_length=64, unique=True)
    method = models.CharField(max_length=30, choices=SignInMethod.choices)
    browser = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=20, choices=SessionEnd.choices, blank=True)

    class Meta:
        ordering = ("-last_seen_at",)
        indexes = (models.Index(fields=("user", "ended_at"), name="staff_session_by_user"),)


class FailureCount(models.Model):
    """Failed attempts at one account or from one address, each known by a keyed digest alone.

    Accounts that do not exist are counted in the same way, so that a lock tells nothing about who has one.
    """

    subject = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("last_at",), name="failure_count_by_age"),)
