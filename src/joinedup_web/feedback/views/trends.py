"""What people write from week to week, and which people write it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from joinedup.charts import Chart, Line, Spot, line_chart
from joinedup.charts.scale import percent, plain
from joinedup.text import Change
from joinedup_web.design.csv_file import csv_answer
from joinedup_web.design.words import day
from joinedup_web.feedback.actions.exports import export_table
from joinedup_web.feedback.queries import trends as queries
from joinedup_web.feedback.queries import understand
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of

DAYS = (("30", "The last 30 days"), ("90", "The last 90 days"), ("365", "The last 12 months"))
MOST_LINES = 5
LEAST = 5  # answers in a week: of fewer, a share is an anecdote


@require_safe
@for_staff("feedback.view")
def trends(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """Weeks of a service's comments, and what changed suddenly. ?format=csv for the numbers."""
    by = by_of(request)
    service = understand.service(by, service_id)
    found = queries.weeks(by, service, today=timezone.localdate())
    if request.GET.get("format") == "csv":
        tags = sorted(found.tags, key=lambda tag: found.names[tag])
        export_table(by=by, table="trends", rows=len(found.mondays))
        headings = ["Week from", "Comments", "With a known feeling", "Negative"]
        rows = [
            [monday, found.comments[monday], found.negative[monday][1], found.negative[monday][0]]
            + [found.tags[tag][monday][0] for tag in tags]
            for monday in found.mondays
        ]
        return csv_answer("trends", headings + [found.names[tag] for tag in tags], rows)
    context = {
        "service": service,
        "sudden": [
            _sudden(found, each) for each in sorted(found.sudden, key=lambda each: each.period, reverse=True)
        ],
        "pictures": _pictures(found),
        "tested": any(found.comments.values()),
    }
    return render(request, "feedback/understand/trends.html", context)


@require_safe
@for_staff("feedback.view")
def segments(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """Who says something more, and who less. ?by, ?measure and ?days choose."""
    by = by_of(request)
    service = understand.service(by, service_id)
    known = {each.code: each for each in queries.dimensions(by, service)}
    tags = [(str(each.id), f"Bear the tag “{each.name}”") for each in service.tags.filter(is_active=True)]
    measures = dict([(queries.NEGATIVE, "Are negative"), *tags])
    dimension = known.get(request.GET.get("by", ""), known["channel"])
    measure = request.GET.get("measure", "")
    measure = measure if measure in measures else queries.NEGATIVE
    days = request.GET.get("days", "")
    days = days if days in dict(DAYS) else "90"
    last = timezone.localdate()
    rows = queries.segments(
        by, service, dimension=dimension, measure=measure, first=last - timedelta(days=int(days)), last=last
    )
    context = {
        "service": service,
        "rows": rows,
        "dimension": dimension,
        "measure": measures[measure],
        "choices": [
            (
                "by",
                "Tell people apart by",
                _items([(d.code, d.words) for d in known.values()], dimension.code),
            ),
            ("measure", "Compare comments that", _items(measures.items(), measure)),
            ("days", "Received in", _items(DAYS, days)),
        ],
    }
    return render(request, "feedback/understand/segments.html", context)


def _items(choices: Any, chosen: str) -> list[dict[str, Any]]:
    return [{"value": value, "text": words, "selected": value == chosen} for value, words in choices]


def _sudden(found: queries.Weeks, change: Change[Any]) -> dict[str, Any]:
    """A sudden change as a line of the table."""
    if change.series == "comments":
        what, was, is_now = "Number of comments", plain(round(change.expected, 1)), plain(change.hits)
    else:
        what = (
            "Share of negative comments"
            if change.series == queries.NEGATIVE
            else f"Share with the tag “{found.names[UUID(change.series)]}”"
        )
        was, is_now = percent(change.expected / change.total), percent(change.hits / change.total)
    p = "less than 0.001" if change.p < 0.001 else f"{change.p:.3f}"
    return {
        "week": f"Week from {day(change.period)}",
        "what": what,
        "way": "Rose" if change.rose else "Fell",
        "was": was,
        "now": is_now,
        "p": p,
    }


def _begun(found: queries.Weeks) -> list[Any]:
    """The weeks from the first with a comment on."""
    first = next((place for place, monday in enumerate(found.mondays) if found.comments[monday]), None)
    return [] if first is None else list(found.mondays[first:])


def _pictures(found: queries.Weeks) -> list[Chart]:
    shown = _begun(found)
    if not shown:
        return []
    places = {monday: float(place) for place, monday in enumerate(shown)}
    words = [(places[monday], day(monday)) for monday in shown]
    span = (0.0, max(1.0, len(shown) - 1.0))
    spots = [
        Spot(places[each.period], float(each.hits), "Sudden change")
        for each in found.sudden
        if each.series == "comments"
    ]
    pictures = [
        line_chart(
            title="Comments each week",
            lines=[
                Line(
                    "Comments", tuple((places[m], float(n)) for m, n in found.comments.items() if m in places)
                )
            ],
            spots=spots,
            x_name="Week from",
            y_name="Comments",
            x_words=words,
            x_range=span,
        )
    ]
    felt = tuple((places[m], hits / total) for m, (hits, total) in found.negative.items() if total >= LEAST)
    if len(felt) > 1:
        pictures.append(
            line_chart(
                title="Share of negative comments each week",
                lines=[Line("Negative", felt)],
                spots=[
                    Spot(places[each.period], each.hits / each.total, "Sudden change")
                    for each in found.sudden
                    if each.series == queries.NEGATIVE
                ],
                x_name="Week from",
                y_name="Share",
                x_words=words,
                x_range=span,
                y_format=percent,
                note="Of comments whose feeling is known. Weeks with fewer than five of them are left out.",
            )
        )
    largest = sorted(found.tags, key=lambda tag: -sum(hits for hits, _ in found.tags[tag].values()))[
        :MOST_LINES
    ]
    lines = [
        Line(
            found.names[tag], tuple((places[m], h / t) for m, (h, t) in found.tags[tag].items() if t >= LEAST)
        )
        for tag in largest
    ]
    lines = [line for line in lines if len(line.points) > 1]
    if lines:
        pictures.append(
            line_chart(
                title="Share of comments with the commonest tags each week",
                lines=lines,
                x_name="Week from",
                y_name="Share",
                x_words=words,
                x_range=span,
                y_format=percent,
                note="Suggestions that nobody has looked at count; those that people rejected do not.",
            )
        )
    return pictures
