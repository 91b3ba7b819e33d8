"""Citizens: an account of our own, whom the sign-in provider means by it, what was proved, and open sessions.

What could tell who somebody is stands sealed under a key of their own (`Citizen.key`), which is itself sealed under
the site's keys. Deleting the row of a citizen makes all of it unreadable, in every copy.
"""

from __future__ import annotations

import uuid

from django.db import models


class Citizen(models.Model):
    """An account. key: the citizen's own key, sealed (joinedup.ports.new_subject_key)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.TextField()
    created_at = models.DateTimeField()
    last_signed_in_at = models.DateTimeField()


class SubjectLink(models.Model):
    """Whom a provider means by the account: people delete their One Login and make another, so this may change.

    digest: SHA-256 of issuer and subject, which is random and long; the subject itself is not kept here.
    """

    digest = models.CharField(primary_key=True, max_length=64)
    citizen = models.ForeignKey(Citizen, models.CASCADE, related_name="links")
    linked_at = models.DateTimeField()


class ProvedIdentity(models.Model):
    """That a citizen proved who they are. sealed: their present name, former names and date of birth, as JSON.

    Nothing else of what the provider sent is kept.
    """

    citizen = models.OneToOneField(Citizen, models.CASCADE, primary_key=True, related_name="identity")
    sealed = models.TextField()
    proved_at = models.DateTimeField()


class CitizenSession(models.Model):
    """One open sign-in; its end deletes it. Found by the digest of its session key, or of the provider's subject.

    sealed: subject, the provider's own session id and the ID token, which signing out there asks for, as JSON.
    last_seen_at: to the minute, so that reading a page seldom writes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, models.CASCADE, related_name="sessions")
    key_digest = models.CharField(max_length=64, unique=True)
    subject_digest = models.CharField(max_length=64, db_index=True)
    sealed = models.TextField()
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(db_index=True)


class DeletedCitizen(models.Model):
    """SHA-256 of the id of an account that was deleted, so that it is deleted again should a backup bring it back."""

    digest = models.CharField(primary_key=True, max_length=64)
    at = models.DateTimeField()
