"""Masks: checked one after the other, what was missed, what was masked wrongly, what is under them, flags by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.design.paging import page_items
from joinedup_web.feedback.actions import flags as flag_actions
from joinedup_web.feedback.actions import masks as actions
from joinedup_web.feedback.definitions import definition_of
from joinedup_web.feedback.forms.protect import DangerForm, MissedForm, UnmaskForm, WrongForm
from joinedup_web.feedback.masking import IDENTIFIERS, parts_of
from joinedup_web.feedback.models import Comment, Response
from joinedup_web.feedback.protect_words import masked_html, to_check_words
from joinedup_web.feedback.queries import protect_responses as queries
from joinedup_web.feedback.queries.understand import service as service_of
from joinedup_web.gate.decide import require
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may

FRESH = 30  # minutes since one last proved who one is
AT_ONCE = 10
AROUND_A_MASK = 30  # characters shown on either side, so that people know which one is meant


@for_staff("feedback.moderate")
def masks(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """Responses whose masks nobody has looked at, the most doubtful first, to be confirmed several at a time."""
    by = by_of(request)
    service = service_of(by, service_id, permission="feedback.moderate")
    if request.method == "POST":
        ticked = queries.chosen(by, service, request.POST.getlist("checked"))
        if not ticked:
            messages.warning(request, "Tick the responses whose masks are right")
        else:
            words = "response is" if len(ticked) == 1 else "responses are"
            on_page(
                request,
                lambda: actions.confirm_many(
                    by=by, organisation_id=service.organisation_id, responses=ticked
                ),
                done=f"{len(ticked)} {words} marked as checked.",
            )
        return redirect("feedback:masks", service.id)
    pages = Paginator(queries.masks_to_check(by, service), AT_ONCE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "service": service,
        "waiting": to_check_words(queries.how_many_to_check(by, service)),
        "rows": [(each, _words(each)) for each in page.object_list],
        "page": page.number,
        "pages": pages.num_pages,
        "pagination": page_items(page.number, pages.num_pages, lambda number: f"?page={number}"),
    }
    return render(request, "feedback/protect/masks.html", context)


def _words(response: Response) -> list[tuple[str, Any, Comment]]:
    definition = definition_of(response.version)
    told = []
    for comment in response.comments.all():
        question = definition.question(comment.question)
        asked = question.words.said("en") if question is not None else comment.question
        told.append((asked, masked_html(comment.text), comment))
    return told


@require_POST
@for_staff("feedback.moderate")
def confirm(request: HttpRequest, response_id: UUID) -> HttpResponseBase:
    """Say that one looked at what is masked."""
    by = by_of(request)
    found = queries.response(by, response_id, permission="feedback.moderate")
    on_page(
        request,
        lambda: actions.confirm_masks(by=by, organisation_id=found.organisation_id, response=found),
        done="The masks are marked as checked. The words may leave in downloads and quotes.",
    )
    return redirect("feedback:response", found.id)


@for_staff("feedback.moderate")
def missed(request: HttpRequest, comment_id: UUID) -> HttpResponseBase:
    """Mask what was missed, wherever it stands."""
    by = by_of(request)
    comment = queries.comment(by, comment_id, permission="feedback.moderate")
    form = MissedForm(_posted(request))

    def deed(told: dict[str, Any]) -> str:
        times: int = actions.mask_missed(
            by=by,
            organisation_id=comment.organisation_id,
            comment=comment,
            words=told["words"],
            identifier=told["identifier"],
        )
        return (
            f"Masked {'once' if times == 1 else f'{times} times'}. Check the masks again before words leave."
        )

    return _about_comment(
        request, comment, form, deed, title="Mask what was missed", button="Mask it", options={}
    )


@for_staff("feedback.moderate", fresh_minutes=FRESH)
def wrong(request: HttpRequest, comment_id: UUID) -> HttpResponseBase:
    """Take a mask off that hides no personal data; for those who may see what is masked, since everybody will."""
    by = by_of(request)
    comment = queries.comment(by, comment_id, permission="feedback.moderate")
    require(by, "feedback.unmask", organisation_id=comment.organisation_id)
    form = WrongForm(_posted(request), masks=_masks_in(comment.text))
    kinds = dict(IDENTIFIERS)

    def deed(told: dict[str, Any]) -> str:
        kind: str = actions.show_again(
            by=by, organisation_id=comment.organisation_id, comment=comment, number=told["number"]
        )
        return f"The mask is taken off: {kinds.get(kind, kind).lower()}. Everybody who reads comments sees the words."

    return _about_comment(
        request,
        comment,
        form,
        deed,
        title="Take a wrong mask off",
        button="Take the mask off",
        options={},
        what="What is under it will be seen by everybody who reads comments, and by models. See what is masked first.",
    )


def _masks_in(text: str) -> list[tuple[int, str]]:
    """Each mask with the words around it, by its number from 0."""
    pieces = [("", False), *parts_of(text), ("", False)]
    told: list[tuple[int, str]] = []
    for (before, masked_before), (piece, is_mask), (after, masked_after) in zip(
        pieces, pieces[1:], pieces[2:], strict=False
    ):
        if is_mask:
            left = "" if masked_before else _cut(before[::-1])[::-1]
            right = "" if masked_after else _cut(after)
            told.append((len(told), f"{left}{piece}{right}"))
    return told


def _cut(words: str) -> str:
    return words if len(words) <= AROUND_A_MASK else f"{words[:AROUND_A_MASK]}…"


@for_staff("feedback.unmask", fresh_minutes=FRESH)
def unmask(request: HttpRequest, response_id: UUID) -> HttpResponseBase:
    """Ask why, then show the words as they came and how to answer: once, and recorded before anything is opened."""
    by = by_of(request)
    found = queries.response(by, response_id, permission="feedback.unmask")
    form = UnmaskForm(_posted(request), initial={"reason": request.GET.get("reason", "")})
    context = {"form": form, "response": found, "service": found.service}
    if request.method == "POST" and form.is_valid():
        seen = on_form(
            form,
            lambda: actions.unmask(
                by=by,
                organisation_id=found.organisation_id,
                response=found,
                reason=form.cleaned_data["reason"],
            ),
        )
        if seen is not None:
            texts, contact = seen
            definition = definition_of(found.version)
            asked = {each.key: each.words.said("en") for each in definition.questions}
            context["texts"] = [(asked.get(key, key), text) for key, text in texts.items()]
            context["contact"] = contact
            context["reason"] = actions.REASONS[form.cleaned_data["reason"]]
            return _unkept(render(request, "feedback/protect/unmasked.html", context))
    return _unkept(
        render(request, "feedback/protect/unmask.html", context, status=422 if form.errors else 200)
    )


def _unkept(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@for_staff("feedback.moderate")
def mask_anew(request: HttpRequest, response_id: UUID) -> HttpResponseBase:
    """Mask a response anew by the rules of this release; what people corrected still holds."""
    by = by_of(request)
    found = queries.response(by, response_id, permission="feedback.moderate")
    on_page(
        request,
        lambda: actions.mask_by_new_rules(by=by, organisation_id=found.organisation_id, response=found),
        done="It is masked by the newest rules.",
    )
    return redirect("feedback:response", found.id)


@for_staff("feedback.view")
def raise_flag(request: HttpRequest, comment_id: UUID) -> HttpResponseBase:
    """Say that somebody may be in danger: the duty person is told at once."""
    by = by_of(request)
    comment = queries.comment(by, comment_id, permission="feedback.view")
    form = DangerForm(_posted(request))
    made: list[Any] = []

    def deed(told: dict[str, Any]) -> str:
        made.append(
            flag_actions.raise_by_hand(
                by=by, organisation_id=comment.organisation_id, comment=comment, kind=told["kind"]
            )
        )
        return "The flag is raised. The duty person is told now."

    there = _about_comment(
        request,
        comment,
        form,
        deed,
        title="Raise a flag",
        button="Raise the flag",
        options={},
        what="Raise a flag where you fear for somebody’s life or safety. If somebody is in danger now, call 999 first.",
    )
    return redirect("feedback:flag", made[0].id) if made and may(by, "flag.acknowledge") else there


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _about_comment(
    request: HttpRequest,
    comment: Comment,
    form: Any,
    deed: Callable[[dict[str, Any]], str],
    *,
    title: str,
    button: str,
    options: dict[str, Any],
    what: str = "",
) -> HttpResponseBase:
    """One form about a comment, shown above it; back to the response when it is done."""
    if request.method == "POST" and form.is_valid():
        done = on_form(form, lambda: deed(form.cleaned_data))
        if done:
            messages.success(request, done)
            return redirect("feedback:response", comment.response_id)
    context = {
        "form": form,
        "title": title,
        "caption": comment.service.name,
        "what": what,
        "words": masked_html(comment.text),
        "button": button,
        "options": options,
        "cancel": reverse("feedback:response", args=[comment.response_id]),
    }
    return render(request, "feedback/protect/form.html", context, status=422 if form.errors else 200)
