"""Replying to whoever asked: written, looked at as it will arrive, sent once."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.casework.actions import replies as actions
from joinedup_web.casework.forms.cases import ReplyForm
from joinedup_web.casework.queries import cases as case_queries
from joinedup_web.casework.reply_jobs import as_it_arrives
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of


@for_staff("case.work")
def reply(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Write a reply, look at it, send it. The address is never shown."""
    by = by_of(request)
    of = case_queries.case(by, case_id, permission="case.work")
    if of.duplicate_of_id is not None and request.method != "POST":
        messages.info(request, f"Case {of.number} is answered together with this one; reply here.")
        return redirect("casework:reply", of.duplicate_of_id)
    together = case_queries.together(by, of)
    longest = min(
        (actions.LONGEST[channel] for channel in together.channels), default=actions.LONGEST["email"]
    )
    form = ReplyForm(
        request.POST if request.method == "POST" else None, longest=longest, initial={"key": uuid4()}
    )
    shown = []
    if request.method == "POST" and form.is_valid():
        text, key = form.cleaned_data["text"], form.cleaned_data["key"]
        if request.POST.get("step") == "send":
            sent = on_form(form, lambda: actions.reply_to_case(by=by, case=of, text=text, key=key))
            if sent is not None:
                messages.success(request, _said(len(sent)))
                return redirect("casework:case", of.id)
        elif of.duplicate_of_id is not None:
            form.add_error(None, actions.LINKED.capitalize())
        elif request.POST.get("step") != "change":
            shown = [as_it_arrives(of, channel=channel, text=text) for channel in sorted(together.channels)]
    context = {
        "case": of,
        "form": form,
        "together": together,
        "people": sum(together.channels.values()),
        "longest": longest,
        "shown": shown,
    }
    return render(request, "casework/reply.html", context, status=422 if form.errors else 200)


def _said(number: int) -> str:
    return "The reply goes out now." if number == 1 else f"The reply goes out to {number} people now."


@require_POST
@for_staff("case.work")
def send_again(request: HttpRequest, reply_id: UUID) -> HttpResponseBase:
    """Try a reply that failed once more."""
    by = by_of(request)
    of = case_queries.reply(by, reply_id)
    on_page(request, lambda: actions.send_again(by=by, reply=of), done="The reply is tried again.")
    return redirect("casework:case", of.case_id)
