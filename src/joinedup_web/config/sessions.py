"""Staff and citizens never share a session: each has a cookie of its own, read at its own addresses alone.

Everything under /staff/ belongs to staff; all else to the public. One person may be signed in as both without
either side seeing the other's session.
"""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date

from joinedup_web.gate.sides import STAFF_PATH, is_staff_side, is_without_cookies


def cookie_of(path: str) -> tuple[str, str]:
    """The name and the path of the session cookie that serves an address.

    Over HTTPS the __Host- prefix makes browsers hold the cookie to this very host and to HTTPS, so that no neighbour
    under the same domain can plant one. It allows the path / alone; each side still reads no cookie but its own.
    """
    side = "staff" if is_staff_side(path) else "public"
    if settings.SESSION_COOKIE_SECURE:
        return f"__Host-joinedup_{side}", "/"
    return f"joinedup_{side}", STAFF_PATH if side == "staff" else "/"


class SplitSessionMiddleware(SessionMiddleware):
    """Django's session middleware with the cookie chosen by the address."""

    def process_request(self, request: HttpRequest) -> None:
        name, _ = cookie_of(request.path)
        kept = None if is_without_cookies(request.path) else request.COOKIES.get(name)
        request.session = self.SessionStore(kept)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        if is_without_cookies(request.path):
            return response
        name, path = cookie_of(request.path)
        session = request.session
        accessed, modified, empty = session.accessed, session.modified, session.is_empty()
        if name in request.COOKIES and empty:
            response.delete_cookie(name, path=path, samesite=settings.SESSION_COOKIE_SAMESITE)
            patch_vary_headers(response, ("Cookie",))
            return response
        if accessed:
            patch_vary_headers(response, ("Cookie",))
        if modified and not empty and response.status_code < 500:
            session.save()
            age = session.get_expiry_age()
            response.set_cookie(
                name,
                session.session_key,
                max_age=age,
                expires=http_date(time.time() + age),
                path=path,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite=settings.SESSION_COOKIE_SAMESITE,
            )
        return response
