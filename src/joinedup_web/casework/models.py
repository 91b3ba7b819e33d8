"""Teams and cases. A case has a number, an owner and a clock; all that happened to it is a list of entries."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from joinedup_web.accounts.models import Organisation, StaffUser


class Team(models.Model):
    """A team that answers. purpose: what it deals with, in words that route a text to it (people read them too).

    reply_working_days: within how many working days it answers. members: who takes its cases.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="teams")
    name = models.CharField(max_length=100)
    purpose = models.TextField(max_length=1000)
    reply_working_days = models.PositiveSmallIntegerField(default=10)
    lead = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    members = models.ManyToManyField(StaffUser, related_name="+")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("organisation", "name"), name="team_name_once"),)

    def __str__(self) -> str:
        return self.name


class CaseNumber(models.Model):
    """The last number that an organisation gave to a case."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="+")
    last = models.PositiveIntegerField(default=0)


class CaseState(models.TextChoices):
    """Where a case stands. Its moves are joinedup.casework's."""

    OPEN = "open", "Open"
    WAITING = "waiting", "Waiting for somebody else"
    ANSWERED = "answered", "Answered"
    CLOSED = "closed", "Closed"


class Case(models.Model):
    """One case. number: within its organisation, from 1. origin: feedback, telephone, letter, e-mail, other.

    text: what was asked, with personal data masked. due_at: by when it must be answered. duplicate_of: the case that
    answers this one too. outcome: a word of joinedup.casework, once it is closed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="cases")
    number = models.PositiveIntegerField()
    origin = models.CharField(max_length=20)
    title = models.CharField(max_length=150)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=8, default="en")
    state = models.CharField(max_length=10, choices=CaseState.choices, default=CaseState.OPEN)
    is_urgent = models.BooleanField(default=False)
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="cases")
    owner = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    opened_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    escalated_to = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="duplicates")

    class Meta:
        ordering = ("due_at",)
        constraints = (models.UniqueConstraint(fields=("organisation", "number"), name="case_number_once"),)
        indexes = (models.Index(fields=("organisation", "state", "due_at"), name="case_queue"),)


class CaseEntry(models.Model):
    """One thing that happened to a case. kind: a word of joinedup.casework. text: a note, never of a message sent."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=20)
    by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ("at", "id")


class Reply(models.Model):
    """One reply to whoever asked. to_sealed: the address, sealed, until it is sent; then empty.

    Its id is the reference by which the message service knows it. state: waiting, sent, failed. problem: what, where,
    mend. tries: how often it was handed over; next_at: when it is tried again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="replies")
    channel = models.CharField(max_length=10)
    to_sealed = models.TextField(blank=True)
    text = models.TextField()
    state = models.CharField(max_length=10, default="waiting")
    problem = models.JSONField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("asked_at",)


class CaseContact(models.Model):
    """How to answer whoever asked: sealed, and removed some time after the case was closed."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="contact")
    channel = models.CharField(max_length=10)
    to_sealed = models.TextField()


class WorkingCalendar(models.Model):
    """By which nation's bank holidays an organisation counts its working days."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="+")
    nation = models.CharField(max_length=20, default="england-and-wales")


class OwnDay(models.Model):
    """A day that differs from the nation's calendar: one more day off, or a bank holiday on which people work."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    day = models.DateField()
    name = models.CharField(max_length=80)
    is_off = models.BooleanField(default=True)

    class Meta:
        ordering = ("day",)
        constraints = (models.UniqueConstraint(fields=("organisation", "day"), name="own_day_once"),)
