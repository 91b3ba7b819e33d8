"""What was done about what people said."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from joinedup_web.accounts.models import StaffUser
from joinedup_web.casework.models import Case
from joinedup_web.feedback.models.response import Comment
from joinedup_web.feedback.models.service import Service
from joinedup_web.feedback.models.understand import Theme


class CommentCase(models.Model):
    """A comment that became a case, or that belongs to one."""

    comment = models.OneToOneField(Comment, models.PROTECT, related_name="case_link")
    case = models.ForeignKey(Case, models.PROTECT, related_name="comment_links")
    by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)


class ImprovementState(models.TextChoices):
    """Where "you said, we did" stands."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waiting to be published"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Improvement(models.Model):
    """What people said and what was done about it. measure: what should change by it (a code of joinedup.feedback);
    baseline and later: its value before and after, None while it is unknown."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, models.PROTECT, related_name="improvements")
    themes = models.ManyToManyField(Theme, related_name="improvements")
    said = models.TextField(max_length=1000)
    said_cy = models.TextField(max_length=1000, blank=True)
    did = models.TextField(max_length=1000)
    did_cy = models.TextField(max_length=1000, blank=True)
    done_on = models.DateField(null=True)
    measure = models.CharField(max_length=40, blank=True)
    baseline = models.FloatField(null=True)
    baseline_on = models.DateField(null=True)
    target = models.FloatField(null=True)
    later = models.FloatField(null=True)
    later_on = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=ImprovementState.choices, default=ImprovementState.DRAFT)
    written_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-written_at",)


class PublishedQuote(models.Model):
    """Words of a comment beside an improvement, of somebody who said that they may be quoted. text: as it is shown.

    redacted_reason: why something was taken out; empty where nothing was.
    """

    improvement = models.ForeignKey(Improvement, models.CASCADE, related_name="quotes")
    comment = models.ForeignKey(Comment, models.PROTECT, related_name="+")
    text = models.TextField(max_length=1000)
    redacted_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("improvement", "comment"), name="one_quote_of_a_comment"),
        )
