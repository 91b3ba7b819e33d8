"""How long things are kept, what must not go, and erasures of a person's data."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from joinedup_web.accounts.models import Organisation, StaffUser
from joinedup_web.linkage.models import Project


class RetentionRule(models.Model):
    """For how many days an organisation keeps what one store holds; without a row the store's own default holds."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    store = models.SlugField(max_length=40)
    days = models.PositiveIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint("organisation", "store", name="retention_rule_once"),)


class LegalHold(models.Model):
    """Something must be kept until further notice: a whole store, or one project's share of it (project given).

    why: for people; it is shown to those who may see retention, and never goes into the audit record.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    store = models.SlugField(max_length=40)
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=500)
    placed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-placed_at",)


class ErasureState(models.TextChoices):
    """Where an erasure stands."""

    ASKED = "asked", "Waiting for approval"
    APPROVED = "approved", "Being carried out"
    DONE = "done", "Carried out"
    REFUSED = "refused", "Refused"


class Erasure(models.Model):
    """One person's records to be erased from a project. Once it is done, which records they were is itself erased.

    records: [[source, record id], …], emptied when done. digest: of the request, kept. held: what a legal hold kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="erasures")
    records = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=ErasureState.choices, default=ErasureState.ASKED)
    asked_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    removed = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-asked_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("asked_by")),
                name="erasure_by_two_people",
            ),
        )
