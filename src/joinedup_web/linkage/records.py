"""Reading joined records: stating a purpose, searching, looking at one person. Deeds, audited one by one.

Without a stated purpose that still holds nobody sees a record, however wide their permission.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping
from typing import Any

from joinedup.linkage import PersonFound
from joinedup_web.audit.deed import Deed, action
from joinedup_web.audit.subjects import token_of
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.linkage import files
from joinedup_web.linkage.actions.outcome import problem_of
from joinedup_web.linkage.models import Project, Run, StatedPurpose
from joinedup_web.linkage.purposes import HOLDS_FOR, PURPOSES, allowed_purposes
from joinedup_web.linkage.reading import tell_if_unusual

log = logging.getLogger(__name__)


@action("record.purposes")
def set_purposes(deed: Deed, *, project: Project, purposes: Collection[str]) -> None:
    """Settle for which purposes a project's joined records may be read."""
    chosen = [code for code in PURPOSES if code in purposes]
    if not chosen:
        raise deed.refuse("no_purpose", "choose one purpose at least")
    project.record_purposes = chosen
    project.save(update_fields=["record_purposes"])
    deed.record("project.purposes_changed", project=project.id, purposes=chosen)


@action("record.view")
def state_purpose(deed: Deed, *, project: Project, purpose: str, reference: str) -> StatedPurpose:
    """Say for which purpose and case somebody is going to read joined records; it holds for a quarter of an hour."""
    if purpose not in allowed_purposes(project):
        raise deed.refuse("purpose_not_allowed", "the project does not allow this purpose")
    statement = StatedPurpose.objects.create(
        project=project,
        purpose=purpose,
        reference=reference.strip(),
        stated_by_id=deed.by.id,
        stated_at=deed.at,
        until=deed.at + HOLDS_FOR,
    )
    deed.record("record.purpose_stated", statement=statement.id, project=project.id, purpose=_code(statement))
    return statement


@action("record.view")
def end_purpose(deed: Deed, *, statement: StatedPurpose) -> None:
    """End the reading before its time."""
    if not StatedPurpose.objects.filter(id=statement.id, stated_by_id=deed.by.id, ended_at=None).update(
        ended_at=deed.at
    ):
        raise deed.refuse("ended", "this purpose has ended already")
    deed.record("record.purpose_ended", statement=statement.id)


@action("record.view")
def record_search(deed: Deed, *, statement: StatedPurpose, by_what: str, found: int) -> None:
    """Keep that somebody searched, and how many people were found; never what for."""
    _must_hold(deed, statement)
    deed.record("record.searched", by=by_what, found=found, purpose=_code(statement), statement=statement.id)


@action("record.view")
def view_record(deed: Deed, *, statement: StatedPurpose, run: Run, person: PersonFound) -> None:
    """Keep that somebody looks at a person, before anything of the record is shown.

    The subject is named by the first of the person's records, in order of source and id, so that the token
    outlives the run.
    """
    _must_hold(deed, statement)
    first = min((record.source, record.record_id) for record in person.records)
    subject = token_of("record", "\x1f".join((str(run.project_id), *first)))
    deed.record(
        "record.viewed",
        subject=subject,
        purpose=_code(statement),
        statement=statement.id,
        run=run.id,
    )
    tell_if_unusual(deed, subject=subject)


@action("record.view")
def export_people(deed: Deed, *, statement: StatedPurpose, rows: int, filtered: bool) -> None:
    """Keep that the list of people (without any value of a record) is downloaded."""
    _must_hold(deed, statement)
    deed.record("table.exported", table="people", rows=rows, filtered=filtered)


def _must_hold(deed: Deed, statement: StatedPurpose) -> None:
    if statement.stated_by_id != deed.by.id or statement.ended_at is not None or statement.until <= deed.at:
        raise deed.refuse("no_purpose", "say first for which purpose you are looking at records")


def _code(statement: StatedPurpose) -> str:
    return f"record.{statement.purpose}"


def keep_list(run: Run, answer: Mapping[str, Any]) -> None:
    """Keep that the people of a run were listed, or why they could not be."""
    if "finished" in answer:
        _keep_list(
            by=SYSTEM,
            organisation_id=run.project.organisation_id,
            run=run,
            people=answer["finished"]["people"],
        )
        return
    problem = problem_of(answer)
    log.warning("the people of a run could not be listed", extra={"run": str(run.id)})
    (files.results(run) / "index.problem.json").write_text(json.dumps(problem), encoding="utf-8")


@action(None)
def _keep_list(deed: Deed, *, run: Run, people: int) -> None:
    (files.results(run) / "index.problem.json").unlink(missing_ok=True)
    deed.record("people.listed", run=run.id, people=people)
