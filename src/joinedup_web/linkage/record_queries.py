"""What may be read of joined records: through the gate, for a purpose that holds, of one's own organisation alone."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.utils import timezone

from joinedup.linkage import PersonFound, PersonLookup
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require
from joinedup_web.linkage import files, review_jobs
from joinedup_web.linkage.decisions import standing
from joinedup_web.linkage.models import Decision, Project, Run, RunState, StatedPurpose

KEPT_OPEN = 8  # mapped files cost addresses, not memory
ASKED_AGAIN_AFTER = 600.0

_open: OrderedDict[tuple[UUID, int], PersonLookup] = OrderedDict()
_lock = threading.Lock()


def projects(by: Actor, *, permission: str = "record.view") -> QuerySet[Project]:
    """The projects with a finished run, by name."""
    require(by, permission)
    finished = Run.objects.filter(project=OuterRef("pk"), state=RunState.FINISHED, results_gone_at=None)
    return Project.objects.filter(Exists(finished), organisation_id=by.organisation_id).order_by("name")


def project(by: Actor, project_id: UUID, *, permission: str = "record.view") -> Project:
    """One of them. Raises Http404 for another organisation's, and for one without people yet."""
    found = projects(by, permission=permission).filter(id=project_id).first()
    if found is None:
        raise Http404
    return found


def statement(by: Actor, statement_id: UUID) -> StatedPurpose | None:
    """A purpose that this person has stated in this organisation, while it holds. One query."""
    require(by, "record.view")
    return (
        StatedPurpose.objects.filter(
            id=statement_id,
            stated_by_id=by.id,
            ended_at=None,
            until__gt=timezone.now(),
            project__organisation_id=by.organisation_id,
        )
        .select_related("project")
        .first()
    )


def newest_run(by: Actor, of: Project) -> Run:
    """The newest finished run whose results are still kept. Raises Http404 where there is none."""
    require(by, "record.view", organisation_id=of.organisation_id)
    finished = of.runs.filter(state=RunState.FINISHED, results_gone_at=None)
    found = finished.order_by("-number").defer("record", "settings").first()
    if found is None:
        raise Http404
    found.project = of
    return found


def lookup(by: Actor, run: Run) -> PersonLookup | None:
    """The people of a run; None while they are not listed yet, which is then asked for."""
    require(by, "record.view", organisation_id=run.project.organisation_id)
    place = files.results(run) / "index" / "index.json"
    try:
        key = (run.id, place.stat().st_mtime_ns)
    except FileNotFoundError:
        _ask_for_list(run)
        return None
    with _lock:
        if key not in _open:
            _open[key] = PersonLookup(files.results(run))
        _open.move_to_end(key)
        while len(_open) > KEPT_OPEN:
            _open.popitem(last=False)
        return _open[key]


def _ask_for_list(run: Run) -> None:
    mark = files.results(run) / "index.asked"
    try:
        if time.time() - mark.stat().st_mtime < ASKED_AGAIN_AFTER:
            return
    except FileNotFoundError:
        pass
    mark.touch()
    review_jobs.list_people.enqueue(str(run.id))


def list_problem(by: Actor, run: Run) -> dict[str, Any] | None:
    """Why the people of a run could not be listed; None where nothing is known to be wrong."""
    require(by, "record.view", organisation_id=run.project.organisation_id)
    try:
        told: dict[str, Any] = json.loads((files.results(run) / "index.problem.json").read_text("utf-8"))
    except FileNotFoundError:
        return None
    return told


def decided_links(by: Actor, of: Project, person: PersonFound) -> list[tuple[int, int]]:
    """Pairs of a person's records (their places) that clerks have decided to be one person."""
    require(by, "record.view", organisation_id=of.organisation_id)
    place = {(record.source, record.record_id): at for at, record in enumerate(person.records)}
    ids = [record.record_id for record in person.records]
    held: dict[tuple[int, int], list[Decision]] = {}
    for decision in (
        Decision.objects.filter(
            undone_at=None, pair__project=of, pair__left_id__in=ids, pair__right_id__in=ids
        )
        .select_related("pair")
        .defer("pair__values", "pair__levels")
        .order_by("decided_at")
    ):
        pair = decision.pair
        left, right = (
            place.get((pair.left_source, pair.left_id)),
            place.get((pair.right_source, pair.right_id)),
        )
        if left is not None and right is not None:
            held.setdefault((left, right), []).append(decision)
    return [ends for ends, decisions in held.items() if standing(decisions) == "same"]
