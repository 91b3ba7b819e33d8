"""Recoveries to approve, access reviews, and emergency access."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from joinedup_web.accounts.actions import (
    approve_recovery,
    close_emergency,
    close_review,
    decide_item,
    open_emergency,
    open_review,
    refuse_recovery,
    review_emergency,
)
from joinedup_web.accounts.actions.export import export_emergencies, export_recoveries
from joinedup_web.accounts.forms.people import ApproveForm, EmergencyForm, FindingForm
from joinedup_web.accounts.messages import is_shown_instead
from joinedup_web.accounts.models import (
    EmergencyAccess,
    EmergencyReason,
    Recovery,
    RecoveryState,
    ReviewDecision,
)
from joinedup_web.accounts.queries import access
from joinedup_web.accounts.queries import organisations as places
from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.design.filters import Choice
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide
from joinedup_web.gate.rules import for_any_staff, for_staff

FRESH = 30


def recovery_state(row: Recovery) -> str:
    """How a request stands."""
    waits = row.state in (RecoveryState.ASKED, RecoveryState.APPROVED)
    if waits and row.expires_at <= timezone.now():
        return "Ran out"
    return str(row.get_state_display())


RECOVERIES = ListPage(
    title="People who lost their passkey or app",
    noun=("request", "requests"),
    columns=(
        Column(
            "user.name",
            "Who",
            sort=("user__name",),
            link=lambda row: reverse("accounts:recovery", args=[row.id]),
        ),
        Column("asked_at", "Asked", sort=("asked_at",)),
        Column("state", "State", value=recovery_state),
        Column("decided_by.name", "Decided by"),
    ),
    default_sort="-asked_at",
    empty="Nobody has asked to get back in within the last 90 days.",
    csv_name="recoveries",
    template="accounts/recoveries.html",
)


def emergency_state(row: EmergencyAccess) -> str:
    """How an emergency access stands."""
    if row.reviewed_at is not None:
        return "Justified" if row.was_justified else "Not justified"
    if row.closed_at is None and row.until > timezone.now():
        return "Open now"
    return "To be reviewed"


EMERGENCIES = ListPage(
    title="Emergency access",
    noun=("emergency access", "emergency accesses"),
    columns=(
        Column(
            "opened_at",
            "Opened",
            sort=("opened_at",),
            link=lambda row: reverse("accounts:emergency", args=[row.id]),
        ),
        Column("user.name", "By", sort=("user__name",)),
        Column("organisation.name", "Organisation"),
        Column("role.name", "Role"),
        Column("reason", "Reason", value=lambda row: row.get_reason_display()),
        Column("state", "State", value=emergency_state),
    ),
    filters=(Choice("reason", "Reason", EmergencyReason.choices),),
    default_sort="-opened_at",
    empty="Nobody has used emergency access.",
    csv_name="emergency-access",
    template="accounts/emergencies.html",
)


@for_staff("staff.recover")
@require_safe
def recoveries(request: HttpRequest) -> HttpResponseBase:
    """Who asked to get back in."""
    by = _by(request)
    return RECOVERIES.answer(
        request,
        access.recoveries(by),
        on_export=lambda export: export_recoveries(by=by, rows=export.rows, is_filtered=False),
    )


@for_staff("staff.recover", fresh_minutes=FRESH)
def recovery(request: HttpRequest, recovery_id: UUID) -> HttpResponse:
    """Approve or refuse, after making sure who it is."""
    by = _by(request)
    found = access.recovery(by, recovery_id)
    is_open = recovery_state(found) == RecoveryState.ASKED.label
    form = ApproveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and request.POST.get("decision") == "refuse":
        on_page(request, lambda: refuse_recovery(by=by, recovery=found), done="The request has been refused")
        return redirect("accounts:recoveries")
    if request.method == "POST" and form.is_valid():
        approved = on_form(
            form, lambda: approve_recovery(by=by, recovery=found, checked_by=form.cleaned_data["checked"])
        )
        if approved is not None:
            shown = is_shown_instead() or approved.delivery.has_failed
            return render(request, "accounts/recovery_approved.html", {"approved": approved, "shown": shown})
    context = {
        "form": form,
        "recovery": found,
        "state_words": recovery_state(found),
        "is_open": is_open,
        "is_self": found.user_id == by.id,
    }
    return render(request, "accounts/recovery.html", context, status=422 if form.errors else 200)


@for_staff("staff.review")
def reviews(request: HttpRequest) -> HttpResponse:
    """When the next review is due, the open one, and those before."""
    by = _by(request)
    place = _place(by)
    rows = access.reviews(by)
    if request.method == "POST":
        opened: list[UUID] = []
        done = on_page(
            request,
            lambda: opened.append(open_review(by=by, organisation_id=place.id, organisation=place).id),
            done="The review is open",
        )
        return redirect("accounts:review", review_id=opened[0]) if done else redirect("accounts:reviews")
    due = access.next_review_due(place)
    return render(
        request,
        "accounts/reviews.html",
        {
            "organisation": place,
            "open": [row for row in rows if row.closed_at is None],
            "past": [row for row in rows if row.closed_at is not None],
            "due": due,
            "overdue": due <= timezone.now(),
        },
    )


@for_staff("staff.review")
def review(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Decide on each role; close when all are decided."""
    by = _by(request)
    found = access.review(by, review_id)
    if request.method == "POST":
        done = on_page(
            request,
            lambda: close_review(by=by, organisation_id=found.organisation_id, review=found),
            done="The review is finished",
        )
        return redirect("accounts:reviews") if done else redirect("accounts:review", review_id=found.id)
    items = access.review_items(by, found)
    return render(
        request,
        "accounts/review.html",
        {
            "review": found,
            "items": items,
            "waiting": [item for item in items if not item.decision and _still_holds(item)],
            "decided": [item for item in items if item.decision or not _still_holds(item)],
            "own_id": by.id,
        },
    )


@for_staff("staff.review")
@require_POST
def review_item(request: HttpRequest, review_id: UUID, item_id: UUID) -> HttpResponse:
    """Keep or end one role."""
    by = _by(request)
    found = access.review(by, review_id)
    item = access.review_item(by, found, item_id)
    try:
        decision = ReviewDecision(request.POST.get("decision", ""))
    except ValueError:
        raise Http404 from None
    who = f"{item.membership.user.name}: {item.membership.role.name}"
    on_page(
        request,
        lambda: decide_item(by=by, organisation_id=found.organisation_id, item=item, decision=decision),
        done=f"{who} – {'kept' if decision is ReviewDecision.KEEP else 'ended'}",
    )
    return redirect("accounts:review", review_id=found.id)


@for_any_staff("everybody sees their own emergency access; who may close it sees the organisation's")
@require_safe
def emergencies(request: HttpRequest) -> HttpResponseBase:
    """Every emergency access that this person should know of."""
    by = _by(request)
    return EMERGENCIES.answer(
        request,
        access.emergencies(by),
        context={"may_open": decide(by, "access.break_glass").allowed and by.organisation_id is not None},
        on_export=lambda export: export_emergencies(
            by=by, rows=export.rows, is_filtered=bool(export.filters)
        ),
    )


@for_staff("access.break_glass", fresh_minutes=FRESH)
def break_glass(request: HttpRequest) -> HttpResponse:
    """Take a role for an hour, with an alarm."""
    by = _by(request)
    place = _place(by)
    form = EmergencyForm(request.POST if request.method == "POST" else None, roles=access.emergency_roles(by))
    if request.method == "POST" and form.is_valid():
        opened = on_form(
            form,
            lambda: open_emergency(
                by=by,
                organisation_id=place.id,
                organisation=place,
                role=form.chosen(),
                reason=EmergencyReason(form.cleaned_data["reason"]),
                why=form.cleaned_data["why"],
            ),
        )
        if opened is not None:
            messages.warning(request, "You have emergency access. Your colleagues have been told")
            return redirect("accounts:emergency", emergency_id=opened.id)
    hints = {key: role.what for key, role in form.known.items()}
    context = {"form": form, "hints": hints, "organisation": place}
    return render(request, "accounts/break_glass.html", context, status=422 if form.errors else 200)


@for_any_staff("everybody sees their own emergency access; who may close it sees the organisation's")
def emergency(request: HttpRequest, emergency_id: UUID) -> HttpResponse:
    """One emergency access: what it was for, closing it, and the look at it afterwards."""
    by = _by(request)
    found = access.emergency(by, emergency_id)
    is_own = found.user_id == by.id
    may_review = (
        not is_own
        and found.reviewed_at is None
        and decide(by, "access.close_break_glass", organisation_id=found.organisation_id).allowed
    )
    form = FindingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and may_review and form.is_valid():
        reviewed = on_form(
            form,
            lambda: (
                review_emergency(
                    by=by,
                    organisation_id=found.organisation_id,
                    emergency=found,
                    was_justified=form.cleaned_data["was_justified"] == "yes",
                    finding=form.cleaned_data["finding"],
                )
                or True
            ),
        )
        if reviewed:
            messages.success(request, "Your finding has been saved")
            return redirect("accounts:emergency", emergency_id=found.id)
    state = emergency_state(found)
    context = {"emergency": found, "state_words": state, "is_open": state == "Open now", "is_own": is_own}
    context |= {"form": form, "may_review": may_review}
    status = 422 if may_review and form.errors else 200
    return render(request, "accounts/emergency.html", context, status=status)


@for_any_staff("whoever opened emergency access may close it")
@require_POST
def emergency_close(request: HttpRequest, emergency_id: UUID) -> HttpResponse:
    """Close emergency access before its time."""
    by = _by(request)
    found = access.emergency(by, emergency_id)
    on_page(request, lambda: close_emergency(by=by, emergency=found), done="Emergency access has been closed")
    return redirect("accounts:emergency", emergency_id=found.id)


def _still_holds(item) -> bool:  # type: ignore[no-untyped-def]  # a ReviewItem
    held, now = item.membership, timezone.now()
    return held.ended_at is None and (held.expires_at is None or held.expires_at > now)


def _place(by: Actor):  # type: ignore[no-untyped-def]  # an organisation
    return places.own_organisation(by)


def _by(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]
