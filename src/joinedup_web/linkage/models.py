"""The main job as rows: projects, sources, runs, pairs to review, and what clerks decided.

A project keeps what belongs together: its sources, every run over them, and the decisions, which are about records
(source and record id) and so outlive any run.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from joinedup_web.accounts.models import Organisation, StaffUser


class Project(models.Model):
    """Sources that are joined for one purpose, with their runs and decisions.

    purpose: what the joining is for. record_purposes: codes of the purposes for which somebody may read a joined
    record; empty: those that every project begins with (purposes.py).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=300)
    record_purposes = models.JSONField(default=list)
    created_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint("organisation", "name", name="project_once"),)


class SourceState(models.TextChoices):
    """Where an uploaded source stands."""

    UPLOADED = "uploaded", "Waiting to be measured"
    MEASURING = "measuring", "Being measured"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be read"
    REMOVED = "removed", "Removed"


class Source(models.Model):
    """One file of one project. name: by which records are known, in decisions too, so a newer file of the same
    source takes its place under the same name (`replaces`).

    read: entries of ReadOptions. tables: sheets read as one. id_column: None numbers the rows. meanings: column ->
    {kind, confidence, why, corrected, place}; see `columns` for their order. folder: below the site's folder; holds
    the file and its quality report. dimensions: of quality, measured. notes: what reading found out (encoding,
    sheets…) and how many issues quality has. problem: what, where, mend of a reading that failed. checked_at: when
    somebody last looked over the meanings.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="sources")
    name = models.SlugField(max_length=60)
    file_name = models.CharField(max_length=200)
    folder = models.CharField(max_length=300)
    octets = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=10, choices=SourceState.choices, default=SourceState.UPLOADED)
    read = models.JSONField(default=dict)
    tables = models.JSONField(default=list)
    id_column = models.CharField(max_length=200, null=True)
    one_record_per_person = models.BooleanField(default=False)
    meanings = models.JSONField(default=dict)
    rows_in = models.BigIntegerField(null=True)
    rows_good = models.BigIntegerField(null=True)
    rows_aside = models.BigIntegerField(null=True)
    dimensions = models.JSONField(default=dict)
    notes = models.JSONField(default=dict)
    problem = models.JSONField(null=True)
    checked_at = models.DateTimeField(null=True)
    uploaded_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")

    class Meta:
        ordering = ("name", "-uploaded_at")
        constraints = (
            models.UniqueConstraint(
                "project", "name", condition=~Q(state="removed"), name="source_name_once_in_project"
            ),
        )

    @property
    def columns(self) -> list[tuple[str, dict[str, Any]]]:
        """The columns with what they mean, in the file's order, which PostgreSQL's JSON does not keep."""
        return sorted(self.meanings.items(), key=lambda each: each[1].get("place", 0))


class RunState(models.TextChoices):
    """Where a run stands."""

    QUEUED = "queued", "Waiting to start"
    RUNNING = "running", "Running"
    CANCELLING = "cancelling", "Being cancelled"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Failed"
    FINISHED = "finished", "Finished"


class Run(models.Model):
    """One linkage run over a project's sources. number: counts from 1 in its project.

    kind: dedupe, link or link_and_dedupe. settings: what the person chose (threshold_probability, one record a
    person…). done, total: of the stage that runs now. record: the library's run.json. headline: the few figures
    that lists show (records, people, links, precision, recall). based_on: the run whose settings it took up again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="runs")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    settings = models.JSONField(default=dict)
    sources = models.ManyToManyField(Source, related_name="runs")
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.QUEUED)
    stage = models.CharField(max_length=60, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True)
    folder = models.CharField(max_length=300, blank=True)
    record = models.JSONField(null=True)
    headline = models.JSONField(default=dict)
    problem = models.JSONField(null=True)
    decisions_used = models.PositiveIntegerField(default=0)
    based_on = models.ForeignKey("self", models.PROTECT, null=True, related_name="taken_up_by")
    started_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    results_gone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (models.UniqueConstraint("project", "number", name="run_number_once"),)


class PairState(models.TextChoices):
    """Where a pair stands for clerks."""

    OPEN = "open", "To review"
    DECIDED = "decided", "Decided"
    DISAGREED = "disagreed", "Needs a second opinion"
    SETTLED = "settled", "Settled by a second opinion"


class PairKind(models.TextChoices):
    """Why a pair is there to be read."""

    DOUBTFUL = "doubtful", "Doubtful"
    SAMPLE = "sample", "Drawn at random"


class ReviewPair(models.Model):
    """Two records that a clerk should look at. One row a pair and project, however many runs bring it up.

    left and right are in a fixed order (source, id), so that a pair is known whichever way a run names it. weight:
    match weight in bits, of the last run that brought it up. why: why a clerk's look is worth it. values: by field,
    what each record says, as its source wrote it. levels: the comparison's words and bits, for the explanation.
    kind: doubtful ones come from a run's doubts, the others from a sample alone. readings, readings_wanted: how many
    clerks have decided, and how many should without knowing of each other, so that their agreement can be measured.
    contradicted: its word cannot be true together with those of other pairs (contradictions.py).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="pairs")
    run = models.ForeignKey(Run, models.PROTECT, related_name="pairs")
    left_source = models.CharField(max_length=60)
    left_id = models.CharField(max_length=200)
    right_source = models.CharField(max_length=60)
    right_id = models.CharField(max_length=200)
    weight = models.FloatField()
    probability = models.FloatField()
    why = models.JSONField(default=list)
    values = models.JSONField(default=dict)
    levels = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=PairState.choices, default=PairState.OPEN)
    kind = models.CharField(max_length=10, choices=PairKind.choices, default=PairKind.DOUBTFUL)
    readings = models.PositiveSmallIntegerField(default=0)
    readings_wanted = models.PositiveSmallIntegerField(default=1)
    contradicted = models.BooleanField(default=False)
    rank = models.PositiveIntegerField(default=0)
    held_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    held_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ("rank", "id")
        constraints = (
            models.UniqueConstraint(
                "project", "left_source", "left_id", "right_source", "right_id", name="pair_once_in_project"
            ),
            models.CheckConstraint(
                condition=~Q(left_source=F("right_source"), left_id=F("right_id")), name="pair_of_two_records"
            ),
        )
        indexes = (
            models.Index(fields=("project", "state", "rank"), name="pair_queue"),
            models.Index(fields=("project", "right_source", "right_id"), name="pair_by_right_record"),
            models.Index(
                fields=("project", "rank"),
                name="pair_second_reading",
                condition=Q(state="decided", readings=1, readings_wanted=2),
            ),
        )


class Verdict(models.TextChoices):
    """What a clerk says of two records. Not sure is no decision: it asks for a second opinion."""

    SAME = "same", "Same person"
    DIFFERENT = "different", "Different people"
    NOT_SURE = "not_sure", "Not sure"


class Decision(models.Model):
    """One clerk's word on a pair; never altered: an undone decision keeps its row and gets undone_at.

    organisation: the pair's, kept here too, so that long lists need no join. settles: whether it is the second
    opinion that settles a disagreement. standing: holds, settles or undone; worked out by the database.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pair = models.ForeignKey(ReviewPair, models.PROTECT, related_name="decisions")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)
    settles = models.BooleanField(default=False)
    undone_at = models.DateTimeField(null=True)
    standing = models.GeneratedField(
        expression=Case(
            When(undone_at__isnull=False, then=Value("undone")),
            When(settles=True, then=Value("settles")),
            default=Value("holds"),
        ),
        output_field=models.CharField(max_length=8),
        db_persist=True,
    )

    class Meta:
        ordering = ("decided_at",)
        constraints = (
            models.UniqueConstraint(
                "pair", "decided_by", condition=Q(undone_at=None), name="one_decision_a_clerk_and_pair"
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "decided_at", "id"), name="decision_by_day"),
            models.Index(fields=("organisation", "decided_by", "decided_at", "id"), name="decision_by_clerk"),
            models.Index(fields=("organisation", "verdict", "decided_at", "id"), name="decision_by_verdict"),
            models.Index(
                fields=("organisation", "standing", "decided_at", "id"), name="decision_by_standing"
            ),
            models.Index(
                fields=("organisation", "verdict", "standing", "decided_at", "id"), name="decision_by_both"
            ),
        )

    def save(self, **options: Any) -> None:
        """Keep it with its pair's organisation."""
        if self.organisation_id is None:
            self.organisation_id = self.pair.project.organisation_id
        super().save(**options)


class SampleState(models.TextChoices):
    """Where a sample stands."""

    QUEUED = "queued", "Being drawn"
    READY = "ready", "Ready to be read"
    FAILED = "failed", "Could not be drawn"


class Sample(models.Model):
    """Pairs of one run drawn at random, by strata, so that precision and recall can be estimated from clerks' words.

    strata: name, pairs (in the whole run), drawn, linked, joined, near: what the estimate needs of each.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(Run, models.PROTECT, related_name="samples")
    size = models.PositiveIntegerField()
    seed = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=SampleState.choices, default=SampleState.QUEUED)
    strata = models.JSONField(default=list)
    problem = models.JSONField(null=True)
    drawn_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    drawn_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-drawn_at",)


class SamplePair(models.Model):
    """One pair of a sample. stratum: its place in the sample's strata."""

    id = models.BigAutoField(primary_key=True)
    sample = models.ForeignKey(Sample, models.CASCADE, related_name="drawn")
    pair = models.ForeignKey(ReviewPair, models.PROTECT, related_name="samples")
    stratum = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint("sample", "pair", name="pair_once_in_sample"),)


class StatedPurpose(models.Model):
    """What somebody said before they read joined records: for which purpose and case, and until when it holds.

    reference: of the case, as the organisation numbers its cases; kept here alone, never in the audit record.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=60)
    reference = models.CharField(max_length=60)
    stated_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-stated_at",)
