"""Counts and durations for Prometheus: by view and status, never by address, person or organisation."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "joinedup_requests_total", "Requests answered", ("view", "method", "status"), registry=REGISTRY
)
SECONDS = Histogram(
    "joinedup_request_seconds",
    "Seconds to answer",
    ("view",),
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10),
)


class MetricsMiddleware:
    """Counts each answer. Stands outermost, so that refusals and faults are counted too."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = self.answer(request)
        match = request.resolver_match
        view = match.view_name if match is not None and match.view_name else "none"
        REQUESTS.labels(view, request.method or "", response.status_code).inc()
        SECONDS.labels(view).observe(time.perf_counter() - started)
        return response


def exposition() -> bytes:
    """The metrics of all processes that answer, and what the database says now, as text."""
    from django_tasks_db.models import DBTaskResult

    from joinedup_web.audit import sequencer
    from joinedup_web.feedback.queries.protect import flags_everywhere

    now = CollectorRegistry()
    Gauge("joinedup_audit_unsequenced", "Audit events not yet sequenced", registry=now).set(
        sequencer.waiting()
    )
    Gauge("joinedup_jobs_waiting", "Background jobs that wait", registry=now).set(
        DBTaskResult.objects.ready().count()
    )
    for name, number in flags_everywhere(now=timezone.now()).items():
        words = {"late": "not acknowledged in time", "untold": "that nobody could be told of"}[name]
        Gauge(f"joinedup_flags_{name}", f"Flags of danger {words}", registry=now).set(number)
    counted = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)
    return generate_latest(counted) + generate_latest(now)
