"""What every page knows: who asks, the nonce, the language, the navigation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from joinedup_web.design.navigation import navigation
from joinedup_web.gate.actor import ANONYMOUS
from joinedup_web.gate.sides import is_staff_side


def page(request: HttpRequest) -> dict[str, Any]:
    """The context that base templates use."""
    by = getattr(request, "actor", ANONYMOUS)
    staff_side = is_staff_side(request.path)
    return {
        "actor": by,
        "staff_side": staff_side,
        "language": getattr(request, "LANGUAGE_CODE", "en-gb").partition("-")[0],
        "navigation": navigation(by, request.path) if staff_side else [],
    }
