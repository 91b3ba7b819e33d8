"""What may be done about projects, sources and runs: permission, rows and audit event in one transaction each.

What clerks do about pairs is in review.py.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Max
from django.utils.text import slugify

from joinedup.people import FieldKind
from joinedup_web.audit.deed import Deed, action
from joinedup_web.gate.actor import SYSTEM, Actor
from joinedup_web.linkage import files, jobs
from joinedup_web.linkage.decisions import write_decisions
from joinedup_web.linkage.headline import headline
from joinedup_web.linkage.models import (
    Project,
    Run,
    RunState,
    Source,
    SourceState,
)
from joinedup_web.linkage.review import take_in_pairs
from joinedup_web.linkage.spec import spec_text

KINDS = ("dedupe", "link", "link_and_dedupe")


@action("source.upload")
def create_project(deed: Deed, *, name: str, purpose: str) -> Project:
    """Begin a project of the actor's organisation."""
    if Project.objects.filter(organisation_id=deed.organisation_id, name__iexact=name.strip()).exists():
        raise deed.refuse("name_taken", "there is a project of this name already; choose another name")
    project = Project.objects.create(
        organisation_id=deed.organisation_id,
        name=name.strip(),
        purpose=purpose.strip(),
        created_by_id=deed.by.id,
    )
    deed.record("project.created", project=project.id)
    return project


def upload_source(
    *,
    by: Actor,
    project: Project,
    upload: UploadedFile,
    name: str = "",
    read: Mapping[str, Any] | None = None,
) -> Source:
    """Keep an uploaded file as a source of a project and have it measured.

    A source of the same name is replaced: it stays, marked removed, and decisions about its records go on to hold
    for the new file's. The file is written before the deed, and taken away again where the deed is refused.
    """
    file_name = Path(upload.name or "upload").name[:200]
    source = Source(
        project=project,
        name=source_name(name or Path(file_name).stem),
        file_name=file_name,
        octets=upload.size or 0,
        uploaded_by_id=by.id,
        read=dict(read or {}),
    )
    folder = files.source_folder(source)
    folder.mkdir(parents=True, mode=0o700)
    digest = hashlib.sha256()
    with files.source_file(source).open("xb") as out:
        for chunk in upload.chunks():
            digest.update(chunk)
            out.write(chunk)
    source.sha256 = digest.hexdigest()
    source.folder = str(folder.relative_to(files.project_folder(project)))
    try:
        return _keep_source(by=by, organisation_id=project.organisation_id, source=source)
    except BaseException:
        jobs.forget(folder)
        raise


@action("source.upload")
def _keep_source(deed: Deed, *, source: Source) -> Source:
    before = source.project.sources.exclude(state=SourceState.REMOVED).filter(name=source.name).first()
    if before is not None:
        before.state = SourceState.REMOVED
        before.save(update_fields=["state"])
        source.replaces = before
        source.id_column = before.id_column
        source.one_record_per_person = before.one_record_per_person
        deed.record("source.removed", source=before.id)
    source.save(force_insert=True)
    deed.record("source.uploaded", source=source.id, content=source.sha256)
    deed.after_commit(lambda: jobs.measure_source.enqueue(str(source.id)))
    return source


def source_name(text: str) -> str:
    """A name that outputs, decisions and specs can bear: lower case letters, digits and underscores."""
    return re.sub(r"[^a-z0-9]+", "_", slugify(text)).strip("_")[:60] or "source"


def keep_measures(source: Source, answer: Mapping[str, Any]) -> None:
    """Keep what the child said of a source: its measures, or what was wrong with the file."""
    _keep_measures(by=SYSTEM, organisation_id=source.project.organisation_id, source=source, answer=answer)


@action(None)
def _keep_measures(deed: Deed, *, source: Source, answer: Mapping[str, Any]) -> None:
    found = answer.get("finished")
    source.refresh_from_db()
    if source.state == SourceState.REMOVED:
        deed.record("source.unreadable", source=source.id)
        return
    if found is None:
        source.state = SourceState.FAILED
        source.problem = _problem(answer)
        source.save(update_fields=["state", "problem"])
        deed.record("source.unreadable", source=source.id)
        return
    earlier = source.replaces.meanings if source.replaces else {}
    source.meanings = {
        column["name"]: {
            "kind": column["kind"],
            "confidence": column["confidence"],
            "why": column["why"],
            "corrected": earlier.get(column["name"], {}).get("corrected"),
        }
        for column in found["columns"]
    }
    if source.id_column not in source.meanings:
        source.id_column = _likely_id(source.meanings)
    if found["table"] is not None:
        source.read = {**source.read, "table": found["table"]}
    source.format = found["format"]
    source.rows_in, source.rows_good, source.rows_aside = (
        found["rows_in"], found["rows_good"], found["rows_aside"],
    )  # fmt: skip
    source.dimensions = found["dimensions"]
    source.notes = {
        key: found[key] for key in ("notes", "sheets", "issues", "encoding", "delimiter", "header_row")
    }
    source.state, source.problem = SourceState.READY, None
    source.save()
    deed.record("source.measured", source=source.id, rows=source.rows_good, rows_aside=source.rows_aside)


def _likely_id(meanings: Mapping[str, Mapping[str, Any]]) -> str | None:
    likely = [
        (meaning["confidence"], -place, column)
        for place, (column, meaning) in enumerate(meanings.items())
        if meaning["kind"] == FieldKind.IDENTIFIER.value
    ]
    return max(likely)[2] if likely else None


def _problem(answer: Mapping[str, Any]) -> dict[str, str]:
    told = answer.get("problem")
    if told is not None:
        return {"what": told["what"], "where": told.get("where", ""), "mend": told.get("mend", "")}
    what = f"a fault in Joinedup ({answer.get('fault', 'unknown')})"
    return {"what": what, "where": "", "mend": "tell whoever keeps the service; nothing was lost"}


@action("source.upload")
def remove_source(deed: Deed, *, source: Source) -> None:
    """Take a source out of its project and delete its file; runs keep their results."""
    if source.runs.filter(state__in=[RunState.QUEUED, RunState.RUNNING, RunState.CANCELLING]).exists():
        raise deed.refuse("in_use", "a run is using this source; cancel it or wait until it has finished")
    Source.objects.filter(id=source.id).update(state=SourceState.REMOVED)
    deed.record("source.removed", source=source.id)
    deed.after_commit(lambda: jobs.forget(files.source_folder(source)))


@action("source.correct")
def correct_source(
    deed: Deed,
    *,
    source: Source,
    kinds: Mapping[str, str],
    id_column: str | None,
    one_record_per_person: bool,
) -> Source:
    """Keep what somebody says the columns mean. kinds: column -> kind, for each column that differs from what was
    found; a column left out, or set to what was found, is no correction."""
    for place, (column, meaning) in enumerate(source.meanings.items(), 1):
        wanted = kinds.get(column) or None
        if wanted == meaning["kind"] and meaning["confidence"] >= 0.5:
            wanted = None
        if wanted != meaning.get("corrected"):
            meaning["corrected"] = wanted
            deed.record(
                "source.meaning_corrected",
                source=source.id,
                column=place,
                meaning=wanted or "as_found",
            )
    if id_column is not None and id_column not in source.meanings:
        raise deed.refuse("no_such_column", "the source has no such column")
    if (
        id_column != source.id_column
        or one_record_per_person != source.one_record_per_person
        or not deed.events
    ):
        deed.record("source.meaning_corrected", source=source.id, column=0, meaning="record_id")
    source.id_column, source.one_record_per_person = id_column, one_record_per_person
    source.save(update_fields=["meanings", "id_column", "one_record_per_person"])
    return source


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
    if kind not in KINDS or not sources or (kind == "link" and len(sources) < 2):
        raise deed.refuse(
            "too_few_sources", "linking needs two sources and more; to find repeats in one, deduplicate"
        )
    if any(source.state != SourceState.READY or source.project_id != project.id for source in sources):
        raise deed.refuse("not_ready", "a source is not measured yet, or could not be read")
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
    used = write_decisions(run.project, folder / "decisions.csv", names={source.name for source in sources})
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
        run.state, run.problem = RunState.FAILED, _problem(answer)
        run.save()
        deed.record("link_job.failed", job=run.id, fault=_fault(answer))
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


def _fault(answer: Mapping[str, Any]) -> str:
    kinds = {
        "SourceError": "source",
        "ModelError": "model",
        "LimitError": "limit",
        "MissingExtraError": "missing_extra",
    }
    return kinds.get(answer.get("problem", {}).get("error", ""), "fault")


def finish_cancelling(run: Run) -> None:
    """The child of a cancelled run is gone."""
    Run.objects.filter(id=run.id).update(state=RunState.CANCELLED, stage="")
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
