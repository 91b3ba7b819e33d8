"""The staff session: who is signed in, for which organisation, what their roles allow there, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from joinedup_web.accounts.actions.session import begin_session, end_for_mode, end_for_time
from joinedup_web.accounts.memberships import actor_of, as_actor, held_by, may_use, organisations_of
from joinedup_web.accounts.models import SignInMethod, StaffSession, StaffUser
from joinedup_web.accounts.notices import notices
from joinedup_web.accounts.tokens import digest_of
from joinedup_web.accounts.visitor import browser
from joinedup_web.gate.actor import ANONYMOUS, Actor, ActorKind

__all__ = ["actor_of", "close_session", "ends_at", "open_session", "staff_actor"]

USER, ORGANISATION, AUTHENTICATED = "staff_user", "staff_organisation", "staff_authenticated_at"
NOTICE = "staff_signed_out"
IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=8)
TOUCHED_EVERY = timedelta(minutes=1)


def staff_actor(request: HttpRequest) -> Actor:
    """Return who is signed in to the staff side; ANONYMOUS for nobody, an ended session, or a closed account.

    A session begun without proof in a demonstration ends at its first request anywhere else.

    Three queries: Django's session, ours with its account, and the roles. Once a minute one more notes that the
    session is in use. Sets request.staff_session, idle_seconds and standing_notices (not asked for until shown).
    """
    kept = request.session.get(USER)
    if kept is None:
        return ANONYMOUS
    now = timezone.now()
    session = _open_session_of(request.session.session_key)
    if session is None or str(session.user_id) != kept or not may_use(session.user, on=now):
        request.session.flush()
        return ANONYMOUS
    if is_without_proof(session) and not settings.JOINEDUP.is_demonstration:
        end_for_mode(by=_as_owner(session), session=session)
        request.session.flush()
        return ANONYMOUS
    if is_over(session, at=now):
        end_for_time(by=_as_owner(session), session=session)
        request.session.flush()
        request.session[NOTICE] = "timed_out"
        return ANONYMOUS
    if now - session.last_seen_at > TOUCHED_EVERY:
        StaffSession.objects.filter(id=session.id).update(last_seen_at=now)
    held = held_by(session.user_id, on=now)
    chosen, since = request.session.get(ORGANISATION), request.session.get(AUTHENTICATED)
    actor = as_actor(session.user, held, UUID(chosen) if chosen else None)
    emergency = max((role.emergency_until for role in held if role.emergency_until), default=None)
    request.staff_session = session  # type: ignore[attr-defined]
    request.idle_seconds = int(IDLE.total_seconds())  # type: ignore[attr-defined]
    request.standing_notices = SimpleLazyObject(  # type: ignore[attr-defined]
        lambda: notices(actor, session_ends=ends_at(session), own_emergency=emergency)
    )
    return replace(actor, authenticated_at=datetime.fromisoformat(since) if since else None)


def is_over(session: StaffSession, *, at: datetime) -> bool:
    """Whether a session was left alone for 30 minutes, or is 8 hours old."""
    return at - session.last_seen_at > IDLE or at - session.started_at > LONGEST


def is_without_proof(session: StaffSession) -> bool:
    """Whether somebody took a fictional person's place in a demonstration, where no proof is asked for."""
    return session.method == SignInMethod.DEMONSTRATION


def ends_at(session: StaffSession) -> datetime:
    """When a session ends however much it is used."""
    return session.started_at + LONGEST


def open_session(request: HttpRequest, user: StaffUser, *, method: SignInMethod, at: datetime) -> None:
    """Sign a person in: a new session key (fixation), a new form token, their organisation where there is only one.

    Raises RuntimeError for the demonstration's way in outside a demonstration.
    """
    if method is SignInMethod.DEMONSTRATION and not settings.JOINEDUP.is_demonstration:
        raise RuntimeError("there is no way in without proof outside a demonstration")
    request.session.flush()
    request.session[USER] = str(user.id)
    request.session[AUTHENTICATED] = at.isoformat()
    choices = organisations_of(user.id)
    if len(choices) == 1:
        request.session[ORGANISATION] = str(choices[0].id)
    request.session.save()
    rotate_token(request)
    begin_session(
        by=Actor(ActorKind.STAFF, id=user.id),
        user=user,
        key_digest=digest_of(str(request.session.session_key)),
        method=method,
        browser=browser(request),
    )


def close_session(request: HttpRequest, *, notice: str) -> None:
    """Forget the session here and leave a word for the sign-in page."""
    request.session.flush()
    request.session[NOTICE] = notice


def _open_session_of(key: str | None) -> StaffSession | None:
    if key is None:
        return None
    return (
        StaffSession.objects.select_related("user").filter(key_digest=digest_of(key), ended_at=None).first()
    )


def _as_owner(session: StaffSession) -> Actor:
    return Actor(ActorKind.STAFF, id=session.user_id)
