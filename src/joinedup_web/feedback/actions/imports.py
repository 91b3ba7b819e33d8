"""Deeds on files of responses: brought, looked at, agreed to, taken in, dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.utils import timezone

from joinedup.errors import SourceError
from joinedup.feedback import Column, Export, Kind, Layout, Role, definition_for, definition_from
from joinedup_web.audit.deed import Deed, action
from joinedup_web.feedback import intake_files
from joinedup_web.feedback.models import Form, FormKind, FormState, FormVersion, Import, JobState, Service
from joinedup_web.feedback.offline.locked import answers_in
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.linkage.actions.outcome import fault_of, problem_of

PAPER = "paper"
OFFLINE = "offline"
UNDER_WAY = (JobState.WAITING, JobState.RUNNING)


@action("feedback.import")
def begin_import(
    deed: Deed,
    *,
    service: Service,
    form: Form | None,
    name: str,
    file_name: str,
    content: bytes,
    ending: str,
    layout: str = "",
) -> Import:
    """Take a file of responses, sealed, to be looked at by a job. form: None makes one of the file, called `name`."""
    if service.organisation_id != deed.organisation_id:
        raise deed.refuse("other_organisation", "it belongs to another organisation")
    if not service.is_active:
        raise deed.refuse("closed", "the service is closed; open it again first")
    makes_form = form is None
    if form is None:
        if not name.strip():
            raise deed.refuse("no_name", "give the new form a name")
        if Form.objects.filter(service=service, name=name.strip()).exists():
            raise deed.refuse("name_taken", "this service has a form of that name; choose another name")
        form = Form.objects.create(
            service=service,
            kind=FormKind.CONSULTATION,
            name=name.strip(),
            created_by_id=deed.by.id,
            created_at=deed.at,
        )
        deed.record("form.added", service=service.id, form=form.id, purpose=form.kind)
    elif form.service_id != service.id or not form.versions.exists():
        raise deed.refuse("not_published", "the form was never published; publish it first")
    made = Import(
        id=uuid4(),
        form=form,
        file_name=file_name[-200:],
        layout=PAPER if ending in intake_files.PAPER else "",
        mapping={"makes_form": makes_form, **({"layout": layout} if layout else {})},
        asked_by_id=deed.by.id,
        asked_at=deed.at,
    )
    intake_files.keep(made, content, ending=ending)
    made.save(force_insert=True)
    deed.record("import.asked", service=service.id, form=form.id, **{"import": made.id})
    deed.after_commit(lambda: _enqueue(made))
    return made


@action("feedback.import")
def bring_offline(deed: Deed, *, form: Form, file_name: str, content: bytes) -> Import:
    """Take the file of an offline page; its answers are opened and taken in by a job."""
    if form.service.organisation_id != deed.organisation_id:
        raise deed.refuse("other_organisation", "it belongs to another organisation")
    try:
        number, _ = answers_in(content, form_id=form.id)
    except SourceError as error:
        raise deed.refuse("no_offline_file", f"{error.what}; {error.mend}") from None
    if not form.versions.filter(number=number).exists():
        raise deed.refuse("no_version", "the form has no such version")
    made = Import(
        id=uuid4(),
        form=form,
        file_name=file_name[-200:],
        layout=OFFLINE,
        mapping={"makes_form": False, "columns": [], "version": number},
        is_confirmed=True,
        asked_by_id=deed.by.id,
        asked_at=deed.at,
    )
    intake_files.keep(made, content, ending=".json")
    made.save(force_insert=True)
    deed.record("import.asked", service=form.service_id, form=form.id, **{"import": made.id})
    deed.after_commit(lambda: _enqueue(made))
    return made


@action("feedback.import")
def note_offline_page(deed: Deed, *, form: Form) -> None:
    """Keep that an offline page is carried off; it holds questions and a lock, and nobody's answers."""
    if form.service.organisation_id != deed.organisation_id:
        raise deed.refuse("other_organisation", "it belongs to another organisation")
    deed.record("form.taken_offline", form=form.id)


@action("feedback.import")
def confirm_import(deed: Deed, *, of: Import, columns: Sequence[Mapping[str, Any]]) -> Import:
    """Agree to what each column is; the rows are then taken in by a job. A form made of the file is published."""
    row = _locked(deed, of)
    if row.is_confirmed or row.state != JobState.WAITING or "columns" not in row.mapping:
        raise deed.refuse("not_to_check", "this file does not wait to be checked")
    row.mapping = {**row.mapping, "columns": list(columns)}
    export = export_of(row)
    if not export.questions:
        raise deed.refuse("no_question", "choose at least one column that answers a question")
    if row.mapping["makes_form"]:
        _publish(deed, row.form, definition_for(export))
    row.is_confirmed = True
    row.save()
    deed.record("import.confirmed", questions=len(export.questions), **{"import": row.id})
    deed.after_commit(lambda: _enqueue(row))
    return row


@action("feedback.import")
def drop_import(deed: Deed, *, of: Import) -> None:
    """Take a file back that was not agreed to, with the form that it would have made."""
    row = _locked(deed, of)
    if row.is_confirmed:
        raise deed.refuse("confirmed", "its rows are taken in already")
    if row.state == JobState.RUNNING:
        raise deed.refuse("under_way", "it is being looked at; wait a moment")
    form = row.form
    intake_files.let_all_go(row)
    deed.record("import.dropped", **{"import": row.id})
    row.delete()
    if of.mapping.get("makes_form") and not form.versions.exists() and not form.imports.exists():
        form.delete()


def export_of(row: Import) -> Export:
    """What was found out about a file, as it stands in its mapping."""
    told = row.mapping
    columns = tuple(
        Column(
            place=each["place"],
            name=each["name"],
            words=each["words"],
            role=Role(each["role"]),
            why=each.get("why", ""),
            key=each.get("key", ""),
            kind=Kind(each.get("kind", "text")),
            options=each.get("options", {}),
            filled=each.get("filled", 0),
        )
        for each in told.get("columns", ())
    )
    layout = Layout(row.layout) if row.layout in set(Layout) else Layout.TABLE
    return Export(layout, columns, told.get("skip", 0), told.get("rows", 0))


def as_mapping(column: Column) -> dict[str, Any]:
    """A column as the mapping keeps it."""
    return {
        "place": column.place,
        "name": column.name,
        "words": column.words,
        "role": column.role.value,
        "why": column.why,
        "key": column.key,
        "kind": column.kind.value,
        "options": dict(column.options),
        "filled": column.filled,
    }


def start_import(of: Import) -> bool:
    """Claim an import that waits; False where somebody else has it."""
    claimed = Import.objects.filter(id=of.id, state=JobState.WAITING)
    return bool(claimed.update(state=JobState.RUNNING, heartbeat_at=timezone.now()))


def give_back(of: Import) -> None:
    """Let another worker take it up; rows that are kept already are known again by their ids."""
    Import.objects.filter(id=of.id, state=JobState.RUNNING).update(state=JobState.WAITING)


def note_export(of: Import, export: Export, notes: Sequence[str]) -> None:
    """Keep what a job found out about a file; it then waits for a person."""
    told = {
        **of.mapping,
        "skip": export.skip,
        "rows": export.rows,
        "notes": list(notes)[:20],
        "columns": [as_mapping(column) for column in export.columns],
    }
    layout = of.layout or export.layout.value
    _note(by=SYSTEM, organisation_id=of.form.service.organisation_id, of=of, mapping=told, layout=layout)


def finish_import(of: Import, answer: Mapping[str, Any]) -> None:
    """Keep how an import ended; its file goes, unless it failed and may be tried again."""
    _finish(by=SYSTEM, organisation_id=of.form.service.organisation_id, of=of, answer=answer)
    if "finished" in answer:
        intake_files.let_file_go(of)
    else:
        intake_files.let_all_go(of)


@action(None)
def _note(deed: Deed, *, of: Import, mapping: dict[str, Any], layout: str) -> None:
    Import.objects.filter(id=of.id).update(mapping=mapping, layout=layout, state=JobState.WAITING)
    deed.record("import.understood", rows=mapping["rows"], **{"import": of.id})


@action(None)
def _finish(deed: Deed, *, of: Import, answer: Mapping[str, Any]) -> None:
    changed: dict[str, Any] = {"finished_at": deed.at}
    if "finished" not in answer:
        changed |= {"state": JobState.FAILED, "problem": problem_of(answer)}
        Import.objects.filter(id=of.id).update(**changed)
        deed.record("import.failed", fault=fault_of(answer), **{"import": of.id})
        return
    counts = answer["finished"]
    Import.objects.filter(id=of.id).update(state=JobState.DONE, counts=counts, **changed)
    told = {name: counts[name] for name in ("rows", "kept", "before", "aside")}
    deed.record("import.finished", **told, **{"import": of.id})


def _publish(deed: Deed, form: Form, definition: Mapping[str, Any]) -> None:
    whole = definition_from(definition)
    made = FormVersion.objects.create(
        form=form, number=1, definition=whole.as_dict(), made_by_id=deed.by.id, made_at=deed.at
    )
    form.state, form.draft = FormState.CLOSED, None
    form.save()
    deed.record("form.published", form=form.id, version=made.number, questions=len(whole.questions))


def _locked(deed: Deed, of: Import) -> Import:
    row = Import.objects.select_for_update(of=("self",)).select_related("form__service").get(id=of.id)
    if row.form.service.organisation_id != deed.organisation_id:
        raise deed.refuse("other_organisation", "it belongs to another organisation")
    return row


def _enqueue(of: Import) -> None:
    from joinedup_web.feedback.import_job import work_on_import

    work_on_import.enqueue(str(of.id))
