"""Background work of this room."""

from __future__ import annotations

from django_tasks import task

from joinedup_web.audit.actions import finish_verification
from joinedup_web.audit.live import verify_live
from joinedup_web.audit.models import VerificationRun
from joinedup_web.gate.actor import SYSTEM


@task()
def verify_record(run_id: str) -> None:
    """Verify the live record, and keep what was found with the run that was asked for."""
    run = VerificationRun.objects.filter(id=run_id, finished_at=None).first()
    if run is not None:
        finish_verification(by=SYSTEM, run=run, report=verify_live())
