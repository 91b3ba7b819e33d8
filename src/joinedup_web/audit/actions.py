"""Deeds of this room: verifications are asked for and finished, tables and the record are exported."""

from __future__ import annotations

import uuid

from joinedup.audit import Export, VerifyReport
from joinedup.audit.field import LARGEST_COUNT
from joinedup_web.audit.deed import Deed, action
from joinedup_web.audit.models import VerificationRun


@action("audit.view")
def ask_verification(deed: Deed) -> VerificationRun:
    """Have the whole record verified in the background."""
    from joinedup_web.audit.jobs import verify_record

    run = VerificationRun.objects.create(id=uuid.uuid4(), asked_at=deed.at)
    deed.record("audit.verification_asked", run=run.id)
    deed.after_commit(lambda: verify_record.enqueue(str(run.id)))
    return run


@action(None)
def finish_verification(deed: Deed, *, run: VerificationRun, report: VerifyReport) -> None:
    """Keep what a verification found."""
    run.finished_at, run.ok = deed.at, report.ok
    run.events, run.sealed, run.problems = report.events, report.events_sealed, report.problems_in_all
    run.report = [{"what": p.what, "where": p.where, "mend": p.mend} for p in report.problems]
    run.save()
    deed.record(
        "audit.verified",
        run=run.id,
        events=min(report.events, LARGEST_COUNT),
        problems=min(report.problems_in_all, LARGEST_COUNT),
        good=report.ok,
    )


@action("audit.view")
def export_table(deed: Deed, *, table: str, rows: int, filtered: bool) -> None:
    """Note that a table of this room is downloaded."""
    deed.record("table.exported", table=table, rows=rows, filtered=filtered)


@action("audit.export")
def export_record(deed: Deed, *, done: Export) -> None:
    """Note that the record, or an organisation's part of it, is carried off."""
    deed.record("audit.exported", first=done.first, events=done.events, manifest=done.manifest_digest)
