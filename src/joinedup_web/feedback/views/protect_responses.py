"""Responses of a service: the list, its download, and one response with its words masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from markupsafe import Markup

from joinedup.feedback import in_words
from joinedup_web.design.filters import Choice, DateRange, TextSearch
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.design.words import clock
from joinedup_web.feedback.actions.exports import export_table
from joinedup_web.feedback.definitions import definition_of
from joinedup_web.feedback.models import Channel, Ending, Response, ResponseState, Service
from joinedup_web.feedback.protect_history import response_history
from joinedup_web.feedback.protect_words import (
    HELD_REASONS,
    SENTIMENTS,
    beginning,
    flag_tag,
    masked_html,
    response_tag,
    to_check_words,
)
from joinedup_web.feedback.queries import protect_responses as queries
from joinedup_web.feedback.queries.understand import forms, question_words
from joinedup_web.feedback.queries.understand import service as service_of
from joinedup_web.feedback.theme_words import LANGUAGES
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may

OF_COMMENTS = (("en", "English"), ("cy", "Welsh"), ("other", "Another, or not recognised"))
CHECKED = (("yes", "Checked"), ("no", "Not checked yet"))


@dataclass(frozen=True)
class InComments(Choice):
    """A choice by which `queries.narrowed` narrows the rows before the list sees them: it is about comments."""

    def narrow(self, rows: Any, state: Mapping[str, Any]) -> Any:
        """Nothing is left to do."""
        return rows


@dataclass(frozen=True)
class WordsInComments(TextSearch):
    """Words looked for by `queries.narrowed`, before the list sees the rows."""

    def narrow(self, rows: Any, state: Mapping[str, Any]) -> Any:
        """Nothing is left to do."""
        return rows


@dataclass(frozen=True)
class MasksChecked(Choice):
    """Whether somebody has looked at what is masked."""

    def narrow(self, rows: Any, state: Mapping[str, Any]) -> Any:
        """Both are everything."""
        return rows.among("is_checked", [state["value"] == ["yes"]]) if len(state["value"]) == 1 else rows


WORDS = WordsInComments(fields=(), label="Words", hint="In comments as they are masked")
STANCE = InComments("sentiment", "Sentiment", SENTIMENTS)
LANGUAGE = InComments("language", "Language of the comment", OF_COMMENTS)


def _list_page(by: Actor, of: Service, asked: Mapping[str, str], *, for_csv: bool) -> ListPage:
    sees_held = queries.may_see_held(by)
    moderates = may(by, "feedback.moderate")
    columns = [
        Column(
            "received_at",
            "Received",
            sort=("received_at",),
            cell=lambda row: clock(row.received_at),
            link=lambda row: reverse("feedback:response", args=[row.id]),
        ),
        Column("comments", "What they wrote", cell=_told, value=_told, in_csv=False),
        Column("satisfaction", "Satisfaction, 5 is best", sort=("satisfaction",), numeric=True),
        Column("form", "Form", value=lambda row: row.version.form.name, on_page=False),
        Column("channel", "How it was sent", value=lambda row: row.get_channel_display()),
        Column("ending", "Where they were asked", value=lambda row: row.get_ending_display(), on_page=False),
        Column("masks", "Masks", value=lambda row: "Checked" if row.is_checked else "Not checked yet"),
    ]
    if sees_held:
        columns.append(
            Column(
                "state", "State", value=lambda row: row.get_state_display(), cell=response_tag, in_csv=False
            )
        )
    if moderates:
        columns.append(Column("chosen", "Select", cell=_tick, in_csv=False))
    if for_csv:
        columns += [_answer_column(key, words) for key, words in asked.items()]
    state = Choice("state", "State", ResponseState.choices)
    return ListPage(
        title="Responses",
        noun=("response", "responses"),
        columns=tuple(columns),
        filters=(
            WORDS,
            *((state,) if sees_held else ()),
            DateRange("received", "Received", field="received_at"),
            Choice(
                "form", "Form", [(form.id, form.name) for form in forms(by, of)], field="version__form_id"
            ),
            Choice("channel", "How it was sent", Channel.choices),
            Choice("ending", "Where they were asked", Ending.choices),
            LANGUAGE,
            STANCE,
            MasksChecked("masks", "Masks", CHECKED),
        ),
        default_sort="-received_at",
        page_size=25,
        empty="Nobody has answered a form of this service yet.",
        csv_name=f"responses-{of.slug}",
        template="feedback/protect/responses.html",
    )


def _told(row: Response) -> str:
    words = " / ".join(comment.text for comment in row.comments.all() if comment.text)
    return beginning(words) if words else "No comment"


def _tick(row: Response) -> Markup:
    return Markup(
        '<div class="govuk-checkboxes govuk-checkboxes--small"><div class="govuk-checkboxes__item">'
        '<input class="govuk-checkboxes__input" type="checkbox" form="moderate" name="chosen"'
        ' id="chosen-{0}" value="{0}">'
        '<label class="govuk-label govuk-checkboxes__label" for="chosen-{0}">'
        '<span class="govuk-visually-hidden">Select the response of {1}</span></label></div></div>'
    ).format(row.id, clock(row.received_at))


def _answer_column(key: str, words: str) -> Column:
    """An answer in the download. Words leave only where somebody has looked at what is masked."""

    def value(row: Response) -> Any:
        question = definition_of(row.version).question(key)
        answer = row.answers.get(key)
        if question is None or answer is None:
            return None
        if question.kind == "text" and not row.is_checked:
            return None
        return in_words(question, answer, "en")

    return Column(f"answer:{key}", words, value=value, on_page=False)


@require_safe
@for_staff("feedback.view")
def responses(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """The responses of a service, masked. A download holds open ones alone, and words where masks were checked."""
    by = by_of(request)
    service = service_of(by, service_id)
    for_csv = request.GET.get("format") == "csv"
    found = queries.narrowed(
        queries.responses(by, service),
        service,
        words=WORDS.read(request.GET)["value"],
        stances=STANCE.read(request.GET)["value"],
        languages=LANGUAGE.read(request.GET)["value"],
    )
    if for_csv:
        found = found.filter(state=ResponseState.OPEN)
    asked = question_words(service) if for_csv else {}
    return _list_page(by, service, asked, for_csv=for_csv).answer(
        request,
        found,
        context={
            "service": service,
            "may_moderate": may(by, "feedback.moderate"),
            "to_check": to_check_words(queries.how_many_to_check(by, service))
            if may(by, "feedback.moderate")
            else "",
        },
        on_export=lambda export: export_table(
            by=by, table="responses", rows=export.rows, is_filtered=bool(export.filters)
        ),
    )


@require_safe
@for_staff("feedback.view")
def response(request: HttpRequest, response_id: UUID) -> HttpResponse:
    """One response: answers, words masked, what may be done with it, and what happened."""
    by = by_of(request)
    found = queries.response(by, response_id)
    definition = definition_of(found.version)
    comments = {comment.question: comment for comment in queries.comments(by, found)}
    answers = []
    for question in definition.questions:
        if question.key in comments or question.key in found.answers:
            comment = comments.pop(question.key, None)
            shown = (
                masked_html(comment.text)
                if comment
                else in_words(question, found.answers[question.key], "en")
            )
            answers.append((question.words.said("en"), shown, comment, _about_comment(comment)))
    answers += [  # of questions that this version does not ask: brought in from elsewhere
        (key, masked_html(comment.text), comment, _about_comment(comment))
        for key, comment in comments.items()
    ]
    context = {
        "response": found,
        "service": found.service,
        "state": response_tag(found),
        "answers": answers,
        "about": _about(found),
        "held_reason": HELD_REASONS.get(found.held_reason, ""),
        "flags": [(each, flag_tag(each, now=timezone.now())) for each in queries.flags_of(by, found)],
        "history": response_history(by, found),
        "has_comments": any(comment is not None for _, _, comment, _ in answers),
        "has_original": bool(found.original_sealed),
        "may_moderate": may(by, "feedback.moderate"),
        "may_unmask": may(by, "feedback.unmask"),
    }
    return render(request, "feedback/protect/response.html", context)


def _about(found: Response) -> list[tuple[str, Any]]:
    told: list[tuple[str, Any]] = [
        ("Received", clock(found.received_at)),
        ("Form", f"{found.version.form.name}, version {found.version.number}"),
        ("How it was sent", found.get_channel_display()),
        ("Where they were asked", found.get_ending_display()),
        ("Language of the form", LANGUAGES.get(found.language, found.language)),
        ("May be quoted", "Yes, they said so" if found.may_publish else "No"),
        (
            "How to answer",
            "They left a way to be answered" if hasattr(found, "contact") else "They left none",
        ),
    ]
    if found.point is not None:
        told.insert(4, ("Collection point", found.point.label))
    return told


def _about_comment(comment: Any) -> str:
    """Language and sentiment of a comment, in a line."""
    if comment is None:
        return ""
    words = [LANGUAGES.get(comment.language, comment.language)]
    if not comment.is_readable:
        words.append("no model can read it")
    if comment.sentiment:
        words.append(dict(SENTIMENTS)[comment.sentiment].lower())
    return ", ".join(words)
