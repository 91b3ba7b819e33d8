"""A project's person index and the changes that were asked of it.

The index itself, its people and their history lie in files (joinedup.linkage.index); a row here says where it stands,
and each change of it is one row from the asking to the end.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from joinedup_web.accounts.models import StaffUser
from joinedup_web.linkage.models import Project, Run, Source


class PersonIndex(models.Model):
    """The index of one project. version: the last one that was published; None before the first. records, people,
    changed_at: of that version. run: whose people and model it began with."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.OneToOneField(Project, models.PROTECT, related_name="person_index")
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(null=True)
    records = models.BigIntegerField(null=True)
    people = models.BigIntegerField(null=True)
    changed_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("project__name",)


class ChangeKind(models.TextChoices):
    """What is asked of an index."""

    BUILD = "build", "Begin"
    ADD = "add", "Bring in an extract"
    DECIDE = "decide", "Bring in clerks’ decisions"
    UNDO = "undo", "Undo a merge or a split"


class ChangeState(models.TextChoices):
    """Where a change stands."""

    WAITING = "waiting", "Waiting to start"
    RUNNING = "running", "Under way"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class IndexChange(models.Model):
    """One change of an index. source, complete: of an extract; complete: what is not in it has left the source.

    may_shrink: a complete extract may take out more than half of the source's records. event: what is undone.
    reason: why, as the person said. version: the one that it published; None: nothing had to change. counts: what
    became of records and people. problem: what, where, mend.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    index = models.ForeignKey(PersonIndex, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10, choices=ChangeKind.choices)
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="+")
    source = models.ForeignKey(Source, models.PROTECT, null=True, related_name="+")
    complete = models.BooleanField(default=False)
    may_shrink = models.BooleanField(default=False)
    event = models.PositiveBigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=ChangeState.choices, default=ChangeState.WAITING)
    version = models.PositiveIntegerField(null=True)
    counts = models.JSONField(default=dict)
    problem = models.JSONField(null=True)
    asked_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked_at",)
        constraints = (
            models.UniqueConstraint(
                "index",
                condition=Q(state__in=["waiting", "running"]),
                name="one_change_of_an_index_at_a_time",
            ),
        )
