"""Surveys of elsewhere beside what one's own people answered."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from joinedup.feedback import in_percent
from joinedup.feedback.benchmark import Standing
from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.design.csv_file import csv_answer
from joinedup_web.feedback.actions import act_benchmark as actions
from joinedup_web.feedback.actions.exports import export_table
from joinedup_web.feedback.forms.act_benchmark import BenchmarkForm
from joinedup_web.feedback.queries import act_benchmark as queries
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may

STANDINGS = {
    Standing.HIGHER: "Higher here",
    Standing.LOWER: "Lower here",
    Standing.NOT_TOLD_APART: "Not told apart",
    Standing.UNKNOWN: "",
}


@require_safe
@for_staff("measure.view")
def benchmarks(request: HttpRequest) -> HttpResponseBase:
    """The surveys that were brought in."""
    by = by_of(request)
    context = {"benchmarks": list(queries.benchmarks(by)), "may_note": may(by, "measure.note")}
    return render(request, "feedback/act/benchmarks.html", context)


@for_staff("measure.note")
def new(request: HttpRequest) -> HttpResponseBase:
    """Bring a survey in."""
    by = by_of(request)
    is_post = request.method == "POST"
    form = BenchmarkForm(request.POST if is_post else None, request.FILES if is_post else None)
    if is_post and form.is_valid():
        told = form.cleaned_data
        made = on_form(
            form,
            lambda: actions.bring_in_benchmark(
                by=by, name=told["name"], terms=told["terms"], rows=told["file"]
            ),
        )
        if made is not None:
            messages.success(request, f"{made.name} is brought in.")
            return redirect("feedback:benchmark", made.id)
    context = {"form": form, "problems": getattr(form, "problems", [])}
    return render(request, "feedback/act/benchmark_new.html", context, status=422 if form.errors else 200)


@require_safe
@for_staff("measure.view")
def benchmark(request: HttpRequest, benchmark_id: UUID) -> HttpResponseBase:
    """A survey's percentages beside one's own."""
    by = by_of(request)
    found = queries.benchmark(by, benchmark_id)
    groups = queries.groups_of(found)
    group = request.GET.get("group", "")
    if group not in groups:
        group = groups[0] if groups else ""
    questions = queries.compared(by, found, group)
    if request.GET.get("format") == "csv":
        rows = [(q.question, *_cells(each), q.answers) for q in questions for each in q.options]
        export_table(by=by, table="benchmark", rows=len(rows))
        headings = (
            "Question",
            "Option",
            "Survey, %",
            "Here, %",
            "95% interval",
            "Difference",
            "Answers here",
        )
        return csv_answer("benchmark", headings, rows)
    context = {
        "benchmark": found,
        "group": group,
        "groups": groups,
        "questions": [(each, [_cells(option) for option in each.options]) for each in questions],
        "may_note": may(by, "measure.note"),
    }
    return render(request, "feedback/act/benchmark.html", context)


@for_staff("measure.note")
def remove(request: HttpRequest, benchmark_id: UUID) -> HttpResponseBase:
    """Take a survey away."""
    by = by_of(request)
    found = queries.benchmark(by, benchmark_id, permission="measure.note")
    if request.method == "POST":
        on_page(
            request,
            lambda: actions.remove_benchmark(by=by, organisation_id=found.organisation_id, benchmark=found),
            done=f"{found.name} is taken away.",
        )
        return redirect("feedback:benchmarks")
    context = {
        "title": "Take this survey away?",
        "what": [f"The percentages of {found.name} are gone for good. Your own answers stay."],
        "button": "Take it away",
        "cancel": reverse("feedback:benchmark", args=[found.id]),
        "warning": True,
    }
    return render(request, "design/confirm.html", context)


def _cells(of: queries.Compared) -> tuple[str, str, str, str, str]:
    """Option, the survey's percentage, one's own, its interval, how they stand."""
    survey = "Not told" if of.row.share is None else f"{in_percent(of.row.share)}%"
    if of.own is None:
        return of.row.option, survey, "Not asked", "", ""
    low, high = of.own.low or 0.0, of.own.high or 0.0
    interval = f"{low * 100:.1f}% to {high * 100:.1f}%" if of.own.value is not None else ""
    return of.row.option, survey, of.own.shown.capitalize(), interval, STANDINGS[of.standing]
