"""A service's public page, and the page that thanks. They say the same to everybody."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from joinedup.feedback import help_lines
from joinedup_web.feedback.asked import newest, open_points
from joinedup_web.feedback.definitions import definition_of
from joinedup_web.feedback.models import Form, FormKind, FormState, Service
from joinedup_web.feedback.views.public_words import (
    TITLES,
    done_of,
    help_language,
    help_of,
    in_language,
    language_of,
    name_of,
)
from joinedup_web.gate.rules import for_everyone


@for_everyone("anybody may see where to say what they think of a service")
@require_safe
def service(request: HttpRequest, slug: str) -> HttpResponse:
    """What a service asks, how to get help with it, and what was done about what people said."""
    found = Service.objects.filter(slug=slug, is_active=True).first()
    if found is None:
        raise Http404
    language = language_of(request)
    forms = [
        {
            "words": _(TITLES[FormKind(point.form.kind)]),
            "href": in_language(reverse("feedback_public:form", args=(slug, point.code)), language),
            "closes_at": point.form.closes_at,
        }
        for point in open_points(found, at=timezone.now())
    ]
    return render(
        request,
        "feedback/public/service.html",
        {
            "name": name_of(found, language),
            "help_text": help_of(found, language),
            "help_language": help_language(found, language),
            "forms": forms,
            "done": done_of(found, language),
        },
    )


@for_everyone("whoever sent something is thanked")
@require_safe
def thanks(request: HttpRequest, slug: str, form_id: UUID) -> HttpResponse:
    """That it was kept, what happens next, and where to get help at once: the same whatever somebody wrote."""
    form = Form.objects.select_related("service").filter(id=form_id, service__slug=slug).first()
    version = newest(form) if form is not None and form.state != FormState.DRAFT else None
    if form is None or version is None:
        raise Http404
    language = language_of(request)
    answer = render(
        request,
        "feedback/public/thanks.html",
        {
            "name": name_of(form.service, language),
            "next_steps": definition_of(version).next_steps.said(language),
            "help_text": help_of(form.service, language) if form.kind == FormKind.HELP else "",
            "help_language": help_language(form.service, language),
            "lines": [
                (line.number, line.dialled, line.name.said(language), line.when.said(language))
                for line in help_lines(language).lines
            ],
            "service_page": in_language(reverse("feedback_public:service", args=(slug,)), language),
            "done": done_of(form.service, language),
        },
    )
    answer["X-Robots-Tag"] = "noindex"
    return answer
