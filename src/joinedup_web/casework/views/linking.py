"""Answering cases together, and by themselves again."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from joinedup_web.accounts.views.shown import on_page
from joinedup_web.casework.actions import linking
from joinedup_web.casework.forms.cases import LinkForm
from joinedup_web.casework.models import Case
from joinedup_web.casework.queries import cases as case_queries
from joinedup_web.casework.queries.alike import like_case
from joinedup_web.casework.views.case import step
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of


@for_staff("case.view")
def link(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Answer a case together with another; cases with similar words are offered."""
    by = by_of(request)
    of = case_queries.case(by, case_id)
    form = LinkForm(request.POST if request.method == "POST" else None)
    others = case_queries.cases(by).exclude(id=of.id)

    def deed() -> Case | None:
        other = others.filter(number=form.cleaned_data["number"]).first()
        if other is None:
            form.add_error("number", "There is no other case of that number")
            return None
        return linking.link_case(by=by, case=of, to=other)

    return step(
        request,
        of,
        form,
        deed,
        title=f"Answer case {of.number} together with another",
        button="Answer them together",
        done=f"Case {of.number} is answered together with another.",
        words="One reply goes to everybody who asked, and closing the other case closes this one.",
        template="casework/link.html",
        more={"alike": like_case(by, of)},
    )


@require_POST
@for_staff("case.view")
def part(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Answer a case by itself again."""
    by = by_of(request)
    of = case_queries.case(by, case_id)
    on_page(
        request,
        lambda: linking.part_case(by=by, case=of),
        done=f"Case {of.number} is answered by itself again.",
    )
    return redirect("casework:case", of.id)
