"""Making a case of a comment."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render

from joinedup.text.redact import mask_text
from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.casework.forms.cases import teams_by_id
from joinedup_web.casework.models import Case
from joinedup_web.casework.queries import cases as case_queries
from joinedup_web.casework.queries import teams as team_queries
from joinedup_web.casework.queries.alike import like_text
from joinedup_web.feedback.actions import cases as actions
from joinedup_web.feedback.forms.cases import CommentCaseForm
from joinedup_web.feedback.queries import cases as queries
from joinedup_web.gate.decide import require
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of
from joinedup_web.text.models_here import recognisers


@for_staff("case.view")
def make_case(request: HttpRequest, comment_id: UUID) -> HttpResponseBase:
    """Open a case for a comment, or let it belong to one; cases with similar words are offered first."""
    by = by_of(request)
    comment = queries.comment(by, comment_id)
    if hasattr(comment, "case_link"):
        messages.info(request, f"This comment is in case {comment.case_link.case.number} already.")
        return redirect("casework:case", comment.case_link.case_id)
    likely = like_text(by, comment.text)
    teams = team_queries.active_teams(by)
    first = {"what": "" if likely else "new", "title": queries.title_of(comment)}
    first["team"] = queries.team_of(by, comment)
    form = CommentCaseForm(
        request.POST if request.method == "POST" else None, likely=likely, teams=teams, initial=first
    )

    def deed() -> Case | None:
        told = form.cleaned_data
        if told["what"] == "new":
            return actions.open_case_from(
                by=by,
                comment=comment,
                title=mask_text(told["title"], more=recognisers()).text,
                team=teams_by_id(teams).get(told["team"]),
                is_urgent=told["is_urgent"],
            )
        chosen = {"number": told["number"]} if told["what"] == "number" else {"id": told["what"]}
        case = case_queries.cases(by).filter(**chosen).first()
        if case is None:
            form.add_error("number", "There is no case of that number")
            return None
        return actions.add_to_case(by=by, comment=comment, case=case)

    if request.method == "POST" and form.is_valid():
        case = on_form(form, deed)
        if case is not None:
            messages.success(request, f"Case {case.number} answers this comment.")
            return redirect("casework:case", case.id)
    hints = {str(each.case.id): f"Both say: {', '.join(each.shared)}" for each in likely}
    context = {
        "comment": comment,
        "form": form,
        "hints": hints,
        "has_contact": hasattr(comment.response, "contact"),
    }
    return render(request, "feedback/cases/make_case.html", context, status=422 if form.errors else 200)


@for_staff("case.view")
def take_out_of_case(request: HttpRequest, comment_id: UUID) -> HttpResponseBase:
    """Take a comment out of a case that it was added to."""
    by = by_of(request)
    require(by, "feedback.view")
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    comment = queries.comment(by, comment_id)
    on_page(
        request,
        lambda: actions.take_out_of_case(by=by, comment=comment),
        done="The comment is no longer in the case.",
    )
    return redirect("feedback:response", comment.response_id)
