"""Which tables of a page can be downloaded, told from its HTML alone and not from how the site finds them."""

from __future__ import annotations

import html
import re

PERSONAL = re.compile(
    r"/staff/(review/pairs/|review/second-opinions/.|people$|people/|known$|known/|feedback/responses/|feedback/comments/)"
)
"""Pages about one person, pair, response or comment."""
LINK = re.compile(r'<p class="[^"]*app-table-csv[^"]*"><a class="govuk-link" href="([^"]+)"')
NAMED = re.compile(r"Download this table \(CSV\)<[^>]+>: ([^<]+)<")


def links_in(page: str) -> list[str]:
    """The addresses of the tables' CSVs, in order."""
    return [html.unescape(address) for address in LINK.findall(page)]


def table_faults(page: str, path: str) -> list[str]:
    """What is wrong with the links to tables: one that a table lacks, one where none may be, two of one name."""
    links, names = links_in(page), NAMED.findall(page)
    if not path.startswith("/staff/") or PERSONAL.match(path):
        return [f"offers {address}" for address in links]
    found = [f"{each} links to a table in one name" for each in (links, names) if len(each) != len(set(each))]
    for table in page.split("<table")[1:]:
        has_own = 'data-csv="own"' in table.partition(">")[0]
        if has_own and not re.search(r'href="[^"]*csv[^"]*"', page):
            found.append("a table says that the page has its CSV, and there is none")
        if has_own == bool(LINK.search(table)):
            caption = re.sub(r"<[^>]+>", " ", table.partition("</caption>")[0])[-60:]
            found.append(f"a table has {'two CSVs' if has_own else 'no CSV'}: {' '.join(caption.split())}")
    return found
