"""Invitations to a form: those that were sent, and some to send."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from joinedup_web.accounts.views.shown import on_page
from joinedup_web.feedback.actions.invitations import invite, stop_batch
from joinedup_web.feedback.forms.invitations import InviteForm
from joinedup_web.feedback.models import Channel, FormState, InvitationBatch, JobState
from joinedup_web.feedback.queries import collect
from joinedup_web.feedback.views.collect_shown import form_trail, on_fields
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import again_by_itself, by_of

MOST = 50
STATES = {
    JobState.WAITING: ("Waiting to start", "waiting"),
    JobState.RUNNING: ("Being sent", "working"),
    JobState.DONE: ("Sent", "good"),
    JobState.FAILED: ("Failed", "bad"),
}


@for_staff("service.manage")
@require_safe
def invitations(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """The batches of a form, the newest first, with how many were sent and used."""
    found = collect.form(by_of(request), form_id, permission="service.manage")
    batches = InvitationBatch.objects.filter(form=found).select_related("asked_by")
    counted = batches.annotate(
        people=Count("invitations"),
        waiting=Count("invitations", filter=Q(invitations__state__in=("waiting", "sending"))),
        sent=Count("invitations", filter=Q(invitations__state="sent")),
        failed=Count("invitations", filter=Q(invitations__state__in=("failed", "unknown"))),
        used=Count("invitations", filter=Q(invitations__used_on__isnull=False)),
    )[:MOST]
    context: dict[str, Any] = {
        "form": found,
        "trail": form_trail(found),
        "batches": [(each, STATES[JobState(each.state)], Channel(each.channel).label) for each in counted],
        "is_open": found.state == FormState.OPEN,
        "is_under_way": any(each.state in (JobState.WAITING, JobState.RUNNING) for each in counted),
    }
    return again_by_itself(request, render(request, "feedback/intake/invitations.html", context))


@for_staff("service.manage")
def new_invitations(request: HttpRequest, form_id: UUID) -> HttpResponseBase:
    """Invite people."""
    by = by_of(request)
    found = collect.form(by, form_id, permission="service.manage")
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        done = on_fields(
            form,
            {"how_many": "people"},
            lambda: invite(
                by=by,
                form=found,
                channel=told["channel"],
                language=told["language"],
                people=told["people"],
            ),
        )
        if done is not None:
            number = len(told["people"])
            messages.success(request, f"{number:,} {'person is' if number == 1 else 'people are'} invited.")
            return redirect("feedback:invitations", found.id)
    context = {"form": form, "of": found, "trail": form_trail(found)}
    return render(request, "feedback/intake/invite.html", context, status=422 if form.errors else 200)


@for_staff("service.manage")
@require_POST
def stop(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    """Take back invitations that were not sent yet."""
    by = by_of(request)
    batch = (
        InvitationBatch.objects.filter(id=batch_id, form__service__organisation_id=by.organisation_id)
        .select_related("form__service")
        .first()
    )
    if batch is None:
        raise Http404
    on_page(request, lambda: stop_batch(by=by, batch=batch), done="What was not sent yet is taken back.")
    return redirect("feedback:invitations", batch.form_id)
