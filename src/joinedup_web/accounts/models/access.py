"""Access looked over from time to time (reviews), and access in an emergency (breaking the glass)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from joinedup_web.accounts.models.organisation import Organisation
from joinedup_web.accounts.models.people import Membership, Role, StaffUser


class AccessReview(models.Model):
    """One look over all roles in an organisation; due every 90 days."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="access_reviews")
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-opened_at",)
        constraints = (
            models.UniqueConstraint("organisation", condition=Q(closed_at=None), name="review_open_once"),
        )


class ReviewDecision(models.TextChoices):
    """What a reviewer decides on one role of one person."""

    KEEP = "keep", "Keep"
    END = "end", "End"


class ReviewItem(models.Model):
    """One role of one person in a review, and what was decided by somebody else than that person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    review = models.ForeignKey(AccessReview, models.CASCADE, related_name="items")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="review_items")
    decision = models.CharField(max_length=4, choices=ReviewDecision.choices, blank=True)
    decided_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint("review", "membership", name="review_item_once"),)


class EmergencyReason(models.TextChoices):
    """Why emergency access was needed; the codes are those of the audit record."""

    INCIDENT = "incident", "Security incident"
    SAFEGUARDING = "safeguarding", "Somebody's safety is at risk"
    SERVICE_DOWN = "service_down", "The service is down"
    EXERCISE = "exercise", "Exercise"


class EmergencyAccess(models.Model):
    """A role that somebody took for an hour, over and above their own, with an alarm.

    why and finding: free text, kept here and never in the audit record. It must be closed or run out, and be
    reviewed by somebody else.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(StaffUser, models.PROTECT, related_name="emergencies")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="emergencies")
    role = models.ForeignKey(Role, models.PROTECT, related_name="+")
    membership = models.OneToOneField(Membership, models.PROTECT, related_name="emergency")
    reason = models.CharField(max_length=20, choices=EmergencyReason.choices)
    why = models.TextField(max_length=1000)
    opened_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    was_justified = models.BooleanField(null=True)
    finding = models.TextField(max_length=1000, blank=True)

    class Meta:
        ordering = ("-opened_at",)
        indexes = (models.Index(fields=("organisation", "closed_at"), name="emergency_by_organisation"),)
