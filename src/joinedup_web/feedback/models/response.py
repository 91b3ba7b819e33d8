"""Responses and the comments in them. What is stored as text is masked already."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from joinedup_web.accounts.models import Organisation, StaffUser
from joinedup_web.feedback.models.collect import Channel, CollectionPoint, Ending, FormVersion
from joinedup_web.feedback.models.service import Service


class ResponseState(models.TextChoices):
    """Where a response stands. Held: taken for spam, seen by moderators alone until one lets it through."""

    OPEN = "open", "Open"
    HELD = "held", "Held back"
    HIDDEN = "hidden", "Hidden"


class Response(models.Model):
    """What one person sent. submission: the sender's own id, so that the same is kept once however often it comes.

    answers: by question, with personal data masked. original_sealed: the texts as they came, sealed, until
    original_gone_at. satisfaction: 1 to 5, 5 the best; None: not asked or not answered. may_publish: they said that
    it may be quoted. held_reason: why it was taken for spam. masks_confirmed_at: somebody has looked at what is
    masked, so that it may leave. sender_mark: a keyed digest of where it came from, so that more of the same can be
    held back; emptied after a week.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, models.PROTECT, related_name="responses")
    version = models.ForeignKey(FormVersion, models.PROTECT, related_name="responses")
    point = models.ForeignKey(CollectionPoint, models.PROTECT, null=True, related_name="responses")
    channel = models.CharField(max_length=15, choices=Channel.choices)
    ending = models.CharField(max_length=12, choices=Ending.choices, default=Ending.ANYWHERE)
    submission = models.UUIDField(unique=True)
    received_at = models.DateTimeField(default=timezone.now)
    language = models.CharField(max_length=8, default="en")
    satisfaction = models.PositiveSmallIntegerField(null=True)
    answers = models.JSONField(default=dict)
    original_sealed = models.TextField(blank=True)
    original_gone_at = models.DateTimeField(null=True)
    may_publish = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ResponseState.choices, default=ResponseState.OPEN)
    held_reason = models.CharField(max_length=40, blank=True)
    hidden_reason = models.CharField(max_length=300, blank=True)
    moderated_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    moderated_at = models.DateTimeField(null=True)
    masks_confirmed_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    masks_confirmed_at = models.DateTimeField(null=True)
    sender_mark = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-received_at",)
        indexes = (
            models.Index(fields=("service", "-received_at"), name="response_of_service"),
            models.Index(fields=("organisation", "state", "-received_at"), name="response_to_moderate"),
        )


class Contact(models.Model):
    """How to answer somebody who asked for an answer: sealed, and removed with the original."""

    response = models.OneToOneField(Response, models.CASCADE, related_name="contact")
    channel = models.CharField(max_length=10)
    to_sealed = models.TextField()


class Comment(models.Model):
    """One free text of a response. question: its key in the form. text: masked. masks: how many of each kind.

    language: as recognised (en, cy, another code, or und where it cannot be told). Not readable: no model reads it,
    so a person does. read_at: when models last read it; None: not yet. sentiment: negative, neutral, positive; empty:
    not known. sentiment_by: the model's version, or "person". doubt: how unsure models were of its tags and team, 0
    to 1; None where no model was asked. checked_at: somebody has looked at its tags and its team.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    response = models.ForeignKey(Response, models.PROTECT, related_name="comments")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, models.PROTECT, related_name="comments")
    question = models.CharField(max_length=60)
    text = models.TextField()
    masks = models.JSONField(default=dict)
    language = models.CharField(max_length=8, default="en")
    is_readable = models.BooleanField(default=True)
    received_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    sentiment = models.CharField(max_length=10, blank=True)
    sentiment_by = models.CharField(max_length=100, blank=True)
    doubt = models.FloatField(null=True)
    checked_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-received_at",)
        indexes = (
            models.Index(fields=("service", "checked_at", "-doubt"), name="comment_to_check"),
            models.Index(fields=("service", "question", "-received_at"), name="comment_of_question"),
            models.Index(
                fields=("organisation", "-received_at"),
                condition=models.Q(read_at__isnull=True),
                name="comment_to_read",
            ),
            models.Index(
                fields=("service", "checked_at", "received_at"),
                condition=models.Q(is_readable=False, checked_at__isnull=True),
                name="comment_for_people",
            ),
        )
