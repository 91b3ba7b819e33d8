"""How responses come in: forms and their versions, collection points, invitations, imports."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from joinedup_web.accounts.models import StaffUser
from joinedup_web.feedback.models.service import Service


class JobState(models.TextChoices):
    """Where a job stands."""

    WAITING = "waiting", "Waiting to start"
    RUNNING = "running", "Under way"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class FormKind(models.TextChoices):
    """What a form is for."""

    SATISFACTION = "satisfaction", "Satisfaction"
    HELP = "help", "Get help with this service"
    SURVEY = "survey", "Survey"
    CONSULTATION = "consultation", "Consultation"


class FormState(models.TextChoices):
    """Whether a form takes answers."""

    DRAFT = "draft", "Draft"
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


class Form(models.Model):
    """A form of a service. one_answer_each: it is answered through an invitation alone, once each.

    opens_at, closes_at: None for no such bound. The questions are those of its newest version; draft: changes to them
    that nobody is asked yet, None where there are none. draft_revision: grows with each change, so that one of two
    people who edit at a time is told.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, models.PROTECT, related_name="forms")
    kind = models.CharField(max_length=20, choices=FormKind.choices)
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=FormState.choices, default=FormState.DRAFT)
    one_answer_each = models.BooleanField(default=False)
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    draft = models.JSONField(null=True)
    draft_revision = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("service", "name"), name="form_name_once"),)


class FormVersion(models.Model):
    """The questions of a form, never changed once made: joinedup.feedback reads the definition."""

    form = models.ForeignKey(Form, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    made_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=("form", "number"), name="form_version_once"),)


class Channel(models.TextChoices):
    """By which way a response came."""

    WEB = "web", "Link or page"
    SCRIPT = "script", "Button on another website"
    QR = "qr", "QR code"
    EMAIL = "email", "Invitation by email"
    SMS = "sms", "Invitation by text message"
    PAPER = "paper", "Paper form"
    FACE_TO_FACE = "face_to_face", "Face to face"
    IMPORT = "import", "Imported"
    API = "api", "Another system"


class Ending(models.TextChoices):
    """Where in the journey somebody was asked. Failures are asked too."""

    COMPLETED = "completed", "They finished"
    INELIGIBLE = "ineligible", "They were told they are not eligible"
    ERROR = "error", "Something went wrong"
    ABANDONED = "abandoned", "They left before the end"
    ANYWHERE = "anywhere", "Anywhere else"


class CollectionPoint(models.Model):
    """A place where people are asked: a link, a QR code, a button. code: its short address, /f/<code>."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    form = models.ForeignKey(Form, models.PROTECT, related_name="points")
    code = models.CharField(max_length=12, unique=True)
    channel = models.CharField(max_length=15, choices=Channel.choices)
    ending = models.CharField(max_length=12, choices=Ending.choices, default=Ending.ANYWHERE)
    label = models.CharField(max_length=120)
    is_open = models.BooleanField(default=True)
    made_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("label",)


class InvitationBatch(models.Model):
    """People invited at a time, by e-mail or text message."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    form = models.ForeignKey(Form, models.PROTECT, related_name="batches")
    channel = models.CharField(max_length=15, choices=Channel.choices)
    language = models.CharField(max_length=8, default="en")
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    counts = models.JSONField(default=dict)
    problem = models.JSONField(null=True)
    asked_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked_at",)


class Invitation(models.Model):
    """One invitation. token_digest: of the token in its link. to_sealed: the address, sealed, until it is sent.

    It is used up by an answer, but nothing says by which one: used_on is a day, and the response knows no invitation.
    """

    batch = models.ForeignKey(InvitationBatch, models.PROTECT, related_name="invitations")
    token_digest = models.CharField(max_length=64, unique=True)
    to_sealed = models.TextField(blank=True)
    token_sealed = models.TextField(blank=True)
    state = models.CharField(max_length=10, default="waiting")
    sent_at = models.DateTimeField(null=True)
    used_on = models.DateField(null=True)


class Import(models.Model):
    """A file of responses brought in: an export of a consultation, a spreadsheet, scanned paper forms.

    layout: citizen_space, qualtrics, table, paper. mapping: which column is which question. counts: rows read, kept,
    kept aside.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    form = models.ForeignKey(Form, models.PROTECT, related_name="imports")
    file_name = models.CharField(max_length=200)
    layout = models.CharField(max_length=20)
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    is_confirmed = models.BooleanField(default=False)
    counts = models.JSONField(default=dict)
    problem = models.JSONField(null=True)
    asked_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked_at",)
