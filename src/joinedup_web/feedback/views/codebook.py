"""A service's codebook, and checking comments against it: the most doubtful first, one at a time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.feedback.actions import codebook as actions
from joinedup_web.feedback.forms.codebook import UNKNOWN, CheckForm, MergeTagForm, TagForm, TagsForm
from joinedup_web.feedback.models import Comment, Fate
from joinedup_web.feedback.queries import tagging as queries
from joinedup_web.feedback.queries import understand
from joinedup_web.feedback.theme_words import LANGUAGES
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may
from joinedup_web.text.switches import is_on

MOST_COUNTED = 1_000
WHICH = {"doubtful": "Read by models, the most doubtful first", "people": "For people to read"}


@require_safe
@for_staff("feedback.view")
def codebook(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """The tags of a service, with how often they are used and how well they were suggested."""
    by = by_of(request)
    service = understand.service(by, service_id)
    context = {
        "service": service,
        "tags": queries.tags_now(by, service),
        "may_change": may(by, "codebook.change"),
        "is_on": is_on(service.organisation_id, "tag"),
    }
    return render(request, "feedback/understand/codebook.html", context)


@for_staff("codebook.change")
def add_tag(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """Add a tag."""
    by = by_of(request)
    service = understand.service(by, service_id, permission="codebook.change")
    form = TagForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        words = dict(form.cleaned_data)
        made = on_form(form, lambda: actions.add_tag(by=by, service=service, **words))
        if made is not None:
            messages.success(request, f"“{made.name}” is in the codebook. New comments are read with it.")
            return redirect("feedback:codebook", service.id)
    context = {"form": form, "service": service, "title": "Add a tag"}
    return render(request, "feedback/understand/tag.html", context, status=422 if form.errors else 200)


@for_staff("codebook.change")
def add_tags(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """Add many tags at once, as a codebook that is kept elsewhere."""
    by = by_of(request)
    service = understand.service(by, service_id, permission="codebook.change")
    form = TagsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        tags = form.cleaned_data["tags"]
        made = on_form(form, lambda: actions.add_tags(by=by, service=service, tags=tags))
        if made is not None:
            there = len(tags) - made
            kept = (
                f" {there:,} {'was' if there == 1 else 'were'} there already and stayed as it was."
                if there
                else ""
            )
            messages.success(
                request, f"{made:,} {'tag is' if made == 1 else 'tags are'} in the codebook.{kept}"
            )
            return redirect("feedback:codebook", service.id)
    context = {"form": form, "service": service}
    return render(request, "feedback/understand/tags.html", context, status=422 if form.errors else 200)


@for_staff("codebook.change")
def merge_tag(request: HttpRequest, tag_id: UUID) -> HttpResponseBase:
    """Make a tag part of another."""
    by = by_of(request)
    tag = queries.tag(by, tag_id)
    targets = list(tag.service.tags.filter(is_active=True).exclude(id=tag.id).order_by("name"))
    form = MergeTagForm(request.POST if request.method == "POST" else None, tags=targets)
    if request.method == "POST" and form.is_valid():
        into = next(each for each in targets if str(each.id) == form.cleaned_data["into"])
        moved = on_form(form, lambda: actions.merge_tag(by=by, tag=tag, into=into))
        if moved is not None:
            comments = f"{moved:,} more {'comment bears' if moved == 1 else 'comments bear'} it"
            messages.success(request, f"“{tag.name}” is part of “{into.name}” now, and retired. {comments}.")
            return redirect("feedback:codebook", tag.service_id)
    context = {"form": form, "tag": tag, "service": tag.service, "targets": targets}
    return render(request, "feedback/understand/tag_merge.html", context, status=422 if form.errors else 200)


@for_staff("codebook.change")
def change_tag(request: HttpRequest, tag_id: UUID) -> HttpResponseBase:
    """Change a tag's words."""
    by = by_of(request)
    tag = queries.tag(by, tag_id)
    form = TagForm(
        request.POST if request.method == "POST" else None,
        initial={"name": tag.name, "description": tag.description},
    )
    if request.method == "POST" and form.is_valid():
        words = dict(form.cleaned_data)

        def change() -> bool:
            actions.change_tag(by=by, tag=tag, **words)
            return True

        if on_form(form, change):
            messages.success(request, f"“{words['name']}” is changed.")
            return redirect("feedback:codebook", tag.service_id)
    context = {"form": form, "service": tag.service, "tag": tag, "title": "Change the tag"}
    return render(request, "feedback/understand/tag.html", context, status=422 if form.errors else 200)


@require_POST
@for_staff("codebook.change")
def retire_tag(request: HttpRequest, tag_id: UUID) -> HttpResponseBase:
    """Retire a tag, or take it up again."""
    by = by_of(request)
    tag = queries.tag(by, tag_id)
    is_active = request.POST.get("active") == "yes"
    done = f"“{tag.name}” is in use again." if is_active else f"“{tag.name}” is retired."
    on_page(request, lambda: actions.retire_tag(by=by, tag=tag, is_active=is_active), done=done)
    return redirect("feedback:codebook", tag.service_id)


@require_safe
@for_staff("theme.edit")
def tagging(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """How many comments wait to be checked, and how well they were suggested so far."""
    by = by_of(request)
    service = understand.service(by, service_id, permission="theme.edit")
    tags, routes = queries.fared(by, service)
    context = {
        "service": service,
        "waiting": [
            (
                words,
                queries.to_check(by, service, which=which).order_by()[: MOST_COUNTED + 1].count(),
                f"{reverse('feedback:next_comment', args=[service.id])}?which={which}",
            )
            for which, words in zip(
                WHICH, ("Read by models, the most doubtful first", "For people to read"), strict=True
            )
        ],
        "most": MOST_COUNTED,
        "fared": [("Tags", tags), ("Teams", routes)],
        "has_tags": service.tags.filter(is_active=True).exists(),
    }
    return render(request, "feedback/understand/tagging.html", context)


@require_safe
@for_staff("theme.edit")
def next_comment(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """Lead on to the next comment to check. ?skip: how many to leave for later."""
    by = by_of(request)
    service = understand.service(by, service_id, permission="theme.edit")
    which, skip = _place(request)
    waiting = queries.to_check(by, service, which=which)
    found = waiting[skip : skip + 1]
    if not found:
        messages.success(request, "There is nothing more to check here.")
        return redirect("feedback:tagging", service.id)
    return redirect(_address(found[0], which, skip))


@for_staff("theme.edit")
def check(request: HttpRequest, comment_id: UUID) -> HttpResponseBase:
    """One comment with what models suggest; a person says what it is about."""
    by = by_of(request)
    comment = queries.comment(by, comment_id)
    service = comment.service
    which, skip = _place(request)
    held = list(comment.tag_assignments.select_related("tag"))
    worn = [each for each in held if each.fate != Fate.REJECTED]
    tags = [*service.tags.filter(is_active=True).order_by("name")]
    tags += [each.tag for each in worn if not each.tag.is_active]
    teams = list(understand.teams(by))
    route = getattr(comment, "route", None)
    chosen = None if route is None else (route.team if route.decided_at else route.suggested)
    form = CheckForm(
        request.POST if request.method == "POST" else None,
        tags=tags,
        teams=teams,
        initial={
            "tags": [str(each.tag_id) for each in worn],
            "team": str(chosen.id) if chosen is not None else "",
            "sentiment": comment.sentiment or UNKNOWN,
            "again": "yes" if comment.checked_at is not None else "",
        },
    )
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data

        def decide() -> bool:
            actions.check_comment(
                by=by,
                comment=comment,
                tags=[each for each in tags if str(each.id) in told["tags"]],
                team=next((each for each in teams if str(each.id) == told["team"]), None),
                sentiment=told["sentiment"],
                again=told["again"] == "yes",
            )
            return True

        if on_form(form, decide):
            address = reverse("feedback:next_comment", args=[service.id])
            return redirect(f"{address}?which={which}&skip={skip}")
    context = {
        "form": form,
        "comment": comment,
        "service": service,
        "question": understand.question_words(service).get(comment.question, comment.question),
        "language_words": LANGUAGES.get(comment.language, comment.language),
        "hints": _hints(held),
        "route_hint": _route_hint(route),
        "later": f"{reverse('feedback:next_comment', args=[service.id])}?which={which}&skip={skip + 1}",
    }
    return render(request, "feedback/understand/check.html", context, status=422 if form.errors else 200)


def _hints(held: list[Any]) -> dict[str, str]:
    return {
        str(each.tag_id): f"Suggested, {each.probability:.0%} sure"
        for each in held
        if each.fate == Fate.SUGGESTED and each.probability is not None
    }


def _route_hint(route: Any) -> str:
    if route is None or route.decided_at is not None:
        return ""
    if route.suggested is None:
        return "The model was not sure enough to suggest a team"
    return f"Suggested: {route.suggested.name}, {route.probability or 0:.0%} sure"


def _place(request: HttpRequest) -> tuple[str, int]:
    """Which comments are gone through, and how many of them were left for later."""
    which = request.GET.get("which", "")
    skip = request.GET.get("skip", "0")
    return which if which in WHICH else "doubtful", int(skip) if skip.isascii() and skip.isdigit() and len(
        skip
    ) < 6 else 0


def _address(comment: Comment, which: str, skip: int) -> str:
    return f"{reverse('feedback:check_comment', args=[comment.id])}?which={which}&skip={skip}"
