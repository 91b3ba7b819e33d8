"""What may be done about a person index: permission, rows and event in one transaction each."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from joinedup_web.audit.deed import Deed, action
from joinedup_web.audit.subjects import token_of
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.linkage.actions.outcome import fault_of, problem_of
from joinedup_web.linkage.decisions import write_decisions
from joinedup_web.linkage.models import Project, Run, RunState, Source, SourceState, StatedPurpose
from joinedup_web.person_index import files, jobs
from joinedup_web.person_index.models import ChangeKind, ChangeState, IndexChange, PersonIndex

UNDER_WAY = (ChangeState.WAITING, ChangeState.RUNNING)


@action("linkage.run")
def begin_index(deed: Deed, *, project: Project, run: Run) -> IndexChange:
    """Ask for the index of a project to begin with the people and the model of a finished run."""
    if run.project_id != project.id or run.state != RunState.FINISHED or run.results_gone_at is not None:
        raise deed.refuse("no_results", "the run has no results any more; start a new run")
    index, _ = PersonIndex.objects.get_or_create(project=project)
    _refuse_second(deed, index)
    if index.version is not None and index.gone_at is None:
        raise deed.refuse("begun", "this project has a person index already")
    return _asked(deed, index, ChangeKind.BUILD, run=run)


@action("linkage.run")
def add_extract(
    deed: Deed,
    *,
    index: PersonIndex,
    source: Source,
    complete: bool,
    reason: str,
    may_shrink: bool = False,
) -> IndexChange:
    """Ask for a newer file of a source to be brought into the index. complete: what it lacks has left the source.

    may_shrink: that may be more than half of the source's records.
    """
    _refuse_unready(deed, index)
    if source.project_id != index.project_id or source.state != SourceState.READY:
        raise deed.refuse("not_ready", "the source is not measured yet, or could not be read")
    if complete and source.rows_aside:
        raise deed.refuse(
            "rows_aside",
            "some rows of this file could not be read, so it cannot stand for the whole source: their records would "
            "be taken out. Replace the file with one that is corrected, or say that it holds new and changed "
            "records only",
        )
    told = {"source": source, "complete": complete, "may_shrink": complete and may_shrink, "reason": reason}
    return _asked(deed, index, ChangeKind.ADD, **told)


@action("linkage.run")
def take_in_decisions(deed: Deed, *, index: PersonIndex) -> IndexChange:
    """Ask for the index to obey the decisions of clerks as they stand today."""
    _refuse_unready(deed, index)
    return _asked(deed, index, ChangeKind.DECIDE)


@action("index.correct")
def undo_event(deed: Deed, *, index: PersonIndex, event: int, reason: str) -> IndexChange:
    """Ask for a merge or a split to be undone; every later change obeys it."""
    _refuse_unready(deed, index)
    return _asked(deed, index, ChangeKind.UNDO, event=event, reason=reason)


def _asked(deed: Deed, index: PersonIndex, kind: ChangeKind, **told: Any) -> IndexChange:
    change = IndexChange.objects.create(
        index=index, kind=kind, asked_by_id=deed.by.id, asked_at=deed.at, **told
    )
    deed.record("index.change_asked", index=index.id, change=change.id, change_kind=kind.value)
    deed.after_commit(lambda: jobs.change_index.enqueue(str(change.id)))
    return change


def _refuse_unready(deed: Deed, index: PersonIndex) -> None:
    if index.version is None or index.gone_at is not None:
        raise deed.refuse("no_index", "this project has no person index yet")
    _refuse_second(deed, index)


def _refuse_second(deed: Deed, index: PersonIndex) -> None:
    if index.changes.filter(state__in=UNDER_WAY).exists():
        raise deed.refuse("under_way", "a change of this index is under way; wait until it has ended")


@action("record.view", rows=False)
def keep_match(
    deed: Deed, *, index: PersonIndex, found: int, purpose: str, statement: StatedPurpose | None = None
) -> None:
    """Keep that somebody asked whom a person may be, before any answer is shown; never what was typed."""
    told = {} if statement is None else {"statement": statement.id}
    deed.record("record.matched", index=index.id, found=found, purpose=f"record.{purpose}", **told)


@action("record.view")
def view_person(deed: Deed, *, index: PersonIndex, statement: StatedPurpose, first: tuple[str, str]) -> None:
    """Keep that somebody looks at a person, before anything is shown. first: a record of theirs, source and id."""
    if statement.stated_by_id != deed.by.id or statement.ended_at is not None or statement.until <= deed.at:
        raise deed.refuse("no_purpose", "say first for which purpose you are looking at records")
    deed.record(
        "record.viewed",
        subject=token_of("record", "\x1f".join((str(index.project_id), *first))),
        purpose=f"record.{statement.purpose}",
        statement=statement.id,
        index=index.id,
    )


@action("linkage.view")
def export_events(deed: Deed, *, rows: int, is_filtered: bool) -> None:
    """The list of merges and splits is downloaded; it holds numbers of people and nobody's record."""
    deed.record("table.exported", table="index_events", rows=rows, filtered=is_filtered)


def start_change(change: IndexChange) -> bool:
    """Claim a change that waits, and lay out the decisions that it must obey; False where somebody else has it."""
    claimed = IndexChange.objects.filter(id=change.id, state=ChangeState.WAITING)
    if not claimed.update(state=ChangeState.RUNNING, heartbeat_at=timezone.now()):
        return False
    folder = files.change_folder(change)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    sources = Source.objects.filter(project=change.index.project)
    names = set(sources.values_list("name", flat=True))
    write_decisions(change.index.project, folder / "decisions.csv", names=names)
    return True


def finish_change(change: IndexChange, answer: Mapping[str, Any]) -> None:
    """Keep how a change ended."""
    organisation = change.index.project.organisation_id
    _finish_change(by=SYSTEM, organisation_id=organisation, change=change, answer=answer)
    shutil.rmtree(files.change_folder(change), ignore_errors=True)


@action(None)
def _finish_change(deed: Deed, *, change: IndexChange, answer: Mapping[str, Any]) -> None:
    change.finished_at = deed.at
    index = change.index
    told = {"index": index.id, "change": change.id}
    if "finished" not in answer:
        change.state, change.problem = ChangeState.FAILED, problem_of(answer)
        change.save()
        deed.record("index.change_failed", **told, fault=fault_of(answer))
        return
    done = answer["finished"]
    change.state, change.counts = ChangeState.DONE, done["counts"]
    change.version = done["version"] if done["is_published"] else None
    change.save()
    index.version, index.records, index.people = done["version"], done["records"], done["people"]
    if done["is_published"]:
        index.changed_at = deed.at
    if change.kind == ChangeKind.BUILD:
        index.run, index.gone_at = change.run, None
    index.save()
    counts = {name: done["counts"].get(name, 0) for name in ("added", "removed", "merged", "split")}
    deed.record(
        "index.changed",
        **told,
        version=done["version"],
        records=done["records"],
        people=done["people"],
        **counts,
    )


def give_back(change: IndexChange) -> None:
    """The worker lost it: it waits again. The index is as the last published version left it."""
    IndexChange.objects.filter(id=change.id, state=ChangeState.RUNNING).update(state=ChangeState.WAITING)
