"""Deeds on what proves who somebody is: passkeys, the authenticator app, recovery codes, the password.

Changing any of them ends the person's other sessions. Somebody always keeps one way to prove themselves.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from joinedup_web.accounts import authenticator
from joinedup_web.accounts.actions.session import end_sessions
from joinedup_web.accounts.actions.sign_in import app_context
from joinedup_web.accounts.keys import opened, sealed
from joinedup_web.accounts.messages import send_after
from joinedup_web.accounts.models import AuthenticatorApp, Passkey, RecoveryCode, SessionEnd, StaffUser
from joinedup_web.accounts.passkeys import MadePasskey
from joinedup_web.accounts.tokens import new_recovery_codes, recovery_digest
from joinedup_web.audit.deed import Deed, action
from joinedup_web.design.words import clock

MOST_PASSKEYS = 10


@action(None)
def add_passkey(
    deed: Deed, *, user: StaffUser, made: MadePasskey, name: str, session_id: UUID | None = None
) -> Passkey:
    """Keep a passkey that was just proved."""
    if Passkey.objects.filter(user=user).count() >= MOST_PASSKEYS:
        raise deed.refuse("too_many", f"you have {MOST_PASSKEYS} passkeys; remove one first")
    if Passkey.objects.filter(credential_id=made.credential_id).exists():
        raise deed.refuse("passkey_known", "this passkey is known already")
    passkey = Passkey.objects.create(
        user=user,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        is_backed_up=made.is_backed_up,
        name=name,
        created_at=deed.at,
    )
    deed.record("mfa.enrolled", account=user.id, factor="passkey")
    _end_others(deed, user, session_id)
    return passkey


@action(None)
def remove_passkey(deed: Deed, *, user: StaffUser, passkey_id: UUID, session_id: UUID | None) -> None:
    """Forget a passkey, unless it is the last factor."""
    passkey = Passkey.objects.filter(user=user, id=passkey_id).first()
    if passkey is None:
        raise deed.refuse("no_such_passkey", "that passkey was removed already")
    _keep_one(deed, user, but=passkey)
    passkey.delete()
    deed.record("mfa.removed", account=user.id, factor="passkey")
    _end_others(deed, user, session_id)


@action(None)
def begin_app(deed: Deed, *, user: StaffUser) -> str:
    """Return a new secret for an authenticator app; it counts once a right code came, and not before."""
    if AuthenticatorApp.objects.filter(user=user).exclude(confirmed_at=None).exists():
        raise deed.refuse("app_known", "you have an authenticator app already; remove it first")
    secret = authenticator.new_secret()
    AuthenticatorApp.objects.update_or_create(
        user=user,
        defaults={
            "secret": sealed(secret, context=app_context(user.id)),
            "created_at": deed.at,
            "last_step": 0,
        },
    )
    deed.record("mfa.begun", account=user.id, factor="totp")
    return secret


@action(None)
def confirm_app(deed: Deed, *, user: StaffUser, code: str, session_id: UUID | None = None) -> bool:
    """Return whether the code is right; from then on the app counts."""
    app = AuthenticatorApp.objects.select_for_update().filter(user=user, confirmed_at=None).first()
    if app is None:
        raise deed.refuse("no_app_begun", "start setting up the app again")
    secret = opened(app.secret, context=app_context(user.id))
    step = authenticator.right_step(secret, code, at=deed.at, after=app.last_step)
    if step is None:
        deed.record("sign_in.failed", account=user.id, reason="wrong_code")
        return False
    app.confirmed_at, app.last_step = deed.at, step
    app.save()
    deed.record("mfa.enrolled", account=user.id, factor="totp")
    _end_others(deed, user, session_id)
    return True


@action(None)
def remove_app(deed: Deed, *, user: StaffUser, session_id: UUID | None) -> None:
    """Forget the authenticator app, unless it is the last factor."""
    app = AuthenticatorApp.objects.filter(user=user).exclude(confirmed_at=None).first()
    if app is None:
        raise deed.refuse("no_app", "there is no authenticator app to remove")
    _keep_one(deed, user, but=app)
    app.delete()
    deed.record("mfa.removed", account=user.id, factor="totp")
    _end_others(deed, user, session_id)


@action(None)
def make_recovery_codes(deed: Deed, *, user: StaffUser) -> list[str]:
    """Return ten new codes, told this once; those before them no longer work."""
    codes = new_recovery_codes()
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=recovery_digest(code), created_at=deed.at) for code in codes
    )
    deed.record("mfa.enrolled", account=user.id, factor="recovery_codes")
    return codes


@action(None)
def change_password(deed: Deed, *, user: StaffUser, hashed: str, session_id: UUID | None) -> None:
    """Set a new password. hashed: made before the deed, because Argon2 is slow on purpose."""
    StaffUser.objects.filter(id=user.id).update(password=hashed)
    deed.record("password.changed", account=user.id)
    _end_others(deed, user, session_id)


def has_factor(user: StaffUser) -> bool:
    """Whether somebody has a passkey or an app that counts."""
    return (
        Passkey.objects.filter(user=user).exists()
        or AuthenticatorApp.objects.filter(user=user).exclude(confirmed_at=None).exists()
    )


def remove_all_factors(deed: Deed, user: StaffUser) -> None:
    """Part of a recovery: forget every factor, with one event each kind."""
    passkeys, _ = Passkey.objects.filter(user=user).delete()
    apps, _ = AuthenticatorApp.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    if passkeys:
        deed.record("mfa.removed", account=user.id, factor="passkey")
    if apps:
        deed.record("mfa.removed", account=user.id, factor="totp")


def _keep_one(deed: Deed, user: StaffUser, *, but: Passkey | AuthenticatorApp) -> None:
    others = Passkey.objects.filter(user=user)
    apps = AuthenticatorApp.objects.filter(user=user).exclude(confirmed_at=None)
    others = others.exclude(pk=but.pk) if isinstance(but, Passkey) else others
    apps = apps.none() if isinstance(but, AuthenticatorApp) else apps
    if not user.has_usable_password() and not others.exists():
        raise deed.refuse(
            "last_factor", "it is the only way you can sign in; add another passkey or a password first"
        )
    if not others.exists() and not apps.exists():
        raise deed.refuse("last_factor", "it is your only second factor; add another first")


def _end_others(deed: Deed, user: StaffUser, session_id: UUID | None) -> None:
    """Whoever changes how an account is signed in to ends its other sessions, and its owner is told."""
    if user.last_login is not None:  # not while the account is being set up
        send_after(
            deed,
            "sign_in_changed",
            to=user.email,
            name=user.name,
            when=clock(deed.at),
            change="your password, passkeys or authenticator app",
            contact=settings.JOINEDUP.contact or "your administrator",
        )
    end_sessions(deed, user_id=user.id, reason=SessionEnd.PROOF_CHANGED, but=session_id)
