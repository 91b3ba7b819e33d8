"""What people come to do in the main job, for the staff home."""

from __future__ import annotations

from joinedup_web.accounts.home import Task, register
from joinedup_web.gate.actor import Actor
from joinedup_web.linkage import queries
from joinedup_web.linkage.models import RunState
from joinedup_web.linkage.reading import unusual_reading


def register_tasks() -> None:
    """Add the tasks of projects, sources and runs."""
    register(
        Task(
            "columns_to_check",
            "Check what columns mean",
            "Sources are measured, and wait for somebody to look over what was found out",
            "linkage:sources",
            permission="source.correct",
            count=queries.sources_to_check,
            counted=("source", "sources"),
            only_waiting=True,
            order=10,
        )
    )
    register(
        Task(
            "runs_under_way",
            "Watch linkage runs",
            "Runs that wait for their turn or are under way",
            "linkage:jobs",
            permission="linkage.run",
            count=_under_way,
            counted=("run", "runs"),
            only_waiting=True,
            order=15,
        )
    )
    register(
        Task(
            "unusual_reading",
            "Look into unusual reading",
            "Somebody opened the records of many people within a day. See who, and for which purposes",
            "audit:events",
            permission="audit.view",
            count=unusual_reading,
            counted=("alarm of the last 7 days", "alarms of the last 7 days"),
            only_waiting=True,
            order=4,
        )
    )
    register(
        Task(
            "projects",
            "Open a project",
            "Upload sources, run the linkage, and see its results",
            "linkage:projects",
            permission="linkage.view",
            order=30,
        )
    )
    register(
        Task(
            "sources",
            "See sources and their quality",
            "Every file with records of people, how complete it is and what its columns mean",
            "linkage:sources",
            permission="source.view",
            order=40,
        )
    )


def _under_way(by: Actor) -> int:
    under_way = (RunState.QUEUED, RunState.RUNNING, RunState.CANCELLING)
    return queries.runs(by).filter(state__in=under_way).count()
