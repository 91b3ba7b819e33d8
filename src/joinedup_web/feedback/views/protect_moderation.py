"""Moderation: hiding and blocking in one step, letting through, restoring, several at a time, what is blocked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.design.filters import Choice
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.design.rows import Source
from joinedup_web.feedback.actions import moderation as actions
from joinedup_web.feedback.actions.exports import export_table
from joinedup_web.feedback.forms.protect import HideForm, HideManyForm
from joinedup_web.feedback.models import Block, BlockKind
from joinedup_web.feedback.queries import protect_responses as queries
from joinedup_web.feedback.queries.understand import service as service_of
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may, tag

DEEDS = {"hide": "hidden", "let_through": "let through", "restore": "shown again"}


@for_staff("feedback.moderate")
def hide(request: HttpRequest, response_id: UUID) -> HttpResponseBase:
    """Hide a response, and where wanted hold back more of the same, in one step."""
    by = by_of(request)
    found = queries.response(by, response_id, permission="feedback.moderate")
    ways = actions.can_block(found)
    form = HideForm(request.POST if request.method == "POST" else None, by=ways)
    where = {"by": by, "organisation_id": found.organisation_id}

    def do() -> bool:
        told = form.cleaned_data
        if told.get("block"):
            actions.hide_and_block(
                **where, response=found, reason=told["reason"], kinds=told["block"], days=told["days"]
            )
        else:
            actions.hide_response(**where, response=found, reason=told["reason"])
        return True

    if request.method == "POST" and form.is_valid() and on_form(form, do):
        blocked = " More of the same is held back." if form.cleaned_data.get("block") else ""
        messages.success(request, f"The response is hidden.{blocked}")
        return redirect("feedback:response", found.id)
    context = {
        "form": form,
        "title": "Hide this response",
        "caption": found.service.name,
        "what": "It is left out of every list, count and model’s reading. A moderator can show it again.",
        "button": "Hide it",
        "warning": True,
        "options": {"days": {"width": 3}},
        "cancel": reverse("feedback:response", args=[found.id]),
    }
    return render(request, "feedback/protect/form.html", context, status=422 if form.errors else 200)


@require_POST
@for_staff("feedback.moderate")
def let_through(request: HttpRequest, response_id: UUID) -> HttpResponseBase:
    """Let a response through that was held back."""
    by = by_of(request)
    found = queries.response(by, response_id, permission="feedback.moderate")
    on_page(
        request,
        lambda: actions.let_through(by=by, organisation_id=found.organisation_id, response=found),
        done="The response is let through.",
    )
    return redirect("feedback:response", found.id)


@require_POST
@for_staff("feedback.moderate")
def restore(request: HttpRequest, response_id: UUID) -> HttpResponseBase:
    """Show a hidden response again."""
    by = by_of(request)
    found = queries.response(by, response_id, permission="feedback.moderate")
    on_page(
        request,
        lambda: actions.restore_response(by=by, organisation_id=found.organisation_id, response=found),
        done="The response is shown again.",
    )
    return redirect("feedback:response", found.id)


@require_POST
@for_staff("feedback.moderate")
def moderate_many(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """Hide, let through or show again what was ticked in the list; hiding asks for the reason first."""
    by = by_of(request)
    service = service_of(by, service_id, permission="feedback.moderate")
    chosen = queries.chosen(by, service, request.POST.getlist("chosen"))
    do = request.POST.get("do", "")
    there = redirect("feedback:responses", service.id)
    if not chosen or do not in DEEDS:
        messages.warning(request, "Select responses first, and say what should become of them")
        return there
    form = HideManyForm(request.POST if "reason" in request.POST else None)

    def moderated() -> int:
        reason = form.cleaned_data["reason"] if do == "hide" else ""
        number: int = actions.moderate_many(
            by=by, organisation_id=service.organisation_id, responses=chosen, do=do, reason=reason
        )
        return number

    if do == "hide":
        number = on_form(form, moderated) if form.is_valid() else None
        if number is None:
            return _reason(request, service, chosen, form)
        messages.success(request, _number_words(number, do))
        return there
    on_page(
        request,
        moderated,
        done=f"The selected responses are {DEEDS[do]}. Any that a colleague dealt with first are left as they are.",
    )
    return there


def _number_words(number: int, do: str) -> str:
    return f"{number:,} {'response is' if number == 1 else 'responses are'} {DEEDS[do]}."


def _reason(request: HttpRequest, service: Any, chosen: list[Any], form: HideManyForm) -> HttpResponseBase:
    one = len(chosen) == 1
    context = {
        "form": form,
        "service": service,
        "chosen": chosen,
        "title": "Hide 1 response" if one else f"Hide {len(chosen):,} responses",
        "cancel": reverse("feedback:responses", args=[service.id]),
    }
    return render(request, "feedback/protect/hide_many.html", context, status=422 if form.errors else 200)


BLOCKS = ListPage(
    title="What is held back",
    noun=("block", "blocks"),
    columns=(
        Column("at", "Since", sort=("at",)),
        Column("kind", "What", sort=("kind",), value=lambda block: block.get_kind_display()),
        Column("until", "Until", sort=("until",)),
        Column("held", "Held back", sort=("held",), numeric=True),
        Column("by.name", "Blocked by"),
        Column(
            "state", "State", value=lambda block: _state(block)[0], cell=lambda block: tag(*_state(block))
        ),
        Column(
            "response_id",
            "Because of",
            cell=lambda block: "The response",
            link=lambda block: reverse("feedback:response", args=[block.response_id]),
            in_csv=False,
        ),
        Column(
            "lift",
            "Lift it",
            cell=lambda block: "" if _state(block)[0] != "In force" else "Lift",
            link=lambda block: reverse("feedback:lift_block", args=[block.id]),
            in_csv=False,
        ),
    ),
    filters=(Choice("kind", "What", BlockKind.choices),),
    default_sort="-at",
    empty="Nothing of this service is held back. To block more of the same, hide a response.",
    csv_name="blocks",
    template="feedback/protect/blocks.html",
)


def _state(block: Block) -> tuple[str, str]:
    if block.lifted_at is not None:
        return "Lifted", "neutral"
    return ("In force", "working") if block.until > timezone.now() else ("Over", "neutral")


@require_safe
@for_staff("feedback.moderate")
def blocks(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """What is held back of a service, until when, and how often it was met."""
    by = by_of(request)
    service = service_of(by, service_id, permission="feedback.moderate")
    source: Source = queries.blocks(by, service)
    return BLOCKS.answer(
        request,
        source,
        context={"service": service, "may_view": may(by, "feedback.view")},
        on_export=lambda export: export_table(by=by, table="blocks", rows=export.rows),
    )


@for_staff("feedback.moderate")
def lift_block(request: HttpRequest, block_id: UUID) -> HttpResponseBase:
    """Let more of the same in again, after a look at what that means."""
    by = by_of(request)
    found = queries.block(by, block_id)
    there = reverse("feedback:blocks", args=[found.service_id])
    if request.method == "POST":
        on_page(
            request,
            lambda: actions.lift_block(by=by, organisation_id=found.organisation_id, block=found),
            done="The block is lifted.",
        )
        return redirect(there)
    context = {
        "title": "Lift this block",
        "what": [
            f"More of the same ({found.get_kind_display().lower()}) is taken in again.",
            "What was held back meanwhile stays held until somebody lets it through.",
        ],
        "button": "Lift the block",
        "cancel": there,
    }
    return render(request, "design/confirm.html", context)
