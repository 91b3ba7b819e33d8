"""The audit record as rows: events, their places in the sequence, checkpoints, and what sequencing remembers.

Event, Sequenced, Block and Checkpoint are only ever added to; triggers in the database refuse to alter or delete
them (triggers.py). Pending is filled by a trigger with every event, whoever inserts it, and emptied by sequencing.
"""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """One event, written in the transaction of its deed. See joinedup.audit for the fields and the digests.

    number: in the order of writing, with gaps; the place in the record is Sequenced.sequence.
    actor: a subject token for people, an id for machine clients, empty where nobody is named.
    writer, writer_serial, writer_previous: who wrote it, as that one's how manieth, after which digest.
    """

    number = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=60)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor = models.CharField(max_length=64, blank=True)
    organisation = models.UUIDField(null=True)
    fields = models.JSONField(default=dict)
    writer = models.CharField(max_length=32)
    writer_serial = models.BigIntegerField()
    writer_previous = models.CharField(max_length=64)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("writer", "writer_serial"), name="event_of_writer_once"),
        )
        indexes = (
            models.Index(fields=("organisation", "-number"), name="event_by_organisation"),
            models.Index(fields=("kind", "-number"), name="event_by_kind"),
            models.Index(fields=("actor", "-number"), name="event_by_actor"),
            models.Index(fields=("at",), name="event_by_time"),
        )


class Pending(models.Model):
    """An event that has no place in the sequence yet."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="pending")


class Sequenced(models.Model):
    """An event's place in the record. digest: the event's, its Merkle leaf. chain: the hash chain's value after it."""

    sequence = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, models.PROTECT, related_name="sequenced")
    digest = models.BinaryField()
    chain = models.BinaryField()

    class Meta:
        ordering = ("sequence",)


class Block(models.Model):
    """The Merkle root of 256 events in a row, from index * 256, so that a proof reads hundreds of rows at most."""

    index = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()


class Head(models.Model):
    """One row: how the record stands. origin: whose record it is, in every checkpoint, for good.

    unsealed: events since the last checkpoint that are not about checkpoints themselves.
    """

    origin = models.CharField(max_length=200)
    size = models.BigIntegerField(default=0)
    chain = models.BinaryField()
    frontier = models.BinaryField()
    unsealed = models.BigIntegerField(default=0)


class WriterStanding(models.Model):
    """The last event of a writer that was sequenced: its serial, and its digest in hex."""

    writer = models.CharField(primary_key=True, max_length=32)
    serial = models.BigIntegerField()
    digest = models.CharField(max_length=64)


class Checkpoint(models.Model):
    """A signed checkpoint: size, and the signed note, which says everything."""

    size = models.BigIntegerField(primary_key=True)
    note = models.TextField()

    class Meta:
        ordering = ("-size",)


class SubjectSalt(models.Model):
    """The salt of one subject. Deleting it makes all events of theirs unlinkable (joinedup.audit.subject)."""

    reference = models.CharField(primary_key=True, max_length=32)
    salt = models.BinaryField()


class ForgottenSalt(models.Model):
    """SHA-256 of a salt that was deleted, so that it is deleted again should a restored backup bring it back."""

    digest = models.CharField(primary_key=True, max_length=64)
    at = models.DateTimeField()


class VerificationRun(models.Model):
    """One verification of the live record that somebody asked for, and what it found.

    finished_at, ok: None while it runs. problems: in all. report: the first hundred problems, in words.
    """

    id = models.UUIDField(primary_key=True)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    ok = models.BooleanField(null=True)
    events = models.BigIntegerField(default=0)
    sealed = models.BigIntegerField(default=0)
    problems = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=list)

    class Meta:
        ordering = ("-asked_at",)
