"""Audit events as rows. They are only ever added; the database refuses to alter or delete them."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """One event, written in the transaction of its deed. See joinedup.audit for the fields and the digests."""

    number = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=60)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor = models.CharField(max_length=64, blank=True)
    organisation = models.UUIDField(null=True)
    fields = models.JSONField(default=dict)

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=("organisation", "-number"), name="event_by_organisation"),
            models.Index(fields=("kind", "-number"), name="event_by_kind"),
        )
