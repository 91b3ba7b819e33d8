"""What comments mean: a codebook's tags, teams, themes; what a model suggested and what a person made of it."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from joinedup_web.accounts.models import Organisation, StaffUser
from joinedup_web.casework.models import Team
from joinedup_web.feedback.models.collect import Form, JobState
from joinedup_web.feedback.models.response import Comment
from joinedup_web.feedback.models.service import Service


class Fate(models.TextChoices):
    """What became of a suggestion: the measure of the model that made it."""

    SUGGESTED = "suggested", "Not looked at"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"
    ADDED = "added", "Added by a person"


class Tag(models.Model):
    """A tag of a service's codebook."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, models.PROTECT, related_name="tags")
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True, max_length=500)
    is_active = models.BooleanField(default=True)
    made_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("service", "name"), name="tag_name_once"),)


class TagAssignment(models.Model):
    """A tag on a comment. made_by: the model's version; "person" where fate is added. probability: the model's."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="tag_assignments")
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="assignments")
    made_by = models.CharField(max_length=100)
    probability = models.FloatField(null=True)
    fate = models.CharField(max_length=10, choices=Fate.choices, default=Fate.SUGGESTED)
    decided_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("comment", "tag"), name="one_tag_once_on_a_comment"),)
        indexes = (models.Index(fields=("tag", "fate"), name="tag_fates"),)


class RouteSuggestion(models.Model):
    """Which team a model would send a comment to. suggested: None where it abstained. team: where it went."""

    comment = models.OneToOneField(Comment, models.PROTECT, related_name="route")
    suggested = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    probability = models.FloatField(null=True)
    made_by = models.CharField(max_length=100)
    fate = models.CharField(max_length=10, choices=Fate.choices, default=Fate.SUGGESTED)
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("fate",), name="route_fates"),)


class Reading(models.Model):
    """How far an organisation's comments have been read. read: comments in all. problem: why models cannot read."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="+")
    heartbeat_at = models.DateTimeField(null=True)
    read = models.PositiveIntegerField(default=0)
    problem = models.JSONField(null=True)


class FittedModel(models.Model):
    """A model of a service's own, learnt from what people decided. The newest of a feature is the one in use.

    feature: tag or route. version: its digest. decisions: comments it learnt from. figures: how well it did on those
    left out while it learnt. Its file lies in the site's folder (feedback/files.py).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, models.PROTECT, related_name="fitted_models")
    feature = models.CharField(max_length=40)
    version = models.CharField(max_length=100)
    decisions = models.PositiveIntegerField()
    figures = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-made_at",)


class Analysis(models.Model):
    """Themes asked for: of the answers to one question (all forms where form is None) in a period, both days in.

    method: clusters or language_model. models: what read the texts, with versions. counts: comments, used, left out
    and why. variance: how alike themes were between runs. lint: what is doubtful about the set. filters: segment by
    question key. signed_off_at: its themes are the organisation's own from then on, and change no more.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, models.PROTECT, related_name="analyses")
    form = models.ForeignKey(Form, models.PROTECT, null=True, related_name="+")
    question = models.CharField(max_length=60)
    first_day = models.DateField()
    last_day = models.DateField()
    filters = models.JSONField(default=dict)
    method = models.CharField(max_length=20)
    seed = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    models_used = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    variance = models.JSONField(default=dict)
    lint = models.JSONField(default=list)
    problem = models.JSONField(null=True)
    asked_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    signed_off_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    signed_off_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked_at",)


class ThemeState(models.TextChoices):
    """What a theme is now. A candidate is a model's draft; the others are what a person made of it."""

    CANDIDATE = "candidate", "Draft"
    KEPT = "kept", "Kept"
    EDITED = "edited", "Edited"
    MERGED = "merged", "Merged into another"
    SPLIT = "split", "Split"
    DELETED = "deleted", "Deleted"
    ADDED = "added", "Added by a person"


class Theme(models.Model):
    """A theme of an analysis. stance: for, against, mixed, or empty. terms: its words. quotes: comments that show it.

    drafted: title and description as the model had them; they stay when a person changes the theme.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    analysis = models.ForeignKey(Analysis, models.PROTECT, related_name="themes")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=150)
    description = models.TextField(blank=True, max_length=1000)
    drafted = models.JSONField(default=dict)
    stance = models.CharField(max_length=10, blank=True)
    terms = models.JSONField(default=list)
    quotes = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=ThemeState.choices, default=ThemeState.CANDIDATE)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    split_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="parts")
    tag = models.ForeignKey(Tag, models.PROTECT, null=True, related_name="themes")
    changed_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("analysis", "number"), name="theme_number_once"),)

    @property
    def standing(self) -> str:
        """What it is now, in words. A part of a split theme was drafted with it, and added by nobody."""
        if self.state == ThemeState.ADDED and self.split_from is not None:
            return f"Split from “{self.split_from.title}”"
        return str(self.get_state_display())


class ThemeAssignment(models.Model):
    """A theme on a comment. made_by: the model's version, or "person"."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="theme_assignments")
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="assignments")
    made_by = models.CharField(max_length=100)
    probability = models.FloatField(null=True)
    stance = models.CharField(max_length=10, blank=True)
    fate = models.CharField(max_length=10, choices=Fate.choices, default=Fate.SUGGESTED)
    decided_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("comment", "theme"), name="one_theme_once_on_a_comment"),
        )
        indexes = (models.Index(fields=("theme", "stance", "fate"), name="theme_stances"),)
