"""Passwords: checked in the same time whether or not there is such an account."""

from __future__ import annotations

from functools import cache

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from joinedup_web.accounts.models import StaffUser


def is_password_of(user: StaffUser | None, given: str) -> bool:
    """Return whether it is. For nobody, or an account without one, a decoy is checked instead: the same work."""
    if user is None or not user.has_usable_password():
        check_password(given, _decoy())
        return False
    return user.check_password(given)


def faults_of(password: str, *, user: StaffUser) -> list[str]:
    """Return why a new password will not do: too short, too common, too like the name or e-mail; empty if it will."""
    try:
        validate_password(password, user)
    except ValidationError as problem:
        return list(problem.messages)
    return []


@cache
def _decoy() -> str:
    return make_password("nobody's password")
