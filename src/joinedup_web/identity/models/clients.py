"""Machine clients: systems of an organisation that ask for tokens, what they prove themselves by, and the tokens."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models.functions import Lower


class ProofKind(models.TextChoices):
    """What a client proves itself by; the codes are those of the audit record."""

    PRIVATE_KEY = "private_key", "A private key that only the system has"
    SECRET = "secret", "A secret that we make for it"


class MachineClient(models.Model):
    """A system of an organisation. Its id is its client id. scopes: all that its tokens may ever be for."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    proves_by = models.CharField(max_length=12, choices=ProofKind.choices)
    scopes = models.JSONField(default=list)
    registered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    last_token_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                "organisation",
                Lower("name"),
                condition=models.Q(withdrawn_at=None),
                name="client_name_once_in_organisation",
            ),
        )

    def __str__(self) -> str:
        return self.name


class ClientProof(models.Model):
    """One key or secret of a client. Several may be good at once, so that a client can move from one to the next.

    digest: SHA-256 of a secret; of a key, its RFC 7638 thumbprint in hex. jwk: the public key, empty for a secret.
    hint: by which people tell one from another: a key's id, a secret's last four characters.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(MachineClient, models.CASCADE, related_name="proofs")
    digest = models.CharField(max_length=64)
    jwk = models.JSONField(default=dict)
    hint = models.CharField(max_length=200)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-valid_from",)
        constraints = (models.UniqueConstraint(fields=("client", "digest"), name="client_proof_once"),)

    def is_good(self, *, on: datetime) -> bool:
        """Whether it may be used at that moment."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


class AccessToken(models.Model):
    """An access token, as its digest. It is of use while it lasts and its client is not withdrawn."""

    digest = models.CharField(primary_key=True, max_length=64)
    client = models.ForeignKey(MachineClient, models.CASCADE, related_name="tokens")
    scopes = models.JSONField(default=list)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
