"""A theme and its comments, and what people make of it: keep, edit, merge, split, delete, add, move comments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.feedback.actions import themes as actions
from joinedup_web.feedback.forms.themes import IntoForm, MoveForm, SplitForm, ThemeForm
from joinedup_web.feedback.models import Analysis, JobState, Theme
from joinedup_web.feedback.queries import themes as queries
from joinedup_web.feedback.theme_words import LANGUAGES, STANCES
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may

COMMENTS_A_PAGE = 25
COMMENTS = ListPage(
    title="Comments",
    noun=("comment", "comments"),
    columns=(
        Column("text", "Comment", value=lambda row: _comment(row).text),
        Column("received_at", "Received", value=lambda row: _comment(row).received_at),
    ),
    page_size=COMMENTS_A_PAGE,
    empty="There are no comments here.",
)


def _comment(row: Any) -> Any:
    return getattr(row, "comment", row)


@for_staff("feedback.view")
def theme(request: HttpRequest, theme_id: UUID) -> HttpResponseBase:
    """A theme with its comments. POST moves those that are selected."""
    by = by_of(request)
    found = queries.theme(by, theme_id)
    analysis = found.analysis
    may_edit = _may_edit(by, analysis) and found.state in queries.LIVE
    targets = [each for each in _live(analysis) if each != found]
    form = MoveForm(request.POST if request.method == "POST" else None, themes=targets)
    if request.method == "POST":
        queries.theme(by, theme_id, permission="theme.edit")
        if form.is_valid():
            into = next((each for each in targets if str(each.id) == form.cleaned_data["into"]), None)
            moved = on_form(
                form,
                lambda: actions.move_comments(
                    by=by, analysis=analysis, comments=_chosen(request), theme=found, into=into
                ),
            )
            if moved is not None:
                messages.success(request, _moved(moved, into))
                return redirect(request.get_full_path())
    listing = COMMENTS.listing(request, queries.members(found))
    context = {
        "theme": found,
        "now": queries.theme_now(by, found),
        "analysis": analysis,
        "service": analysis.service,
        "list": listing,
        "form": form,
        "may_edit": may_edit,
        "stances": STANCES,
    }
    return render(request, "feedback/understand/theme.html", context, status=422 if form.errors else 200)


@for_staff("feedback.view")
def others(request: HttpRequest, analysis_id: UUID) -> HttpResponseBase:
    """The comments of an analysis that have no theme, or that no model reads (?which=people). POST moves them."""
    by = by_of(request)
    analysis = _done(by, analysis_id)
    which = "people" if request.GET.get("which") == "people" else "none"
    rows = queries.left_to_people(analysis) if which == "people" else queries.without_theme(analysis)
    targets = _live(analysis)
    form = MoveForm(request.POST if request.method == "POST" else None, themes=targets, with_none=False)
    if request.method == "POST":
        _done(by, analysis_id, permission="theme.edit")
        if form.is_valid():
            into = next((each for each in targets if str(each.id) == form.cleaned_data["into"]), None)
            moved = on_form(
                form,
                lambda: actions.move_comments(
                    by=by, analysis=analysis, comments=_chosen(request), theme=None, into=into
                ),
            )
            if moved is not None:
                messages.success(request, _moved(moved, into))
                return redirect(request.get_full_path())
    titles = {"people": "Comments that no model reads", "none": "Comments without a theme"}
    context = {
        "title": titles[which],
        "which": which,
        "analysis": analysis,
        "service": analysis.service,
        "list": COMMENTS.listing(request, rows.order_by("-received_at", "id")),
        "form": form,
        "may_edit": _may_edit(by, analysis) and bool(targets),
        "languages": LANGUAGES,
        "stances": STANCES,
    }
    return render(request, "feedback/understand/others.html", context, status=422 if form.errors else 200)


@require_POST
@for_staff("theme.edit")
def keep(request: HttpRequest, theme_id: UUID) -> HttpResponseBase:
    """Keep a draft as it is."""
    by = by_of(request)
    found = queries.theme(by, theme_id, permission="theme.edit")
    on_page(
        request, lambda: actions.keep_theme(by=by, theme=found), done=f"“{found.title}” is kept as it was."
    )
    return redirect(f"{_board(found.analysis)}#theme-{found.number}")


@for_staff("theme.edit")
def edit(request: HttpRequest, theme_id: UUID) -> HttpResponseBase:
    """Change a theme's words."""
    by = by_of(request)
    found = queries.theme(by, theme_id, permission="theme.edit")
    if _is_too_late(request, found.analysis):
        return redirect(_board(found.analysis))
    form = ThemeForm(
        request.POST if request.method == "POST" else None,
        initial={"title": found.title, "description": found.description},
    )
    if request.method == "POST" and form.is_valid():
        words = dict(form.cleaned_data)

        def change() -> bool:
            actions.edit_theme(by=by, theme=found, **words)
            return True

        if on_form(form, change):
            messages.success(request, "The theme is changed.")
            return redirect("feedback:theme", found.id)
    return _form_page(request, form, "theme_edit", found, title="Change the theme")


@for_staff("theme.edit")
def add(request: HttpRequest, analysis_id: UUID) -> HttpResponseBase:
    """Add a theme that no model drafted."""
    by = by_of(request)
    analysis = _done(by, analysis_id, permission="theme.edit")
    if _is_too_late(request, analysis):
        return redirect(_board(analysis))
    form = ThemeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        words = dict(form.cleaned_data)
        made = on_form(form, lambda: actions.add_theme(by=by, analysis=analysis, **words))
        if made is not None:
            messages.success(request, "The theme is added. Give it comments from other themes, or from none.")
            return redirect("feedback:theme", made.id)
    context = {"form": form, "analysis": analysis, "service": analysis.service, "title": "Add a theme"}
    return render(request, "feedback/understand/theme_edit.html", context, status=422 if form.errors else 200)


@for_staff("theme.edit")
def merge(request: HttpRequest, theme_id: UUID) -> HttpResponseBase:
    """Put a theme's comments into another."""
    by = by_of(request)
    found = queries.theme(by, theme_id, permission="theme.edit")
    if _is_too_late(request, found.analysis):
        return redirect(_board(found.analysis))
    targets = [each for each in _live(found.analysis) if each != found]
    form = IntoForm(request.POST if request.method == "POST" else None, themes=targets)
    if request.method == "POST" and form.is_valid():
        into = next(each for each in targets if str(each.id) == form.cleaned_data["into"])

        def change() -> bool:
            actions.merge_themes(by=by, theme=found, into=into)
            return True

        if on_form(form, change):
            messages.success(request, f"The comments are in “{into.title}” now.")
            return redirect("feedback:theme", into.id)
    return _form_page(request, form, "theme_merge", found, title="Merge into another theme", targets=targets)


@for_staff("theme.edit")
def split(request: HttpRequest, theme_id: UUID) -> HttpResponseBase:
    """Split a theme into parts."""
    by = by_of(request)
    found = queries.theme(by, theme_id, permission="theme.edit")
    if _is_too_late(request, found.analysis):
        return redirect(_board(found.analysis))
    form = SplitForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        way = form.cleaned_data["way"]
        parts = on_form(form, lambda: actions.split_theme(by=by, theme=found, way=way))
        if parts is not None:
            messages.success(request, f"The theme is split into {len(parts)}. Give each a title of its own.")
            return redirect("feedback:analysis", found.analysis_id)
    return _form_page(request, form, "theme_split", found, title="Split the theme")


@for_staff("theme.edit")
def delete(request: HttpRequest, theme_id: UUID) -> HttpResponseBase:
    """Delete a theme, after a look at what that means."""
    by = by_of(request)
    found = queries.theme(by, theme_id, permission="theme.edit")
    if _is_too_late(request, found.analysis):
        return redirect(_board(found.analysis))
    if request.method == "POST":
        on_page(
            request, lambda: actions.delete_theme(by=by, theme=found), done=f"“{found.title}” is deleted."
        )
        return redirect(_board(found.analysis))
    return _form_page(request, None, "theme_delete", found, title="Delete the theme")


@require_POST
@for_staff("theme.edit")
def restore(request: HttpRequest, theme_id: UUID) -> HttpResponseBase:
    """Take a deletion back."""
    by = by_of(request)
    found = queries.theme(by, theme_id, permission="theme.edit")
    on_page(request, lambda: actions.restore_theme(by=by, theme=found), done=f"“{found.title}” is back.")
    return redirect(_board(found.analysis))


def _form_page(
    request: HttpRequest, form: Any, name: str, found: Theme, *, title: str, **more: Any
) -> HttpResponseBase:
    count = queries.members(found).count()
    context = {
        "form": form,
        "theme": found,
        "analysis": found.analysis,
        "service": found.analysis.service,
        "title": title,
        "count": count,
        **more,
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, f"feedback/understand/{name}.html", context, status=status)


def _done(by: Actor, analysis_id: UUID, *, permission: str = "feedback.view") -> Analysis:
    found = queries.analysis(by, analysis_id, permission=permission)
    if found.state != JobState.DONE:
        raise Http404
    return found


def _live(analysis: Analysis) -> list[Theme]:
    return list(analysis.themes.filter(state__in=queries.LIVE).order_by("title", "number"))


def _may_edit(by: Actor, analysis: Analysis) -> bool:
    return may(by, "theme.edit") and analysis.signed_off_at is None


def _is_too_late(request: HttpRequest, analysis: Analysis) -> bool:
    """Whether a page would ask for a change that is refused, for the themes are signed off; a message says so."""
    if request.method == "POST" or analysis.signed_off_at is None:
        return False
    messages.warning(request, actions.SIGNED_OFF.capitalize())
    return True


def _board(analysis: Analysis) -> str:
    return reverse("feedback:analysis", args=[analysis.id])


def _chosen(request: HttpRequest) -> list[UUID]:
    """The comments that were selected; what is no id is none."""
    found = []
    for each in request.POST.getlist("comment")[:COMMENTS_A_PAGE]:
        try:
            found.append(UUID(each))
        except ValueError:
            continue
    return found


def _moved(number: int, into: Theme | None) -> str:
    what = "1 comment has" if number == 1 else f"{number} comments have"
    return f"{what} been moved to “{into.title}”." if into is not None else f"{what} no theme here now."
