"""What views share: refusals shown where the person can mend them, and a word after a deed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from joinedup_web.gate.decide import Refused

Answer = TypeVar("Answer")

BY_THE_GATE = frozenset({"no_permission", "other_organisation", "no_organisation", "not_signed_in"})


def on_form(form: forms.Form, deed: Callable[[], Answer]) -> Answer | None:
    """Do a deed; where it is refused for what was typed, say so in the form and return None.

    What the gate itself refuses goes on to the page that says so.
    """
    try:
        return deed()
    except Refused as refused:
        if refused.decision.code in BY_THE_GATE:
            raise
        form.add_error(None, sentence(refused))
        return None


def on_page(request: HttpRequest, deed: Callable[[], object], *, done: str) -> bool:
    """Do a deed of one button, and leave a word for the next page; whether it was done."""
    try:
        deed()
    except Refused as refused:
        if refused.decision.code in BY_THE_GATE:
            raise
        messages.warning(request, sentence(refused))
        return False
    messages.success(request, done)
    return True


def sentence(refused: Refused) -> str:
    """The reason as a sentence."""
    words = "; ".join(refused.decision.reasons)
    return words[:1].upper() + words[1:]
