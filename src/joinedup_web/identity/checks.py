"""`joinedup check`: whether citizens could sign in with what the settings and the key store hold. Asks nobody."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error

from joinedup.errors import JoinedupError
from joinedup_web.identity.one_login import chosen, client_keys, one_login


def one_login_can_be_used(**_: Any) -> list[CheckMessage]:
    """Return what must be mended before citizens can sign in; nothing where they are not to."""
    if chosen() is None:
        return []
    try:
        one_login()
        if client_keys():
            return []
        what, mend = "the key store holds no key for GOV.UK One Login", "make one: joinedup keys create"
    except JoinedupError as problem:
        what, mend = f"{problem.what} ({problem.where})", problem.mend
    return [Error(f"Citizens cannot sign in: {what}", hint=mend, id="identity.E001")]
