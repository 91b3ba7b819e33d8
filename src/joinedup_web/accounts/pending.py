"""Somebody half signed in: their password was right, or a link was; a second factor is still to come.

Kept in the session for a few minutes. It is no actor and opens nothing but the next step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from joinedup_web.accounts.memberships import may_use
from joinedup_web.accounts.models import StaffUser
from joinedup_web.gate.sides import is_staff_side

KEY, CHALLENGE = "staff_sign_in", "staff_passkey_challenge"


class Step(StrEnum):
    """What comes next: prove a second factor, set one up, or see the recovery codes and go on."""

    FACTOR = "factor"
    SET_UP = "set_up"
    CODES = "codes"


LASTS = {
    Step.FACTOR: timedelta(minutes=10),
    Step.SET_UP: timedelta(minutes=30),
    Step.CODES: timedelta(minutes=30),
}


@dataclass(frozen=True)
class Pending:
    """user: who it will be. step: what comes next. method: how they will have signed in. after: where to then."""

    user: StaffUser
    step: Step
    method: str
    after: str


def begin(request: HttpRequest, user: StaffUser, *, step: Step, method: str = "", after: str = "") -> None:
    """Note the next step, in a session with a new key."""
    request.session.flush()
    move(request, user, step=step, method=method, after=after)


def move(request: HttpRequest, user: StaffUser, *, step: Step, method: str, after: str) -> None:
    """Go on to another step."""
    request.session[KEY] = {
        "user": str(user.id),
        "step": step.value,
        "method": method,
        "after": after,
        "at": timezone.now().isoformat(),
    }


def read(request: HttpRequest, *steps: Step) -> Pending | None:
    """Return who is at one of these steps; None for nobody, somebody too slow, or an account closed since."""
    kept = request.session.get(KEY)
    if kept is None or kept["step"] not in steps:
        return None
    now, step = timezone.now(), Step(kept["step"])
    if now - datetime.fromisoformat(kept["at"]) > LASTS[step]:
        del request.session[KEY]
        return None
    user = StaffUser.objects.filter(id=UUID(kept["user"])).first()
    if user is None or not may_use(user, on=now):
        return None
    return Pending(user, step, kept["method"], kept["after"])


def safe_next(request: HttpRequest) -> str:
    """Where the person wanted to go: a page of the staff side, or the staff home. Never another site."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(asked, allowed_hosts=None, require_https=request.is_secure())
    return asked if allowed and is_staff_side(asked) else reverse("accounts:home")
