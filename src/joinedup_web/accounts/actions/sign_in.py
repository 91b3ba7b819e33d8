"""Deeds of signing in with a local account: each attempt leaves one event, right or wrong.

Passwords are checked before the deed, for Argon2 is slow and the database's write lock is everybody's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from joinedup_web.accounts import authenticator, passkeys
from joinedup_web.accounts.keys import opened
from joinedup_web.accounts.lockout import (
    FREE_BY_ACCOUNT,
    FREE_BY_ADDRESS,
    account_subject,
    count_failure,
    locked_until,
)
from joinedup_web.accounts.models import AuthenticatorApp, Passkey, RecoveryCode, StaffUser
from joinedup_web.accounts.tokens import recovery_digest
from joinedup_web.audit.deed import Deed, action


@dataclass(frozen=True)
class Attempt:
    """How one attempt went. user: who, where it was right. locked_until: no attempt counts before then."""

    user: StaffUser | None = None
    locked_until: datetime | None = None

    @property
    def is_right(self) -> bool:
        """Whether it was right."""
        return self.user is not None


@action(None)
def try_password(
    deed: Deed, *, email: str, address: str, user: StaffUser | None, is_right: bool, is_open: bool
) -> Attempt:
    """Note an attempt with a password that was checked already. What comes back never says why it was wrong."""
    until = locked_until(account_subject(email), address, at=deed.at)
    if until is not None:
        return _locked(deed, until, user)
    if user is None or not is_right or not is_open:
        reason = (
            "unknown_account" if user is None else "wrong_password" if not is_right else "account_disabled"
        )
        return _failed(deed, email=email, address=address, account=user and user.id, reason=reason)
    deed.record("sign_in.password_right", account=user.id)
    return Attempt(user)


@action(None)
def try_code(deed: Deed, *, user: StaffUser, code: str, address: str) -> Attempt:
    """Take a code of the authenticator app, once."""
    until = locked_until(account_subject(user.email), address, at=deed.at)
    if until is not None:
        return _locked(deed, until, user)
    app = AuthenticatorApp.objects.select_for_update().filter(user=user).exclude(confirmed_at=None).first()
    step = app and authenticator.right_step(
        opened(app.secret, context=app_context(user.id)), code, at=deed.at, after=app.last_step
    )
    if app is None or step is None:
        return _failed(deed, email=user.email, address=address, account=user.id, reason="wrong_code")
    app.last_step = step
    app.save(update_fields=["last_step"])
    deed.record("sign_in.factor_right", account=user.id, factor="totp")
    return Attempt(user)


@action(None)
def try_recovery_code(deed: Deed, *, user: StaffUser, code: str, address: str) -> Attempt:
    """Take a recovery code, once."""
    until = locked_until(account_subject(user.email), address, at=deed.at)
    if until is not None:
        return _locked(deed, until, user)
    taken = RecoveryCode.objects.filter(user=user, digest=recovery_digest(code), used_at=None).update(
        used_at=deed.at
    )
    if not taken:
        return _failed(deed, email=user.email, address=address, account=user.id, reason="wrong_code")
    deed.record("sign_in.factor_right", account=user.id, factor="recovery_codes")
    return Attempt(user)


@action(None)
def try_passkey(deed: Deed, *, answer: str, challenge: str, address: str, expected: UUID | None) -> Attempt:
    """Check a passkey's answer. expected: whose it must be; None to find that out from the passkey itself."""
    until = locked_until(address, at=deed.at)
    if until is not None:
        return _locked(deed, until, None)
    passkey = None
    try:
        credential = passkeys.credential_of(answer)
        passkey = (
            Passkey.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(credential_id=credential)
            .first()
        )
        if passkey is None or (expected is not None and passkey.user_id != expected):
            raise passkeys.BadPasskey
        passkey.sign_count = passkeys.check_proof(answer, challenge=challenge, passkey=passkey)
    except passkeys.BadPasskey:
        owner = passkey.user_id if passkey else None
        return _failed(deed, email=None, address=address, account=owner, reason="wrong_passkey")
    user = passkey.user
    if not user.is_active or (user.expires_at is not None and user.expires_at <= deed.at):
        return _failed(deed, email=None, address=address, account=user.id, reason="account_disabled")
    passkey.last_used_at = deed.at
    passkey.save(update_fields=["sign_count", "last_used_at"])
    deed.record("sign_in.factor_right", account=user.id, factor="passkey")
    return Attempt(user)


@action(None)
def refuse_provider(deed: Deed, *, code: str) -> None:
    """The staff provider's answer did not hold, or leads to nobody here."""
    deed.record("sign_in.provider_refused", fault=code)


def app_context(user_id: UUID) -> str:
    """What an authenticator secret is bound to."""
    return f"authenticator app {user_id}"


def _locked(deed: Deed, until: datetime, user: StaffUser | None) -> Attempt:
    deed.record("sign_in.failed", reason="too_many_attempts", account=user and user.id)
    return Attempt(locked_until=until)


def _failed(deed: Deed, *, email: str | None, address: str, account: UUID | None, reason: str) -> Attempt:
    deed.record("sign_in.failed", reason=reason, account=account)
    by_address = count_failure(address, free=FREE_BY_ADDRESS, at=deed.at)
    if email is None:
        return Attempt(locked_until=by_address.locked_until)
    by_account = count_failure(account_subject(email), free=FREE_BY_ACCOUNT, at=deed.at)
    if by_account.locked_until is not None:
        deed.record(
            "sign_in.locked",
            account=account,
            failures=by_account.failures,
            until=by_account.locked_until,
        )
    ends = [until for until in (by_account.locked_until, by_address.locked_until) if until]
    return Attempt(locked_until=max(ends, default=None))
