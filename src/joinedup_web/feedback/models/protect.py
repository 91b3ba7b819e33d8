"""People who may be in danger, and corrections of what was masked."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from joinedup_web.accounts.models import Organisation, StaffUser
from joinedup_web.feedback.models.response import Comment, Response
from joinedup_web.feedback.models.service import Service


class FlagKind(models.TextChoices):
    """Why a person must look at once."""

    THREAT_TO_LIFE = "threat_to_life", "Somebody’s life may be in danger"
    SAFEGUARDING = "safeguarding", "Somebody may be at risk of harm"
    UNREADABLE = "unreadable", "No model can read this"


class FlagOutcome(models.TextChoices):
    """What came of a flag."""

    EMERGENCY_SERVICES = "emergency_services", "Passed to the emergency services"
    SAFEGUARDING_TEAM = "safeguarding_team", "Passed to the safeguarding team"
    CONTACTED = "contacted", "The person was contacted"
    NO_DANGER = "no_danger", "Nobody is in danger"


class Flag(models.Model):
    """A comment by which somebody may be in danger. reasons: codes of the rules that fired, or a member of staff.

    due_at: by when it must be acknowledged. told: whoever was told last. escalated_at: when the deputy was told.
    everybody_told_at: when all who may acknowledge were told. untold: how often no message could be sent.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, models.PROTECT, related_name="flags")
    comment = models.ForeignKey(Comment, models.PROTECT, related_name="flags")
    kind = models.CharField(max_length=20, choices=FlagKind.choices)
    reasons = models.JSONField(default=list)
    raised_at = models.DateTimeField(default=timezone.now)
    raised_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    due_at = models.DateTimeField()
    told = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    told_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    everybody_told_at = models.DateTimeField(null=True)
    untold = models.PositiveIntegerField(default=0)
    acknowledged_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, choices=FlagOutcome.choices, blank=True)
    note = models.TextField(blank=True, max_length=1000)
    closed_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("due_at",)
        constraints = (models.UniqueConstraint(fields=("comment", "kind"), name="one_flag_of_a_kind"),)
        indexes = (
            models.Index(fields=("organisation", "acknowledged_at", "due_at"), name="flag_to_acknowledge"),
        )


class MaskCorrection(models.Model):
    """A person's correction of what was masked. kind: missed (now masked too) or wrong (now shown again)."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="mask_corrections")
    kind = models.CharField(max_length=10)
    identifier = models.CharField(max_length=30)
    by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)


class BlockKind(models.TextChoices):
    """What is held back from now on."""

    TEXT = "text", "The same words"
    SENDER = "sender", "The same sender"


class Block(models.Model):
    """Responses held back as they arrive, because one like them was hidden. mark: a keyed digest of the masked words
    or of the sender, by which neither can be found out. until: it ends by itself. response: the one that was hidden.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, models.PROTECT, related_name="blocks")
    kind = models.CharField(max_length=10, choices=BlockKind.choices)
    mark = models.CharField(max_length=64)
    until = models.DateTimeField()
    response = models.ForeignKey(Response, models.PROTECT, related_name="blocks")
    by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    held = models.PositiveIntegerField(default=0)
    lifted_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-at",)
        indexes = (models.Index(fields=("service", "mark"), name="block_by_mark"),)
