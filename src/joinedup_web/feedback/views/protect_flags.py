"""Flags: people who may be in danger, acknowledged against a clock, and closed with what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.design.filters import Choice, DateRange
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.feedback.actions import flags as actions
from joinedup_web.feedback.forms.protect import CloseForm, DangerForm, NoteForm
from joinedup_web.feedback.models import Flag, FlagKind
from joinedup_web.feedback.protect_words import (
    FLAG_STANDINGS,
    flag_history,
    flag_tag,
    masked_html,
    reasons_of,
    what_next,
    who_was_told,
)
from joinedup_web.feedback.queries import protect as queries
from joinedup_web.feedback.queries.understand import question_words
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may


def _list_page(by: Actor) -> ListPage:
    now = timezone.now()
    return ListPage(
        title="People who may be in danger",
        noun=("flag", "flags"),
        columns=(
            Column(
                "kind",
                "Why",
                sort=("kind",),
                value=lambda flag: flag.get_kind_display(),
                link=lambda flag: reverse("feedback:flag", args=[flag.id]),
            ),
            Column("service.name", "Service", sort=("service__name",)),
            Column("raised_at", "Raised", sort=("raised_at",)),
            Column("due_at", "Acknowledge by", sort=("due_at",)),
            Column("told", "Who was told", value=who_was_told),
            Column(
                "standing",
                "State",
                value=lambda flag: dict(FLAG_STANDINGS)[flag.standing],
                cell=lambda flag: flag_tag(flag, now=now),
            ),
            Column(
                "acknowledged_by",
                "Acknowledged by",
                value=lambda flag: flag.acknowledged_by.name if flag.acknowledged_by else None,
            ),
        ),
        filters=(
            Choice("standing", "State", FLAG_STANDINGS),
            Choice("kind", "Why", FlagKind.choices),
            Choice("service", "Service", queries.services(by), field="service_id"),
            DateRange("raised", "Raised", field="raised_at"),
        ),
        empty="Nobody who wrote to you was found to be in danger, and every comment could be read.",
        csv_name="flags",
        template="feedback/protect/flags.html",
    )


@require_safe
@for_staff("flag.acknowledge")
def flags(request: HttpRequest) -> HttpResponseBase:
    """The flags of the organisation, those to acknowledge first. None of what anybody wrote is shown here."""
    by = by_of(request)
    return _list_page(by).answer(
        request,
        queries.flags(by),
        on_export=lambda export: actions.export_flags(
            by=by, rows=export.rows, is_filtered=bool(export.filters)
        ),
    )


@require_safe
@for_staff("flag.acknowledge")
def flag(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    """One flag: the comment, masked, by when it must be acknowledged, who was told, and what was done."""
    by = by_of(request)
    found = queries.flag(by, flag_id)
    response = found.comment.response
    asked = question_words(found.service)
    others = response.comments.exclude(id=found.comment_id).order_by("question")
    context = {
        "flag": found,
        "state": flag_tag(found, now=timezone.now()),
        "next": what_next(found),
        "is_late": found.acknowledged_at is None and found.due_at < timezone.now(),
        "about": _about(found),
        "history": flag_history(found),
        "question": asked.get(found.comment.question, found.comment.question),
        "words": masked_html(found.comment.text),
        "others": [
            (asked.get(each.question, each.question), masked_html(each.text)) for each in others if each.text
        ],
        "is_gone": not found.comment.text,
        "may_unmask": may(by, "feedback.unmask") and bool(response.original_sealed),
        "may_view": may(by, "feedback.view"),
    }
    return render(request, "feedback/protect/flag.html", context)


def _about(flag: Flag) -> list[tuple[str, Any]]:
    duty, deputy = flag.service.duty_person, flag.service.deputy
    told: list[tuple[str, Any]] = [
        ("Service", flag.service.name),
        ("Why", reasons_of(flag)),
        ("Last told", who_was_told(flag)),
        ("Duty person", duty.name if duty is not None else "Nobody is named"),
        ("Deputy", deputy.name if deputy is not None else "Nobody is named"),
        (
            "How to answer",
            "They left a way to be answered"
            if hasattr(flag.comment.response, "contact")
            else "They left no way to be answered",
        ),
    ]
    if flag.outcome:
        told.append(("What came of it", flag.get_outcome_display()))
    if flag.note:
        told.append(("What was done", flag.note))
    return told


@require_POST
@for_staff("flag.acknowledge")
def acknowledge(request: HttpRequest, flag_id: UUID) -> HttpResponseBase:
    """Stop the clock: one has it in hand."""
    by = by_of(request)
    found = queries.flag(by, flag_id)
    on_page(
        request,
        lambda: actions.acknowledge_flag(by=by, organisation_id=found.organisation_id, flag=found),
        done="You have this in hand. Note what you do, and close it when it is done.",
    )
    return redirect("feedback:flag", found.id)


@for_staff("flag.acknowledge")
def note(request: HttpRequest, flag_id: UUID) -> HttpResponseBase:
    """Note what was done so far."""
    found = queries.flag(by_of(request), flag_id)
    form = NoteForm(_posted(request), initial={"note": found.note})
    return _filled_in(
        request,
        found,
        form,
        lambda told: actions.note_on_flag(
            by=by_of(request), organisation_id=found.organisation_id, flag=found, note=told["note"]
        ),
        title="Note what was done",
        button="Save the note",
        done="What was done is noted.",
    )


@for_staff("flag.acknowledge")
def change(request: HttpRequest, flag_id: UUID) -> HttpResponseBase:
    """Say that it is another danger than was thought."""
    found = queries.flag(by_of(request), flag_id)
    form = DangerForm(_posted(request), but=found.kind)
    return _filled_in(
        request,
        found,
        form,
        lambda told: actions.change_flag(
            by=by_of(request), organisation_id=found.organisation_id, flag=found, kind=told["kind"]
        ),
        title="Change what may be the matter",
        button="Change it",
        done="What may be the matter is changed.",
        what="A flag that becomes a threat to life must be acknowledged again, and the duty person is told.",
    )


@for_staff("flag.acknowledge")
def close(request: HttpRequest, flag_id: UUID) -> HttpResponseBase:
    """End a flag with what came of it."""
    found = queries.flag(by_of(request), flag_id)
    form = CloseForm(_posted(request), initial={"note": found.note})
    return _filled_in(
        request,
        found,
        form,
        lambda told: actions.close_flag(
            by=by_of(request),
            organisation_id=found.organisation_id,
            flag=found,
            outcome=told["outcome"],
            note=told["note"],
        ),
        title="Close the flag",
        button="Close the flag",
        done="The flag is closed.",
    )


@require_POST
@for_staff("flag.acknowledge")
def reopen(request: HttpRequest, flag_id: UUID) -> HttpResponseBase:
    """Open a flag again that was closed wrongly."""
    by = by_of(request)
    found = queries.flag(by, flag_id)
    on_page(
        request,
        lambda: actions.reopen_flag(by=by, organisation_id=found.organisation_id, flag=found),
        done="The flag is open again, and its clock runs anew.",
    )
    return redirect("feedback:flag", found.id)


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _filled_in(
    request: HttpRequest,
    flag: Flag,
    form: forms.Form,
    deed: Callable[[dict[str, Any]], object],
    *,
    title: str,
    button: str,
    done: str,
    what: str = "",
) -> HttpResponseBase:
    """One form about a flag: shown, sent, and back to the flag."""

    def do() -> bool:
        deed(form.cleaned_data)
        return True

    if request.method == "POST" and form.is_valid() and on_form(form, do):
        messages.success(request, done)
        return redirect("feedback:flag", flag.id)
    context = {
        "form": form,
        "flag": flag,
        "title": title,
        "button": button,
        "what": what,
        "cancel": reverse("feedback:flag", args=[flag.id]),
        "caption": f"{flag.service.name}: {flag.get_kind_display()}",
    }
    return render(request, "feedback/protect/form.html", context, status=422 if form.errors else 200)
