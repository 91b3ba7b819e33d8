"""What may be done about projects and sources: permission, rows and audit event in one transaction each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.text import slugify

from joinedup.people import FieldKind
from joinedup_web.audit.deed import Deed, action
from joinedup_web.gate.actor import SYSTEM, Actor
from joinedup_web.linkage import files, jobs
from joinedup_web.linkage.actions.outcome import problem_of
from joinedup_web.linkage.models import Project, RunState, Source, SourceState
from joinedup_web.linkage.spec import SURE_ENOUGH

UNDER_WAY = (RunState.QUEUED, RunState.RUNNING, RunState.CANCELLING)


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
    for the new file's. How that one was read holds for the new file too, but for what `read` says otherwise. The
    file is written before the deed, and taken away again where the deed is refused.
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
        if before.runs.filter(state__in=UNDER_WAY).exists():
            raise deed.refuse(
                "in_use", "a run is using the earlier file; cancel it or wait until it has finished"
            )
        before.state = SourceState.REMOVED
        before.save(update_fields=["state"])
        source.replaces = before
        source.read = {**before.read, **source.read}
        source.tables = before.tables
        source.id_column = before.id_column
        source.one_record_per_person = before.one_record_per_person
        deed.record("source.removed", source=before.id)
        deed.after_commit(lambda: jobs.forget(files.source_folder(before)))
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
        source.problem = problem_of(answer)
        source.save(update_fields=["state", "problem"])
        deed.record("source.unreadable", source=source.id)
        return
    earlier = source.meanings or (source.replaces.meanings if source.replaces else {})
    source.meanings = {
        column["name"]: {
            "kind": column["kind"],
            "confidence": column["confidence"],
            "why": column["why"],
            "corrected": earlier.get(column["name"], {}).get("corrected"),
            "place": place,
        }
        for place, column in enumerate(found["columns"])
    }
    checked = source.checked_at or (source.replaces.checked_at if source.replaces else None)
    source.checked_at = checked if _kinds(earlier) == _kinds(source.meanings) else None
    if source.id_column not in source.meanings:
        source.id_column = _likely_id(source)
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


def _kinds(meanings: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {column: meaning["kind"] for column, meaning in meanings.items()}


def _likely_id(source: Source) -> str | None:
    likely = [
        (meaning["confidence"], -place, column)
        for place, (column, meaning) in enumerate(source.columns)
        if meaning["kind"] == FieldKind.IDENTIFIER.value
    ]
    return max(likely)[2] if likely else None


@action("source.upload")
def remove_source(deed: Deed, *, source: Source) -> None:
    """Take a source out of its project and delete its file; runs keep their results."""
    if source.runs.filter(state__in=UNDER_WAY).exists():
        raise deed.refuse("in_use", "a run is using this source; cancel it or wait until it has finished")
    Source.objects.filter(id=source.id).update(state=SourceState.REMOVED)
    deed.record("source.removed", source=source.id)
    deed.after_commit(lambda: jobs.forget(files.source_folder(source)))


@action("source.upload")
def read_again(
    deed: Deed, *, source: Source, read: Mapping[str, Any], tables: Sequence[str] = (), parts: Iterable[str]
) -> Source:
    """Have a source read otherwise (another sheet, header row, encoding) and measured again.

    read: entries of ReadOptions. tables: sheets read as one, where there are several. parts: what was changed, as
    the audit record names it. Corrections of columns that are still there stay.
    """
    if source.state not in (SourceState.READY, SourceState.FAILED):
        raise deed.refuse("being_measured", "the source is being measured; wait until that has finished")
    if source.runs.filter(state__in=UNDER_WAY).exists():
        raise deed.refuse("in_use", "a run is using this source; cancel it or wait until it has finished")
    source.read, source.tables = dict(read), list(tables)
    source.state, source.problem = SourceState.UPLOADED, None
    source.save(update_fields=["read", "tables", "state", "problem"])
    deed.record("source.reading_changed", source=source.id, parts=sorted(parts))
    deed.after_commit(lambda: jobs.measure_source.enqueue(str(source.id)))
    return source


@action("source.correct")
def correct_source(
    deed: Deed,
    *,
    source: Source,
    kinds: Mapping[str, str],
    id_column: str | None,
    one_record_per_person: bool,
) -> Source:
    """Keep what somebody says the columns mean, and that they looked. kinds: column -> kind, for each column that
    differs from what was found; a column left out, or set to what was found, is no correction."""
    for place, (column, meaning) in enumerate(source.columns, 1):
        wanted = kinds.get(column) or None
        if wanted == meaning["kind"] and meaning["confidence"] >= SURE_ENOUGH:
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
    if id_column != source.id_column or one_record_per_person != source.one_record_per_person:
        deed.record("source.meaning_corrected", source=source.id, column=0, meaning="record_id")
    source.id_column, source.one_record_per_person = id_column, one_record_per_person
    source.checked_at = deed.at
    source.save(update_fields=["meanings", "id_column", "one_record_per_person", "checked_at"])
    deed.record("source.meanings_checked", source=source.id)
    return source
