"""What may be taken away of a finished run, and two runs side by side."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from joinedup.linkage import (
    Drift,
    RunDifference,
    compare_people,
    difference_from_dict,
    drift_of,
    drift_summary,
)
from joinedup_web.design.words import percent
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage import files, queries
from joinedup_web.linkage.actions.taken import compare_runs, download_report, download_results
from joinedup_web.linkage.forms.runs import CompareForm
from joinedup_web.linkage.models import Run, RunState
from joinedup_web.linkage.results import (
    BY_CODE,
    CONTENT_TYPES,
    csv_as_safe_csv,
    parquet_as_csv,
    row_count,
)
from joinedup_web.linkage.views.shown import FRESH, attachment, by_of, file_name
from joinedup_web.linkage.words import RUN_KINDS


@for_staff("linkage.view")
@require_safe
def report(request: HttpRequest, run_id: UUID) -> HttpResponseBase:
    """The library's report, a page of its own that holds counts and no value of a record."""
    by = by_of(request)
    run = _finished(queries.run(by, run_id))
    path = files.results(run) / "report.html"
    if not path.exists():
        raise Http404
    download_report(by=by, run=run)
    return attachment(path, f"{file_name(run.project, 'run', str(run.number), 'report')}.html", "text/html")


@for_staff("result.download", fresh_minutes=FRESH, back_to_page=True)
@require_safe
def download(request: HttpRequest, run_id: UUID, part: str, ending: str) -> HttpResponseBase:
    """One of the outputs. The download is recorded before the first byte leaves."""
    by = by_of(request)
    run = _finished(queries.run(by, run_id, permission="result.download"))
    wanted = BY_CODE.get(part)
    if wanted is None or ending not in wanted.formats:
        raise Http404
    path = files.results(run) / wanted.file
    if not path.exists():
        raise Http404
    is_table = path.suffix == ".parquet"
    download_results(by=by, run=run, part=part, rows=row_count(path) if is_table else None)
    name = f"{file_name(run.project, 'run', str(run.number), part)}.{ending}"
    if path.suffix == f".{ending}" and ending != "csv":
        return attachment(path, name, CONTENT_TYPES[ending])
    lines = parquet_as_csv(path) if is_table else csv_as_safe_csv(path)
    answer = StreamingHttpResponse(lines, content_type=CONTENT_TYPES[ending])
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


@for_staff("linkage.view")
@require_safe
def compare(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Two runs of a project: settings, figures, and the people whom they make differently."""
    by = by_of(request)
    project = queries.project(by, project_id)
    runs = list(queries.finished_runs(by, project))
    context: dict[str, Any] = {"project": project, "runs": runs}
    if len(runs) < 2:
        return render(request, "linkage/compare.html", context)
    newest = {"first": str(runs[1].number), "second": str(runs[0].number)}
    is_asked = "first" in request.GET or "second" in request.GET
    form = CompareForm(request.GET if is_asked else newest, runs=runs)
    context["form"] = form
    if form.is_valid():
        by_number = {str(run.number): run for run in runs}
        first, second = (by_number[form.cleaned_data[name]] for name in ("first", "second"))
        context |= {"first": first, "second": second, "rows": _side_by_side(first, second)}
        if is_asked:
            compare_runs(by=by, run=first, with_run=second)
            context["difference"] = _difference(first, second)
            context["drift"] = drift = _drift(first, second)
            context["drift_summary"] = drift_summary(drift) if drift is not None else ""
    return render(request, "linkage/compare.html", context)


def _finished(run: Run) -> Run:
    if run.state != RunState.FINISHED:
        raise Http404
    return run


def _difference(first: Run, second: Run) -> RunDifference:
    """Finished runs never change, so what was compared once is kept beside the second."""
    kept = files.run_folder(second) / f"compared-with-{first.id}.json"
    try:
        return difference_from_dict(json.loads(kept.read_text("utf-8")))
    except FileNotFoundError:
        pass
    found = compare_people(files.results(first) / "people.parquet", files.results(second) / "people.parquet")
    draft = kept.with_suffix(".draft")
    draft.write_text(json.dumps(found.as_dict()), "utf-8")
    draft.replace(kept)
    return found


def _drift(first: Run, second: Run) -> Drift | None:
    """How far the second run's data lie from the first's; None where one was made before runs noted what they saw."""
    ends = [files.results(run) for run in (second, first)]
    if not all((folder / "training.json").exists() for folder in ends):
        return None
    return drift_of(ends[0], against=ends[1], named=(f"run {second.number}", f"run {first.number}"))


def _side_by_side(first: Run, second: Run) -> list[tuple[str, str, str]]:
    """Settings and figures, each as words for both runs."""
    columns = [_facts(run) for run in (first, second)]
    return [(name, columns[0][name], columns[1][name]) for name in columns[0]]


def _facts(run: Run) -> dict[str, str]:
    told, threshold = run.headline, run.settings.get("threshold_probability")

    def figure(name: str) -> str:
        value = told.get(name)
        return "not known" if value is None else f"{value:,}"

    obeyed = run.settings.get("use_decisions", True)
    return {
        "Kind": RUN_KINDS[run.kind][0],
        "Sources": ", ".join(source.name for source in run.sources.all()),
        "Threshold": "chosen by the run" if threshold is None else f"probability {percent(threshold)}",
        "Clerks’ decisions obeyed": f"{run.decisions_used:,}" if obeyed else "not obeyed",
        "Records": figure("records"),
        "Pairs scored": figure("pairs"),
        "Pairs linked": figure("links"),
        "People": figure("people"),
        "Precision (estimate)": percent(told.get("precision")),
        "Recall (estimate)": percent(told.get("recall")),
    }
