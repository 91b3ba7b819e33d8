"""Who asks on the public side: a citizen by their session, a machine client by its bearer token."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, connection
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone

from joinedup.identity import IdentityAnswer, SignedIn, digest
from joinedup_web.gate.actor import ANONYMOUS, Actor, ActorKind
from joinedup_web.identity.actions.citizens import begin_session, end_session, prove_identity
from joinedup_web.identity.models import AccessToken, CitizenSession, MachineClient, SubjectLink
from joinedup_web.identity.one_login import DEMONSTRATION_PATH
from joinedup_web.identity.scopes import permissions_of
from joinedup_web.identity.sealing import digest_of
from joinedup_web.identity.stores import BROWSER

CITIZEN, ISSUER, NOTICE = "citizen", "citizen_issuer", "citizen_notice"
# One Login's own session ends an hour after it was last used; ours is no longer, so signing out ends both.
IDLE, LONGEST, TOUCHED_EVERY = timedelta(hours=1), timedelta(hours=8), timedelta(minutes=1)


def citizen_actor(request: HttpRequest) -> Actor:
    """The citizen who is signed in; ANONYMOUS for nobody, or a session that ended.

    A session by the demonstration's own provider ends at its first request outside a demonstration.

    Two queries: Django's session and ours. Once a minute one more notes that it is in use. Sets
    request.citizen_session for pages.
    """
    kept = request.session.get(CITIZEN)
    if kept is None:
        return ANONYMOUS
    now = timezone.now()
    session = CitizenSession.objects.filter(key_digest=digest_of(str(request.session.session_key))).first()
    if session is None or str(session.citizen_id) != kept:
        close_session(request, notice="ended")
        return ANONYMOUS
    by = Actor(ActorKind.CITIZEN, id=session.citizen_id, authenticated_at=session.started_at)
    if _is_fictional(request) and not settings.JOINEDUP.is_demonstration:
        end_session(by=by, session_id=session.id, reason="provider")  # it vouches for nobody here
        close_session(request, notice="ended", keep_browser=False)
        return ANONYMOUS
    if now - session.last_seen_at > IDLE or now - session.started_at > LONGEST:
        end_session(by=by, session_id=session.id, reason="time")
        close_session(request, notice="timed_out")
        return ANONYMOUS
    if now - session.last_seen_at > TOUCHED_EVERY:
        CitizenSession.objects.filter(id=session.id).update(last_seen_at=now)
    request.citizen_session = session  # type: ignore[attr-defined]
    return by


def client_actor(request: HttpRequest) -> Actor:
    """The machine client whose token came with the request; ANONYMOUS where it is none of ours, or over. One query.

    The database is asked at every request, so that a client that is withdrawn is out at once.
    """
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        return ANONYMOUS
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(_client_sql(), [digest(token.strip()), now])
        row = cursor.fetchone()
    if row is None:
        return ANONYMOUS
    client_id, organisation_id, name, organisation_name, kept_scopes, issued_at = row
    scopes = frozenset(json.loads(kept_scopes))
    if timezone.is_naive(issued_at):  # as SQLite keeps it
        issued_at = issued_at.replace(tzinfo=UTC)
    return Actor(
        ActorKind.CLIENT,
        id=UUID(str(client_id)),
        organisation_id=UUID(str(organisation_id)),
        permissions=permissions_of(scopes),
        scopes=scopes,
        authenticated_at=issued_at,
        name=name,
        organisation_name=organisation_name,
    )


@lru_cache(maxsize=1)
def _client_sql() -> str:
    """Whose token it is: as text, since making the text anew costs more than all else that a request has to pass."""
    organisation = MachineClient._meta.get_field("organisation").related_model
    token, client, place = (model._meta.db_table for model in (AccessToken, MachineClient, organisation))
    return (
        "SELECT c.id, c.organisation_id, c.name, o.name, t.scopes, t.issued_at "  # noqa: S608 - names are ours
        f"FROM {token} t JOIN {client} c ON c.id = t.client_id JOIN {place} o ON o.id = c.organisation_id "
        "WHERE t.digest = %s AND t.expires_at > %s AND c.withdrawn_at IS NULL"
    )


def open_session(request: HttpRequest, signed_in: SignedIn, *, answer: IdentityAnswer | None = None) -> None:
    """Sign a citizen in, whose account is made at their first time: a new session key and a new form token.

    answer: of the second step, when that is what they came back from; with an identity that was proved.
    """
    before = getattr(request, "citizen_session", None)
    subject = digest_of(signed_in.subject.issuer, signed_in.subject.value)
    try:
        citizen_id = _begin(request, signed_in, subject, answer, before)
    except IntegrityError:  # another window of theirs was quicker at making the account
        citizen_id = _begin(request, signed_in, subject, answer, before)
    request.actor = Actor(ActorKind.CITIZEN, id=citizen_id)  # type: ignore[attr-defined]


def close_session(request: HttpRequest, *, notice: str = "", keep_browser: bool = True) -> None:
    """Forget the session here, and leave a word for the sign-in page.

    keep_browser: a sign-in that is under way may still come back to this browser.
    """
    browser = request.session.get(BROWSER)
    request.session.flush()
    if notice:
        request.session[NOTICE] = notice
    if browser and keep_browser:
        request.session[BROWSER] = browser


def _begin(
    request: HttpRequest,
    signed_in: SignedIn,
    subject: str,
    answer: IdentityAnswer | None,
    before: CitizenSession | None,
) -> UUID:
    link = SubjectLink.objects.filter(digest=subject).first()
    citizen_id = link.citizen_id if link else uuid4()
    request.session.flush()
    request.session[CITIZEN] = str(citizen_id)
    request.session[ISSUER] = signed_in.subject.issuer
    request.session.save()
    rotate_token(request)
    told = {
        "subject": subject,
        "key_digest": digest_of(str(request.session.session_key)),
        "provider": {
            "sub": signed_in.subject.value,
            "sid": signed_in.session_id,
            "id_token": signed_in.id_token,
        },
        "replaces": before.id if before else None,
    }
    by = Actor(ActorKind.CITIZEN, id=citizen_id)
    if answer is not None:
        prove_identity(by=by, answer=answer, **told)
    else:
        begin_session(by=by, **told)
    return citizen_id


def _is_fictional(request: HttpRequest) -> bool:
    """Whether the demonstration's provider said who it is, which asks for no proof."""
    return str(request.session.get(ISSUER, "")).endswith(DEMONSTRATION_PATH)


def ends_at(session: CitizenSession) -> datetime:
    """When a session ends however much it is used."""
    return session.started_at + LONGEST
