"""Background jobs of the main job: each starts a child process, tells its progress, and may be stopped at once.

A run that its worker lost (a crash, a restart) is taken up again from its sources, which stay measured.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import close_old_connections, connection
from django.db.models import Q
from django.utils import timezone
from django_tasks import task

from joinedup_web.linkage import files
from joinedup_web.linkage.models import Run, RunState, Source, SourceState

log = logging.getLogger(__name__)
SECONDS_BETWEEN_LOOKS = 0.5
LOST_AFTER = timedelta(seconds=60)
# What a child needs of the environment: programs, folders, language, and how many threads to use.
PASSED_ON = frozenset(
    {"PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "XDG_CACHE_HOME"}
)
PASSED_ON_KINDS = ("LC_", "PYTHON", "NUMBA_", "OMP_", "OPENBLAS_", "ARROW_", "COVERAGE_")

_leaving = threading.Event()


class Stopped(Exception):
    """The child was ended: because somebody cancelled, or because the worker leaves."""


def stop_under_way() -> None:
    """The worker leaves: end the child at once; its run is taken up again by the next worker."""
    _leaving.set()


def is_leaving() -> bool:
    """Whether the worker leaves, so that whatever runs in a process of its own must end."""
    return _leaving.is_set()


def take_up_abandoned() -> int:
    """Queue runs and sources again whose worker was lost; return how many."""
    from joinedup_web.linkage import actions

    lost = timezone.now() - LOST_AFTER
    taken = 0
    for run in Run.objects.filter(
        state__in=[RunState.RUNNING, RunState.CANCELLING], heartbeat_at__lt=lost
    ).select_related("project"):
        actions.take_up_lost(run)
        taken += 1
    waiting = Q(state=SourceState.UPLOADED, uploaded_at__lt=lost)
    for source in Source.objects.filter(waiting | Q(state=SourceState.MEASURING)):
        measure_source.enqueue(str(source.id))
        taken += 1
    # Killed between the commit and the queueing: a run is claimed once, however often it is queued.
    for run in Run.objects.filter(state=RunState.QUEUED, created_at__lt=lost):
        run_linkage.enqueue(str(run.id))
        taken += 1
    return taken


@task()
def measure_source(source_id: str) -> None:
    """Read and measure an uploaded source."""
    from joinedup_web.linkage import actions

    source = Source.objects.select_related("project").filter(id=UUID(source_id)).first()
    if source is None or source.state not in (SourceState.UPLOADED, SourceState.MEASURING):
        return
    Source.objects.filter(id=source.id).update(state=SourceState.MEASURING)
    file = files.source_file(source)
    order = {
        "do": "measure",
        "path": str(file),
        "out": str(files.source_folder(source) / "quality"),
        "name": source.name,
        "file_name": source.file_name,
        "read": source.read,
        "tables": source.tables,
        "on": timezone.localdate().isoformat(),
        "known_as": {str(file): source.file_name, file.name: source.file_name, "data": source.name},
    }
    try:
        answer = in_child(order, on_progress=lambda stage, done, total: None, is_cancelled=lambda: False)
    except Stopped:
        return  # measured again by the next worker
    actions.keep_measures(source, answer)


@task()
def run_linkage(run_id: str) -> None:
    """Carry out a run that is queued."""
    from joinedup_web.linkage import actions

    run = Run.objects.select_related("project").filter(id=UUID(run_id)).first()
    if run is None or not actions.start_run(run):
        return

    def is_cancelled() -> bool:
        return Run.objects.filter(id=run.id, state=RunState.CANCELLING).exists()

    def on_progress(stage: str, done: int, total: int) -> None:
        now = timezone.now()
        Run.objects.filter(id=run.id).update(stage=stage, done=done, total=total, heartbeat_at=now)

    folder = files.run_folder(run)
    order: dict[str, Any] = {
        "do": "link",
        "spec": str(folder / "spec.toml"),
        "out": str(files.results(run)),
        "known_as": {str(files.source_file(source)): source.file_name for source in run.sources.all()}
        | {f"{folder}/": ""},
    }
    if (folder / "decisions.csv").exists():
        order["decisions"] = str(folder / "decisions.csv")
    try:
        answer = in_child(order, on_progress=on_progress, is_cancelled=is_cancelled)
    except Stopped:
        if _leaving.is_set() and not is_cancelled():
            actions.take_up_lost(run)
        else:
            actions.finish_cancelling(run)
        return
    actions.finish_run(run, answer)


def child_environment(own: Mapping[str, str]) -> dict[str, str]:
    """Return what a child is told of the environment: it reads hostile files, so no address of a database, no key and
    no secret, whatever its name."""
    return {
        name: value for name, value in own.items() if name in PASSED_ON or name.startswith(PASSED_ON_KINDS)
    }


def in_child(
    order: dict[str, Any],
    *,
    on_progress: Callable[[str, int, int], None],
    is_cancelled: Callable[[], bool],
    module: str = "joinedup_web.linkage.child",
) -> dict[str, Any]:
    """Carry out an order in a child process; return its last word: finished, problem or fault. module: the child's.

    Raises Stopped after ending the child because the job was cancelled or the worker leaves.
    """
    child = subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env=child_environment(os.environ),
    )
    assert child.stdin is not None
    assert child.stdout is not None
    said: dict[str, Any] = {"stage": "starting", "done": 0, "total": 0}
    last: dict[str, Any] = {}

    def listen() -> None:
        assert child.stdout is not None
        for line in child.stdout:
            with contextlib.suppress(ValueError):
                word = json.loads(line)
                (said if "stage" in word else last).update(word)

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        with contextlib.suppress(BrokenPipeError):
            json.dump(order, child.stdin)
            child.stdin.close()
        told = 0.0
        while listener.is_alive():
            listener.join(timeout=SECONDS_BETWEEN_LOOKS)
            if not connection.in_atomic_block:
                close_old_connections()
            if _leaving.is_set() or is_cancelled():
                raise Stopped
            if time.monotonic() - told > SECONDS_BETWEEN_LOOKS:
                on_progress(str(said["stage"]), int(said["done"]), int(said["total"]))
                told = time.monotonic()
    finally:
        if child.poll() is None and listener.is_alive():
            child.kill()
        code = child.wait()
        listener.join(timeout=5)
        child.stdout.close()
    if not last:
        log.error("a job's process ended without a word", extra={"status": code})
        what = "the job's process was ended by the system, most likely for want of memory"
        return {
            "problem": {
                "what": what,
                "where": "",
                "mend": "use fewer or smaller sources, or a larger machine",
            }
        }
    return last


def forget(folder: Path) -> None:
    """Remove a folder of outputs."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
