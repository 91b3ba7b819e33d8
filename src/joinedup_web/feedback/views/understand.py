"""Where the understanding of each service's comments stands."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from joinedup_web.accounts.views.shown import on_page
from joinedup_web.feedback.actions.readings import read_again
from joinedup_web.feedback.models import Service
from joinedup_web.feedback.queries import themes, understand
from joinedup_web.feedback.theme_words import figures_words
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may


@require_safe
@for_staff("feedback.view")
def understanding(request: HttpRequest) -> HttpResponse:
    """The services whose comments can be read, tagged and grouped."""
    by = by_of(request)
    context = {"rows": understand.services_now(by), "to_look_at": themes.waiting_for_sign_off(by)}
    return render(request, "feedback/understand/services.html", context)


@require_safe
@for_staff("feedback.view")
def of_service(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """What is known of a service's comments, and what can be done next."""
    by = by_of(request)
    service = understand.service(by, service_id)
    context = {
        "service": service,
        "reading": understand.reading_now(by, service),
        "newest": list(themes.analyses(by, service)[:5]),
        "words": understand.question_words(service),
        "links": _links(by, service),
        "learnt": [(each, figures_words(each)) for each in understand.learnt(by, service)],
        "may_edit": may(by, "theme.edit"),
        "fates": themes.fates(service.organisation_id),
    }
    return render(request, "feedback/understand/service.html", context)


@require_POST
@for_staff("theme.edit")
def again(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Have comments that nobody has checked read again with the newest models."""
    by = by_of(request)
    service = understand.service(by, service_id, permission="theme.edit")
    on_page(
        request,
        lambda: read_again(by=by, service=service),
        done="The comments that nobody has checked are read again.",
    )
    return redirect("feedback:understand", service.id)


def _links(by: Actor, service: Service) -> list[tuple[str, str]]:
    """The other pages about a service's comments that somebody may see."""
    pages = (
        ("Check tags and teams", "feedback:tagging", "theme.edit"),
        ("Codebook", "feedback:codebook", "feedback.view"),
        ("Analyses and themes", "feedback:analyses", "feedback.view"),
        ("Trends and sudden changes", "feedback:trends", "feedback.view"),
        ("Who says what: segments", "feedback:segments", "feedback.view"),
    )
    return [
        (words, reverse(view, args=[service.id])) for words, view, permission in pages if may(by, permission)
    ]
