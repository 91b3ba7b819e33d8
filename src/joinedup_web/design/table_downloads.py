"""Each table of a staff page as CSV: ?table=<slug> is what the page itself shows, under the page's own rule.

A page of which this is true gets a link below each of its tables, and needs to do nothing for it:

- the gate's rule says that it is for staff, and it was answered with 200 and is no download;
- it is not about one person, pair, response or comment (`is_personal`). What is shown of one of them is shown for a
  reason and recorded as such, and not for being carried away;
- the table is not marked `data-csv="own"`: for that one, the page has a link to a CSV which is more than the page
  (all pages of a list), or is recorded as a download.

Where there is no link, ?table= is answered with "Page not found", so that it is no way around.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from joinedup_web.design.csv_file import csv_answer
from joinedup_web.design.errors import error_answer
from joinedup_web.design.tables import Place, read_table, tables_in
from joinedup_web.gate.rules import Audience, Rule, rule_of

PARAMETER = "table"
PERSONAL_PERMISSIONS = frozenset(("record.view", "feedback.unmask"))
PERSONAL_ARGUMENTS = frozenset(("person", "person_id", "pair_id", "response_id", "comment_id"))

Answer = Callable[[HttpRequest], HttpResponseBase]


def tables_as_csv(answer: Answer) -> Answer:
    """Middleware: links below the tables of staff pages, and what they lead to."""

    def give(request: HttpRequest) -> HttpResponseBase:
        response = answer(request)
        if not isinstance(response, HttpResponse) or not _is_staff_page(request, response):
            return response
        asked = request.GET.get(PARAMETER)
        if asked is None and b"<table" not in response.content:
            return response
        html = response.content.decode(response.charset)
        offered = [] if is_personal(request) else [one for one in tables_in(html) if not one.has_csv]
        if asked is not None:
            found = next((one for one in offered if one.slug == asked), None)
            if found is None:
                return error_answer(request, 404)
            table = read_table(html[found.start : found.end])
            return csv_answer(found.slug, table.headings, table.rows)
        if offered:
            response.content = _with_links(request, html, offered)
        return response

    return give


def is_personal(request: HttpRequest) -> bool:
    """Whether a page is about one person, pair, response or comment: by what its view needs, or its address names."""
    rule, match = _rule(request), request.resolver_match
    return (rule is not None and rule.permission in PERSONAL_PERMISSIONS) or (
        match is not None and not PERSONAL_ARGUMENTS.isdisjoint(match.kwargs)
    )


def _is_staff_page(request: HttpRequest, response: HttpResponse) -> bool:
    rule = _rule(request)
    return (
        request.method in ("GET", "HEAD")
        and rule is not None
        and rule.audience is Audience.STAFF
        and response.status_code == 200
        and response.get("Content-Type", "").startswith("text/html")
        and not response.has_header("Content-Disposition")
    )


def _rule(request: HttpRequest) -> Rule | None:
    return rule_of(request.resolver_match.func) if request.resolver_match else None


def _with_links(request: HttpRequest, html: str, places: list[Place]) -> str:
    pieces, at = [], 0
    for place in places:
        pieces += [html[at : place.after], _link(request, place)]
        at = place.after
    return "".join([*pieces, html[at:]])


def _link(request: HttpRequest, place: Place) -> str:
    """The page's own address, whatever else was asked of it included, with the table's slug."""
    asked = request.GET.copy()
    asked[PARAMETER] = place.slug
    return (
        f'\n<p class="govuk-body-s app-table-csv"><a class="govuk-link" '
        f'href="{escape(f"{request.path}?{asked.urlencode()}")}" download>Download this table (CSV)'
        f'<span class="govuk-visually-hidden">: {escape(place.name)}</span></a></p>'
    )
