"""You said, we did: the list, one, writing, quoting, handing in, publishing, withdrawing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from joinedup.feedback.quoting import REASONS
from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.design.paging import page_items
from joinedup_web.feedback.act_words import STANDING, outcome_words, span_words, target_words
from joinedup_web.feedback.actions import act_improvements as actions
from joinedup_web.feedback.actions.exports import export_table
from joinedup_web.feedback.forms.act_improvements import (
    ImprovementForm,
    QuoteForm,
    ReturnForm,
    WithdrawForm,
    filled,
)
from joinedup_web.feedback.improving import measures_of
from joinedup_web.feedback.measured import measure_name
from joinedup_web.feedback.models import Improvement, ImprovementState
from joinedup_web.feedback.queries import act_improvements as queries
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may, tag

PER_PAGE = 20


def state_of(improvement: Improvement) -> Any:
    """The tag of where it stands."""
    words = ImprovementState(improvement.state).label
    if improvement.state == ImprovementState.DRAFT and improvement.returned_reason:
        return tag("Returned", "attention")
    return tag(words, STANDING[improvement.state])


IMPROVEMENTS = ListPage(
    title="You said, we did",
    noun=("improvement", "improvements"),
    columns=(
        Column(
            "said",
            "What people said",
            link=lambda row: reverse("feedback:improvement", args=[row.id]),
            cell=lambda row: row.said if len(row.said) <= 120 else f"{row.said[:117]}…",
        ),
        Column("state", "State", sort=("state",), value=lambda row: row.get_state_display(), cell=state_of),
        Column("done_on", "Done on", sort=("done_on",)),
        Column("quoted", "Quotations", sort=("quoted",), numeric=True),
        Column("written_by.name", "Written by"),
        Column("written_at", "Written", sort=("written_at",)),
    ),
    default_sort="-written_at",
    empty="Nothing has been written yet. Write what people said and what was done about it.",
    csv_name="you-said-we-did",
    template="feedback/act/improvements.html",
)


@require_safe
@for_staff("feedback.view")
def improvements(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """The improvements of a service."""
    by = by_of(request)
    service = queries.service(by, service_id)
    return IMPROVEMENTS.answer(
        request,
        queries.improvements(by, service),
        context={"service": service, "may_write": may(by, "improvement.write")},
        on_export=lambda export: export_table(by=by, table="improvements", rows=export.rows),
    )


@for_staff("improvement.write")
def new(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """Write an improvement."""
    by = by_of(request)
    service = queries.service(by, service_id, permission="improvement.write")
    form = ImprovementForm(
        request.POST if request.method == "POST" else None,
        themes=queries.signed_off_themes(by, service),
        measures=measures_of(service),
    )
    if request.method == "POST" and form.is_valid():
        made = on_form(
            form,
            lambda: actions.write_improvement(
                by=by, organisation_id=service.organisation_id, service=service, written=form.written()
            ),
        )
        if made is not None:
            messages.success(request, "It is kept as a draft. Nobody else reads it until it is published.")
            return redirect("feedback:improvement", made.id)
    context = {"form": form, "service": service, "title": "Write what was said and done"}
    context["cancel"] = reverse("feedback:improvements", args=[service.id])
    return render(request, "feedback/act/improvement_form.html", context, status=422 if form.errors else 200)


@for_staff("improvement.write")
def change(request: HttpRequest, improvement_id: UUID) -> HttpResponseBase:
    """Write an improvement anew."""
    by = by_of(request)
    found = queries.improvement(by, improvement_id, permission="improvement.write")
    if found.state not in actions.WRITABLE:
        return redirect("feedback:improvement", found.id)
    form = ImprovementForm(
        request.POST if request.method == "POST" else None,
        themes=queries.signed_off_themes(by, found.service),
        measures=measures_of(found.service),
        initial=filled(found),
    )
    if request.method == "POST" and form.is_valid():
        done = on_form(
            form,
            lambda: actions.change_improvement(
                by=by,
                organisation_id=found.service.organisation_id,
                improvement=found,
                written=form.written(),
            ),
        )
        if done is not None:
            messages.success(request, "The draft is changed.")
            return redirect("feedback:improvement", found.id)
    context = {"form": form, "service": found.service, "title": "Change what was said and done"}
    context["cancel"] = reverse("feedback:improvement", args=[found.id])
    return render(request, "feedback/act/improvement_form.html", context, status=422 if form.errors else 200)


@require_safe
@for_staff("feedback.view")
def improvement(request: HttpRequest, improvement_id: UUID) -> HttpResponseBase:
    """One improvement: what it says, where it stands, what came of it, and what may be done with it."""
    by = by_of(request)
    found = queries.improvement(by, improvement_id)
    shown = {each.id for each in queries.shown_quotes(found)}
    outcome = queries.outcome(found)
    writers = list(found.writers.order_by("name"))
    is_writable = found.state in actions.WRITABLE and may(by, "improvement.write")
    context = {
        "improvement": found,
        "service": found.service,
        "state": state_of(found),
        "themes": list(found.themes.select_related("analysis")),
        "comments": queries.comments_behind(found.themes.all()),
        "quotes": [
            (each, REASONS.get(each.redacted_reason, ""), each.id in shown)
            for each in found.quotes.order_by("id")
        ],
        "measure": measure_name(found.measure) if found.measure else "",
        "target": target_words(found),
        "outcome": outcome,
        "outcome_words": outcome_words(outcome) if outcome is not None else "",
        "before_days": span_words(outcome.before_days) if outcome is not None else "",
        "after_days": span_words(outcome.after_days) if outcome is not None and outcome.after_days else "",
        "writers": ", ".join(each.name for each in writers),
        "is_writable": is_writable,
        "may_submit": is_writable and found.state == ImprovementState.DRAFT,
        "may_delete": is_writable and found.state == ImprovementState.DRAFT and found.published_at is None,
        "may_measure": found.state == ImprovementState.PUBLISHED
        and bool(found.measure)
        and may(by, "improvement.write"),
        "may_publish": found.state == ImprovementState.SUBMITTED and may(by, "improvement.publish"),
        "wrote_it": by.id in {each.id for each in writers},
        "may_withdraw": found.state == ImprovementState.PUBLISHED and may(by, "improvement.publish"),
    }
    return render(request, "feedback/act/improvement.html", context)


@for_staff("improvement.write")
def delete(request: HttpRequest, improvement_id: UUID) -> HttpResponseBase:
    """Delete a draft."""
    by = by_of(request)
    found = queries.improvement(by, improvement_id, permission="improvement.write")
    if request.method == "POST":
        service = found.service_id
        if on_page(
            request,
            lambda: actions.delete_improvement(
                by=by, organisation_id=found.service.organisation_id, improvement=found
            ),
            done="The draft is deleted.",
        ):
            return redirect("feedback:improvements", service)
        return redirect("feedback:improvement", found.id)
    context = {
        "title": "Delete this draft?",
        "what": ["What was written and its quotations are gone for good."],
        "button": "Delete the draft",
        "cancel": reverse("feedback:improvement", args=[found.id]),
        "warning": True,
    }
    return render(request, "design/confirm.html", context)


@require_safe
@for_staff("improvement.write")
def quotes(request: HttpRequest, improvement_id: UUID) -> HttpResponseBase:
    """Comments that may be quoted beside an improvement."""
    by = by_of(request)
    found = queries.improvement(by, improvement_id, permission="improvement.write")
    pages = Paginator(queries.quotable(by, found), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "improvement": found,
        "service": found.service,
        "page": page,
        "pagination": page_items(page.number, pages.num_pages, lambda number: f"?page={number}"),
        "is_writable": found.state in actions.WRITABLE,
    }
    return render(request, "feedback/act/quotes.html", context)


@for_staff("improvement.write")
def quote(request: HttpRequest, improvement_id: UUID, comment_id: UUID) -> HttpResponseBase:
    """Choose which words of a comment are quoted."""
    by = by_of(request)
    found = queries.improvement(by, improvement_id, permission="improvement.write")
    comment = queries.quotable_comment(by, found, comment_id)
    before = found.quotes.filter(comment=comment).first()
    form = QuoteForm(
        request.POST if request.method == "POST" else None,
        initial={
            "text": before.text if before else comment.text[:1000],
            "reason": before.redacted_reason if before else "",
        },
    )
    if request.method == "POST" and form.is_valid():
        done = on_form(
            form,
            lambda: actions.quote_comment(
                by=by,
                organisation_id=found.service.organisation_id,
                improvement=found,
                comment=comment,
                text=form.cleaned_data["text"],
                reason=form.cleaned_data["reason"],
            ),
        )
        if done is not None:
            messages.success(request, "The quotation stands beside what was done.")
            return redirect("feedback:improvement", found.id)
    context = {"form": form, "improvement": found, "service": found.service, "comment": comment}
    return render(request, "feedback/act/quote.html", context, status=422 if form.errors else 200)


@require_POST
@for_staff("improvement.write")
def unquote(request: HttpRequest, improvement_id: UUID, comment_id: UUID) -> HttpResponseBase:
    """Take a quotation away."""
    by = by_of(request)
    found = queries.quote(by, improvement_id, comment_id, permission="improvement.write")
    where = found.improvement.service.organisation_id
    on_page(
        request,
        lambda: actions.unquote(by=by, organisation_id=where, quote=found),
        done="The quotation is taken away.",
    )
    return redirect("feedback:improvement", improvement_id)


@require_POST
@for_staff("improvement.write")
def submit(request: HttpRequest, improvement_id: UUID) -> HttpResponseBase:
    """Hand an improvement in to be published."""
    by = by_of(request)
    found = queries.improvement(by, improvement_id, permission="improvement.write")
    on_page(
        request,
        lambda: actions.submit_improvement(
            by=by, organisation_id=found.service.organisation_id, improvement=found
        ),
        done="It waits to be published by somebody who did not write any of it.",
    )
    return redirect("feedback:improvement", found.id)


@require_POST
@for_staff("improvement.write")
def measure(request: HttpRequest, improvement_id: UUID) -> HttpResponseBase:
    """Measure again what should have changed."""
    by = by_of(request)
    found = queries.improvement(by, improvement_id, permission="improvement.write")
    on_page(
        request,
        lambda: actions.measure_again(
            by=by, organisation_id=found.service.organisation_id, improvement=found
        ),
        done="It is measured again.",
    )
    return redirect("feedback:improvement", found.id)


@for_staff("improvement.publish")
def publish(request: HttpRequest, improvement_id: UUID) -> HttpResponseBase:
    """Publish an improvement, after a look at it as the public will read it."""
    by = by_of(request)
    found = queries.improvement(by, improvement_id, permission="improvement.publish")
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        on_page(
            request,
            lambda: actions.publish_improvement(
                by=by, organisation_id=found.service.organisation_id, improvement=found, seen=seen
            ),
            done="It is published.",
        )
        return redirect("feedback:improvement", found.id)
    if found.state != ImprovementState.SUBMITTED:
        return redirect("feedback:improvement", found.id)
    context = {
        "improvement": found,
        "service": found.service,
        "told": queries.told(found),
        "seen": actions.handed_in(found),
        "measure": measure_name(found.measure) if found.measure else "",
    }
    return render(request, "feedback/act/publish.html", context)


@for_staff("improvement.publish")
def hand_back(request: HttpRequest, improvement_id: UUID) -> HttpResponseBase:
    """Return an improvement to its writers."""
    by = by_of(request)
    found = queries.improvement(by, improvement_id, permission="improvement.publish")
    form = ReturnForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = on_form(
            form,
            lambda: actions.return_improvement(
                by=by,
                organisation_id=found.service.organisation_id,
                improvement=found,
                reason=form.cleaned_data["reason"],
            ),
        )
        if done is not None:
            messages.success(request, "It is returned to its writers.")
            return redirect("feedback:improvement", found.id)
    context = {
        "title": "Return it to its writers",
        "what": ["It is not published. Its writers read your reason and can hand it in again."],
        "button": "Return it",
        "cancel": reverse("feedback:improvement", args=[found.id]),
        "form": form,
    }
    return render(request, "design/confirm.html", context, status=422 if form.errors else 200)


@for_staff("improvement.publish")
def withdraw(request: HttpRequest, improvement_id: UUID) -> HttpResponseBase:
    """Take an improvement off the public page."""
    by = by_of(request)
    found = queries.improvement(by, improvement_id, permission="improvement.publish")
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = on_form(
            form,
            lambda: actions.withdraw_improvement(
                by=by,
                organisation_id=found.service.organisation_id,
                improvement=found,
                reason=form.cleaned_data["reason"],
            ),
        )
        if done is not None:
            messages.success(request, "It is withdrawn. The public page shows it no more.")
            return redirect("feedback:improvement", found.id)
    context = {
        "title": "Withdraw it from the public page?",
        "what": ["The public page shows it no more. Its writers can change it and hand it in again."],
        "button": "Withdraw it",
        "cancel": reverse("feedback:improvement", args=[found.id]),
        "warning": True,
        "form": form,
    }
    return render(request, "design/confirm.html", context, status=422 if form.errors else 200)
