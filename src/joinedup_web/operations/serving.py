"""Serving: the database brought up to date, assets gathered, one job worker, and granian answering."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from joinedup.errors import UsageError
from joinedup.settings import is_loopback
from joinedup_web.operations.demonstration_mark import refuse_in_production
from joinedup_web.text.models_here import recognisers

log = logging.getLogger(__name__)
Say = Callable[[str], None]

THREADS = 12
"""Of each process. Most of them wait, for the database or for a durable commit that several share; short requests
compute in turn."""


def migrate() -> list[str]:
    """Apply what is lacking; return the names of the migrations applied."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        call_command("migrate", verbosity=0, interactive=False)
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def gather_assets() -> None:
    """Collect, hash and compress the assets into the site's folder where they changed."""
    from joinedup_web.operations.assets import gather

    gather()


def serve(*, host: str, port: int, processes: int, with_worker: bool, say: Say) -> None:
    """Answer requests until stopped by a signal; the job worker ends with it.

    Raises UsageError for a demonstration in production, and for one that others could reach; MissingExtraError or
    ModelError where the settings ask for Presidio and it cannot be loaded.
    """
    if settings.JOINEDUP.is_demonstration and not is_loopback(host):
        raise UsageError(
            what="a demonstration is for this machine alone, and needs no proof of who one is",
            where=f"--host {host}",
            mend="leave --host out, or give 127.0.0.1",
        )
    refuse_in_production()
    recognisers()
    migrate()
    gather_assets()
    if settings.JOINEDUP.is_demonstration:
        from joinedup_web.demonstration.prepare import prepare

        prepare(say=say)
    leaving = threading.Event()
    keeper = threading.Thread(target=_keep_worker, args=(leaving,), name="worker keeper")
    if with_worker:
        keeper.start()
    try:
        _answer(host=host, port=port, processes=processes, say=say)
    finally:
        leaving.set()
        if with_worker:
            keeper.join()


def _answer(*, host: str, port: int, processes: int, say: Say) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from joinedup_web.operations import preload

    _share_metrics()
    preload.load(processes=processes)
    connection.close()  # children open their own
    logging.getLogger("_granian").addFilter(_is_news)
    say(f"Joinedup is at {settings.JOINEDUP.url} (stop with Ctrl+C)")
    Granian(
        "joinedup_web.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=THREADS,
        backpressure=64,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve(target_loader=preload.application, wrap_loader=False)


def _is_news(entry: logging.LogRecord) -> bool:
    """Not that threads outnumber processors, which is meant."""
    return "Python threads" not in entry.getMessage()


def _share_metrics() -> None:
    """Each process counts into files of this folder, so that /metrics tells of all; old counts are of no process."""
    folder = settings.SITE_DIR / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _keep_worker(leaving: threading.Event) -> None:
    """One worker runs until the site stops; one that was lost is replaced, a little later each time."""
    pause = 1.0
    while not leaving.is_set():
        worker = _start_worker()
        while worker.poll() is None and not leaving.wait(0.5):
            pass
        if leaving.is_set():
            _stop(worker)
            return
        log.error("the worker ended by itself; starting another", extra={"status": worker.returncode})
        leaving.wait(pause)
        pause = min(pause * 2, 60.0)


def _start_worker() -> subprocess.Popen[bytes]:
    """A process of its own, so that a heavy job never holds a request."""
    environment = {**os.environ, "JOINEDUP_DIR": str(settings.JOINEDUP.directory)}
    return subprocess.Popen([sys.executable, "-m", "joinedup_web.operations.worker"], env=environment)


def _stop(helper: subprocess.Popen[bytes]) -> None:
    helper.terminate()
    try:
        helper.wait(timeout=15)
    except subprocess.TimeoutExpired:
        helper.kill()
        helper.wait()


def work(*, say: Say) -> None:
    """Work off jobs until SIGTERM or Ctrl+C. Raises what `serve` does."""
    from joinedup_web.operations.worker import run

    refuse_in_production()
    recognisers()
    say("Working off jobs (stop with Ctrl+C)")
    run()
