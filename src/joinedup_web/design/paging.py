"""Which page numbers are offered: the first, the last, and those around the current one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def page_items(page: int, pages: int, address: Callable[[int], str]) -> dict[str, Any]:
    """Return the parameters of govukPagination; empty for a single page."""
    if pages <= 1:
        return {}
    items: list[dict[str, Any]] = []
    last = 0
    for number in sorted({1, page - 1, page, page + 1, pages} & set(range(1, pages + 1))):
        if number == last + 2:  # one page between: itself is as short as dots
            items.append({"number": last + 1, "href": address(last + 1)})
        elif number > last + 1:
            items.append({"ellipsis": True})
        items.append({"number": number, "href": address(number), "current": number == page})
        last = number
    made: dict[str, Any] = {"items": items}
    if page > 1:
        made["previous"] = {"href": address(page - 1)}
    if page < pages:
        made["next"] = {"href": address(page + 1)}
    return made
