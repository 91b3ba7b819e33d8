"""Asking for themes, following the work, the result, two results side by side, signing off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from joinedup_web.accounts.views.shown import on_form
from joinedup_web.design.csv_file import csv_answer
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.design.words import day
from joinedup_web.feedback.actions import analyses as actions
from joinedup_web.feedback.actions.exports import export_table
from joinedup_web.feedback.actions.themes import sign_off as sign_themes_off
from joinedup_web.feedback.comparing import judged, pairs_of
from joinedup_web.feedback.forms.themes import AskForm, SignOffForm
from joinedup_web.feedback.models import Analysis, Channel, Ending, JobState, ThemeState
from joinedup_web.feedback.queries import themes as queries
from joinedup_web.feedback.queries import understand
from joinedup_web.feedback.theme_pictures import sizes, stances
from joinedup_web.feedback.theme_words import LANGUAGES, METHODS, STANCES, agreement_words, progress_words
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import again_by_itself, by_of, may, tag
from joinedup_web.text import models_here
from joinedup_web.text.switches import is_on

STANDING = {"waiting": "waiting", "running": "working", "done": "good", "failed": "bad"}
USUAL_DAYS = 90


def state_of(analysis: Analysis) -> Any:
    """The tag of where an analysis stands."""
    if analysis.signed_off_at is not None:
        return tag("Signed off", "good")
    if analysis.state == JobState.DONE:
        return tag("To look at", "attention")
    return tag(JobState(analysis.state).label, STANDING[analysis.state])


def _list_page(words: Mapping[str, str]) -> ListPage:
    """The list of analyses. words: what each question asks."""
    return ListPage(
        title="Analyses",
        noun=("analysis", "analyses"),
        columns=(
            Column(
                "question",
                "Question",
                value=lambda row: words.get(row.question, row.question),
                link=lambda row: reverse("feedback:analysis", args=[row.id]),
            ),
            Column("first_day", "From", sort=("first_day",)),
            Column("last_day", "To", sort=("last_day",)),
            Column("method", "Drafted by", sort=("method",), value=lambda row: METHODS[row.method]),
            Column("comments", "Comments read", value=lambda row: row.counts.get("used"), numeric=True),
            Column("state", "State", value=lambda row: row.get_state_display(), cell=state_of),
            Column("asked_at", "Asked for", sort=("asked_at",)),
        ),
        default_sort="-asked_at",
        empty="Nobody has asked for themes of this service’s comments yet.",
        csv_name="analyses",
        template="feedback/understand/analyses.html",
    )


@require_safe
@for_staff("feedback.view")
def analyses(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """The analyses of a service."""
    by = by_of(request)
    service = understand.service(by, service_id)
    return _list_page(understand.question_words(service)).answer(
        request,
        queries.analyses(by, service),
        context={"service": service, "may_edit": may(by, "theme.edit")},
        on_export=lambda export: export_table(by=by, table="analyses", rows=export.rows),
    )


@for_staff("theme.edit")
def new_analysis(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """Ask for themes of the answers to a question."""
    by = by_of(request)
    service = understand.service(by, service_id, permission="theme.edit")
    questions = understand.questions(by, service)
    forms_of = list(understand.forms(by, service))
    segments = understand.segments(by, service)
    today = timezone.localdate()
    form = AskForm(
        request.POST if request.method == "POST" else None,
        questions=questions,
        forms_of=forms_of,
        segments=segments,
        with_language_model=models_here.language_model() is not None
        and is_on(service.organisation_id, "theme_drafts"),
        initial={
            "question": questions[0].key if questions else "",
            "first_day": today - timedelta(days=USUAL_DAYS),
            "last_day": today,
            "method": "clusters",
        },
    )
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        chosen = next((each for each in forms_of if str(each.id) == told["form"]), None)
        made = on_form(
            form,
            lambda: actions.ask_analysis(
                by=by,
                service=service,
                question=told["question"],
                first_day=told["first_day"],
                last_day=told["last_day"],
                method=told["method"],
                form=chosen,
                filters={name: told[name] for name in ("channel", "ending", "segment") if told[name]},
            ),
        )
        if made is not None:
            return redirect("feedback:analysis", made.id)
    hints = {each.key: f"{each.comments:,} comments" for each in questions}
    context = {"form": form, "service": service, "questions": questions, "hints": hints}
    return render(
        request, "feedback/understand/analysis_new.html", context, status=422 if form.errors else 200
    )


@require_safe
@for_staff("feedback.view")
def analysis(request: HttpRequest, analysis_id: UUID) -> HttpResponseBase:
    """How far an analysis is, why it failed, or its themes."""
    by = by_of(request)
    found = queries.analysis(by, analysis_id)
    title = understand.question_words(found.service).get(found.question, found.question)
    context: dict[str, Any] = {
        "analysis": found,
        "service": found.service,
        "title": title,
        "state": state_of(found),
        "about": _about(found),
        "may_edit": may(by, "theme.edit") and found.signed_off_at is None,
        "may_sign": may(by, "theme.sign_off") and found.signed_off_at is None,
    }
    if found.state != JobState.DONE:
        context["words"] = progress_words(found)
        answer = render(request, "feedback/understand/analysis_under_way.html", context)
        return again_by_itself(request, answer) if found.state != JobState.FAILED else answer
    board = queries.board(by, found)
    context |= {
        "board": board,
        "pictures": [sizes(board), stances(board)] if board else [],
        "gone": queries.board(by, found, (ThemeState.DELETED,)),
        "was": queries.board(by, found, (ThemeState.MERGED, ThemeState.SPLIT)),
        "agreement": agreement_words(found),
        "left": [
            (LANGUAGES.get(code, code), number)
            for code, number in sorted(found.counts.get("languages", {}).items())
        ],
        "without": found.counts.get("without", 0),
        "undecided": queries.undecided(board),
        "general": [doubt["words"] for doubt in found.lint if len(doubt["themes"]) != 1],
        "stances": STANCES,
        "others": [
            {"value": str(each.id), "text": f"{each.service.name}: {_span(each)}"}
            for each in queries.others_to_compare(by, found)
        ],
    }
    return render(request, "feedback/understand/analysis.html", context)


@require_safe
@for_staff("feedback.view")
def analysis_progress(request: HttpRequest, analysis_id: UUID) -> JsonResponse:
    """How far an analysis is, for the progress bar."""
    found = queries.analysis(by_of(request), analysis_id)
    is_over = found.state in (JobState.DONE, JobState.FAILED)
    done, total = (1, 1) if is_over else (found.counts.get("done", 0), found.counts.get("total", 0))
    return JsonResponse({"words": progress_words(found), "done": done, "total": total, "finished": is_over})


@require_safe
@for_staff("feedback.view")
def analysis_csv(request: HttpRequest, analysis_id: UUID) -> HttpResponseBase:
    """The themes of an analysis as a table."""
    by = by_of(request)
    found = queries.analysis(by, analysis_id)
    if found.state != JobState.DONE:
        raise Http404
    board = queries.board(by, found)
    export_table(by=by, table="themes", rows=len(board))
    headings = ("Theme", "Description", "State", "Comments", "Share of comments read", "Stance")
    headings += ("Critical or against", "Neither or both", "Pleased or for", "Words")
    rows = [
        (
            now.theme.title,
            now.theme.description,
            now.theme.standing,
            now.count,
            None if now.share is None else round(now.share, 4),
            now.theme.stance,
            *now.stances.values(),
            ", ".join(now.theme.terms),
        )
        for now in board
    ]
    return csv_answer(f"themes-{found.first_day}-{found.last_day}", headings, rows)


@for_staff("theme.sign_off")
def sign_off(request: HttpRequest, analysis_id: UUID) -> HttpResponseBase:
    """Sign the themes off, after a look at what they are."""
    by = by_of(request)
    found = queries.analysis(by, analysis_id, permission="theme.sign_off")
    if found.state != JobState.DONE or found.signed_off_at is not None:
        return redirect("feedback:analysis", found.id)
    form = SignOffForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        as_tags = form.cleaned_data["as_tags"] == "yes"

        def sign() -> bool:
            sign_themes_off(by=by, analysis=found, as_tags=as_tags)
            return True

        if on_form(form, sign):
            messages.success(request, "The themes are signed off. They change no more.")
            return redirect("feedback:analysis", found.id)
    board = queries.board(by, found)
    context = {
        "form": form,
        "analysis": found,
        "service": found.service,
        "board": board,
        "undecided": queries.undecided(board),
    }
    return render(request, "feedback/understand/sign_off.html", context, status=422 if form.errors else 200)


@require_safe
@for_staff("feedback.view")
def compare(request: HttpRequest, analysis_id: UUID) -> HttpResponseBase:
    """The themes of two analyses, of one service or of two, side by side."""
    by = by_of(request)
    found = queries.analysis(by, analysis_id)
    try:
        other = queries.analysis(by, UUID(request.GET.get("with", "")))
    except ValueError:
        raise Http404 from None
    if not found.state == other.state == JobState.DONE:
        raise Http404
    context = {
        "service": found.service,
        "first": found,
        "second": other,
        "pairs": judged(
            pairs_of(queries.board(by, found), queries.board(by, other), found, other), found, other
        ),
        "words": {each.id: f"{each.service.name}: {_span(each)}" for each in (found, other)},
    }
    return render(request, "feedback/understand/analyses_compare.html", context)


def _span(of: Analysis) -> str:
    return f"{day(of.first_day)} to {day(of.last_day)}, {METHODS[of.method].lower()}"


def _about(of: Analysis) -> list[tuple[str, Any]]:
    """What was asked for and what came of it, for the summary list."""
    told: list[tuple[str, Any]] = [
        ("Days", f"{day(of.first_day)} to {day(of.last_day)}"),
        ("Form", of.form.name if of.form is not None else "Any form"),
        ("Drafted by", METHODS[of.method]),
        ("Asked for by", of.asked_by.name if of.asked_by is not None else ""),
    ]
    for name, words, choices in (
        ("channel", "How they were sent", Channel),
        ("ending", "Where people were asked", Ending),
    ):
        if of.filters.get(name):
            told.append((words, choices(of.filters[name]).label))
    if of.filters.get("segment"):
        told.append(("Answers of", understand.segment_words(of.service, of.filters["segment"])))
    for name, words in (
        ("embedder", "Read with"),
        ("sentiment", "Stance from"),
        ("language_model", "Language model"),
    ):
        if name in of.models_used:
            model, version = of.models_used[name]
            told.append((words, f"{model}, version {version}"))
    if of.signed_off_at is not None:
        by = of.signed_off_by.name if of.signed_off_by is not None else ""
        told.append(("Signed off", f"{day(of.signed_off_at)} by {by}"))
    return told
