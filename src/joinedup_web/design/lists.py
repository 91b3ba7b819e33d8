"""Lists of anything: filters, sorting, paging and CSV, all in the address, so that a page can be sent to somebody.

    EVENTS = ListPage(
        title="Audit events",
        noun=("event", "events"),
        columns=(
            Column("at", "When", sort=("at",), cell=lambda event: clock(event.at)),
            Column("kind", "What", sort=("kind",)),
        ),
        filters=(TextSearch(fields=("kind", "actor")), DateRange("at", "Date")),
        default_sort="-at",
        empty="Nothing has been recorded yet.",
    )

    @for_staff("audit.view")
    def events(request):
        return EVENTS.answer(request, events_of(request.actor), on_export=lambda e: export_list(...))

?q=…&sort=-at&page=2 is the page, and ?…&format=csv the whole filtered table under the view's own permission.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from joinedup_web.design.csv_file import csv_answer
from joinedup_web.design.filters import Filter, Tag
from joinedup_web.design.paging import page_items
from joinedup_web.design.rows import Rows, Source, rows_of
from joinedup_web.design.words import clock, count, day

FAR = 10_000
"""Rows before a page from which on they are counted first, since from the end it may be nearer."""


@dataclass(frozen=True)
class Column:
    """One column. key: its name in the address, and the attribute (`user.name`) or dict key it shows.

    sort: the fields to order by, "-" before those that run the other way; empty where it cannot be sorted.
    value: what the row's value is, where the key does not say it; also what CSV holds.
    cell: how the value is shown (text, or markupsafe.Markup). link: where the cell leads.
    """

    key: str
    heading: str
    sort: tuple[str, ...] = ()
    value: Callable[[Any], Any] | None = None
    cell: Callable[[Any], Any] | None = None
    link: Callable[[Any], str] | None = None
    numeric: bool = False
    in_csv: bool = True
    on_page: bool = True
    classes: str = ""

    def of(self, row: Any) -> Any:
        """The value of this column in a row."""
        if self.value is not None:
            return self.value(row)
        found = row
        for name in self.key.split("."):
            found = found.get(name) if isinstance(found, Mapping) else getattr(found, name, None)
        return found

    def shown(self, row: Any) -> Any:
        """What the page shows: missing as nothing, days and moments in words, numbers with thousands."""
        if self.cell is not None:
            return self.cell(row)
        value = self.of(row)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if isinstance(value, datetime):
            return clock(value)
        if isinstance(value, date):
            return day(value)
        return count(value) if isinstance(value, int) else value


@dataclass(frozen=True)
class Export:
    """A table that somebody is downloading. filters: the names in force, never what was searched for."""

    rows: int
    filters: tuple[str, ...]


@dataclass(frozen=True)
class ListPage:
    """A list as it is declared once, at the top of a views file.

    noun: one, several. default_sort: a column's key, "-" before it for descending; empty for the source's order.
    empty: what to do where there is nothing at all; empty_link: (words, address) of that deed.
    count_limit: counting stops there ("more than 100,000"), so that no list is slow for its size.
    """

    title: str
    noun: tuple[str, str]
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    default_sort: str = ""
    page_size: int = 50
    empty: str = ""
    empty_link: tuple[str, str] | None = None
    count_limit: int = 100_000
    csv_name: str = ""
    template: str = "design/list_page.html"

    def answer(
        self,
        request: HttpRequest,
        source: Source,
        *,
        context: Mapping[str, Any] | None = None,
        on_export: Callable[[Export], object] | None = None,
    ) -> HttpResponseBase:
        """Return the page, or its CSV where the address asks for it.

        on_export: called before the first row leaves, so that the download can be audited; what it raises stops it.
        The template has `list` (a Listing), `title`, and the context.
        """
        if request.GET.get("format") == "csv":
            return self.download(request, source, on_export=on_export)
        listing = self.listing(request, source)
        return render(request, self.template, {"title": self.title, **(context or {}), "list": listing})

    def listing(self, request: HttpRequest, source: Source) -> Listing:
        """Return what the address asks for, ready to be shown: three queries at most, five past the end.

        Quick at 100,000 rows where what it is sorted by has an index (docs/explanation/the-website.md).
        """
        everything = rows_of(source)
        states, rows = self._narrowed(request, everything)
        sort = self._sort(request)
        ordered = self._sorted(rows, sort)
        page = min(_number(request.GET.get("page")), -(-self.count_limit // self.page_size))
        start = (page - 1) * self.page_size
        counted = rows.count(self.count_limit) if start >= FAR else None
        known = counted if counted is not None and counted <= self.count_limit else None
        shown = ordered.slice(start, start + self.page_size + 1, total=known)
        if counted is not None:
            total = counted
        elif len(shown) <= self.page_size and (shown or start == 0):
            total = start + len(shown)  # the end is in sight, so a narrow search is one pass over the rows
        else:
            total = rows.count(self.count_limit)
        pages = max(1, -(-min(total, self.count_limit) // self.page_size))
        if page > pages:
            page, start = pages, (pages - 1) * self.page_size
            shown = ordered.slice(start, start + self.page_size, total=known)
        return Listing(
            declared=self,
            path=request.path,
            states=states,
            sort=sort,
            page=page,
            pages=pages,
            total=total,
            start=start,
            rows=shown[: self.page_size],
            other={name: request.GET.getlist(name) for name in request.GET if name not in self._own()},
        )

    def download(
        self,
        request: HttpRequest,
        source: Source,
        *,
        on_export: Callable[[Export], object] | None = None,
    ) -> HttpResponseBase:
        """Return every row that the filters leave, as CSV."""
        states, rows = self._narrowed(request, rows_of(source))
        if on_export is not None:
            in_force = tuple(own.key for own in self.filters if own.tags(states[own.key]))
            on_export(Export(rows=rows.count(), filters=in_force))
        columns = [column for column in self.columns if column.in_csv]
        ordered = self._sorted(rows, self._sort(request))
        lines = ([column.of(row) for column in columns] for row in ordered.all())
        return csv_answer(self.csv_name or self.noun[1], [column.heading for column in columns], lines)

    def _narrowed(self, request: HttpRequest, rows: Rows) -> tuple[dict[str, dict[str, Any]], Rows]:
        states: dict[str, dict[str, Any]] = {}
        for own in self.filters:
            states[own.key] = own.read(request.GET)
            rows = own.narrow(rows, states[own.key])
        return states, rows

    def _sort(self, request: HttpRequest) -> str:
        asked = request.GET.get("sort", "")
        keys = {column.key for column in self.columns if column.sort}
        return asked if asked.removeprefix("-") in keys else self.default_sort

    def _sorted(self, rows: Rows, sort: str) -> Rows:
        for column in self.columns:
            if column.sort and column.key == sort.removeprefix("-"):
                return rows.sort(column.sort, descending=sort.startswith("-"))
        return rows

    def _own(self) -> set[str]:
        return {"sort", "page", "format", "lang"} | {name for own in self.filters for name in own.names}


@dataclass(frozen=True)
class Listing:
    """One page of a list, as templates show it."""

    declared: ListPage
    path: str
    states: dict[str, dict[str, Any]]
    sort: str
    page: int
    pages: int
    total: int
    start: int
    rows: list[Any]
    other: dict[str, list[str]] = field(default_factory=dict)

    @property
    def columns(self) -> list[Column]:
        """Those shown on the page."""
        return [column for column in self.declared.columns if column.on_page]

    @property
    def tags(self) -> list[tuple[str, Tag, str]]:
        """The filters in force: label, tag, and the address without it."""
        return [
            (own.label, tag, self.address(page=None, **tag.without))
            for own in self.declared.filters
            for tag in own.tags(self.states[own.key])
        ]

    @property
    def errors(self) -> list[dict[str, str]]:
        """What was wrong in the filters, as the error summary takes it."""
        return [
            {"text": f"{own.label}: {words}", "href": f"#{own.key}_{end}"}
            for own in self.declared.filters
            for end, words in self.states[own.key].get("errors", {}).items()
        ]

    @property
    def amount(self) -> str:
        """12 events; more than 100,000 events; no events."""
        one, several = self.declared.noun
        if self.total > self.declared.count_limit:
            return f"More than {count(self.declared.count_limit)} {several}"
        return f"{count(self.total) if self.total else 'No'} {one if self.total == 1 else several}"

    @property
    def span(self) -> str:
        """Showing 51 to 100 of 1,234 events; only the amount where all are on one page."""
        if self.pages == 1:
            return self.amount
        amount = self.amount[0].lower() + self.amount[1:]
        return f"Showing {count(self.start + 1)} to {count(self.start + len(self.rows))} of {amount}"

    @property
    def csv_address(self) -> str:
        """Where the whole filtered table is downloaded."""
        return self.address(page=None, format="csv")

    @property
    def clear_address(self) -> str:
        """The list without filters, in the same order."""
        nothing: dict[str, Any] = {name: () for own in self.declared.filters for name in own.names}
        return self.address(page=None, **nothing)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the filter form must carry along: the order and parameters that are not filters."""
        kept = [("sort", self.sort)] if self.sort and self.sort != self.declared.default_sort else []
        return kept + [(name, value) for name, values in self.other.items() for value in values]

    def sort_address(self, column: Column) -> str:
        """The address that sorts by a column, or turns its order round."""
        turned = f"-{column.key}" if self.sort == column.key else column.key
        return self.address(sort=turned, page=None)

    def sorted_by(self, column: Column) -> str:
        """For aria-sort: ascending, descending or none."""
        if self.sort.removeprefix("-") != column.key:
            return "none"
        return "descending" if self.sort.startswith("-") else "ascending"

    @property
    def pagination(self) -> dict[str, Any]:
        """For govukPagination; empty where there is one page."""
        return page_items(self.page, self.pages, lambda number: self.address(page=number))

    def address(self, **changes: Any) -> str:
        """This page's address with some parameters changed; None, "" and () take one out."""
        asked: dict[str, Any] = dict(self.other)
        for own in self.declared.filters:
            state = self.states[own.key]
            if own.kind == "dates":
                asked |= {f"{own.key}_from": state["from"], f"{own.key}_to": state["to"]}
            else:
                asked[own.key] = state["value"]
        asked["sort"] = "" if self.sort == self.declared.default_sort else self.sort
        asked["page"] = "" if self.page == 1 else self.page
        asked |= changes
        if asked.get("sort") == self.declared.default_sort:
            asked["sort"] = ""
        if asked.get("page") == 1:
            asked["page"] = ""
        text = urlencode(
            {name: value for name, value in asked.items() if value not in (None, "", (), [])}, True
        )
        return f"{self.path}?{text}" if text else self.path


def _number(text: str | None) -> int:
    """A page number from an address: 1 for anything that is none."""
    return max(1, int(text)) if text and text.isdecimal() and len(text) < 10 else 1
