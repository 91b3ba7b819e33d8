"""What a citizen may read: their own account, what they did here, and who used their data. Nobody else may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from joinedup.audit import EVENT_KINDS
from joinedup_web.audit import names, subjects
from joinedup_web.audit.models import Event
from joinedup_web.gate.actor import Actor, ActorKind
from joinedup_web.identity.models import Citizen, CitizenSession, ProvedIdentity
from joinedup_web.identity.sealing import opened_for

OWN = "citizen."


@dataclass(frozen=True)
class Account:
    """A citizen's account as they see it. name, former_names, birth_date: empty until they proved who they are."""

    created_at: datetime
    proved_at: datetime | None = None
    name: str = field(default="", repr=False)
    former_names: tuple[str, ...] = field(default=(), repr=False)
    birth_date: date | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Use:
    """That somebody used a citizen's data. organisation: its name, empty where it is not known any more."""

    at: datetime
    organisation: str
    kind: str
    purpose: str


def account_of(by: Actor) -> Account:
    """The account of the citizen who asks. Raises KeyStoreError where its key cannot be opened."""
    citizen = Citizen.objects.get(id=_id(by))
    proved = ProvedIdentity.objects.filter(citizen=citizen).first()
    if proved is None:
        return Account(created_at=citizen.created_at)
    told = opened_for(citizen.id, citizen.key, proved.sealed, context=f"identity.ProvedIdentity {citizen.id}")
    return Account(
        created_at=citizen.created_at,
        proved_at=proved.proved_at,
        name=_full(told["name"]),
        former_names=tuple(_full(each) for each in told["former_names"]),
        birth_date=date.fromisoformat(told["birth_date"]),
    )


def provider_session(session: CitizenSession) -> Mapping[str, str]:
    """Of one open session: `sub` and `sid` at the provider, and `id_token`."""
    citizen = Citizen.objects.get(id=session.citizen_id)
    context = f"identity.CitizenSession {session.key_digest}"
    return opened_for(citizen.id, citizen.key, session.sealed, context=context)


def session_count(by: Actor) -> int:
    """How many sessions the citizen has open."""
    return CitizenSession.objects.filter(citizen_id=_id(by)).count()


def activity_of(by: Actor) -> QuerySet[Event]:
    """What the citizen did here, the newest first."""
    token = subjects.known_token("citizen", _id(by))
    if token is None:
        return Event.objects.none()
    return Event.objects.filter(actor=token, kind__startswith=OWN).order_by("-number")


def uses_of(by: Actor, *, most: int = 100) -> list[Use]:
    """Who used the citizen's data, the newest first: events about them that are not their own doing."""
    token = subjects.known_token("citizen", _id(by))
    if token is None:
        return []
    kinds = [kind.name for kind in EVENT_KINDS.values() if kind.about_person and _names_subject(kind)]
    about = Q(kind__in=kinds) & ~Q(kind__startswith=OWN) & Q(fields__subject=token)
    found = list(Event.objects.filter(about).order_by("-number")[:most])
    places = names.organisations() if found else {}
    return [
        Use(
            at=event.at,
            organisation=places.get(event.organisation, "") if event.organisation else "",
            kind=event.kind,
            purpose=str(event.fields.get("purpose", "")),
        )
        for event in found
    ]


def _names_subject(kind: Any) -> bool:
    return any(spec.name == "subject" for spec in kind.fields)


def _id(by: Actor) -> UUID:
    if by.kind is not ActorKind.CITIZEN or by.id is None:
        raise PermissionError("only citizens have an account of this kind")
    return by.id


def _full(name: Mapping[str, Any]) -> str:
    return " ".join((*name["given"], *name["family"]))
