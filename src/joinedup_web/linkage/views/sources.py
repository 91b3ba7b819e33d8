"""Sources: the list, one with its quality and its columns, and what may be downloaded of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from joinedup_web.design.context import address_if
from joinedup_web.design.filters import Choice, DateRange, TextSearch
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.design.words import size
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage import files, queries
from joinedup_web.linkage.actions.taken import download_quality, export_rows_aside, export_sources
from joinedup_web.linkage.models import Source, SourceState
from joinedup_web.linkage.pictures import quality_pictures
from joinedup_web.linkage.spec import meaning_of
from joinedup_web.linkage.views.shown import (
    FRESH,
    again_by_itself,
    attachment,
    by_of,
    file_name,
    may,
    source_tag,
)
from joinedup_web.linkage.words import DIMENSIONS, FORMATS, kind_word, sure

STATES = [choice for choice in SourceState.choices if choice[0] != SourceState.REMOVED]

SOURCES = ListPage(
    title="Sources",
    noun=("source", "sources"),
    columns=(
        Column("name", "Source", sort=("name",), link=lambda s: reverse("linkage:source", args=[s.id])),
        Column(
            "project.name",
            "Project",
            sort=("project__name",),
            link=lambda s: reverse("linkage:project", args=[s.project_id]),
        ),
        Column("state", "State", sort=("state",), value=lambda s: s.get_state_display(), cell=source_tag),
        Column("rows_good", "Rows", sort=("rows_good",), numeric=True),
        Column("rows_aside", "Rows kept aside", sort=("rows_aside",), numeric=True),
        Column("format", "Format", sort=("format",), value=lambda s: FORMATS.get(s.format, s.format or None)),
        Column("octets", "Size", sort=("octets",), numeric=True, cell=lambda s: size(s.octets)),
        Column("uploaded_at", "Uploaded", sort=("uploaded_at",)),
    ),
    filters=(
        TextSearch(fields=("name", "file_name", "project__name"), label="Source, file or project"),
        Choice("state", "State", STATES),
        DateRange("uploaded_at", "Uploaded"),
    ),
    default_sort="-uploaded_at",
    empty="There is no source yet. A source is a file with records of people; it belongs to a project.",
    template="linkage/sources.html",
)


@for_staff("source.view")
@require_safe
def sources(request: HttpRequest) -> HttpResponseBase:
    """Every source of the organisation's projects."""
    by = by_of(request)
    return replace(SOURCES, empty_link=("See projects", address_if("linkage:projects"))).answer(
        request,
        queries.sources(by),
        context={"to_check": queries.sources_to_check(by) if may(by, "source.correct") else 0},
        on_export=lambda export: export_sources(by=by, rows=export.rows, is_filtered=bool(export.filters)),
    )


@for_staff("source.view")
@require_safe
def source(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """One source: being measured, not readable, or with its quality and columns."""
    by = by_of(request)
    found = queries.source(by, source_id)
    context: dict[str, Any] = {
        "source": found,
        "tag": source_tag(found),
        "format": FORMATS.get(found.format, found.format),
        "may_upload": may(by, "source.upload"),
        "may_correct": may(by, "source.correct"),
        "may_download": may(by, "result.download"),
        "may_run": may(by, "linkage.run"),
    }
    if found.state in (SourceState.UPLOADED, SourceState.MEASURING):
        answer = render(
            request, "linkage/source_measuring.html", {**context, "tag": "", "words": _words(found)}
        )
        return again_by_itself(request, answer)
    if found.state == SourceState.FAILED:
        return render(request, "linkage/source_failed.html", context)
    if found.state == SourceState.REMOVED:
        context["later"] = found.replaced_by.exclude(state=SourceState.REMOVED).first()
        return render(request, "linkage/source_removed.html", context)
    measured = _measured(found)
    return render(request, "linkage/source.html", {**context, **_quality(found, measured)})


@for_staff("source.view")
@require_safe
def source_progress(request: HttpRequest, source_id: UUID) -> JsonResponse:
    """How far measuring is, for the progress bar."""
    found = queries.source(by_of(request), source_id)
    finished = found.state not in (SourceState.UPLOADED, SourceState.MEASURING)
    return JsonResponse({"done": 0, "total": 0, "words": _words(found), "finished": finished})


@for_staff("source.view")
@require_safe
def quality_report(request: HttpRequest, source_id: UUID) -> HttpResponseBase:
    """The library's report as a file of its own, for people without an account."""
    return _quality_file(request, source_id, "quality", "quality.html", "text/html")


@for_staff("source.view")
@require_safe
def action_plan(request: HttpRequest, source_id: UUID) -> HttpResponseBase:
    """The Government Data Quality Framework's action plan, to be filled in."""
    return _quality_file(request, source_id, "action_plan", "action-plan.md", "text/markdown")


def _quality_file(request: HttpRequest, source_id: UUID, part: str, file: str, kind: str) -> HttpResponseBase:
    by = by_of(request)
    found = queries.source(by, source_id)
    path = files.source_folder(found) / "quality" / file
    name = f"{file_name(found.project, found.name, part.replace('_', '-'))}{path.suffix}"
    answer = attachment(path, name, kind)
    download_quality(by=by, source=found, part=part)
    return answer


@for_staff("result.download", fresh_minutes=FRESH, back_to_page=True)
@require_safe
def rows_aside(request: HttpRequest, source_id: UUID) -> HttpResponseBase:
    """The rows that could not be read, as they stand in the file, each with its reason."""
    by = by_of(request)
    found = queries.source(by, source_id, permission="result.download")
    path = files.source_folder(found) / "quality" / "aside.csv"
    if not path.exists():
        raise Http404
    export_rows_aside(by=by, rows=found.rows_aside or 0)
    name = f"{file_name(found.project, found.name, 'rows-aside')}.csv"
    return attachment(path, name, "text/csv; charset=utf-8")


def _words(source: Source) -> str:
    if source.state == SourceState.UPLOADED:
        return "Waiting for its turn to be measured."
    if source.state == SourceState.MEASURING:
        return "Reading the file, finding out what its columns mean, and measuring their quality."
    return "Finished."


def _measured(source: Source) -> dict[str, Any] | None:
    path = files.source_folder(source) / "quality" / "quality.json"
    try:
        told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    return told


def _quality(source: Source, measured: dict[str, Any] | None) -> dict[str, Any]:
    """What the quality page shows; without the measurements' file the figures of the row alone."""
    by_name = {column["name"]: column for column in (measured or {}).get("columns", ())}
    basis = {each["dimension"]: each["basis"] for each in (measured or {}).get("dimensions", ())}
    return {
        "dimensions": [
            (words, what, source.dimensions.get(code), basis.get(code, ""))
            for code, (words, what) in DIMENSIONS.items()
        ],
        "pictures": quality_pictures(measured) if measured else [],
        "columns": [
            {
                "name": name,
                "meaning": kind_word(meaning.get("corrected") or meaning["kind"]),
                "corrected": bool(meaning.get("corrected")),
                "found": kind_word(meaning["kind"]),
                "sure": sure(meaning["confidence"]),
                "confidence": meaning["confidence"],
                "why": meaning["why"],
                "compared": meaning_of(meaning) is not None and name != source.id_column,
                "is_id": name == source.id_column,
                "complete": by_name.get(name, {}).get("completeness"),
                "distinct": by_name.get(name, {}).get("distinct"),
                "valid": _valid(by_name.get(name)),
            }
            for name, meaning in source.columns
        ],
        "findings": _findings(measured or {}),
        "measured_on": (measured or {}).get("on"),
        "has_aside": bool(source.rows_aside),
        "read_as": _read_as(source),
    }


def _valid(column: dict[str, Any] | None) -> float | None:
    found = (column or {}).get("validity")
    return found.get("share") if found else None


def _findings(measured: dict[str, Any]) -> list[tuple[str, str]]:
    """What is worth a look before linking: column, and what was found in it, the gravest first."""
    found: list[tuple[float, str, str]] = []
    for column in measured.get("columns", ()):
        rows, complete = column["rows"] or 1, column["completeness"]
        valid = column["validity"] or {}
        if complete is not None and complete < 0.9:
            found.append(
                (1 - complete, column["name"], f"{(1 - complete) * 100:.0f}% of the rows have no value")
            )
        if valid.get("invalid"):
            words = f"{valid['invalid']:,} values are not valid and count as missing"
            found.append((valid["invalid"] / rows, column["name"], words))
        if valid.get("mended"):
            words = f"{valid['mended']:,} values were put into the usual form before comparing"
            found.append((valid["mended"] / rows / 10, column["name"], words))
        if column["kind"] == "identifier" and column["uniqueness"] is not None and column["uniqueness"] < 1:
            found.append((1.0, column["name"], "some of its values are there more than once"))
    repeated = measured.get("duplicate_rows_but_identifiers") or 0
    if repeated:
        found.append(
            (repeated / (measured["rows"] or 1), "All columns", f"{repeated:,} rows repeat another row")
        )
    return [(name, words) for _, name, words in sorted(found, key=lambda each: -each[0])]


def _read_as(source: Source) -> list[tuple[str, str]]:
    notes = source.notes
    told = [("Format", FORMATS.get(source.format, source.format))]
    if source.tables or source.read.get("table"):
        told.append(("Sheet or table", ", ".join(source.tables or [source.read["table"]])))
    if notes.get("encoding"):
        told.append(("Encoding", notes["encoding"]))
    if notes.get("delimiter"):
        told.append(
            (
                "Separator",
                {",": "comma", "\t": "tab", ";": "semicolon"}.get(notes["delimiter"], notes["delimiter"]),
            )
        )
    if notes.get("header_row") is not None:
        told.append(("Column names in row", str(notes["header_row"]) if notes["header_row"] else "none"))
    return told
