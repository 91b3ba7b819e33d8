"""Which models read text: the switch of each use, every use, every evaluation, and the entry in the AI register.

The uses themselves are listed in joinedup.text (FEATURES); a row here says how an organisation has set one.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from joinedup_web.accounts.models import Organisation, StaffUser


class FeatureSwitch(models.Model):
    """Whether an organisation lets a feature use its model. feature: a code of FEATURES. No row: as shipped."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    feature = models.CharField(max_length=40)
    is_on = models.BooleanField()
    reason = models.CharField(max_length=300)
    changed_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "feature"), name="one_switch_of_a_feature"),
        )


class ModelUse(models.Model):
    """One use of a model: a batch of texts that one job read, or one question to a language model.

    model, version: of the weights (a digest) or the remote model's name. prompt: its name and digest; empty where
    there is none. items: how many texts. outcome: done, abstained, refused, invalid, failed. Nothing of any text.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    feature = models.CharField(max_length=40)
    purpose = models.CharField(max_length=100)
    model = models.CharField(max_length=100)
    version = models.CharField(max_length=100)
    prompt = models.CharField(max_length=100, blank=True)
    items = models.PositiveIntegerField()
    outcome = models.CharField(max_length=20)
    seconds = models.FloatField(null=True)
    tokens_in = models.PositiveIntegerField(null=True)
    tokens_out = models.PositiveIntegerField(null=True)
    started_at = models.DateTimeField()

    class Meta:
        ordering = ("-started_at",)
        indexes = (models.Index(fields=("organisation", "feature", "-started_at"), name="model_use_of"),)


class Evaluation(models.Model):
    """One evaluation of the model that a feature uses. suite: which texts with known answers. figures: by measure.

    protocol: seed, sizes, how texts were split. state: waiting, running, done, failed. problem: what, where, mend.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    feature = models.CharField(max_length=40)
    suite = models.CharField(max_length=60)
    model = models.CharField(max_length=100, blank=True)
    version = models.CharField(max_length=100, blank=True)
    protocol = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="waiting")
    problem = models.JSONField(null=True)
    asked_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked_at",)


class RegisterEntry(models.Model):
    """What people wrote in a feature's algorithmic transparency record; the rest fills itself. fields: by name."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    feature = models.CharField(max_length=40)
    fields = models.JSONField(default=dict)
    changed_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "feature"), name="one_register_entry_of_a_feature"
            ),
        )
