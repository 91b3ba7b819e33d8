"""A table as a CSV download, streamed, and harmless when a spreadsheet opens it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

# Spreadsheets take a cell that begins like this for a formula (OWASP: CSV injection).
FORMULA = re.compile(r"^[\s\x00]*[=+\-@\t\r＝＋－＠]")
NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")


def csv_answer(name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Return a download called NAME.csv: UTF-8, RFC 4180 (commas, CRLF), one row of headings."""
    answer = StreamingHttpResponse(
        csv_lines(headings, rows), content_type="text/csv; charset=utf-8; header=present"
    )
    answer["Content-Disposition"] = f'attachment; filename="{re.sub(r"[^A-Za-z0-9_.-]+", "-", name)}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield the file a few hundred rows at a time."""
    writer = csv.writer(_Echo())
    yield writer.writerow([csv_cell(heading) for heading in headings])
    held: list[str] = []
    for row in rows:
        held.append(writer.writerow([csv_cell(value) for value in row]))
        if len(held) == 500:
            yield "".join(held)
            held.clear()
    yield "".join(held)


def csv_cell(value: Any) -> Any:
    """One cell: missing as empty, moments as ISO 8601 London time, text never as a formula.

    A text that would run gets an apostrophe before it; numbers, negative ones too, stay numbers.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).isoformat(
            timespec="seconds"
        )
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if FORMULA.match(text) and not NUMBER.match(text) else text


class _Echo:
    """A file that hands back what is written to it, as csv.writer needs."""

    def write(self, text: str) -> str:
        return text
