"""Staff pages on machine clients: the list, one client, registering, rotating, ending, withdrawing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from joinedup_web.design.filters import TextSearch
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import Refused, decide
from joinedup_web.gate.rules import for_staff
from joinedup_web.identity.actions.clients import (
    Registered,
    end_proof,
    export_clients,
    register_client,
    rotate_proof,
    withdraw_client,
)
from joinedup_web.identity.forms import RegisterForm, RotateForm
from joinedup_web.identity.models import MachineClient, ProofKind
from joinedup_web.identity.queries.clients import client_of, clients_of, proofs_of
from joinedup_web.identity.scopes import BY_CODE
from joinedup_web.identity.sealing import opened, sealed

FRESH = 30  # minutes since one last proved who one is
TOLD_ONCE = "new_client_secret"
Done = TypeVar("Done")

CLIENTS = ListPage(
    title="Machine clients",
    noun=("client", "clients"),
    columns=(
        Column("name", "Name", sort=("name",), link=lambda row: reverse("identity:client", args=[row.id])),
        Column("scopes", "What it may do", value=lambda row: ", ".join(_scope_words(row))),
        Column("proves_by", "Proves itself by", value=lambda row: _kind(row)),
        Column("state", "State", value=lambda row: "Withdrawn" if row.withdrawn_at else "In use"),
        Column("last_token_at", "Last token", sort=("last_token_at",)),
    ),
    filters=(TextSearch(fields=("name",), label="Name"),),
    default_sort="name",
    empty="No system of your organisation uses this service yet.",
    csv_name="machine-clients",
    template="identity/clients.html",
)


@for_staff("client.view")
@require_safe
def clients(request: HttpRequest) -> HttpResponseBase:
    """The systems of the organisation that may ask this service for data."""
    by = _by(request)
    may_register = _may_register(by)
    page = replace(
        CLIENTS,
        empty_link=("Register a client", reverse("identity:register_client")) if may_register else None,
    )
    return page.answer(
        request,
        clients_of(by),
        context={"may_register": may_register},
        on_export=lambda export: export_clients(by=by, rows=export.rows, is_filtered=bool(export.filters)),
    )


@for_staff("client.view")
@require_safe
def client(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """One client: what it may do and what it proves itself by."""
    by = _by(request)
    found = client_of(by, client_id)
    context = {
        "client": found,
        "kind": _kind(found),
        "scopes": _scope_words(found),
        "proofs": proofs_of(found, at=timezone.now()),
        "may_change": _may_register(by) and found.withdrawn_at is None,
        "token_address": f"{settings.JOINEDUP.url}{reverse('identity:token')}",
    }
    return render(request, "identity/client.html", context)


@for_staff("client.register", fresh_minutes=FRESH)
def register(request: HttpRequest) -> HttpResponse:
    """Register a client."""
    form = RegisterForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        done = _on_form(
            form,
            lambda: register_client(
                by=_by(request),
                name=told["name"],
                scopes=told["scopes"],
                proves_by=ProofKind(told["proves_by"]),
                jwk=told["key"],
            ),
        )
        if done is not None:
            return _go_on(request, done, f"{done.client.name} has been registered")
    return render(
        request, "identity/register_client.html", {"form": form}, status=422 if form.errors else 200
    )


@for_staff("client.register", fresh_minutes=FRESH)
def rotate(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """Give a client a new key or secret, beside the earlier ones for a while."""
    by = _by(request)
    found = client_of(by, client_id, permission="client.register")
    form = RotateForm(request.POST if request.method == "POST" else None, proves_by=found.proves_by)
    if request.method == "POST" and form.is_valid():
        done = _on_form(
            form,
            lambda: rotate_proof(
                by=by,
                organisation_id=found.organisation_id,
                client=found,
                overlap=form.overlap_time(),
                jwk=form.cleaned_data.get("key"),
            ),
        )
        if done is not None:
            return _go_on(request, done, f"{found.name} has a new {_noun(found)}")
    context = {"form": form, "client": found, "noun": _noun(found)}
    return render(request, "identity/rotate_client.html", context, status=422 if form.errors else 200)


@for_staff("client.register", fresh_minutes=FRESH)
@require_safe
@never_cache
def secret(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """The secret that was just made. It is shown once and kept nowhere."""
    found = client_of(_by(request), client_id, permission="client.register")
    envelope = request.session.pop(TOLD_ONCE, None)
    context = f"identity.MachineClient {found.id} secret"
    if envelope is None or envelope["client"] != str(found.id):
        messages.warning(request, "A secret is shown once. If it is lost, make a new one.")
        return redirect("identity:client", client_id=found.id)
    shown = {"client": found, "secret": opened(envelope["sealed"], context=context)}
    return render(request, "identity/client_secret.html", shown)


@for_staff("client.register", fresh_minutes=FRESH)
def end(request: HttpRequest, client_id: UUID, proof_id: UUID) -> HttpResponse:
    """Ask, then end one key or secret."""
    by = _by(request)
    found = client_of(by, client_id, permission="client.register")
    there = reverse("identity:client", args=[found.id])
    if request.method == "POST":
        _on_page(
            request,
            lambda: end_proof(by=by, organisation_id=found.organisation_id, client=found, proof_id=proof_id),
            f"The {_noun(found)} has been ended",
        )
        return redirect(there)
    what = [
        f"{found.name} cannot use it from this moment on, and its tokens end with it.",
        "If it has no other, it can do nothing until you give it a new one.",
    ]
    return _ask(request, f"End this {_noun(found)} of {found.name}?", what, f"End the {_noun(found)}", there)


@for_staff("client.register", fresh_minutes=FRESH)
def withdraw(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """Ask, then take a client out of use."""
    by = _by(request)
    found = client_of(by, client_id, permission="client.register")
    if request.method == "POST":
        _on_page(
            request,
            lambda: withdraw_client(by=by, organisation_id=found.organisation_id, client=found),
            f"{found.name} has been withdrawn",
        )
        return redirect("identity:client", client_id=found.id)
    what = [
        "It can do nothing here from this moment on. This cannot be undone.",
        "If it is needed again, register it anew.",
    ]
    there = reverse("identity:client", args=[found.id])
    return _ask(request, f"Withdraw {found.name}?", what, "Withdraw the client", there)


def _go_on(request: HttpRequest, done: Registered, words: str) -> HttpResponse:
    messages.success(request, words)
    if not done.secret:
        return redirect("identity:client", client_id=done.client.id)
    context = f"identity.MachineClient {done.client.id} secret"
    request.session[TOLD_ONCE] = {
        "client": str(done.client.id),
        "sealed": sealed(done.secret, context=context),
    }
    return redirect("identity:client_secret", client_id=done.client.id)


def _on_form(form: forms.Form, call: Callable[[], Done]) -> Done | None:
    """Do it; a refusal that the person can mend stands above the form."""
    try:
        return call()
    except Refused as refused:
        if refused.decision.code in {"no_permission", "other_organisation", "not_signed_in"}:
            raise
        form.add_error(None, _sentence(refused))
        return None


def _on_page(request: HttpRequest, call: Callable[[], object], words: str) -> None:
    try:
        call()
    except Refused as refused:
        if refused.decision.code in {"no_permission", "other_organisation", "not_signed_in"}:
            raise
        messages.error(request, _sentence(refused))
    else:
        messages.success(request, words)


def _sentence(refused: Refused) -> str:
    reason = refused.decision.reasons[0]
    return f"{reason[0].upper()}{reason[1:]}"


def _ask(request: HttpRequest, title: str, what: list[str], button: str, cancel: str) -> HttpResponse:
    context = {"title": title, "what": what, "button": button, "warning": True, "cancel": cancel}
    return render(request, "design/confirm.html", context)


def _kind(row: MachineClient) -> str:
    return "Private key" if row.proves_by == ProofKind.PRIVATE_KEY else "Secret"


def _noun(row: MachineClient) -> str:
    return "key" if row.proves_by == ProofKind.PRIVATE_KEY else "secret"


def _scope_words(row: MachineClient) -> list[str]:
    return [BY_CODE[code].what if code in BY_CODE else code for code in row.scopes]


def _may_register(by: Actor) -> bool:
    return decide(by, "client.register").allowed


def _by(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]
