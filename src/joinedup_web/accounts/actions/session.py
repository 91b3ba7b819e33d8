"""Deeds on staff sessions: begun, ended by their owner or an administrator, ended by time."""

from __future__ import annotations

from uuid import UUID

from joinedup_web.accounts.lockout import account_subject, forget_failures
from joinedup_web.accounts.models import SessionEnd, SignInMethod, StaffSession, StaffUser
from joinedup_web.audit.deed import Deed, action


@action(None)
def begin_session(
    deed: Deed, *, user: StaffUser, key_digest: str, method: SignInMethod, browser: str
) -> StaffSession:
    """Note a sign-in, and forget the failures before it."""
    forget_failures(account_subject(user.email))
    StaffUser.objects.filter(id=user.id).update(last_login=deed.at)
    deed.record("sign_in.succeeded", method=method.value)
    return StaffSession.objects.create(
        user=user,
        key_digest=key_digest,
        method=method.value,
        browser=browser,
        started_at=deed.at,
        last_seen_at=deed.at,
    )


@action(None)
def confirm_identity(deed: Deed, *, method: SignInMethod) -> None:
    """Somebody who is signed in proved again who they are."""
    deed.record("sign_in.confirmed", method=method.value)


@action(None)
def sign_out(deed: Deed, *, session: StaffSession) -> None:
    """End one's own session."""
    _end(deed, [session], SessionEnd.SIGNED_OUT)
    deed.record("sign_in.ended")


@action(None)
def end_for_time(deed: Deed, *, session: StaffSession) -> None:
    """A session was left alone too long, or is too old."""
    _end(deed, [session], SessionEnd.TIMED_OUT)
    deed.record("session.ended_by_force", account=session.user_id, sessions=1, reason="timed_out")


@action(None)
def end_for_mode(deed: Deed, *, session: StaffSession) -> None:
    """A session begun without proof is met where whoever runs the site shows no demonstration (any more)."""
    _end(deed, [session], SessionEnd.BY_ADMINISTRATOR)
    deed.record(
        "session.ended_by_force",
        account=session.user_id,
        sessions=1,
        reason=SessionEnd.BY_ADMINISTRATOR.value,
    )


@action(None)
def end_own_session(deed: Deed, *, session_id: UUID) -> None:
    """End another of one's own sessions."""
    found = list(StaffSession.objects.filter(id=session_id, user_id=deed.by.id, ended_at=None))
    if not found:
        raise deed.refuse("no_such_session", "that session has ended already")
    _end(deed, found, SessionEnd.BY_OWNER)
    deed.record("session.ended_by_force", account=deed.by.id, sessions=1, reason="by_owner")


def end_sessions(deed: Deed, *, user_id: UUID, reason: SessionEnd, but: UUID | None = None) -> int:
    """Part of another deed: end all of a person's sessions (`but` one); return how many. Records where any ended."""
    found = list(StaffSession.objects.filter(user_id=user_id, ended_at=None).exclude(id=but))
    _end(deed, found, reason)
    if found:
        deed.record("session.ended_by_force", account=user_id, sessions=len(found), reason=reason.value)
    return len(found)


def _end(deed: Deed, sessions: list[StaffSession], reason: SessionEnd) -> None:
    StaffSession.objects.filter(id__in=[session.id for session in sessions]).update(
        ended_at=deed.at, end=reason.value
    )
