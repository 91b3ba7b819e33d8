"""Who works or worked for an organisation, in one row each, so that a list of 100,000 is quick in any order."""

from __future__ import annotations

from django.db import models

from joinedup_web.accounts.models.organisation import Organisation
from joinedup_web.accounts.models.people import StaffUser


class Colleague(models.Model):
    """One person of one organisation, with what a list of people is searched and ordered by.

    The database keeps these rows itself (accounts/colleague_triggers.py): from the person's first role there, in step
    with their account. Nothing else writes them.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    user = models.ForeignKey(StaffUser, models.CASCADE, related_name="+")
    name = models.CharField(max_length=150)
    email = models.EmailField(max_length=254)
    is_active = models.BooleanField()
    last_login = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "user"), name="colleague_once"),)
        indexes = (
            # Each order that the list has, both ways; the first holds all that a search looks at.
            models.Index(
                fields=("organisation", "name", "id", "email", "is_active"), name="colleague_by_name"
            ),
            models.Index(fields=("organisation", "email", "id"), name="colleague_by_email"),
            # The latest first: PostgreSQL has another index for it (migration 0007); SQLite has no such indexes.
            models.Index(fields=("organisation", "last_login", "id"), name="colleague_by_sign_in"),
        )
