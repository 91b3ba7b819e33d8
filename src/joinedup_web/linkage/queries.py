"""What may be read of projects, sources and runs, through the gate, and of the actor's own organisation alone.

Another organisation's thing is not found: that it exists is nobody else's business.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404

from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require
from joinedup_web.linkage.models import (
    Decision,
    PairState,
    Project,
    ReviewPair,
    Run,
    RunState,
    Source,
    SourceState,
)


def projects(by: Actor) -> QuerySet[Project]:
    """Every project, with how many sources, runs and pairs to review it has, and its last run's state."""
    require(by, "linkage.view")
    last = Run.objects.filter(project=OuterRef("pk")).order_by("-number")
    return Project.objects.filter(organisation_id=by.organisation_id).annotate(
        source_count=_counted(Source.objects.exclude(state=SourceState.REMOVED)),
        run_count=_counted(Run.objects.all()),
        pair_count=_counted(
            ReviewPair.objects.filter(state__in=[PairState.OPEN, PairState.DISAGREED]),
        ),
        last_state=Subquery(last.values("state")[:1]),
    )


def _counted(rows: QuerySet[Source] | QuerySet[Run] | QuerySet[ReviewPair]) -> Coalesce:
    """Counting by sub-query: joins over three tables would multiply one another."""
    own = rows.filter(project=OuterRef("pk")).order_by().values("project").annotate(n=Count("pk"))
    return Coalesce(Subquery(own.values("n")), 0)


def project(by: Actor, project_id: UUID, *, permission: str = "linkage.view") -> Project:
    """One project, as somebody who holds a permission. Raises Http404 for another organisation's."""
    require(by, permission)
    found = Project.objects.filter(organisation_id=by.organisation_id, id=project_id).first()
    if found is None:
        raise Http404
    return found


def sources(by: Actor, within: Project | None = None) -> QuerySet[Source]:
    """The sources that are in use, of all projects or of one."""
    require(by, "source.view")
    found = Source.objects.filter(project__organisation_id=by.organisation_id).exclude(
        state=SourceState.REMOVED
    )
    return (found if within is None else found.filter(project=within)).select_related("project")


def source(by: Actor, source_id: UUID, *, permission: str = "source.view") -> Source:
    """One source, also a removed one: runs go on to name it. Raises Http404 for another organisation's."""
    require(by, permission)
    found = (
        Source.objects.filter(project__organisation_id=by.organisation_id, id=source_id)
        .select_related("project", "uploaded_by", "replaces")
        .first()
    )
    if found is None:
        raise Http404
    return found


def runs(by: Actor, within: Project | None = None) -> QuerySet[Run]:
    """Every run, of all projects or of one. The library's record of each is left in the database."""
    require(by, "linkage.view")
    found = Run.objects.filter(project__organisation_id=by.organisation_id)
    if within is not None:
        found = found.filter(project=within)
    return found.select_related("project", "started_by").defer("record")


def run(by: Actor, run_id: UUID, *, permission: str = "linkage.view") -> Run:
    """One run. Raises Http404 for another organisation's."""
    require(by, permission)
    found = (
        Run.objects.filter(project__organisation_id=by.organisation_id, id=run_id)
        .select_related("project", "started_by", "based_on")
        .first()
    )
    if found is None:
        raise Http404
    return found


def finished_runs(by: Actor, within: Project) -> QuerySet[Run]:
    """The runs of a project that have results, the newest first."""
    return runs(by, within).filter(state=RunState.FINISHED).order_by("-number")


def sources_to_check(by: Actor) -> int:
    """How many sources wait for somebody to look over their columns' meanings."""
    return sources(by).filter(state=SourceState.READY, checked_at=None).count()


def pairs_waiting(by: Actor, within: Project) -> int:
    """How many pairs of a project wait for a clerk."""
    require(by, "linkage.view")
    waiting = Q(state=PairState.OPEN) | Q(state=PairState.DISAGREED)
    return ReviewPair.objects.filter(waiting, project=within).count()


def decision_count(by: Actor, within: Project) -> int:
    """How many pairs of a project clerks have decided on."""
    require(by, "linkage.view")
    return Decision.objects.filter(pair__project=within, undone_at=None).values("pair_id").distinct().count()
