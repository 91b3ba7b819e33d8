"""Which models read text here, what for, how well, their switches, and the register of algorithmic tools."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from joinedup.text import FEATURES, FLOORS, register
from joinedup_web.accounts.views.shown import on_form
from joinedup_web.design.csv_file import csv_answer
from joinedup_web.design.filters import Choice, DateRange
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import again_by_itself, by_of, may
from joinedup_web.text import actions, knowing, queries
from joinedup_web.text.forms import EntryForm, EvaluateForm, SwitchForm
from joinedup_web.text.own_figures import Decided
from joinedup_web.text.uses import OUTCOMES

FRESH = 30  # minutes since one last proved who one is, before a model is switched
MOST = 10
STATES = {
    "waiting": ("Waiting to start", "waiting"),
    "running": ("Under way", "working"),
    "done": ("Done", "good"),
    "failed": ("Failed", "bad"),
}
ENDED = {
    "done": "Answered",
    "abstained": "Said nothing",
    "refused": "Refused",
    "invalid": "Not as asked",
    "failed": "Failed",
}
USES = ListPage(
    title="Uses of models",
    noun=("use", "uses"),
    columns=(
        Column("started_at", "When", sort=("started_at",)),
        Column("feature", "What for", sort=("feature",), cell=lambda use: FEATURES[use.feature].name),
        Column("model", "Model", sort=("model",)),
        Column("version", "Version", classes="app-id"),
        Column("prompt", "Prompt"),
        Column("items", "Texts", sort=("items",), numeric=True),
        Column("outcome", "How it ended", sort=("outcome",), cell=lambda use: ENDED[use.outcome]),
        Column("seconds", "Seconds", numeric=True, cell=lambda use: f"{use.seconds or 0:.1f}"),
        Column("tokens_in", "Tokens in", numeric=True, on_page=False),
        Column("tokens_out", "Tokens out", numeric=True, on_page=False),
    ),
    filters=(
        Choice("feature", "What for", [(code, each.name) for code, each in FEATURES.items()]),
        Choice("outcome", "How it ended", [(code, ENDED[code]) for code in OUTCOMES]),
        DateRange("day", "Date", field="started_at"),
    ),
    default_sort="-started_at",
    empty="No model has read anything here yet.",
    csv_name="uses-of-models",
    template="text/uses.html",
)


@for_staff("model.view")
@require_safe
def features(request: HttpRequest) -> HttpResponse:
    """Every use of a model: whether it is on, which model, how much and how well."""
    return render(request, "text/features.html", {"standings": queries.features(by_of(request))})


@for_staff("model.view")
@require_safe
def feature(request: HttpRequest, code: str) -> HttpResponse:
    """One use of a model."""
    answer = render(request, "text/feature.html", _of_feature(request, code))
    return again_by_itself(request, answer)


@for_staff("model.switch", fresh_minutes=FRESH)
def switch(request: HttpRequest, code: str) -> HttpResponseBase:
    """Switch a feature off or on."""
    by = by_of(request)
    standing = queries.standing(by, code)
    if not standing.feature.may_switch_off:
        raise Http404
    form = SwitchForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        on = not standing.is_on
        done = on_form(
            form,
            lambda: actions.switch_feature(by=by, feature=code, on=on, reason=form.cleaned_data["reason"]),
        )
        if done is not None:
            messages.success(request, f"{standing.feature.name} is {'on' if on else 'off'}.")
            return redirect("text:feature", code)
    context = {"form": form, "standing": standing}
    return render(request, "text/switch.html", context, status=422 if form.errors else 200)


@for_staff("model.evaluate")
@require_POST
def evaluate(request: HttpRequest, code: str) -> HttpResponseBase:
    """Ask for an evaluation of a feature's model."""
    by = by_of(request)
    queries.standing(by, code)
    form = EvaluateForm(request.POST, has_own=queries.decided(by, code) is not None)
    if form.is_valid():
        done = on_form(
            form,
            lambda: actions.ask_evaluation(by=by, feature=code, suite=form.cleaned_data["suite"]),
        )
        if done is not None:
            return redirect("text:evaluation", done.id)
    return render(request, "text/feature.html", _of_feature(request, code, form), status=422)


@for_staff("model.view")
@require_safe
def evaluation(request: HttpRequest, evaluation_id: UUID) -> HttpResponse:
    """One evaluation: how it was done, what was right, what went wrong."""
    found = queries.evaluation(by_of(request), evaluation_id)
    rows = [
        (
            knowing.measure_words(name),
            knowing.figure_shown(name, value),
            FLOORS.get((found.feature, name)),
            value,
        )
        for name, value in found.figures.items()
    ]
    how = {name: value for name, value in found.protocol.items() if name not in ("missed", "size")}
    context = {
        "evaluation": found,
        "feature": FEATURES[found.feature],
        "state_words": STATES[found.state],
        "rows": rows,
        "how": [
            (name.capitalize(), ", ".join(v) if isinstance(v, list) else str(v)) for name, v in how.items()
        ],
        "missed": found.protocol.get("missed", ()),
        "size": found.protocol.get("size"),
        "is_under_way": found.state in actions.UNDER_WAY,
    }
    return again_by_itself(request, render(request, "text/evaluation.html", context))


@for_staff("model.view")
@require_safe
def uses(request: HttpRequest) -> HttpResponseBase:
    """Every use of a model; nothing of any text."""
    by = by_of(request)
    return USES.answer(
        request,
        queries.uses(by),
        on_export=lambda export: actions.note_export(
            by=by, table="model_uses", rows=export.rows, is_filtered=bool(export.filters)
        ),
    )


@for_staff("model.view")
@require_safe
def the_register(request: HttpRequest) -> HttpResponse:
    """The transparency record of each feature, and what it still lacks."""
    by = by_of(request)
    rows = []
    for code, each in FEATURES.items():
        entry = queries.entry(by, code)
        own = queries.written(by, code)
        rows.append((each, len(register.missing(entry)), own))
    context = {"rows": rows, "standard": register.standard()}
    return render(request, "text/register.html", context)


@for_staff("model.view")
@require_safe
def entry(request: HttpRequest, code: str) -> HttpResponseBase:
    """A feature's transparency record, as a page, CSV or JSON."""
    by = by_of(request)
    found = queries.entry(by, code)
    how = request.GET.get("format")
    if how in ("csv", "json"):
        actions.note_export(by=by, table="register_entry", rows=len(found))
        return _as_file(code, found, how)
    sections: dict[str, list[register.Filled]] = {}
    for each in found:
        sections.setdefault(each.field.section, []).append(each)
    context = {
        "feature": FEATURES[code],
        "sections": sections,
        "missing": register.missing(found),
        "own": queries.written(by, code),
        "standard": register.standard(),
        "may_write": may(by, "model.evaluate"),
    }
    return render(request, "text/entry.html", context)


@for_staff("model.evaluate")
def write(request: HttpRequest, code: str) -> HttpResponseBase:
    """Write what a transparency record cannot know by itself."""
    by = by_of(request)
    found = queries.entry(by, code)
    own = queries.written(by, code)
    written = own.fields if own is not None else {}
    form = EntryForm(request.POST if request.method == "POST" else None, written=written, entry=found)
    if request.method == "POST" and form.is_valid():
        done = on_form(form, lambda: actions.write_entry(by=by, feature=code, fields=dict(form.cleaned_data)))
        if done is not None:
            messages.success(request, "The transparency record is saved.")
            return redirect("text:entry", code)
    context = {"form": form, "feature": FEATURES[code], "entry": found}
    return render(request, "text/write.html", context, status=422 if form.errors else 200)


def _of_feature(request: HttpRequest, code: str, form: EvaluateForm | None = None) -> dict[str, Any]:
    by = by_of(request)
    standing = queries.standing(by, code)
    decided = queries.decided(by, code)
    evaluations = list(queries.evaluations(by, code)[:MOST])
    may_evaluate = may(by, "model.evaluate")
    if form is None and may_evaluate:
        form = EvaluateForm(None, has_own=decided is not None)
    return {
        "standing": standing,
        "decided": decided,
        "decided_rows": [] if decided is None else _rows_of(decided),
        "evaluations": [(each, STATES[each.state]) for each in evaluations],
        "is_under_way": any(each.state in actions.UNDER_WAY for each in evaluations),
        "figures": knowing.figure_words(standing.evaluation) if standing.evaluation else [],
        "uses": list(queries.uses(by, code)[:MOST]),
        "ended": ENDED,
        "may_switch": may(by, "model.switch"),
        "form": form if may_evaluate else None,
        "days": knowing.DAYS,
        "uses_href": f"{reverse('text:uses')}?feature={code}",
    }


def _rows_of(decided: Decided) -> list[tuple[str, str]]:
    figures = [
        (knowing.measure_words(name), knowing.figure_shown(name, value))
        for name, value in decided.figures.items()
    ]
    return [
        (words[:1].upper() + words[1:], shown)
        for words, shown in (*figures, *((words, f"{number:,}") for words, number in decided.told))
    ]


def _as_file(code: str, found: tuple[register.Filled, ...], how: str) -> HttpResponseBase:
    told = register.standard()
    day = timezone.localdate().isoformat()
    name = f"transparency-record-{code}-{day}"
    if how == "csv":
        rows = (
            [each.field.code, each.field.section, each.field.label, each.value, each.field.is_required]
            for each in found
        )
        return csv_answer(name, ("number", "section", "field", "value", "required"), rows)
    document = {
        "standard": "Algorithmic Transparency Recording Standard",
        "standard_version": told["version"],
        "made_on": day,
        "fields": [
            {
                "number": each.field.code,
                "attribute": each.field.name,
                "section": each.field.section,
                "value": each.value,
                "required": each.field.is_required,
                "filled_by": each.by,
            }
            for each in found
        ],
    }
    text = json.dumps(document, indent=2, ensure_ascii=False)
    answer = HttpResponse(text, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{name}.json"'
    answer["Cache-Control"] = "no-store"
    return answer
