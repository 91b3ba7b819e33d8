"""Where the demonstration's own pages exist: in a demonstration, and nowhere else; and the mark of its folder."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

MARK = "demonstration.json"
"""The file that `joinedup demo` leaves in its folder. A copy lies in the site's own, so that backups carry it."""

View = Callable[..., HttpResponse]
WHY = "a demonstration on this machine alone, of people who do not exist"


def in_demonstration(view: View) -> View:
    """404 for the view anywhere but in a demonstration."""

    @functools.wraps(view)
    def shown(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if not settings.JOINEDUP.is_demonstration:
            raise Http404
        return view(request, *arguments, **named)

    return shown
