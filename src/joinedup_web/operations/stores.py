"""Every store of people's data on the website, with how long it keeps by default and how it lets go.

A new store of people's data is one entry here; a test looks for models with such data that no store names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from joinedup_web.casework.upkeep import due_cases, let_case_go
from joinedup_web.feedback.keeping import due_responses, let_response_go
from joinedup_web.linkage import files, jobs
from joinedup_web.linkage.models import PairState, ReviewPair, Run, RunState, Source, SourceState
from joinedup_web.person_index.files import index_folder
from joinedup_web.person_index.models import PersonIndex


@dataclass(frozen=True)
class Store:
    """One store. days: kept by default. due: what an organisation has from before a moment, each with `.project_id`.

    let_go: takes one thing out, its files after the commit; called inside a deed. of_projects: whether each thing
    belongs to a project, so that a hold may be on one project’s share.
    """

    code: str
    name: str
    what: str
    days: int
    due: Callable[[UUID, datetime], QuerySet[Any]]
    let_go: Callable[[Any, Callable[[Callable[[], object]], None]], None]
    of_projects: bool = True


AfterCommit = Callable[[Callable[[], object]], None]


def _due_sources(organisation_id: UUID, before: datetime) -> QuerySet[Any]:
    kept = (SourceState.READY, SourceState.FAILED)
    return Source.objects.filter(
        project__organisation_id=organisation_id, uploaded_at__lt=before, state__in=kept
    ).select_related("project")


def _let_source_go(source: Source, after_commit: AfterCommit) -> None:
    Source.objects.filter(id=source.id).update(state=SourceState.REMOVED, meanings={}, notes={}, problem=None)
    after_commit(lambda: jobs.forget(files.source_folder(source)))


def _due_runs(organisation_id: UUID, before: datetime) -> QuerySet[Any]:
    ended = (RunState.FINISHED, RunState.FAILED, RunState.CANCELLED)
    return Run.objects.filter(
        project__organisation_id=organisation_id,
        finished_at__lt=before,
        state__in=ended,
        results_gone_at=None,
    ).select_related("project")


def _let_run_go(run: Run, after_commit: AfterCommit) -> None:
    from django.utils import timezone

    Run.objects.filter(id=run.id).update(results_gone_at=timezone.now())
    after_commit(lambda: jobs.forget(files.run_folder(run)))


def _due_pairs(organisation_id: UUID, before: datetime) -> QuerySet[Any]:
    decided = (PairState.DECIDED, PairState.SETTLED)
    return ReviewPair.objects.filter(
        project__organisation_id=organisation_id, run__finished_at__lt=before, state__in=decided
    ).exclude(values={})


def _let_pair_go(pair: ReviewPair, after_commit: AfterCommit) -> None:
    """The decision stays, since later runs obey it; what the two records said goes."""
    ReviewPair.objects.filter(id=pair.id).update(values={}, levels=[])


def _due_indexes(organisation_id: UUID, before: datetime) -> QuerySet[Any]:
    return PersonIndex.objects.filter(
        project__organisation_id=organisation_id, changed_at__lt=before, gone_at=None
    ).select_related("project")


def _let_index_go(index: PersonIndex, after_commit: AfterCommit) -> None:
    from django.utils import timezone

    PersonIndex.objects.filter(id=index.id).update(
        gone_at=timezone.now(), version=None, records=None, people=None
    )
    after_commit(lambda: jobs.forget(index_folder(index)))


STORES: Mapping[str, Store] = {
    store.code: store
    for store in (
        Store(
            "sources",
            "Uploaded sources",
            "The file and its quality report. Runs keep their results.",
            365,
            _due_sources,
            _let_source_go,
        ),
        Store(
            "results",
            "Results of linkage runs",
            "Joined people, pairs and reports. The run stays in the list, with its counts.",
            365,
            _due_runs,
            _let_run_go,
        ),
        Store(
            "reviewed_pairs",
            "What reviewed pairs said",
            "The two records of a pair that clerks decided on. The decision itself stays.",
            180,
            _due_pairs,
            _let_pair_go,
        ),
        Store(
            "person_index",
            "Person indexes",
            "Everybody’s records and history, counted from the last change. The list of changes stays.",
            365,
            _due_indexes,
            _let_index_go,
        ),
        Store(
            "responses",
            "What people wrote",
            "Answers and comments, masked, and notes on flags. Counts, satisfaction and tags stay.",
            730,
            due_responses,
            let_response_go,
            of_projects=False,
        ),
        Store(
            "cases",
            "Closed cases",
            "What was asked, notes and replies, counted from when it was closed. Number, dates and outcome stay.",
            730,
            due_cases,
            let_case_go,
            of_projects=False,
        ),
    )
}
