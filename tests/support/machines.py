"""Machine clients with a token, for tests of the API."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from joinedup.identity import digest
from joinedup_web.accounts.models import Organisation
from joinedup_web.identity.models import AccessToken, MachineClient, ProofKind


def machine(where: Organisation, *scopes: str) -> Client:
    """A system of an organisation with a token for these scopes."""
    now = timezone.now()
    client = MachineClient.objects.create(
        organisation=where,
        name=f"For {', '.join(scopes)}",
        proves_by=ProofKind.SECRET,
        scopes=list(scopes),
        registered_at=now,
    )
    AccessToken.objects.create(
        digest=digest(f"token of {client.id}"),
        client_id=client.id,
        scopes=list(scopes),
        issued_at=now,
        expires_at=now + timedelta(minutes=10),
    )
    return Client(headers={"authorization": f"Bearer token of {client.id}"})
