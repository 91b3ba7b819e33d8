"""Invitations: the list, a new one, sending again, withdrawing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from markupsafe import Markup

from joinedup_web.accounts.actions import invite as send_invitation
from joinedup_web.accounts.actions import send_again, withdraw_invitation
from joinedup_web.accounts.actions.export import export_invitations
from joinedup_web.accounts.actions.invitations import Sent
from joinedup_web.accounts.forms.people import InviteForm
from joinedup_web.accounts.messages import is_shown_instead
from joinedup_web.accounts.models import Invitation
from joinedup_web.accounts.queries import organisations as places
from joinedup_web.accounts.queries import people
from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.design.filters import TextSearch
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.design.words import day
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.rules import for_staff

FRESH = 30
LINK = Markup(
    '<a class="govuk-link" href="{}">{}<span class="govuk-visually-hidden"> the invitation to {}</span></a>'
)


def state_of(invitation: Invitation) -> str:
    """How an invitation stands, in a word or two."""
    if invitation.accepted_at is not None:
        return f"Accepted {day(invitation.accepted_at)}"
    if invitation.withdrawn_at is not None:
        return "Withdrawn"
    return "Open" if invitation.expires_at > timezone.now() else "Ran out"


def _deeds(invitation: Invitation) -> Any:
    if invitation.accepted_at is not None:
        return ""
    again = reverse("accounts:send_again", args=[invitation.id])
    link = Markup(
        '<a class="govuk-link" href="{}">{}<span class="govuk-visually-hidden"> the invitation to {}</span></a>'
    )
    parts = [link.format(again, "Send again", invitation.email)]
    if state_of(invitation) == "Open":
        there = reverse("accounts:withdraw_invitation", args=[invitation.id])
        parts.append(LINK.format(there, "Withdraw", invitation.email))
    return Markup(" ").join(parts)


def _where(invitation: Invitation) -> str:
    return invitation.organisation.name if invitation.organisation else "The platform"


INVITATIONS = ListPage(
    title="Invitations",
    noun=("invitation", "invitations"),
    columns=(
        Column("email", "Email address", sort=("email",)),
        Column("name", "Name", sort=("name",)),
        Column(
            "organisation.name",
            "Organisation",
            value=lambda row: row.organisation.name if row.organisation else "The platform",
        ),
        Column("roles", "Roles", value=lambda row: ", ".join(role.name for role in row.roles.all())),
        Column("created_at", "Sent", sort=("created_at",), cell=lambda row: day(row.created_at)),
        Column("state", "State", value=state_of),
        Column("deeds", "What you can do", value=_deeds, in_csv=False),
    ),
    filters=(TextSearch(fields=("email", "name"), label="Name or email address"),),
    default_sort="-created_at",
    empty="Nobody has been invited yet.",
    empty_link=("Invite a colleague", "/staff/invitations/new"),
    template="accounts/invitations.html",
)


@for_staff("staff.invite")
@require_safe
def invitations(request: HttpRequest) -> HttpResponseBase:
    """Who was invited, and how each invitation stands."""
    by = _by(request)
    return INVITATIONS.answer(
        request,
        people.invitations(by),
        on_export=lambda export: export_invitations(
            by=by, rows=export.rows, is_filtered=bool(export.filters)
        ),
    )


@for_staff("staff.invite", fresh_minutes=FRESH)
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody to the organisation one works for; with a platform role, also to another, or to the platform."""
    by = _by(request)
    place = places.place_named(by, request.GET.get("organisation", ""), permission="staff.invite")
    form = InviteForm(
        request.POST if request.method == "POST" else None, roles=people.givable_roles(by, place)
    )
    if request.method == "POST" and form.is_valid():
        sent = on_form(
            form,
            lambda: send_invitation(
                by=by,
                organisation_id=place.id if place else None,
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                roles=form.chosen(),
                organisation=place,
                roles_expire_at=form.cleaned_data["until"],
            ),
        )
        if sent is not None:
            return _sent(request, sent)
    hints = {key: role.what for key, role in form.known.items()}
    others = list(places.organisations(by)) if "staff.invite" in by.platform else []
    return render(
        request,
        "accounts/invite.html",
        {
            "form": form,
            "place": place,
            "hints": hints,
            "others": others,
            "may_platform": "staff.grant" in by.platform,
        },
        status=422 if form.errors else 200,
    )


@for_staff("staff.invite", fresh_minutes=FRESH)
def again(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Ask, then send an invitation again with a new link."""
    by = _by(request)
    found = people.invitation(by, invitation_id)
    if request.method == "POST":
        sent: list[Sent] = []
        done = on_page(
            request,
            lambda: sent.append(send_again(by=by, organisation_id=found.organisation_id, invitation=found)),
            done="The invitation has been sent again",
        )
        return _sent(request, sent[0]) if done else redirect("accounts:invitations")
    return _ask(
        request,
        f"Send the invitation to {found.email} again?",
        ["The link they have stops working. A new one works for 7 days."],
        "Send again",
    )


@for_staff("staff.invite")
def withdraw(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Ask, then withdraw an invitation."""
    by = _by(request)
    found = people.invitation(by, invitation_id)
    if request.method == "POST":
        on_page(
            request,
            lambda: withdraw_invitation(by=by, organisation_id=found.organisation_id, invitation=found),
            done="The invitation has been withdrawn",
        )
        return redirect("accounts:invitations")
    return _ask(
        request,
        f"Withdraw the invitation to {found.email}?",
        ["Its link stops working."],
        "Withdraw",
        warning=True,
    )


def _sent(request: HttpRequest, sent: Sent) -> HttpResponse:
    """Where messages only lie in an outbox, the link is shown, this once; else back to the list."""
    if is_shown_instead():
        return render(request, "accounts/invitation_sent.html", {"sent": sent})
    if sent.delivery.has_failed:
        messages.warning(
            request, "The invitation was made, but the email could not be sent. Send it again later"
        )
    else:
        messages.success(request, "The invitation has been sent")
    return redirect("accounts:invitations")


def _ask(
    request: HttpRequest, title: str, what: list[str], button: str, *, warning: bool = False
) -> HttpResponse:
    cancel = reverse("accounts:invitations")
    context = {"title": title, "what": what, "button": button, "warning": warning, "cancel": cancel}
    return render(request, "design/confirm.html", context)


def _by(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]
