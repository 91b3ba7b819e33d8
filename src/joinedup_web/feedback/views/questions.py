"""The editor of a form's questions: the questions in order, one to add, to change, to move and to remove."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from joinedup.feedback import CLOSED, FormDefinition, FormError, Kind, Question, editing
from joinedup_web.accounts.views.shown import BY_THE_GATE, sentence
from joinedup_web.feedback import drafts
from joinedup_web.feedback.actions.forms import change_draft
from joinedup_web.feedback.forms.questions import (
    KINDS,
    EarlierForm,
    KindForm,
    QuestionForm,
    Row,
    ShownForm,
    blame,
    moved,
    rows_in,
    rows_of,
    typed,
    with_spare,
)
from joinedup_web.feedback.models import Form
from joinedup_web.feedback.queries import collect
from joinedup_web.feedback.views.collect_shown import form_trail, revision_in
from joinedup_web.gate.decide import Refused
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of

NEW_PAGE = "new"


@require_safe
@for_staff("service.manage")
def questions(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """The questions in their order, page by page, with what can be done about each."""
    found = collect.form(by_of(request), form_id, permission="service.manage")
    definition = drafts.working(found)
    context = {
        "form": found,
        "definition": definition,
        "pages": list(zip(definition.pages, drafts.told(definition), strict=True)),
        "quotas": drafts.quotas_told(definition),
        "lacking": len(definition.lacks_welsh),
        "has_version": found.versions.exists(),
        "has_closed": any(each.kind in CLOSED for each in definition.questions),
        "trail": form_trail(found),
    }
    return render(request, "feedback/collect/questions.html", context)


@for_staff("service.manage")
def new_question(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Add a question: first which kind, then its words."""
    found = collect.form(by_of(request), form_id, permission="service.manage")
    definition = drafts.working(found)
    asked = request.GET.get("page", NEW_PAGE)
    page = int(asked) - 1 if asked.isdecimal() and 0 < int(asked[:3]) <= len(definition.pages) else None
    kind = _kind(request.GET.get("kind", ""))
    if kind is None:
        return _choose_kind(request, found, definition, asked)

    def added(question: Question) -> FormDefinition:
        return editing.add_question(
            definition, question, page=len(definition.pages) if page is None else page
        )

    return _edit(request, found, definition, None, kind, added, "The question is added.")


@for_staff("service.manage")
def question(request: HttpRequest, form_id: UUID, key: str) -> HttpResponse:
    """Change a question's words, answers and limits."""
    found, definition, before = _question(request, form_id, key)

    def changed(after: Question) -> FormDefinition:
        return editing.replace_question(definition, after)

    return _edit(request, found, definition, before, before.kind, changed, "The question is changed.")


@for_staff("service.manage")
def question_shown(request: HttpRequest, form_id: UUID, key: str) -> HttpResponse:
    """When a question is shown: always, or by the answers to an earlier one."""
    found, definition, before = _question(request, form_id, key)
    earlier = _earlier(definition, key)
    on = next((each for each in earlier if each.key == request.GET.get("on", "")), None)
    now = before.show_if.question if before.show_if else "always"
    if on is None and "on" not in request.GET and request.method != "POST":
        form: Any = EarlierForm(earlier=earlier, initial={"on": now})
        return _shown_page(request, found, before, form, "feedback/collect/shown_on.html")
    if on is None:
        choice = EarlierForm(request.POST if request.method == "POST" else request.GET, earlier=earlier)
        if not choice.is_valid() or request.method != "POST":
            return _shown_page(request, found, before, choice, "feedback/collect/shown_on.html")
        if choice.cleaned_data["on"] != "always":
            there = reverse("feedback:question_shown", args=[found.id, key])
            return redirect(f"{there}?on={choice.cleaned_data['on']}")
        after = replace(before, show_if=None)
        if keep(request, choice, found, lambda: editing.replace_question(definition, after)):
            messages.success(request, "The question is always shown.")
            return redirect("feedback:questions", found.id)
        return _shown_page(request, found, before, choice, "feedback/collect/shown_on.html")
    values = list(before.show_if.values) if before.show_if and now == on.key else []
    form = ShownForm(
        request.POST if request.method == "POST" else None, earlier=on, initial={"values": values}
    )
    if request.method == "POST" and form.is_valid():
        after = replace(before, show_if=form.condition())
        if keep(request, form, found, lambda: editing.replace_question(definition, after)):
            messages.success(request, "It is settled when the question is shown.")
            return redirect("feedback:questions", found.id)
    return _shown_page(request, found, before, form, "feedback/collect/shown_values.html", on=on)


@require_POST
@for_staff("service.manage")
def move_question(request: HttpRequest, form_id: UUID, key: str) -> HttpResponse:
    """Move a question up or down, or let a new page begin at it."""
    found, definition, _ = _question(request, form_id, key)
    to = request.POST.get("to", "")
    ways: dict[str, tuple[Callable[[], FormDefinition], str]] = {
        "up": (lambda: editing.move_question(definition, key, up=True), "The question is moved up."),
        "down": (lambda: editing.move_question(definition, key, up=False), "The question is moved down."),
        "page": (lambda: editing.split_page(definition, key), "A new page begins at the question."),
    }
    if to not in ways:
        return redirect("feedback:questions", found.id)
    change, done = ways[to]
    return keep_and_go(request, found, change, done)


@for_staff("service.manage")
def remove_question(request: HttpRequest, form_id: UUID, key: str) -> HttpResponse:
    """Take a question out, after a look at what that does."""
    found, definition, before = _question(request, form_id, key)
    there = reverse("feedback:questions", args=[found.id])
    if request.method == "POST":
        return keep_and_go(
            request, found, lambda: editing.remove_question(definition, key), "The question is removed."
        )
    context = {
        "title": "Remove this question?",
        "what": (
            before.words.en,
            "Answers that people gave to it stay, with the version in which it was asked.",
        ),
        "revision": found.draft_revision,
        "trail": [*form_trail(found), ("Questions", there)],
        "button": "Remove the question",
        "cancel": there,
        "warning": True,
    }
    return render(request, "feedback/collect/confirm.html", context)


def keep(
    request: HttpRequest, form: forms.Form, of: Form, change: Callable[[], FormDefinition]
) -> Form | None:
    """Keep a changed draft; what cannot be is shown beside its field, and None comes back."""
    try:
        return change_draft(
            by=by_of(request),
            organisation_id=of.service.organisation_id,
            form=of,
            definition=change(),
            revision=revision_in(request),
        )
    except FormError as error:
        blame(form, error)
    except Refused as refused:
        if refused.decision.code in BY_THE_GATE:
            raise
        form.add_error(None, f"{sentence(refused)}. What you typed is below; save again to keep it")
    return None


def keep_and_go(
    request: HttpRequest, of: Form, change: Callable[[], FormDefinition], done: str
) -> HttpResponse:
    """Keep a change of one button, and go back to the questions with a word of what came of it."""
    try:
        change_draft(
            by=by_of(request),
            organisation_id=of.service.organisation_id,
            form=of,
            definition=change(),
            revision=revision_in(request),
        )
        messages.success(request, done)
    except FormError as error:
        messages.warning(
            request, f"Nothing was changed: {error.what} ({error.where}). Mend it like this: {error.mend}."
        )
    except Refused as refused:
        if refused.decision.code in BY_THE_GATE:
            raise
        messages.warning(request, f"{sentence(refused)}.")
    return redirect("feedback:questions", of.id)


def _edit(
    request: HttpRequest,
    of: Form,
    definition: FormDefinition,
    before: Question | None,
    kind: Kind,
    change: Callable[[Question], FormDefinition],
    done: str,
) -> HttpResponse:
    initial: Mapping[str, Any] = typed(before) if before else {}
    if request.method != "POST":
        form = QuestionForm(kind=kind, rows=rows_of(before, kind), initial=dict(initial))
        return _question_page(request, of, before, form)
    rows, asked = rows_in(request.POST, kind), request.POST.get("do", "save")
    if asked != "save" and rows:
        shown = {**request.POST.dict(), "is_required": "is_required" in request.POST}
        kept = {name: shown[name] for name in QuestionForm.base_fields if name in shown}
        return _question_page(
            request, of, before, QuestionForm(kind=kind, rows=_rows_after(rows, asked), initial=kept)
        )
    form = QuestionForm(request.POST, kind=kind, rows=rows)
    if form.is_valid():
        after = form.question(definition, before)
        if keep(request, form, of, lambda: change(after)):
            messages.success(request, done)
            return redirect("feedback:questions", of.id)
    return _question_page(request, of, before, form)


def _rows_after(rows: list[Row], asked: str) -> list[Row]:
    """Answers as a button left them: more of them, or one moved."""
    way, _, number = asked.partition("-")
    if way in {"up", "down"} and number.isdecimal():
        return moved(rows, int(number[:3]), up=way == "up")
    return with_spare(rows)


def _question_page(
    request: HttpRequest, of: Form, before: Question | None, form: QuestionForm
) -> HttpResponse:
    context = {
        "form": form,
        "of": of,
        "before": before,
        "kind": KINDS[form.kind],
        "title": "Change a question" if before else "Add a question",
        "rows": [
            (number, form[f"option_{number}_value"], form[f"option_{number}_en"], form[f"option_{number}_cy"])
            for number in range(len(form.rows))
        ],
        "trail": [*form_trail(of), ("Questions", reverse("feedback:questions", args=[of.id]))],
        "cancel": reverse("feedback:questions", args=[of.id]),
    }
    status = 422 if form.errors else 200
    return render(request, "feedback/collect/question.html", context, status=status)


def _shown_page(
    request: HttpRequest, of: Form, before: Question, form: forms.Form, template: str, **more: Any
) -> HttpResponse:
    there = reverse("feedback:questions", args=[of.id])
    context = {
        "form": form,
        "of": of,
        "question": before,
        "trail": [*form_trail(of), ("Questions", there)],
        "cancel": there,
        **more,
    }
    return render(request, template, context, status=422 if form.errors else 200)


def _choose_kind(request: HttpRequest, of: Form, definition: FormDefinition, page: str) -> HttpResponse:
    there = reverse("feedback:questions", args=[of.id])
    form = KindForm(request.GET if "kind" in request.GET or request.method == "POST" else None)
    once = {Kind.SATISFACTION, Kind.PERMISSION} & {each.kind for each in definition.questions}
    form.fields["kind"].choices = [  # type: ignore[attr-defined]
        (kind.value, words) for kind, (words, _) in KINDS.items() if kind not in once
    ]
    context = {
        "form": form,
        "of": of,
        "page": page,
        "hints": {kind.value: hint for kind, (_, hint) in KINDS.items()},
        "trail": [*form_trail(of), ("Questions", there)],
        "cancel": there,
    }
    return render(request, "feedback/collect/question_kind.html", context, status=422 if form.errors else 200)


def _question(request: HttpRequest, form_id: UUID, key: str) -> tuple[Form, FormDefinition, Question]:
    found = collect.form(by_of(request), form_id, permission="service.manage")
    definition = drafts.working(found)
    question = definition.question(key)
    if question is None:
        raise Http404
    return found, definition, question


def _earlier(definition: FormDefinition, key: str) -> list[Question]:
    """The questions before one on which it may depend."""
    keys = [each.key for each in definition.questions]
    return [each for each in definition.questions[: keys.index(key)] if each.kind in CLOSED]


def _kind(text: str) -> Kind | None:
    return Kind(text) if text in set(Kind) else None
