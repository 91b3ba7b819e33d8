"""What may be done about runs, by people and by the worker: permission, rows and event in one transaction each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.db.models import Max
from django.utils import timezone

from joinedup_web.audit.deed import Deed, action
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.linkage import files, jobs
from joinedup_web.linkage.actions.outcome import fault_of, problem_of
from joinedup_web.linkage.decisions import write_decisions
from joinedup_web.linkage.headline import headline
from joinedup_web.linkage.models import Project, Run, RunState, Source, SourceState
from joinedup_web.linkage.review import take_in_pairs
from joinedup_web.linkage.spec import spec_text
from joinedup_web.linkage.training import record_training

KINDS = ("dedupe", "link", "link_and_dedupe")


@action("linkage.run")
def queue_run(
    deed: Deed,
    *,
    project: Project,
    sources: Iterable[Source],
    kind: str,
    settings: Mapping[str, Any],
    based_on: Run | None = None,
) -> Run:
    """Ask for a linkage run over some of a project's sources; a worker takes it up."""
    sources = list(sources)
    if kind not in KINDS or (len(sources) < 2 if kind != "dedupe" else len(sources) != 1):
        raise deed.refuse(
            "wrong_sources", "linking needs two sources or more; finding repeats within one needs exactly one"
        )
    if any(source.state != SourceState.READY or source.project_id != project.id for source in sources):
        raise deed.refuse("not_ready", "a source is not measured yet, or could not be read")
    threshold = settings.get("threshold_probability")
    if threshold is not None and not 0 < threshold < 1:
        raise deed.refuse("threshold", "a threshold is a probability above 0 and below 1")
    number = (project.runs.aggregate(last=Max("number"))["last"] or 0) + 1
    run = Run.objects.create(
        project=project,
        number=number,
        kind=kind,
        settings=dict(settings),
        based_on=based_on,
        started_by_id=deed.by.id,
    )
    run.sources.set(sources)
    run.folder = str(files.run_folder(run).relative_to(files.project_folder(project)))
    run.save(update_fields=["folder"])
    deed.record("link_job.queued", job=run.id, job_kind=kind, sources=len(sources))
    deed.after_commit(lambda: jobs.run_linkage.enqueue(str(run.id)))
    return run


@action("linkage.run")
def cancel_run(deed: Deed, *, run: Run) -> None:
    """Stop a run: at once while it waits, within a second while it runs."""
    waiting = Run.objects.filter(id=run.id, state=RunState.QUEUED)
    running = Run.objects.filter(id=run.id, state=RunState.RUNNING)
    ended = waiting.update(state=RunState.CANCELLED, finished_at=deed.at)
    if not ended and not running.update(state=RunState.CANCELLING):
        raise deed.refuse("not_running", "the run is not running any more")
    deed.record("link_job.cancelled", job=run.id)


@action("linkage.run")
def resume_run(deed: Deed, *, run: Run) -> None:
    """Take a cancelled or failed run up again, with the same sources and settings and today's decisions."""
    if not Run.objects.filter(id=run.id, state__in=[RunState.CANCELLED, RunState.FAILED]).update(
        state=RunState.QUEUED, problem=None, stage="", done=0, total=0, finished_at=None
    ):
        raise deed.refuse("not_stopped", "only a run that was cancelled or failed can be taken up again")
    if run.sources.exclude(state=SourceState.READY).exists():
        raise deed.refuse(
            "source_gone", "a source of this run was removed or replaced since; start a new run"
        )
    deed.record("link_job.resumed", job=run.id)
    deed.after_commit(lambda: jobs.run_linkage.enqueue(str(run.id)))


def start_run(run: Run) -> bool:
    """Claim a queued run and lay out its spec and decisions; False where somebody else has it or it was cancelled."""
    try:
        _start_run(by=SYSTEM, organisation_id=run.project.organisation_id, run=run)
    except _Taken:
        return False
    return True


class _Taken(Exception):
    """The run is not waiting any more; the deed is rolled back and leaves nothing."""


@action(None)
def _start_run(deed: Deed, *, run: Run) -> None:
    claimed = Run.objects.filter(id=run.id, state=RunState.QUEUED).update(
        state=RunState.RUNNING, started_at=deed.at, heartbeat_at=deed.at, stage="starting"
    )
    if not claimed:
        raise _Taken
    folder = files.run_folder(run)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    sources = list(run.sources.select_related("project").order_by("name"))
    (folder / "spec.toml").write_text(spec_text(run, sources), encoding="utf-8")
    (folder / "decisions.csv").unlink(missing_ok=True)
    used = 0
    if run.settings.get("use_decisions", True):
        names = {source.name for source in sources}
        used = write_decisions(run.project, folder / "decisions.csv", names=names)
    Run.objects.filter(id=run.id).update(decisions_used=used)
    deed.record("link_job.started", job=run.id)


def finish_run(run: Run, answer: Mapping[str, Any]) -> None:
    """Keep how a run ended, and its pairs to review."""
    _finish_run(by=SYSTEM, organisation_id=run.project.organisation_id, run=run, answer=answer)


@action(None, alone=True)
def _finish_run(deed: Deed, *, run: Run, answer: Mapping[str, Any]) -> None:
    run.refresh_from_db()
    run.finished_at = deed.at
    if "finished" not in answer:
        run.state, run.problem = RunState.FAILED, problem_of(answer)
        run.save()
        deed.record("link_job.failed", job=run.id, fault=fault_of(answer))
        return
    record = json.loads((files.results(run) / "run.json").read_text("utf-8"))
    run.record = record
    run.headline = headline(record) | {"to_review": take_in_pairs(run, files.results(run) / "review.jsonl")}
    run.state, run.stage = RunState.FINISHED, ""
    run.save()
    deed.record(
        "link_job.finished",
        job=run.id,
        records=run.headline["records"],
        pairs=run.headline["pairs"] or 0,
        people=run.headline["people"] or 0,
    )
    record_training(deed, run)


def finish_cancelling(run: Run) -> None:
    """The child of a cancelled run is gone."""
    Run.objects.filter(id=run.id).update(
        state=RunState.CANCELLED, stage="", done=0, total=0, finished_at=timezone.now()
    )
    jobs.forget(Path(f"{files.results(run)}.draft"))


def take_up_lost(run: Run) -> None:
    """A run lost its worker: queue it again, or finish its cancelling."""
    if Run.objects.filter(id=run.id, state=RunState.CANCELLING).exists():
        finish_cancelling(run)
        return
    _take_up_lost(by=SYSTEM, organisation_id=run.project.organisation_id, run=run)


@action(None)
def _take_up_lost(deed: Deed, *, run: Run) -> None:
    Run.objects.filter(id=run.id).update(state=RunState.QUEUED, stage="", done=0, total=0)
    deed.record("link_job.resumed", job=run.id)
    deed.after_commit(lambda: jobs.run_linkage.enqueue(str(run.id)))
