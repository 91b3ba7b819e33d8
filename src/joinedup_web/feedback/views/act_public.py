"""What everybody may read: what people said of a service, and what was done about it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from joinedup_web.design.paging import page_items
from joinedup_web.feedback.act_words import public_measure, public_verdict, shown, span_words
from joinedup_web.feedback.measured import TAG
from joinedup_web.feedback.models import ServiceStatement, Tag
from joinedup_web.feedback.queries import act_improvements as queries
from joinedup_web.feedback.views.public_words import in_language, language_of, name_of
from joinedup_web.gate.rules import for_everyone

PER_PAGE = 10


@require_safe
@for_everyone("people may read what became of what they said")
def done(request: HttpRequest, slug: str) -> HttpResponseBase:
    """You said, we did: what is published of a service."""
    service = queries.public_service(slug)
    language = language_of(request)
    is_welsh, kept = language == "cy", "&lang=cy" if language == "cy" else ""
    pages = Paginator(queries.published(service), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "service": service,
        "service_name_here": name_of(service, language),
        "rows": [_row(queries.told(each), is_welsh) for each in page],
        "is_open_data": ServiceStatement.objects.filter(service=service, is_open_data=True).exists(),
        "pages": pages.num_pages,
        "figures": in_language(reverse("feedback_public:figures", args=(service.slug,)), language),
        "pagination": page_items(page.number, pages.num_pages, lambda number: f"?page={number}{kept}"),
    }
    return render(request, "feedback/act/public_done.html", context)


def _row(told: queries.Told, is_welsh: bool) -> dict[str, Any]:
    """What the template shows of one. is_english: on a Welsh page, where nobody wrote it in Welsh."""
    of = told.improvement
    in_welsh = is_welsh and bool(of.said_cy)
    outcome = told.outcome
    row: dict[str, Any] = {
        "said": of.said_cy if in_welsh else of.said,
        "did": of.did_cy if in_welsh else of.did,
        "is_english": is_welsh and not in_welsh,
        "done_on": of.done_on,
        "comments": told.comments,
        "quotes": [(each.text, each.comment.language, bool(each.redacted_reason)) for each in told.quotes],
        "change": None,
    }
    if outcome is not None and outcome.after is not None and outcome.change is not None:
        tag = ""
        if of.measure.startswith(TAG):
            tag = (
                Tag.objects.filter(id=of.measure.removeprefix(TAG)).values_list("name", flat=True).first()
                or ""
            )
        row["change"] = {
            "measure": public_measure(of.measure, tag),
            "before": shown(outcome.before),
            "before_days": span_words(outcome.before_days),
            "after": shown(outcome.after),
            "after_days": span_words(outcome.after_days) if outcome.after_days else "",
            "verdict": public_verdict(outcome.change.verdict),
        }
    return row
