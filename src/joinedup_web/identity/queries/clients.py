"""What an organisation may read of its machine clients. Another's are not found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require
from joinedup_web.identity.models import ClientProof, MachineClient


@dataclass(frozen=True)
class Proof:
    """A key or secret as pages show it. standing: good, ending or over."""

    id: UUID
    hint: str
    valid_from: datetime
    valid_until: datetime | None
    standing: str


def clients_of(by: Actor) -> QuerySet[MachineClient]:
    """The clients of one's organisation, withdrawn ones among them."""
    require(by, "client.view")
    return MachineClient.objects.filter(organisation_id=by.organisation_id)


def client_of(by: Actor, client_id: UUID, *, permission: str = "client.view") -> MachineClient:
    """One client of one's organisation. Raises Http404 where there is none of that id."""
    require(by, permission)
    found = MachineClient.objects.filter(id=client_id, organisation_id=by.organisation_id).first()
    if found is None:
        raise Http404
    return found


def proofs_of(client: MachineClient, *, at: datetime) -> list[Proof]:
    """Its keys or secrets, the newest first."""
    return [
        Proof(row.id, row.hint, row.valid_from, row.valid_until, _standing(row, at))
        for row in client.proofs.all()
    ]


def organisation_of(by: Actor) -> Any:
    """The organisation of the client that asks."""
    require(by, "organisation.view")
    return MachineClient.objects.select_related("organisation").get(id=by.id).organisation


def _standing(row: ClientProof, at: datetime) -> str:
    if not row.is_good(on=at):
        return "over"
    return "good" if row.valid_until is None else "ending"
