"""Deeds of and about citizens: signing in and out, proving who they are, refusals, deleting the account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from joinedup.identity import CoreIdentity, FaultCode, IdentityAnswer, Name, ReturnCode
from joinedup_web.audit import subjects
from joinedup_web.audit.deed import Deed, action
from joinedup_web.identity.models import Citizen, CitizenSession, DeletedCitizen, ProvedIdentity, SubjectLink
from joinedup_web.identity.sealing import digest_of, new_citizen_key, sealed_for


@action(None)
def begin_session(
    deed: Deed, *, subject: str, key_digest: str, provider: Mapping[str, str], replaces: UUID | None
) -> CitizenSession:
    """A citizen signed in; the first time, their account is made. subject: its digest. provider: to be sealed.

    replaces: the session that this browser had before.
    """
    session = _begin(deed, subject=subject, key_digest=key_digest, provider=provider, replaces=replaces)
    deed.record("citizen.signed_in")
    return session


@action(None)
def prove_identity(
    deed: Deed,
    *,
    answer: IdentityAnswer,
    subject: str,
    key_digest: str,
    provider: Mapping[str, str],
    replaces: UUID | None,
) -> None:
    """A citizen proved who they are. Kept: names and date of birth, sealed under their own key, and no more."""
    identity = answer.proved()
    session = _begin(deed, subject=subject, key_digest=key_digest, provider=provider, replaces=replaces)
    citizen = session.citizen
    sealed = sealed_for(
        citizen.id, citizen.key, _kept_of(identity), context=f"identity.ProvedIdentity {citizen.id}"
    )
    ProvedIdentity.objects.update_or_create(
        citizen=citizen, defaults={"sealed": sealed, "proved_at": deed.at}
    )
    deed.record(
        "citizen.identity_proved",
        confidence=identity.confidence.value.lower(),
        return_codes=_codes(answer.return_codes),
    )


@action(None)
def refuse_sign_in(
    deed: Deed,
    *,
    fault: FaultCode,
    in_identity: bool,
    return_codes: Iterable[ReturnCode] = (),
    ends: UUID | None = None,
) -> None:
    """An answer of the provider led to nobody, or to no identity. ends: the session that it ends here, too."""
    if ends is not None:
        CitizenSession.objects.filter(id=ends).delete()
    if in_identity:
        deed.record("citizen.identity_failed", fault=fault.value, return_codes=_codes(return_codes))
    else:
        deed.record("citizen.sign_in_refused", fault=fault.value)


@action(None)
def end_session(deed: Deed, *, session_id: UUID, reason: str) -> None:
    """End one session. reason: person, time or provider."""
    CitizenSession.objects.filter(id=session_id).delete()
    deed.record("citizen.signed_out", by=reason)


@action(None)
def end_all_of_subject(deed: Deed, *, subject: str) -> int:
    """The provider said that somebody left: end every session of theirs; return how many. subject: its digest."""
    link = SubjectLink.objects.filter(digest=subject).first()
    sessions = CitizenSession.objects.filter(subject_digest=subject).delete()[0]
    # Somebody who has no account here (any more) has nothing to close, and there is nobody to name.
    token = subjects.token_of("citizen", link.citizen_id) if link else None
    deed.record("citizen.back_channel_logout_accepted", subject=token, sessions=sessions)
    return sessions


@action(None)
def refuse_logout(deed: Deed, *, fault: FaultCode) -> None:
    """A logout notice was not the provider's."""
    deed.record("citizen.back_channel_logout_refused", fault=fault.value)


@action(None)
def delete_account(deed: Deed, *, citizen_id: UUID) -> None:
    """Delete an account with all that is its own, and make its events unlinkable. Done as nobody, to name nobody."""
    sessions = CitizenSession.objects.filter(citizen_id=citizen_id).count()
    Citizen.objects.filter(id=citizen_id).delete()
    subjects.forget("citizen", citizen_id)
    DeletedCitizen.objects.bulk_create(
        [DeletedCitizen(digest=digest_of(str(citizen_id)), at=deed.at)], ignore_conflicts=True
    )
    deed.record("citizen.account_deleted", sessions=sessions)


def _begin(
    deed: Deed, *, subject: str, key_digest: str, provider: Mapping[str, str], replaces: UUID | None
) -> CitizenSession:
    assert deed.by.id is not None
    link = SubjectLink.objects.select_related("citizen").filter(digest=subject).first()
    if link is None:
        citizen = Citizen.objects.create(
            id=deed.by.id,
            key=new_citizen_key(deed.by.id),
            created_at=deed.at,
            last_signed_in_at=deed.at,
        )
        SubjectLink.objects.create(digest=subject, citizen=citizen, linked_at=deed.at)
    else:
        citizen = link.citizen
        if citizen.id != deed.by.id:
            raise IntegrityError("another window made the account meanwhile")
        Citizen.objects.filter(id=citizen.id).update(last_signed_in_at=deed.at)
    CitizenSession.objects.filter(id=replaces).delete()
    return CitizenSession.objects.create(
        citizen=citizen,
        key_digest=key_digest,
        subject_digest=subject,
        sealed=sealed_for(
            citizen.id, citizen.key, dict(provider), context=f"identity.CitizenSession {key_digest}"
        ),
        started_at=deed.at,
        last_seen_at=deed.at,
    )


def _kept_of(identity: CoreIdentity) -> dict[str, Any]:
    return {
        "name": _name(identity.name),
        "former_names": [_name(name) for name in identity.former_names],
        "birth_date": identity.birth_date.isoformat(),
    }


def _name(name: Name) -> dict[str, Any]:
    days = {"from": name.valid_from, "until": name.valid_until}
    return {
        "given": list(name.given),
        "family": list(name.family),
        **{key: day.isoformat() for key, day in days.items() if day},
    }


def _codes(codes: Iterable[ReturnCode]) -> tuple[str, ...] | None:
    return tuple(sorted({code.code.lower() for code in codes})) or None
