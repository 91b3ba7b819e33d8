"""The cookies of the website, as the cookies page lists them; a test holds the list against what is really set."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Cookie:
    """One cookie: its name in this deployment, what it is for and when it ends, in the page's language."""

    name: str
    purpose: str
    ends: str


def cookies() -> list[Cookie]:
    """Every cookie that the website may set, all of them strictly necessary."""
    prefix = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
    session_ends = _("When you sign out, and after 8 hours at the latest")
    return [
        Cookie(f"{prefix}joinedup_public", _("Keeps you signed in as a member of the public"), session_ends),
        Cookie(f"{prefix}joinedup_staff", _("Keeps you signed in as staff"), session_ends),
        Cookie(
            settings.CSRF_COOKIE_NAME,
            _("Keeps other websites from sending forms in your name"),
            _("After 1 year"),
        ),
        Cookie(settings.LANGUAGE_COOKIE_NAME, _("Remembers the language that you chose"), _("After 1 year")),
    ]
