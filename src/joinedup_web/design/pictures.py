"""Charts of the library on pages: the picture is SVG without styles of its own, so the strict policy lets it be."""

from __future__ import annotations

from django.http import HttpResponseBase

from joinedup.charts import Chart
from joinedup.charts.chart import cell_text
from joinedup_web.design.csv_file import csv_answer


def chart_table(chart: Chart, *, has_csv: bool = False) -> str:
    """The chart's numbers as a table in the Design System's dress. Cells are escaped by the library.

    has_csv: whether the page links to them as CSV, so that the table needs no link of its own.
    """
    head = "".join(
        f'<th scope="col" class="govuk-table__header">{cell_text(name)}</th>' for name in chart.columns
    )
    body = "".join(
        '<tr class="govuk-table__row">'
        + f'<th scope="row" class="govuk-table__header">{cell_text(row[0])}</th>'
        + "".join(f'<td class="govuk-table__cell">{cell_text(cell)}</td>' for cell in row[1:])
        + "</tr>"
        for row in chart.rows
    )
    own = ' data-csv="own"' if has_csv else ""
    return (
        f'<table class="govuk-table"{own}><caption class="govuk-visually-hidden">{cell_text(chart.title)}</caption>'
        f'<thead class="govuk-table__head"><tr class="govuk-table__row">{head}</tr></thead>'
        f'<tbody class="govuk-table__body">{body}</tbody></table>'
    )


def chart_csv(chart: Chart, name: str) -> HttpResponseBase:
    """Return the chart's numbers as a download."""
    return csv_answer(
        name, chart.columns, ([str(c) if c is not None else None for c in row] for row in chart.rows)
    )
