"""What may be read of pairs and decisions, through the gate, and of the actor's own organisation alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.http import Http404

from joinedup_web.accounts.models import StaffUser
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide, require
from joinedup_web.linkage.contradictions import circle_of
from joinedup_web.linkage.models import Decision, PairState, Project, ReviewPair, Run, Source, Verdict


@dataclass(frozen=True)
class Progress:
    """How far the review of a project is. has_more: whether a pair may still be asked of this clerk."""

    project: Project
    open: int
    decided: int
    disagreed: int
    settled: int
    has_more: bool = False

    @property
    def total(self) -> int:
        """All pairs."""
        return self.open + self.decided + self.disagreed + self.settled

    @property
    def done(self) -> int:
        """Those that need nobody any more."""
        return self.decided + self.settled


def progress(by: Actor) -> list[Progress]:
    """How far each project with pairs is, by name. Two queries, whatever the number of projects."""
    require(by, "pair.review")
    mine = Decision.objects.filter(pair=OuterRef("pk"), decided_by_id=by.id, undone_at=None)
    left = ReviewPair.objects.filter(~Exists(mine), project=OuterRef("pk"))
    projects = Project.objects.filter(organisation_id=by.organisation_id).annotate(
        has_open=Exists(left.filter(state=PairState.OPEN)),
        has_second=Exists(left.filter(state=PairState.DECIDED, readings=1, readings_wanted=2)),
    )
    counts = _counts(ReviewPair.objects.filter(project__organisation_id=by.organisation_id))
    return [
        Progress(each, **counts[each.id], has_more=each.has_open or each.has_second)
        for each in projects.order_by("name")
        if each.id in counts
    ]


def progress_of(by: Actor, within: Project) -> Progress:
    """How far one project is. One query."""
    require(by, "pair.review", organisation_id=within.organisation_id)
    counts = _counts(ReviewPair.objects.filter(project=within))
    return Progress(within, **counts.get(within.id, dict.fromkeys(PairState.values, 0)))


def _counts(pairs: QuerySet[ReviewPair]) -> dict[UUID, dict[str, int]]:
    """By project, how many pairs stand where."""
    found: dict[UUID, dict[str, int]] = {}
    rows = pairs.order_by().values_list("project_id", "state").annotate(n=Count("id"))
    for project_id, state, number in rows:
        found.setdefault(project_id, dict.fromkeys(PairState.values, 0))[state] = number
    return found


def projects_with_decisions(by: Actor) -> list[tuple[UUID, str]]:
    """Projects of the organisation, for the filter of a list: id and name."""
    require(by, "pair.review")
    return list(
        Project.objects.filter(organisation_id=by.organisation_id).order_by("name").values_list("id", "name")
    )


def project(by: Actor, project_id: UUID, *, permission: str) -> Project:
    """One project. Raises Http404 for another organisation's."""
    require(by, permission)
    found = Project.objects.filter(organisation_id=by.organisation_id, id=project_id).first()
    if found is None:
        raise Http404
    return found


def pair(by: Actor, pair_id: UUID, *, permission: str) -> ReviewPair:
    """One pair with its project. Raises Http404 for another organisation's."""
    require(by, permission)
    found = (
        ReviewPair.objects.filter(project__organisation_id=by.organisation_id, id=pair_id)
        .select_related("project")
        .first()
    )
    if found is None:
        raise Http404
    return found


def own_decision(by: Actor, on: ReviewPair) -> Decision | None:
    """What this clerk has decided on a pair, if it stands."""
    require(by, "pair.review")
    return on.decisions.filter(decided_by_id=by.id, undone_at=None).first()


def decision(by: Actor, decision_id: UUID) -> Decision:
    """One decision with its pair. Raises Http404 for another organisation's."""
    require(by, "pair.review")
    found = (
        Decision.objects.filter(organisation_id=by.organisation_id, id=decision_id)
        .select_related("pair__project")
        .first()
    )
    if found is None:
        raise Http404
    return found


def decisions(by: Actor) -> QuerySet[Decision]:
    """Decisions on pairs: everybody's for those who settle disagreements, else one's own alone, so that a second
    reading knows nothing of the first."""
    require(by, "pair.review")
    found = Decision.objects.filter(organisation_id=by.organisation_id)
    if not decide(by, "pair.second_opinion").allowed:
        found = found.filter(decided_by_id=by.id)
    return found.select_related("pair__project", "decided_by").defer("pair__values", "pair__levels")


def clerks(by: Actor) -> list[tuple[str, str]]:
    """Who has decided on a pair of the organisation: id and name."""
    require(by, "pair.second_opinion")
    decided = Decision.objects.filter(decided_by=OuterRef("pk"), organisation_id=by.organisation_id)
    people = StaffUser.objects.filter(Exists(decided)).order_by("name")
    return [(str(user.id), user.name) for user in people]


def disagreements(by: Actor) -> QuerySet[ReviewPair]:
    """Pairs that wait for a second opinion, with how many decided and when the last one did."""
    require(by, "pair.second_opinion")
    standing = Q(decisions__undone_at=None)
    return (
        ReviewPair.objects.filter(project__organisation_id=by.organisation_id, state=PairState.DISAGREED)
        .select_related("project")
        .defer("values", "levels")
        .annotate(
            words=Count("decisions", filter=standing),
            mine=Count("decisions", filter=standing & Q(decisions__decided_by_id=by.id)),
            since=Max("decisions__decided_at", filter=standing),
        )
    )


def earlier_words(by: Actor, on: ReviewPair) -> list[Decision]:
    """What clerks said of a pair, in the order in which they said it."""
    require(by, "pair.second_opinion")
    return list(on.decisions.filter(undone_at=None).order_by("decided_at"))


def circle(by: Actor, of: ReviewPair) -> list[tuple[ReviewPair, str]]:
    """The other pairs whose words contradict this one's, each with its word."""
    require(by, "pair.second_opinion", organisation_id=of.project.organisation_id)
    return [(pair, Verdict(word).label) for pair, word in circle_of(of)]


def meanings(of: ReviewPair) -> dict[str, tuple[Mapping[str, Any], str | None]]:
    """By source name: what its columns mean, and which holds the ids; of the newest file of that name."""
    rows = Source.objects.filter(project=of.project_id, name__in={of.left_source, of.right_source})
    return {row.name: (row.meanings, row.id_column) for row in rows.order_by("uploaded_at")}


def is_blind(of: ReviewPair) -> bool:
    """Whether a pair belongs to a sample, whose readers must not be led by its weight."""
    return of.samples.exists()


@lru_cache(maxsize=256)
def threshold_of(run_id: UUID) -> float | None:
    """The weight from which a run linked pairs, in bits. It never changes once the run has finished."""
    found = Run.objects.filter(id=run_id).values_list("record__threshold_weight", flat=True).first()
    return None if found is None else float(found)


def threshold(of: ReviewPair) -> float | None:
    """The weight from which the pair's run linked pairs, in bits."""
    return threshold_of(of.run_id)
