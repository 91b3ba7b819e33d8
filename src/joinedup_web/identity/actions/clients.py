"""Deeds on machine clients: registered, rotated, withdrawn, given a token or refused one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from joinedup.identity import ClientKey, ClientSecret, FaultCode, IssuedToken, issue_token, new_secret
from joinedup.identity import MachineClient as ClientRules
from joinedup_web.audit.deed import Deed, action
from joinedup_web.identity.models import AccessToken, ClientProof, MachineClient, ProofKind
from joinedup_web.identity.public_keys import thumbprint

MOST_PROOFS = 5
_REASONS = {
    FaultCode.CLIENT_REQUEST_MALFORMED: "malformed",
    FaultCode.CLIENT_GRANT_UNSUPPORTED: "malformed",
    FaultCode.CLIENT_UNKNOWN: "unknown_client",
    FaultCode.CLIENT_SCOPE_NOT_ALLOWED: "scope",
    FaultCode.ASSERTION_REPLAYED: "replayed",
    FaultCode.ASSERTION_EXPIRED: "expired",
    FaultCode.ASSERTION_NOT_YET_VALID: "expired",
}


@dataclass(frozen=True)
class Registered:
    """A client and what it must be told once: its secret; empty where it proves itself by a key."""

    client: MachineClient
    secret: str = field(default="", repr=False)


@action("client.register")
def register_client(
    deed: Deed, *, name: str, scopes: Iterable[str], proves_by: ProofKind, jwk: dict[str, Any] | None = None
) -> Registered:
    """Register a system of one's own organisation. jwk: its public key, for ProofKind.PRIVATE_KEY."""
    if _named(deed.by.organisation_id, name):
        raise deed.refuse("name_taken", "your organisation has a client of that name already")
    client = MachineClient.objects.create(
        organisation_id=deed.by.organisation_id,
        name=name,
        proves_by=proves_by,
        scopes=sorted(scopes),
        registered_at=deed.at,
    )
    secret = _new_proof(deed, client, jwk)
    deed.record("client.registered", client=client.id, proves_by=proves_by.value, scopes=tuple(client.scopes))
    return Registered(client, secret)


@action("client.register")
def rotate_proof(
    deed: Deed, *, client: MachineClient, overlap: timedelta, jwk: dict[str, Any] | None = None
) -> Registered:
    """Give a client a new key or secret. overlap: how much longer those before it are good.

    With no overlap they may have become known, so the client's tokens end as well.
    """
    _hold(deed, client)
    good = [proof for proof in client.proofs.all() if proof.is_good(on=deed.at)]
    if len(good) >= MOST_PROOFS:
        raise deed.refuse("too_many_proofs", "end a key or secret that is no longer needed first")
    until = deed.at + overlap
    still = client.proofs.filter(Q(valid_until=None) | Q(valid_until__gt=until))
    still.update(valid_until=until)
    if not overlap:
        AccessToken.objects.filter(client=client).delete()
    secret = _new_proof(deed, client, jwk)
    key = thumbprint(jwk) if jwk else None
    deed.record("client.key_rotated", client=client.id, key=key)
    return Registered(client, secret)


@action("client.register")
def end_proof(deed: Deed, *, client: MachineClient, proof_id: UUID) -> None:
    """End one key or secret now, with every token of the client: who had it may have had one."""
    _hold(deed, client)
    ended = client.proofs.filter(id=proof_id).filter(Q(valid_until=None) | Q(valid_until__gt=deed.at))
    if not ended.update(valid_until=deed.at):
        raise deed.refuse("proof_over", "that key or secret is over already")
    AccessToken.objects.filter(client=client).delete()
    deed.record("client.proof_ended", client=client.id)


@action("client.register")
def withdraw_client(deed: Deed, *, client: MachineClient) -> None:
    """Take a client out of use for good, with its keys, secrets and tokens, from this moment on."""
    _hold(deed, client)
    client.proofs.filter(Q(valid_until=None) | Q(valid_until__gt=deed.at)).update(valid_until=deed.at)
    AccessToken.objects.filter(client=client).delete()
    MachineClient.objects.filter(id=client.id).update(withdrawn_at=deed.at)
    deed.record("client.withdrawn", client=client.id)


@action("client.view")
def export_clients(deed: Deed, *, rows: int, is_filtered: bool) -> None:
    """Note that the list of clients is downloaded."""
    deed.record("table.exported", table="machine_clients", rows=rows, filtered=is_filtered)


@action(None)
def give_token(
    deed: Deed, *, client: MachineClient, rules: ClientRules, scopes: frozenset[str]
) -> IssuedToken:
    """Give a client that proved itself a token. Raises IdentityFault client_scope_not_allowed; keeps its digest."""
    issued = issue_token(rules, scopes, now=deed.at)
    AccessToken.objects.filter(expires_at__lte=deed.at).delete()
    AccessToken.objects.create(
        digest=issued.digest,
        client=client,
        scopes=sorted(issued.scopes),
        issued_at=deed.at,
        expires_at=issued.expires_at,
    )
    MachineClient.objects.filter(id=client.id).update(last_token_at=deed.at)
    deed.record("client.token_issued", client=client.id, scopes=tuple(sorted(issued.scopes)))
    return issued


@action(None)
def refuse_token(deed: Deed, *, fault: FaultCode, client: MachineClient | None) -> None:
    """Nobody gets a token. client: whom the request named, whether or not it was them; None for nobody we know."""
    reason = _REASONS.get(fault, "wrong_proof")
    if client is not None and client.withdrawn_at is not None:
        reason = "withdrawn"
    deed.record(
        "client.token_refused",
        organisation_id=client.organisation_id if client else None,
        client=client.id if client else None,
        reason=reason,
    )


def rules_of(client: MachineClient) -> ClientRules:
    """The client as the library judges it."""
    proofs = list(client.proofs.all())
    return ClientRules(
        client_id=str(client.id),
        organisation=str(client.organisation_id),
        scopes=frozenset(client.scopes),
        secrets=tuple(ClientSecret(p.digest, p.valid_from, p.valid_until) for p in proofs if not p.jwk),
        keys=tuple(ClientKey(p.jwk, p.valid_from, p.valid_until) for p in proofs if p.jwk),
    )


def _hold(deed: Deed, client: MachineClient) -> None:
    """Lock the row, so that two rotations follow one another, and refuse where it is withdrawn."""
    row = MachineClient.objects.select_for_update().get(id=client.id)
    if row.withdrawn_at is not None:
        raise deed.refuse("withdrawn", "the client was withdrawn")


def _named(organisation_id: UUID | None, name: str) -> bool:
    rows = MachineClient.objects.filter(organisation_id=organisation_id, withdrawn_at=None)
    return rows.filter(name__iexact=name).exists()


def _new_proof(deed: Deed, client: MachineClient, jwk: dict[str, Any] | None) -> str:
    if (client.proves_by == ProofKind.PRIVATE_KEY) is not (jwk is not None):
        raise ValueError("a client proves itself in the one way that it was registered with")
    if jwk is None:
        secret, kept = new_secret()
        _keep(client, digest=kept, jwk={}, hint=f"…{secret[-4:]}", at=deed.at)
        return secret
    kept = thumbprint(jwk)
    if client.proofs.filter(digest=kept).exists():
        raise deed.refuse("key_known", "the client has had this key before: make a new pair of keys")
    if any(proof.jwk.get("kid") == jwk["kid"] for proof in client.proofs.all()):
        raise deed.refuse(
            "key_id_known", "the client has had another key of this id: give each an id of its own"
        )
    _keep(client, digest=kept, jwk=jwk, hint=jwk["kid"], at=deed.at)
    return ""


def _keep(client: MachineClient, *, digest: str, jwk: dict[str, Any], hint: str, at: datetime) -> None:
    ClientProof.objects.create(client=client, digest=digest, jwk=jwk, hint=hint, valid_from=at)
