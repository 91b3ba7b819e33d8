"""What was done about what people said."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from joinedup_web.accounts.models import Organisation, StaffUser
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

    @property
    def may_leave(self) -> bool:
        """Whether the comment was added to a case that is not made of its words."""
        earlier = CommentCase.objects.filter(case_id=self.case_id, id__lt=self.id)
        return self.case.origin != "feedback" or earlier.exists()


class ImprovementState(models.TextChoices):
    """Where "you said, we did" stands."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waiting to be published"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Improvement(models.Model):
    """What people said and what was done about it. measure: what should change by it (feedback.change_measures);
    baseline and later: its value before and after, a share of 1 or pence, None while it is unknown. baseline_told,
    later_told: the counts behind those, and the days they are of. writers: everybody who
    wrote or changed it, of whom none may publish it. returned_reason: why it was not published.
    """

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
    baseline_told = models.JSONField(null=True)
    later_told = models.JSONField(null=True)
    state = models.CharField(max_length=10, choices=ImprovementState.choices, default=ImprovementState.DRAFT)
    written_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    writers = models.ManyToManyField(StaffUser, related_name="+")
    published_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    returned_reason = models.CharField(max_length=300, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    withdrawn_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

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


class ServiceStatement(models.Model):
    """What an organisation states of a service for its scorecard, and whether its figures are open data.

    is_accessible: what the last audit found; None: not known. cost_at_most_pence: the threshold of the standard that
    applies to this kind of service, and its source. licence: under which the open data stand.
    """

    service = models.OneToOneField(Service, models.PROTECT, related_name="statement")
    is_accessible = models.BooleanField(null=True)
    audited_on = models.DateField(null=True)
    cost_at_most_pence = models.PositiveBigIntegerField(null=True)
    cost_source = models.CharField(max_length=200, blank=True)
    is_open_data = models.BooleanField(default=False)
    opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    licence = models.CharField(max_length=120, default="Open Government Licence v3.0")
    licence_url = models.URLField(
        max_length=200,
        default="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    )
    changed_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)


class Benchmark(models.Model):
    """A survey's published percentages, brought in by whoever may use them: none comes with the product.

    rows: as joinedup.feedback.benchmark reads them, shares as texts. terms: under which licence or permission.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    terms = models.CharField(max_length=300)
    rows = models.JSONField(default=list)
    brought_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    brought_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("organisation", "name"), name="benchmark_name_once"),)
