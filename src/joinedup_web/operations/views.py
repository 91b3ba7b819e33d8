"""Health, readiness and metrics."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from joinedup_web.design.filters import Choice
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.gate.decide import decide
from joinedup_web.gate.rules import for_everyone, for_monitoring, for_staff
from joinedup_web.operations import health, metrics
from joinedup_web.operations.actions import note_jobs_export
from joinedup_web.operations.keys_and_backups import keys_and_backups

STATES = {
    "READY": "Waiting",
    "RUNNING": "Running",
    "SUCCESSFUL": "Done",
    "FAILED": "Failed",
}
JOBS = ListPage(
    title="The service",
    noun=("background job", "background jobs"),
    columns=(
        Column("task_path", "Job", sort=("task_path",), value=lambda job: job.task_path.rpartition(".")[2]),
        Column("status", "State", sort=("status",), value=lambda job: STATES.get(job.status, job.status)),
        Column("enqueued_at", "Asked for", sort=("enqueued_at",)),
        Column("started_at", "Started", sort=("started_at",)),
        Column("finished_at", "Ended", sort=("finished_at",)),
    ),
    filters=(Choice("status", "State", list(STATES.items())),),
    default_sort="-enqueued_at",
    empty="No background job has been asked for yet.",
    template="operations/service.html",
)


@for_everyone("whatever restarts the process asks whether it lives")
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all; looks at nothing else."""
    return JsonResponse({"live": True})


@for_everyone("a load balancer asks whether to send people here; the answer tells states, no figures")
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when everything needed works, else 503 and what does not."""
    found = health.readiness()
    good = all(finding.good for finding in found)
    document = {"ready": good, "checks": {each.name: each.what for each in found}}
    return JsonResponse(document, status=200 if good else 503)


@for_monitoring("monitoring reads counts and durations with its own token")
@never_cache
@require_safe
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Metrics in the text form of Prometheus."""
    return HttpResponse(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


@for_staff("operations.view")
@require_safe
def service(request: HttpRequest) -> HttpResponseBase:
    """Whether everything works, and the background jobs. No job's arguments or answers are shown."""
    from django_tasks_db.models import DBTaskResult

    by = request.actor  # type: ignore[attr-defined]
    jobs = DBTaskResult.objects.defer("args_kwargs", "return_value", "traceback")
    kept = keys_and_backups(by) if decide(by, "operations.keep").allowed else None
    return JOBS.answer(
        request,
        jobs,
        context={"findings": health.readiness() + health.people_in_danger(), "kept": kept},
        on_export=lambda export: note_jobs_export(by=by, rows=export.rows),
    )
