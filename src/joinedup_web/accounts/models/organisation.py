"""Organisations: the tenants, and what identifies each."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class OrganisationKind(models.TextChoices):
    """What sort of public body it is."""

    DEPARTMENT = "department", "Government department"
    AGENCY = "agency", "Agency or arm's-length body"
    COUNCIL = "council", "Council"
    NHS = "nhs", "NHS body"
    POLICE = "police", "Police or fire authority"
    OTHER = "other", "Other public body"


class Organisation(models.Model):
    """A tenant: everything but platform matters belongs to exactly one.

    Identifiers: the slug on GOV.UK, the ONS nine-character code, the NHS Organisation Data Service code and the
    Companies House number; each optional, each unique.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    name_cy = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=20, choices=OrganisationKind.choices)
    govuk_slug = models.SlugField(max_length=100, null=True, blank=True, unique=True)
    gss_code = models.CharField(max_length=9, null=True, blank=True, unique=True)
    ods_code = models.CharField(max_length=10, null=True, blank=True, unique=True)
    companies_house_number = models.CharField(max_length=8, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(Lower("name"), name="organisation_name_once"),)

    def __str__(self) -> str:
        return self.name
