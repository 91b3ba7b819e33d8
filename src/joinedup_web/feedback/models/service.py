"""Services that ask for feedback, and their figures."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from joinedup_web.accounts.models import Organisation, StaffUser


class Service(models.Model):
    """A service that the public uses. slug: its public address, /feedback/<slug>.

    duty_person: whoever is told first that somebody may be in danger; deputy: who is told when they do not
    acknowledge it within acknowledge_minutes. keep_original_days: how long what was masked is kept, sealed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="services")
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    name_cy = models.CharField(max_length=120, blank=True)
    help_text = models.TextField(blank=True, max_length=1000)
    help_text_cy = models.TextField(blank=True, max_length=1000)
    duty_person = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    deputy = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    acknowledge_minutes = models.PositiveSmallIntegerField(default=60)
    keep_original_days = models.PositiveSmallIntegerField(default=30)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("organisation", "name"), name="service_name_once"),)

    def __str__(self) -> str:
        return self.name


class ServiceFigures(models.Model):
    """A month of a service, as its people count it. month: its first day. Missing is unknown, never 0.

    started, completed: transactions. digital: completed online. eligible: who could have used it. cost_pence: all
    that the month cost.
    """

    service = models.ForeignKey(Service, models.PROTECT, related_name="figures")
    month = models.DateField()
    started = models.PositiveIntegerField(null=True)
    completed = models.PositiveIntegerField(null=True)
    digital = models.PositiveIntegerField(null=True)
    eligible = models.PositiveIntegerField(null=True)
    cost_pence = models.PositiveBigIntegerField(null=True)
    noted_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-month",)
        constraints = (
            models.UniqueConstraint(fields=("service", "month"), name="one_row_of_figures_a_month"),
        )


class DigestChoice(models.Model):
    """Somebody who wants a service's weekly digest."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="+")
    account = models.ForeignKey(StaffUser, models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("service", "account"), name="one_choice_of_a_digest"),)


class Digest(models.Model):
    """A week of a service in figures. week: its Monday. sent_at: when it went to those who asked for it."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="digests")
    week = models.DateField()
    content = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-week",)
        constraints = (models.UniqueConstraint(fields=("service", "week"), name="one_digest_a_week"),)
