"""Files of responses in each state, for the populated site and the full one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils import timezone

from joinedup_web.feedback import intake_files
from joinedup_web.feedback.models import Channel, Form, Import, Invitation, InvitationBatch, JobState

MAPPING: dict[str, Any] = {
    "makes_form": True,
    "rows": 12,
    "skip": 0,
    "columns": [
        {"place": 0, "name": "Response ID", "words": "Response ID", "role": "response_id"},
        {
            "place": 1,
            "name": "2: Do you agree?",
            "words": "2: Do you agree?",
            "role": "question",
            "key": "q_2",
            "kind": "yes_no",
            "options": {"Yes": "yes", "No": "no"},
            "why": "every answer is yes or no",
            "filled": 12,
        },
        {"place": 2, "name": "3: Why?", "words": "3: Why?", "role": "question", "key": "q_3", "kind": "text"},
    ],
}
COUNTS = {"rows": 12, "kept": 11, "before": 0, "aside": 1, "answers_aside": 2, "tries": 0}


def imported_things(service_id: UUID, *, mark: Callable[[str], str]) -> dict[str, Any]:
    """Things: import (to check), waiting_import, done_import, failed_import, batch."""
    form, _ = Form.objects.get_or_create(service_id=service_id, name=mark("IMPORTED"), kind="consultation")
    told: dict[str, Any] = {"form": form, "layout": "citizen_space"}
    to_check = Import.objects.create(**told, file_name=f"{mark('FILE')}.csv", mapping=MAPPING)
    waiting = Import.objects.create(form=form, file_name="being-looked-at.csv", mapping={"makes_form": True})
    done = Import.objects.create(
        **told,
        file_name="done.csv",
        mapping=MAPPING,
        is_confirmed=True,
        state=JobState.DONE,
        counts=COUNTS,
        finished_at=timezone.now(),
    )
    aside = intake_files.aside_file(done)
    aside.parent.mkdir(parents=True, exist_ok=True)
    aside.write_text("row,column,reason\n3,,no answer to any question\n", encoding="utf-8")
    failed = Import.objects.create(
        **told,
        file_name="failed.xlsx",
        state=JobState.FAILED,
        problem={"what": mark("UNREADABLE"), "where": "", "mend": "mend it"},
        mapping={"makes_form": True},
    )
    batch = InvitationBatch.objects.create(form=form, channel=Channel.EMAIL)
    Invitation.objects.create(batch=batch, token_digest=f"digest of {batch.id}", state="waiting")
    return {
        "batch": batch.id,
        "import": to_check.id,
        "waiting_import": waiting.id,
        "done_import": done.id,
        "failed_import": failed.id,
    }
