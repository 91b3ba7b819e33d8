"""What is kept between two requests of a protocol, shared by all processes; none of it is for long."""

from __future__ import annotations

from django.db import models


class PendingStart(models.Model):
    """A sign-in that has left for the provider. state: SHA-256 of its state; browser: of who began it.

    sealed: the pending sign-in, whose verifier and nonce are secrets.
    """

    state = models.CharField(primary_key=True, max_length=64)
    browser = models.CharField(max_length=64, db_index=True)
    sealed = models.TextField()
    started_at = models.DateTimeField(db_index=True)


class KeptDocument(models.Model):
    """A document that a provider publishes (joinedup.identity.Kept)."""

    url = models.CharField(primary_key=True, max_length=500)
    body = models.BinaryField()
    fetched_at = models.DateTimeField()
    fresh_until = models.DateTimeField()
    asked_at = models.DateTimeField()


class SeenOnce(models.Model):
    """What may come only once (a logout notice, an assertion), as SHA-256, and until when that is remembered."""

    key = models.CharField(primary_key=True, max_length=64)
    until = models.DateTimeField(db_index=True)


class Attempts(models.Model):
    """How often something was tried within a window of time. subject: a keyed digest, never an address itself."""

    subject = models.CharField(max_length=64)
    window = models.BigIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("subject", "window"), name="attempts_once_a_window"),)
        indexes = (models.Index(fields=("window",), name="attempts_by_age"),)
