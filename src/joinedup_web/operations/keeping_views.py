"""Pages of keeping: periods, legal holds, erasures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from joinedup_web.accounts.views.shown import on_form
from joinedup_web.design.filters import Choice
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide
from joinedup_web.gate.rules import for_staff
from joinedup_web.operations import keeping, keeping_queries
from joinedup_web.operations.forms import ErasureForm, HoldForm, PeriodForm
from joinedup_web.operations.models import ErasureState
from joinedup_web.operations.stores import STORES

FRESH = 30  # minutes since one last proved who one is, before data go for good

HOLDS = ListPage(
    title="Legal holds",
    noun=("legal hold", "legal holds"),
    columns=(
        Column("store", "What is kept", value=lambda hold: STORES[hold.store].name),
        Column(
            "project", "Project", value=lambda hold: hold.project.name if hold.project else "Every project"
        ),
        Column("why", "Why"),
        Column("placed_at", "Placed", sort=("placed_at",)),
        Column("placed_by", "By", value=lambda hold: hold.placed_by.name),
        Column(
            "lifted_at",
            "Lifted",
            sort=("lifted_at",),
            cell=lambda hold: f"{hold.lifted_at:%-d %B %Y}" if hold.lifted_at else "Lift this hold",
            link=lambda hold: "" if hold.lifted_at else reverse("operations:lift_hold", args=[hold.id]),
        ),
    ),
    filters=(Choice("store", "What is kept", [(store.code, store.name) for store in STORES.values()]),),
    default_sort="-placed_at",
    empty="Nothing is held. Place a hold when something must outlive its period, for example for a court case.",
)

ERASURES = ListPage(
    title="Erasures",
    noun=("erasure", "erasures"),
    columns=(
        Column(
            "asked_at",
            "Asked for",
            sort=("asked_at",),
            link=lambda e: reverse("operations:erasure", args=[e.id]),
        ),
        Column("project", "Project", value=lambda erasure: erasure.project.name),
        Column("state", "State", sort=("state",), value=lambda erasure: ErasureState(erasure.state).label),
        Column(
            "asked_by",
            "By",
            value=lambda erasure: erasure.asked_by.name if erasure.asked_by else "Command line",
        ),
        Column("decided_at", "Decided", sort=("decided_at",)),
        Column("removed", "Rows removed", numeric=True),
    ),
    filters=(Choice("state", "State", ErasureState.choices),),
    default_sort="-asked_at",
    empty="Nobody's data has been erased. Ask for an erasure when a person asks for theirs.",
)


def _by(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@for_staff("retention.view")
@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    """How long each store keeps, what is held, what waits to be approved."""
    by = _by(request)
    return render(
        request,
        "operations/retention.html",
        {
            "states": keeping_queries.store_states(by),
            "may_hold": decide(by, "retention.hold").allowed,
            "may_ask": decide(by, "erasure.request").allowed,
            "open_holds": keeping_queries.holds(by).filter(lifted_at=None).count(),
            "asked": keeping_queries.erasures(by).filter(state=ErasureState.ASKED).count(),
        },
    )


@for_staff("retention.hold")
@require_http_methods(["GET", "POST"])
def period(request: HttpRequest, store: str) -> HttpResponse:
    """Change for how long a store keeps."""
    if store not in STORES:
        raise Http404
    by, name = _by(request), STORES[store].name
    assert by.organisation_id is not None
    now = keeping.days_kept(by.organisation_id, STORES[store])
    return _asked(
        request,
        PeriodForm(request.POST if request.method == "POST" else None, initial={"days": now}),
        lambda told: (keeping.set_days(by=by, store=store, days=told["days"]), told["days"])[1],
        done=lambda days: (f"{name} are kept for {days} days.", reverse("operations:retention")),
        title=f"How long to keep: {name.lower()}",
        what=[STORES[store].what],
        button="Save",
        cancel=reverse("operations:retention"),
    )


@for_staff("retention.view")
@require_safe
def holds(request: HttpRequest) -> HttpResponseBase:
    """Every hold."""
    by = _by(request)
    return HOLDS.answer(
        request,
        keeping_queries.holds(by),
        on_export=lambda export: keeping.note_export(by=by, table="legal_holds", rows=export.rows),
    )


@for_staff("retention.hold")
@require_http_methods(["GET", "POST"])
def place_hold(request: HttpRequest) -> HttpResponse:
    """Place a hold."""
    by = _by(request)
    return _asked(
        request,
        HoldForm(request.POST if request.method == "POST" else None, projects=keeping_queries.projects(by)),
        lambda told: keeping.place_hold(by=by, **told),
        done=lambda _: (
            "The hold is placed. Nothing of it goes until it is lifted.",
            reverse("operations:holds"),
        ),
        title="Place a legal hold",
        what=["What is held is kept beyond its period, and erasures of it are refused."],
        button="Place the hold",
        cancel=reverse("operations:holds"),
    )


@for_staff("retention.hold")
@require_http_methods(["GET", "POST"])
def lift_hold(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """Lift a hold."""
    by = _by(request)
    hold = keeping_queries.hold_of(by, hold_id)
    if hold is None:
        raise Http404
    if request.method == "POST":
        keeping.lift_hold(by=by, organisation_id=hold.organisation_id, hold=hold)
        messages.success(request, "The hold is lifted. What was kept long enough goes at the next round.")
        return redirect("operations:holds")
    context = {
        "title": "Lift this legal hold?",
        "what": [f"{STORES[hold.store].name}: {hold.why}"],
        "button": "Lift the hold",
        "cancel": reverse("operations:holds"),
        "warning": True,
    }
    return render(request, "design/confirm.html", context)


@for_staff("retention.view")
@require_safe
def erasures(request: HttpRequest) -> HttpResponseBase:
    """Every erasure."""
    by = _by(request)
    return ERASURES.answer(
        request,
        keeping_queries.erasures(by),
        on_export=lambda export: keeping.note_export(by=by, table="erasures", rows=export.rows),
    )


@for_staff("erasure.request")
@require_http_methods(["GET", "POST"])
def ask_erasure(request: HttpRequest) -> HttpResponse:
    """Ask that a person's records be erased."""
    by = _by(request)
    return _asked(
        request,
        ErasureForm(
            request.POST if request.method == "POST" else None, projects=keeping_queries.projects(by)
        ),
        lambda told: keeping.ask_erasure(by=by, **told),
        done=lambda made: (
            "The erasure is asked for. Somebody else must approve it.",
            reverse("operations:erasure", args=[made.id]),
        ),
        title="Ask for a person's data to be erased",
        what=[
            "Their records go from the project's sources, from the results of every run and from the pairs to review.",
            "Copies that were downloaded are not reached: the audit record says who has them.",
        ],
        button="Ask for the erasure",
        cancel=reverse("operations:erasures"),
    )


@for_staff("retention.view")
@require_safe
def erasure(request: HttpRequest, erasure_id: UUID) -> HttpResponse:
    """One erasure, and for whoever may decide on it, how."""
    by = _by(request)
    found = keeping_queries.erasure_of(by, erasure_id)
    if found is None:
        raise Http404
    can_decide = (
        decide(by, "erasure.approve").allowed
        and found.state == ErasureState.ASKED
        and found.asked_by_id != by.id
    )
    context = {
        "erasure": found,
        "state": ErasureState(found.state).label,
        "can_decide": can_decide,
        "own": found.asked_by_id == by.id,
    }
    return render(request, "operations/erasure.html", context)


@for_staff("erasure.approve", fresh_minutes=FRESH, back_to_page=True)
@require_POST
def decide_erasure(request: HttpRequest, erasure_id: UUID) -> HttpResponse:
    """Approve or refuse an erasure. What it removes never comes back, so the proof of who decides is fresh."""
    by = _by(request)
    found = keeping_queries.erasure_of(by, erasure_id)
    if found is None:
        raise Http404
    is_approved = request.POST.get("decision") == "approve"
    keeping.decide_erasure(
        by=by, organisation_id=found.project.organisation_id, erasure=found, is_approved=is_approved
    )
    messages.success(
        request, "Approved. It is being carried out." if is_approved else "Refused. Nothing was erased."
    )
    return redirect("operations:erasure", found.id)


def _asked(
    request: HttpRequest,
    form: Form,
    deed: Callable[[dict[str, Any]], Any],
    *,
    done: Callable[[Any], tuple[str, str]],
    **shown: Any,
) -> HttpResponse:
    """A form on a page of its own: do the deed with what it holds, say so and go on; else show it (again).

    done: of what the deed gave back, the words to say and the address to go to. shown: of the page.
    """
    if request.method == "POST" and form.is_valid():
        made = on_form(form, lambda: deed(form.cleaned_data))
        if made is not None:
            words, address = done(made)
            messages.success(request, words)
            return redirect(address)
    context = {"form": form, **shown}
    return render(request, "design/confirm.html", context, status=422 if form.errors else 200)
