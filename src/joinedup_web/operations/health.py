"""Whether the service lives and is ready, for whatever restarts or routes to it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from joinedup_web.feedback.queries.protect import flags_everywhere
from joinedup_web.text.models_here import presidio_problem

LEAST_FREE_BYTES = 200_000_000


@dataclass(frozen=True)
class Finding:
    """One thing looked at. what: safe to show to anybody who may reach the address."""

    name: str
    good: bool
    what: str


def readiness() -> tuple[Finding, ...]:
    """Look at the database, its release, and where that is up to date the audit record, the disk, and Presidio."""
    from joinedup_web.audit import sequencer

    try:
        executor = MigrationExecutor(connection)
        lacking = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return (Finding("database", False, "does not answer"),)
    if lacking:  # what the audit record needs may be among them
        return (
            Finding("database", True, "answers"),
            Finding(
                "release", False, f"the database has {lacking} migrations to be applied: joinedup migrate"
            ),
        )
    free = shutil.disk_usage(settings.SITE_DIR).free
    problem = sequencer.problem()
    return (
        Finding("database", True, "answers"),
        Finding("release", True, "up to date"),
        Finding("audit", problem is None, problem or "sequenced"),
        Finding("disk", free > LEAST_FREE_BYTES, "has room" if free > LEAST_FREE_BYTES else "is nearly full"),
        *_masking(),
    )


def _masking() -> tuple[Finding, ...]:
    """Presidio, where the settings ask for it."""
    if not settings.JOINEDUP.presidio:
        return ()
    problem = presidio_problem()
    return (Finding("presidio", problem is None, problem or "masks besides the rules"),)


def people_in_danger() -> tuple[Finding, ...]:
    """Whether those who must act on flags are told and do act, over all organisations: counts alone.

    Not part of readiness: a process that nobody is sent to cannot tell anybody.
    """
    now = flags_everywhere(now=timezone.now())
    untold, late = now["untold"], now["late"]
    return (
        Finding(
            "messages about danger", not untold, f"nobody could be told of {untold}" if untold else "arrive"
        ),
        Finding("flags of danger", not late, f"{late} not acknowledged in time" if late else "none is late"),
    )
