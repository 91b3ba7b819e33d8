"""Health, readiness and metrics."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from joinedup_web.gate.rules import for_everyone, for_monitoring
from joinedup_web.operations import health, metrics


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
