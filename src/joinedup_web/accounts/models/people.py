"""Staff accounts, the roles that people hold in organisations, and the posts that somebody answers for."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from joinedup_web.accounts.models.organisation import Organisation


class StaffUserManager(BaseUserManager["StaffUser"]):
    """Finds accounts by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> StaffUser:
        """The account with an e-mail address."""
        return self.get(email__iexact=username)

    def create_user(self, email: str, name: str, password: str | None = None, **more: Any) -> StaffUser:
        """Make an account; without a password it can be signed in to by other ways alone."""
        user = self.model(email=email.strip().lower(), name=name.strip(), **more)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user


class StaffUser(AbstractBaseUser):
    """A member of staff. May belong to several organisations, and works for one at a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254, unique=True)  # kept in lower case
    name = models.CharField(max_length=150)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = StaffUserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ("name",)

    class Meta:
        ordering = ("name", "email")
        indexes = (
            # With the e-mail address in it, so that a search reads the index alone.
            models.Index(fields=("name", "id", "email", "is_active"), name="staff_by_name"),
            models.Index(fields=("last_login", "id"), name="staff_by_sign_in"),
            # By the key, for counting those of one organisation: their memberships are then found one after the other.
            models.Index(fields=("id", "is_active", "email", "name"), name="staff_by_key"),
        )
        constraints = (models.CheckConstraint(condition=Q(email=Lower("email")), name="staff_email_lower"),)

    def __str__(self) -> str:
        return str(self.id)  # never a name in a log line


class Role(models.Model):
    """A role: permissions under a name. Those shipped (gate/roles.toml) are kept in step at each migration.

    organisation: whose own role it is; None for one shipped to all. withdrawn_at: since when it can no longer be
    given to anybody.
    """

    code = models.SlugField(max_length=50)
    name = models.CharField(max_length=100)
    what = models.CharField(max_length=300)
    permissions = models.JSONField(default=list)
    platform = models.BooleanField(default=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="own_roles"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint("code", condition=Q(organisation=None), name="shipped_role_once"),
            models.UniqueConstraint("organisation", "code", name="own_role_once"),
        )

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One role of one person in one organisation (None: a platform role), until it ends."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(StaffUser, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    role = models.ForeignKey(Role, models.PROTECT, related_name="memberships")
    granted_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("granted_at",)
        indexes = (
            models.Index(fields=("organisation", "ended_at", "user"), name="membership_by_place"),
            models.Index(fields=("user", "organisation"), name="membership_by_person"),
            models.Index(fields=("role", "organisation", "user"), name="membership_by_role"),
        )
        constraints = (
            models.UniqueConstraint(
                "user", "organisation", "role", condition=Q(ended_at=None), name="membership_once"
            ),
        )


class OfficerPost(models.TextChoices):
    """The posts that somebody must answer for."""

    DPO = "dpo", "Data protection officer"
    SIRO = "siro", "Senior information risk owner"
    IAO = "iao", "Information asset owner"


class Officer(models.Model):
    """Who holds a named post in an organisation, from when to when."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="officers")
    post = models.CharField(max_length=10, choices=OfficerPost.choices)
    holder = models.ForeignKey(StaffUser, models.PROTECT, related_name="posts")
    asset = models.CharField(max_length=200, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("post", "-since")
