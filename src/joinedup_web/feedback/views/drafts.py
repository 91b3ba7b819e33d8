"""A form's draft as a whole: pages and end, quotas, preview, published or taken back; and its versions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_POST, require_safe

from joinedup.feedback import FormDefinition, Words, definition_from, editing
from joinedup_web.accounts.views.shown import on_page
from joinedup_web.feedback import drafts
from joinedup_web.feedback.actions.forms import drop_draft as drop_deed
from joinedup_web.feedback.actions.forms import publish as publish_deed
from joinedup_web.feedback.forms.public import parts
from joinedup_web.feedback.forms.questions import EndForm, HeadingForm, QuotaForm
from joinedup_web.feedback.models import Form
from joinedup_web.feedback.queries import collect
from joinedup_web.feedback.views.collect_shown import form_trail, revision_in
from joinedup_web.feedback.views.questions import keep, keep_and_go
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may

LANGUAGES = (("en", "English"), ("cy", "Cymraeg"))


@for_staff("service.manage")
def page_heading(request: HttpRequest, form_id: UUID, number: int) -> HttpResponse:
    """A page's heading. number: from 1."""
    found = collect.form(by_of(request), form_id, permission="service.manage")
    definition = drafts.working(found)
    if not 0 < number <= len(definition.pages):
        raise Http404
    now = definition.pages[number - 1].heading
    form = HeadingForm(
        request.POST if request.method == "POST" else None,
        initial={"heading_en": now.en, "heading_cy": now.cy},
    )
    if request.method == "POST" and form.is_valid():
        heading = Words(form.cleaned_data["heading_en"], form.cleaned_data["heading_cy"])
        if keep(request, form, found, lambda: editing.with_heading(definition, number - 1, heading)):
            messages.success(request, "The heading is changed.")
            return redirect("feedback:questions", found.id)
    return _plain(request, found, form, title=f"Heading of page {number}")


@for_staff("service.manage")
def form_end(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """What happens at the end of a form."""
    found = collect.form(by_of(request), form_id, permission="service.manage")
    definition = drafts.working(found)
    form = EndForm(
        request.POST if request.method == "POST" else None,
        initial={
            "check": definition.check,
            "next_steps_en": definition.next_steps.en,
            "next_steps_cy": definition.next_steps.cy,
        },
    )
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        words = Words(told["next_steps_en"].strip(), told["next_steps_cy"].strip())
        if keep(
            request, form, found, lambda: editing.with_end(definition, check=told["check"], next_steps=words)
        ):
            messages.success(request, "The end of the form is changed.")
            return redirect("feedback:questions", found.id)
    return _plain(request, found, form, title="The end of the form")


@for_staff("service.manage")
def new_quota(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Say how many answers of a kind are wanted."""
    found = collect.form(by_of(request), form_id, permission="service.manage")
    definition = drafts.working(found)
    form = QuotaForm(request.POST if request.method == "POST" else None, definition=definition)
    if request.method == "POST" and form.is_valid():
        quota = form.quota()
        if keep(request, form, found, lambda: editing.with_quota(definition, quota)):
            messages.success(request, "The quota is added.")
            return redirect("feedback:questions", found.id)
    return _plain(request, found, form, title="Add a quota", options={"most": {"width": 5}})


@require_POST
@for_staff("service.manage")
def remove_quota(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Take a quota out."""
    found = collect.form(by_of(request), form_id, permission="service.manage")
    definition = drafts.working(found)
    asked, value = request.POST.get("question", ""), request.POST.get("value", "")
    return keep_and_go(
        request,
        found,
        lambda: editing.without_quota(definition, asked, value),
        "The quota is removed.",
    )


@for_staff("service.manage")
def publish(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Put the draft to use, after a look at what it changes."""
    by = by_of(request)
    found = collect.form(by, form_id, permission="service.manage")
    there = reverse("feedback:form", args=[found.id])
    if request.method == "POST":
        on_page(
            request,
            lambda: publish_deed(
                by=by,
                organisation_id=found.service.organisation_id,
                form=found,
                revision=revision_in(request),
            ),
            done="The questions are published. Whoever comes from now on is asked them.",
        )
        return redirect(there)
    if found.draft is None:
        messages.warning(request, "There are no changes to publish.")
        return redirect(there)
    newest = found.versions.first()
    draft = drafts.working(found)
    changes: list[str] = []
    if newest is not None:
        before = definition_from(newest.definition)
        changes = drafts.changes_told(editing.differences(before, draft), before, draft)
    context = {
        "title": "Publish the questions?",
        "changes": changes,
        "lacking": [question.words.en for question in draft.questions if question.key in draft.lacks_welsh],
        "what": (
            f"{len(draft.questions)} questions become version {newest.number + 1 if newest else 1}.",
            "Whoever comes from now on is asked them. Whoever has begun finishes with the questions they began with.",
        ),
        "revision": found.draft_revision,
        "trail": form_trail(found),
        "button": "Publish",
        "cancel": there,
    }
    return render(request, "feedback/collect/publish.html", context)


@for_staff("service.manage")
def drop_draft(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Take changes back that were not published, after a look."""
    by = by_of(request)
    found = collect.form(by, form_id, permission="service.manage")
    there = reverse("feedback:questions", args=[found.id])
    if request.method == "POST":
        on_page(
            request,
            lambda: drop_deed(
                by=by,
                organisation_id=found.service.organisation_id,
                form=found,
                revision=revision_in(request),
            ),
            done="The changes are taken back.",
        )
        return redirect(there)
    context = {
        "title": "Take the changes back?",
        "what": ("The questions will be those of the newest version again. The changes cannot be had back.",),
        "revision": found.draft_revision,
        "trail": [*form_trail(found), ("Questions", there)],
        "button": "Take the changes back",
        "cancel": there,
        "warning": True,
    }
    return render(request, "feedback/collect/confirm.html", context)


@require_safe
@for_staff("feedback.view")
def preview(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """A page of the draft as people would see it, with every question, in either language. Nothing is sent."""
    found = collect.form(by_of(request), form_id)
    definition = drafts.working(found)
    asked = request.GET.get("page", "1")
    number = min(max(1, int(asked)), len(definition.pages)) if asked.isdecimal() and len(asked) < 4 else 1
    language = "cy" if request.GET.get("in") == "cy" else "en"
    page = definition.pages[number - 1]
    heading = page.heading.said(language)
    context = {
        "form": found,
        "trail": form_trail(found),
        "number": number,
        "pages": len(definition.pages),
        "shown_in": language,
        "languages": LANGUAGES,
        "heading": heading,
        "parts": _parts_of(definition, number - 1, language),
        "next_steps": definition.next_steps.said(language) if number == len(definition.pages) else "",
        "check": definition.check and number == len(definition.pages),
        "is_draft": found.draft is not None,
        "may_manage": may(by_of(request), "service.manage"),
    }
    return render(request, "feedback/collect/preview.html", context)


@require_safe
@for_staff("feedback.view")
def version(request: HttpRequest, form_id: UUID, number: int) -> HttpResponse:
    """What a version asks, in both languages."""
    by = by_of(request)
    found = collect.form(by, form_id)
    shown = collect.version(by, found, number)
    definition = definition_from(shown.definition)
    context = {
        "form": found,
        "version": shown,
        "definition": definition,
        "pages": list(zip(definition.pages, drafts.told(definition), strict=True)),
        "quotas": drafts.quotas_told(definition),
        "trail": form_trail(found),
    }
    return render(request, "feedback/collect/version.html", context)


def _parts_of(definition: FormDefinition, number: int, language: str) -> list[tuple[Any, str]]:
    """Each question of a page as it is shown, with the condition under which it is."""
    page = definition.pages[number]
    with translation.override(language):
        shown = parts(page.questions, given={}, problems=(), language=language, is_heading=False)
    return [
        (part, drafts.condition_words(definition, question))
        for part, question in zip(shown, page.questions, strict=True)
    ]


def _plain(
    request: HttpRequest, of: Form, form: forms.Form, *, title: str, options: dict[str, Any] | None = None
) -> HttpResponse:
    there = reverse("feedback:questions", args=[of.id])
    context = {
        "form": form,
        "title": title,
        "caption": of.name,
        "options": options or {},
        "revision": of.draft_revision,
        "trail": [*form_trail(of), ("Questions", there)],
        "cancel": there,
    }
    return render(request, "feedback/collect/plain_form.html", context, status=422 if form.errors else 200)
