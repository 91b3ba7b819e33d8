"""What may be done about projects, sources and runs. What clerks do about pairs is in review.py."""

from joinedup_web.linkage.actions.runs import (
    KINDS,
    cancel_run,
    finish_cancelling,
    finish_run,
    queue_run,
    resume_run,
    start_run,
    take_up_lost,
)
from joinedup_web.linkage.actions.sources import (
    correct_source,
    create_project,
    keep_measures,
    read_again,
    remove_source,
    source_name,
    upload_source,
)

__all__ = [
    "KINDS",
    "cancel_run",
    "correct_source",
    "create_project",
    "finish_cancelling",
    "finish_run",
    "keep_measures",
    "queue_run",
    "read_again",
    "remove_source",
    "resume_run",
    "source_name",
    "start_run",
    "take_up_lost",
    "upload_source",
]
