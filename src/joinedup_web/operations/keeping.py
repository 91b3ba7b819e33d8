"""Deeds of keeping: retention applied, holds placed and lifted, erasures asked for, approved and carried out."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import new as hmac
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks import task

from joinedup.errors import UsageError
from joinedup.linkage.erase_records import erase_records
from joinedup.ports import KeyPurpose
from joinedup.sources import write_parquet
from joinedup_web.accounts.models import Organisation
from joinedup_web.audit import subjects
from joinedup_web.audit.deed import Deed, action
from joinedup_web.audit.keys import key_store
from joinedup_web.gate.actor import SYSTEM, Actor
from joinedup_web.gate.decide import keep_apart
from joinedup_web.identity.keeping import delete_again, deleted_citizens
from joinedup_web.linkage import files, jobs
from joinedup_web.linkage.models import Project, ReviewPair, Run, RunState, Source, SourceState
from joinedup_web.operations.models import Erasure, ErasureState, LegalHold, RetentionRule
from joinedup_web.operations.records import identifiers, known, source_names, source_table
from joinedup_web.operations.stores import STORES, Store
from joinedup_web.person_index.erase import erase_from_index

LEDGER = "erasures.jsonl"
SHORTEST_DAYS, LONGEST_DAYS = 1, 36_500
MOST_AT_ONCE = 500


def days_kept(organisation_id: UUID, store: Store) -> int:
    """For how many days an organisation keeps what a store holds."""
    rule = RetentionRule.objects.filter(organisation_id=organisation_id, store=store.code).first()
    return rule.days if rule else store.days


@action("retention.hold")
def set_days(deed: Deed, *, store: str, days: int) -> None:
    """Say for how many days the organisation keeps what a store holds."""
    if not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        raise deed.refuse("out_of_range", f"between {SHORTEST_DAYS} and {LONGEST_DAYS} days")
    RetentionRule.objects.update_or_create(
        organisation_id=deed.organisation_id, store=STORES[store].code, defaults={"days": days}
    )
    deed.record("retention.set", store=store, days=days)


@action("retention.view")
def note_export(deed: Deed, *, table: str, rows: int) -> None:
    """Somebody downloads a list of holds or erasures."""
    deed.record("table.exported", table=table, rows=rows, filtered=False)


def holds_on(organisation_id: UUID, store: str) -> tuple[bool, frozenset[UUID]]:
    """Whether a whole store of an organisation is held, and the projects whose share of it is."""
    held = LegalHold.objects.filter(organisation_id=organisation_id, store=store, lifted_at=None)
    projects = list(held.values_list("project_id", flat=True))
    return None in projects, frozenset(each for each in projects if each is not None)


def apply_retention(*, on: datetime) -> dict[str, int]:
    """Let go of what was kept long enough, everywhere; return how many things of each store went."""
    gone = dict.fromkeys(STORES, 0)
    for organisation in Organisation.objects.all():
        for store in STORES.values():
            before = on - timedelta(days=days_kept(organisation.id, store))
            if store.due(organisation.id, before).exists():
                gone[store.code] += _apply(
                    by=SYSTEM, organisation_id=organisation.id, store=store, before=before
                )
    return gone


@action(None, alone=True)
def _apply(deed: Deed, *, store: Store, before: datetime) -> int:
    assert deed.organisation_id is not None
    whole, projects = holds_on(deed.organisation_id, store.code)
    removed = held = 0
    for thing in store.due(deed.organisation_id, before)[:MOST_AT_ONCE]:
        if whole or thing.project_id in projects:
            held += 1
        else:
            store.let_go(thing, deed.after_commit)
            removed += 1
    deed.record("retention.applied", store=store.code, removed=removed, held=held, before=before)
    return removed


@action("retention.hold")
def place_hold(deed: Deed, *, store: str, project: Project | None, why: str) -> LegalHold:
    """Keep a store, or a project's share of it, until the hold is lifted."""
    if project is not None and not STORES[store].of_projects:
        raise deed.refuse("no_projects", "what people wrote belongs to no project; hold all of it")
    hold = LegalHold.objects.create(
        organisation_id=deed.organisation_id,
        store=STORES[store].code,
        project=project,
        why=why.strip(),
        placed_by_id=deed.by.id,
        placed_at=deed.at,
    )
    deed.record("legal_hold.placed", hold=hold.id, store=store)
    return hold


@action("retention.hold")
def lift_hold(deed: Deed, *, hold: LegalHold) -> None:
    """Let retention go on."""
    if not LegalHold.objects.filter(id=hold.id, lifted_at=None).update(
        lifted_at=deed.at, lifted_by_id=deed.by.id
    ):
        raise deed.refuse("lifted_already", "this hold was lifted already")
    deed.record("legal_hold.lifted", hold=hold.id)


@action("erasure.request")
def ask_erasure(deed: Deed, *, project: Project, records: Sequence[tuple[str, str]]) -> Erasure:
    """Ask that records of one person be erased from a project; somebody else must approve it."""
    names = set(project.sources.values_list("name", flat=True))
    unknown = sorted({source for source, _ in records} - names)
    if not records or unknown:
        raise deed.refuse("no_such_source", f"the project has no source named {', '.join(unknown) or 'so'}")
    erasure = Erasure.objects.create(
        project=project,
        records=[list(each) for each in dict.fromkeys(records)],
        asked_by_id=deed.by.id,
        asked_at=deed.at,
    )
    deed.record("erasure.asked", erasure=erasure.id, records=len(erasure.records))
    return erasure


@action("erasure.approve")
def decide_erasure(deed: Deed, *, erasure: Erasure, is_approved: bool) -> None:
    """Approve an erasure that somebody else asked for, or refuse it."""
    row = Erasure.objects.select_for_update().get(id=erasure.id)
    keep_apart(deed.by, "erasure.approve", earlier=row.asked_by_id, earlier_permission="erasure.request")
    if row.state != ErasureState.ASKED:
        raise deed.refuse("decided_already", "somebody has decided on this already")
    held = [code for code in STORES if _is_held(row.project, code)]
    if is_approved and held:
        names = ", ".join(STORES[code].name.lower() for code in held)
        raise deed.refuse("on_hold", f"a legal hold keeps {names}; lift it first, or refuse the erasure")
    row.state = ErasureState.APPROVED if is_approved else ErasureState.REFUSED
    row.decided_by_id, row.decided_at = deed.by.id, deed.at
    if not is_approved:
        row.records = []
    row.save()
    deed.record("erasure.decided", erasure=row.id, approved=is_approved)
    if is_approved:
        deed.after_commit(lambda: carry_out_later.enqueue(str(row.id)))


def _is_held(project: Project, store: str) -> bool:
    """What belongs to no project holds up no erasure from one."""
    whole, projects = holds_on(project.organisation_id, store)
    return STORES[store].of_projects and (whole or project.id in projects)


@task()
def carry_out_later(erasure_id: str) -> None:
    """Carry out an approved erasure in the background."""
    erasure = Erasure.objects.select_related("project").get(id=UUID(erasure_id))
    if erasure.state == ErasureState.APPROVED:
        carry_out(erasure)


def carry_out(erasure: Erasure) -> int:
    """Erase an approved erasure's records everywhere, and note them in the ledger; return how many rows went.

    Can be called again after a crash: each step that was done changes nothing.
    """
    records = [(source, identifier) for source, identifier in erasure.records]
    _note_in_ledger(erasure.project, records)
    removed = erase_from_project(erasure.project, records)
    _forget_subjects(erasure.project, records)
    _finish_erasure(
        by=SYSTEM, organisation_id=erasure.project.organisation_id, erasure=erasure, removed=removed
    )
    return removed


@action(None)
def _finish_erasure(deed: Deed, *, erasure: Erasure, removed: int) -> None:
    Erasure.objects.filter(id=erasure.id).update(
        state=ErasureState.DONE, records=[], removed=removed, done_at=deed.at
    )
    deed.record("erasure.carried_out", erasure=erasure.id, stores=len(STORES), removed=removed, held=0)


def erase_from_project(project: Project, records: Iterable[tuple[str, str]]) -> int:
    """Take records out of a project's sources, results and pairs; return how many rows went."""
    wanted = set(records)
    removed = 0
    for source in project.sources.filter(name__in={name for name, _ in wanted}).exclude(
        state=SourceState.REMOVED
    ):
        removed += _erase_from_source(
            source, {identifier for name, identifier in wanted if name == source.name}
        )
    for run in project.runs.filter(state=RunState.FINISHED):
        folder = files.results(run)
        if folder.exists():
            gone = erase_records(folder, wanted)
            decisions = files.run_folder(run) / "decisions.csv"
            if decisions.exists():
                erase_records_of_csv(decisions, wanted)
            if gone:
                jobs.forget(
                    folder / "index"
                )  # names nobody can be looked up by any more; made by the next run
            removed += gone
    removed += erase_from_index(project, wanted)
    with transaction.atomic():
        for name, identifier in wanted:
            told = ReviewPair.objects.filter(project=project).filter(
                Q(left_source=name, left_id=identifier) | Q(right_source=name, right_id=identifier)
            )
            for pair in told:
                pair.samples.all().delete()
                pair.decisions.all().delete()
                pair.delete()
                removed += 1
    return removed


def erase_records_of_csv(path: Path, wanted: set[tuple[str, str]]) -> None:
    """Take the lines about records out of a decision file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    kept = [row for row in rows if (row[0], row[1]) not in wanted and (row[2], row[3]) not in wanted]
    draft = path.with_suffix(".erasing")
    with draft.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(kept)
    draft.replace(path)


def _erase_from_source(source: Source, identifiers: set[str]) -> int:
    """Write the source anew, as Parquet, without the records; what could not be read goes with it."""
    file = files.source_file(source)
    if not file.exists():
        return 0
    table = source_table(source)
    if source.id_column is None:
        ids = pa.array([str(number) for number in range(1, table.num_rows + 1)])
        # Rows are known by their number, so the numbers of the others must not change: the row stays, emptied.
        hit = pc.is_in(ids, value_set=pa.array(sorted(identifiers), pa.string()))
        left = pa.table(
            {
                name: pc.if_else(hit, pa.scalar(None, table[name].type), table[name])
                for name in table.column_names
            }
        )
        gone = int(pc.sum(pc.cast(hit, pa.int64())).as_py() or 0)
    else:
        ids = pc.cast(table[source.id_column], pa.string())
        left = table.filter(
            pc.invert(pc.fill_null(pc.is_in(ids, value_set=pa.array(sorted(identifiers))), False))
        )
        gone = table.num_rows - left.num_rows
    if not gone:
        return 0
    source.file_name = f"{Path(source.file_name).stem}.parquet"
    fresh = files.source_file(source)
    write_parquet(left, fresh)
    source.format, source.read, source.tables, source.octets = "parquet", {}, [], fresh.stat().st_size
    source.rows_in = source.rows_good = left.num_rows
    source.rows_aside = 0
    source.sha256 = sha256(fresh.read_bytes()).hexdigest()
    source.save()
    if fresh != file:
        file.unlink()
    (files.source_folder(source) / "quality" / "aside.csv").unlink(missing_ok=True)
    return gone


def _ledger_digest(project: Project, place: tuple[str, str], key: bytes) -> str:
    text = json.dumps([str(project.organisation_id), str(project.id), *place]).encode()
    return hmac(key, text, sha256).hexdigest()


def _note_in_ledger(project: Project, records: Iterable[tuple[str, str]]) -> None:
    """Keep a keyed digest of each erased record off the database, so that a restored backup is erased again.

    The digest tells nothing without the key, and with it only whether a record that one has was erased.
    """
    key = key_store().current(KeyPurpose.SUBJECT_TOKENS)
    _add_to_ledger(
        {
            "project": str(project.id),
            "source": place[0],
            "key": key.id,
            "record": _ledger_digest(project, place, key.secret()),
        }
        for place in records
    )


def _forget_subjects(project: Project, records: Iterable[tuple[str, str]]) -> None:
    """Make what the audit record says of these people unlinkable, and keep it so after a restore."""
    before = set(subjects.forgotten())
    for place in records:
        subjects.forget("record", "\x1f".join((str(project.id), *place)))
    _add_to_ledger({"salt": digest} for digest in subjects.forgotten() if digest not in before)


def carry_to_ledger() -> int:
    """Keep off the database, too, which citizens' accounts were deleted and whose audit events made unlinkable.

    Digests that tell nothing about whom. Called every minute; returns how many were new.
    """
    ledger = Path(settings.SITE_DIR) / LEDGER
    known = set(ledger.read_text("utf-8").split('"')) if ledger.exists() else set()
    fresh = [{"citizen": digest} for digest in deleted_citizens() if digest not in known]
    fresh += [{"salt": digest} for digest in subjects.forgotten() if digest not in known]
    if fresh:
        _add_to_ledger(fresh)
    return len(fresh)


def _add_to_ledger(entries: Iterable[dict[str, str]]) -> None:
    ledger = Path(settings.SITE_DIR) / LEDGER
    at = timezone.now().isoformat(timespec="seconds")
    with os.fdopen(os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
        for entry in entries:
            file.write(json.dumps({**entry, "at": at}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def erase_again(ledger: Path) -> int:
    """After a restore: erase every record that the ledger tells of; return how many rows went."""
    told: dict[tuple[str, str], set[tuple[str, str]]] = {}
    entries = [json.loads(line) for line in ledger.read_text("utf-8").splitlines()]
    subjects.forget_again(entry["salt"] for entry in entries if "salt" in entry)
    removed = delete_again(entry["citizen"] for entry in entries if "citizen" in entry)
    for entry in entries:
        if "record" not in entry:
            continue
        told.setdefault((entry["project"], entry["source"]), set()).add((entry["key"], entry["record"]))
    keys = {key.id: key.secret() for key in key_store().all(KeyPurpose.SUBJECT_TOKENS)}
    for (project_id, source), digests in told.items():
        project = Project.objects.filter(id=UUID(project_id)).first()
        if project is None:
            continue
        for identifier in identifiers(project, source):
            place = (source, identifier)
            if any(
                key in keys and _ledger_digest(project, place, keys[key]) == digest for key, digest in digests
            ):
                removed += erase_from_project(project, [place])
    return removed


def erase_at_once(*, by: Actor, project: Project, records: Sequence[tuple[str, str]]) -> int:
    """The command line's way: whoever runs it has the machine, so it is asked and carried out in one.

    Raises UsageError where any of the records is not there: then nothing is erased or noted, not of the others either.
    """
    _check_there(project, list(dict.fromkeys(records)))
    erasure = _erase_at_once(by=by, organisation_id=project.organisation_id, project=project, records=records)
    return carry_out(erasure)


def _check_there(project: Project, records: Sequence[tuple[str, str]]) -> None:
    """A slip of the pen must not look like an erasure. Says which argument it is, never a person's id."""
    names = source_names(project)
    for number, (source, _) in enumerate(records, start=1):
        if source not in names:
            raise UsageError(
                what="the project has no source of that name; nothing was erased",
                where=f"record {number}",
                mend=f"name one of {', '.join(sorted(names)) or 'its sources; it has none'}",
            )
    there = known(project, records)
    missing = [
        f"record {number} ({record[0]})"
        for number, record in enumerate(records, start=1)
        if record not in there
    ]
    if missing:
        raise UsageError(
            what=f"{len(missing)} of {len(records)} records were not found; nothing was erased",
            where=", ".join(missing),
            mend="correct their ids, or leave them out where they were erased already",
        )


@action(None)
def _erase_at_once(deed: Deed, *, project: Project, records: Sequence[tuple[str, str]]) -> Erasure:
    held = [code for code in STORES if _is_held(project, code)]
    if held:
        raise deed.refuse("on_hold", "a legal hold keeps this project's data; lift it first")
    erasure = Erasure.objects.create(
        project=project,
        records=[list(each) for each in dict.fromkeys(records)],
        state=ErasureState.APPROVED,
        asked_at=deed.at,
    )
    deed.record("erasure.asked", erasure=erasure.id, records=len(erasure.records))
    return erasure


def results_exist(run: Run) -> bool:
    """Whether a run's results are still kept."""
    return run.results_gone_at is None
