"""The background job of a file of responses: first it is looked at, then, once a person agreed, taken in row by row."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone
from django_tasks import task

from joinedup.errors import JoinedupError
from joinedup.feedback import (
    AnswersError,
    FormDefinition,
    RowProblem,
    is_a_try,
    matched_to,
    recognise_export,
    row_as_answers,
)
from joinedup_web.feedback import intake_files
from joinedup_web.feedback.actions import imports as actions
from joinedup_web.feedback.actions.receive import receive
from joinedup_web.feedback.definitions import definition_of
from joinedup_web.feedback.models import Channel, Ending, FormVersion, Import, JobState, Response
from joinedup_web.feedback.offline.locked import answers_in
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.linkage.jobs import Stopped, is_leaving

LOST_AFTER = timedelta(seconds=90)
UNCONFIRMED = timedelta(days=7)
ROWS_BETWEEN_BEATS = 50
MOST_ASIDE = 100_000


@task()
def work_on_import(import_id: str) -> None:
    """Do what is next for an import that waits."""
    of = Import.objects.select_related("form__service").filter(id=UUID(import_id)).first()
    if of is None or of.state != JobState.WAITING or (not of.is_confirmed and "columns" in of.mapping):
        return
    if not actions.start_import(of):
        return
    try:
        if of.layout == actions.OFFLINE:
            actions.finish_import(of, {"finished": _taken_from_device(of)})
        elif of.is_confirmed:
            actions.finish_import(of, {"finished": _taken_in(of)})
        else:
            _look_at(of)
    except Stopped:
        actions.give_back(of)  # the worker leaves; the next one takes it up
    except FileNotFoundError:
        what = {"what": "the file is not there any more", "where": "", "mend": "upload it again"}
        actions.finish_import(of, {"problem": {**what, "error": "SourceError"}})
    except JoinedupError as error:
        actions.finish_import(of, {"problem": {**error.as_dict(), "where": ""}})
    except Exception as error:  # the door: its message may quote an answer, so its kind alone goes on
        actions.finish_import(of, {"fault": type(error).__name__})


def take_up_abandoned() -> int:
    """Queue imports again whose worker was lost, and let files go that nobody agreed to; return how many are queued."""
    now, taken = timezone.now(), 0
    for of in Import.objects.filter(state=JobState.RUNNING, heartbeat_at__lt=now - LOST_AFTER):
        actions.give_back(of)
    waiting = Import.objects.filter(state=JobState.WAITING, asked_at__lt=now - LOST_AFTER)
    for of in waiting.select_related("form__service"):
        if of.is_confirmed or "columns" not in of.mapping:
            work_on_import.enqueue(str(of.id))
            taken += 1
    return taken


def let_unconfirmed_go(*, on: Any) -> int:
    """A round of upkeep: a file that nobody agreed to for a week goes; return how many went."""
    old = Import.objects.filter(
        state=JobState.WAITING, is_confirmed=False, asked_at__lt=on - UNCONFIRMED
    ).select_related("form__service")
    gone = 0
    for of in old:
        what = {"what": "nobody agreed to it for 7 days", "where": "", "mend": "upload it again"}
        actions.finish_import(of, {"problem": {**what, "error": "UsageError"}})
        gone += 1
    return gone


def _look_at(of: Import) -> None:
    with intake_files.opened(of) as path:
        names, rows, notes = intake_files.rows_in(path, layout=of.mapping.get("layout"))
        if of.layout == actions.PAPER:
            kept = []
            for row in rows:
                _beat(of, len(kept), 0)
                kept.append(row)
            shown = [at for at, name in enumerate(names) if not name.endswith("__confidence")]
            names = [names[at] for at in shown]
            table = [[row[at] for at in shown] for row in kept]
            export = recognise_export(names, table)
            intake_files.keep(of, intake_files.as_csv(names, table), ending=".csv")
        else:
            export = recognise_export(names, rows)
    if not of.mapping["makes_form"]:
        export = matched_to(export, definition_of(_version(of)))
    actions.note_export(of, export, notes)


@dataclass
class _Counts:
    rows: int = 0
    kept: int = 0
    before: int = 0
    aside: int = 0
    answers_aside: int = 0
    tries: int = 0
    told: list[tuple[int, str, str]] = field(default_factory=list)

    def tell(self, row: int, problem: RowProblem) -> None:
        """Note a reason beside the row's number; never what stood there."""
        if len(self.told) < MOST_ASIDE:
            self.told.append((row, problem.column, problem.reason))

    def as_dict(self) -> dict[str, int]:
        names = ("rows", "kept", "before", "aside", "answers_aside", "tries")
        return {name: getattr(self, name) for name in names}


def _taken_in(of: Import) -> dict[str, int]:
    version = _version(of)
    known = definition_of(version)
    export = actions.export_of(of)
    counts = _Counts()
    with intake_files.opened(of) as path:
        _, rows, _ = intake_files.rows_in(
            path, layout=None if of.layout == actions.PAPER else of.mapping.get("layout")
        )
        for number, row in enumerate(rows, start=1):
            if number <= export.skip:
                continue
            counts.rows += 1
            if is_a_try(export, row):
                counts.tries += 1
                continue
            if counts.rows % ROWS_BETWEEN_BEATS == 1:
                _beat(of, counts.rows, export.rows)
            _take_in_row(of, version, known, export, number, row, counts)
    _write_aside(of, counts)
    return counts.as_dict()


def _taken_from_device(of: Import) -> dict[str, int]:
    counts = _Counts()
    with intake_files.opened(of) as path:
        number, answers = answers_in(path.read_bytes(), form_id=of.form_id)
    version = of.form.versions.get(number=number)
    version.form = of.form
    for place, each in enumerate(answers, start=1):
        counts.rows += 1
        if counts.rows % ROWS_BETWEEN_BEATS == 1:
            _beat(of, counts.rows, 0)
        if each.submission is None:
            counts.aside += 1
            counts.tell(place, RowProblem("", each.problem))
        elif Response.objects.filter(submission=each.submission).exists():
            counts.before += 1
        else:
            at = each.at if each.at is not None and each.at <= timezone.now() else None
            told = {"language": each.language, "received_at": at, "submission": each.submission}
            _receive(of, version, Channel.FACE_TO_FACE, each.answers, place, counts, **told)
    _write_aside(of, counts)
    return counts.as_dict()


def _take_in_row(
    of: Import,
    version: FormVersion,
    known: FormDefinition,
    export: Any,
    number: int,
    row: list[str | None],
    counts: _Counts,
) -> None:
    made = row_as_answers(export, row, known=known)
    for problem in made.problems:
        counts.answers_aside += 1
        counts.tell(number, problem)
    if not made.answers:
        counts.aside += 1
        counts.tell(number, RowProblem("", "no answer to any question"))
        return
    # The same response of a later export of the same form is known again; without ids a row is known by its place.
    name = f"response:{made.response_id}" if made.response_id else f"{of.id}:{number}"
    submission = uuid5(of.form_id, name)
    if Response.objects.filter(submission=submission).exists():
        counts.before += 1
        return
    received_at = made.received_at
    if received_at is not None and received_at > timezone.now():
        counts.answers_aside += 1
        counts.tell(number, RowProblem("", "the date is in the future; it counts as received today"))
        received_at = None
    channel = Channel.PAPER if of.layout == actions.PAPER else Channel.IMPORT
    told = {"language": made.language, "received_at": received_at, "submission": submission}
    _receive(of, version, channel, made.answers, number, counts, **told)


def _receive(
    of: Import,
    version: FormVersion,
    channel: str,
    answers: Mapping[str, Any],
    number: int,
    counts: _Counts,
    **told: Any,
) -> None:
    try:
        receive(
            by=SYSTEM,
            version=version,
            point=None,
            channel=channel,
            ending=Ending.ANYWHERE,
            answers=answers,
            may_lack=True,
            **told,
        )
    except AnswersError as error:
        counts.aside += 1
        for problem in error.problems:
            counts.tell(number, RowProblem(problem.question, "an answer that the form does not take"))
        return
    counts.kept += 1


def _write_aside(of: Import, counts: _Counts) -> None:
    if not counts.told:
        return
    with intake_files.aside_file(of).open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(["row", "column", "reason"])
        rows.writerows(counts.told)


def _beat(of: Import, done: int, total: int) -> None:
    if is_leaving():
        raise Stopped
    counts: Mapping[str, int] = {"done": done, "total": total}
    Import.objects.filter(id=of.id).update(heartbeat_at=timezone.now(), counts=counts)


def _version(of: Import) -> FormVersion:
    newest = of.form.versions.first()
    assert newest is not None, "an import is agreed to for published forms alone"
    newest.form = of.form
    return newest
