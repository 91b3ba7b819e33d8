"""Citizens and machine clients as rows, and what the sign-in protocol keeps between two requests."""

from __future__ import annotations

from joinedup_web.identity.models.citizens import (
    Citizen,
    CitizenSession,
    DeletedCitizen,
    ProvedIdentity,
    SubjectLink,
)
from joinedup_web.identity.models.clients import AccessToken, ClientProof, MachineClient, ProofKind
from joinedup_web.identity.models.protocol import Attempts, KeptDocument, PendingStart, SeenOnce

__all__ = [
    "AccessToken",
    "Attempts",
    "Citizen",
    "CitizenSession",
    "ClientProof",
    "DeletedCitizen",
    "KeptDocument",
    "MachineClient",
    "PendingStart",
    "ProofKind",
    "ProvedIdentity",
    "SeenOnce",
    "SubjectLink",
]
