"""Which page numbers are offered, in the page's language: the first, the last, and those around the current one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _


def page_items(page: int, pages: int, address: Callable[[int], str]) -> dict[str, Any]:
    """Return the parameters of govukPagination; empty for a single page."""
    if pages <= 1:
        return {}
    items: list[dict[str, Any]] = []
    last = 0
    for number in sorted({1, page - 1, page, page + 1, pages} & set(range(1, pages + 1))):
        if number == last + 2:  # one page between: itself is as short as dots
            items.append(_item(last + 1, address))
        elif number > last + 1:
            items.append({"ellipsis": True})
        items.append(_item(number, address) | {"current": number == page})
        last = number
    made: dict[str, Any] = {"items": items, "landmarkLabel": _("Pagination")}
    if page > 1:
        words = _('Previous<span class="govuk-visually-hidden"> page</span>')
        made["previous"] = {"href": address(page - 1), "html": words}
    if page < pages:
        words = _('Next<span class="govuk-visually-hidden"> page</span>')
        made["next"] = {"href": address(page + 1), "html": words}
    return made


def _item(number: int, address: Callable[[int], str]) -> dict[str, Any]:
    said = _("Page %(number)s") % {"number": number}
    return {"number": number, "href": address(number), "visuallyHiddenText": said}
