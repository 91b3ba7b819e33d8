"""The process that works off background jobs and keeps the audit record sequenced.

`python -m joinedup_web.operations.worker`, or `joinedup worker`. Run as many as there are machines; jobs are claimed
one at a time, and sequencing has one leader.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import sys
import threading
from types import FrameType

log = logging.getLogger(__name__)
SECONDS_BETWEEN_LOOKS = 0.5


def run() -> None:
    """Work until SIGTERM or Ctrl+C. A job under way finishes its stage, and is taken up again by the next worker."""
    from django_tasks_db.management.commands.db_worker import Worker

    from joinedup_web.audit import sequencer
    from joinedup_web.feedback import analysis_jobs, import_job, invitation_job, reading_job
    from joinedup_web.linkage import jobs
    from joinedup_web.operations import upkeep
    from joinedup_web.person_index import jobs as index_jobs
    from joinedup_web.text import jobs as text_jobs

    stop = threading.Event()
    worker = Worker(
        queue_names=["*"],
        interval=SECONDS_BETWEEN_LOOKS,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=f"{os.getpid()}-{secrets.token_hex(4)}",
        excluded_queue_names=[],
    )

    def leave(number: int, frame: FrameType | None) -> None:
        stop.set()
        jobs.stop_under_way()
        worker.running = False
        if not worker.running_task:
            sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    jobs.take_up_abandoned()
    index_jobs.take_up_abandoned()
    text_jobs.take_up_abandoned()
    import_job.take_up_abandoned()
    invitation_job.take_up_abandoned()
    analysis_jobs.take_up_abandoned()
    sequencing = sequencer.start(stop)
    upkeep.start(stop)
    reading_comments = reading_job.start(stop)
    try:
        worker.run()
    finally:
        stop.set()
        sequencing.join(timeout=10)
        reading_comments.join(timeout=10)
        log.info("worker stopped")


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "joinedup_web.config.settings")
    django.setup()
    run()
