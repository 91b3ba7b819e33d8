"""Whether a form takes answers at a moment, and in which words that is said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from joinedup_web.design.words import clock
from joinedup_web.feedback.models import Form, FormState


@dataclass(frozen=True)
class FormStanding:
    """code: draft, waiting (it opens later), open, over (its last moment has passed), closed."""

    code: str
    words: str
    standing: str

    @property
    def is_open(self) -> bool:
        """Whether it takes answers."""
        return self.code == "open"


def standing_of(form: Form, at: datetime) -> FormStanding:
    """Return whether a form takes answers at a moment: its state, its dates, and its service's."""
    if not form.service.is_active:
        return FormStanding("closed", "Closed with its service", "neutral")
    if form.state == FormState.DRAFT:
        return FormStanding("draft", "Not open yet", "attention")
    if form.state == FormState.CLOSED:
        return FormStanding("closed", "Closed", "neutral")
    if form.closes_at is not None and form.closes_at <= at:
        return FormStanding("over", f"Closed on {clock(form.closes_at)}", "neutral")
    if form.opens_at is not None and form.opens_at > at:
        return FormStanding("waiting", f"Opens on {clock(form.opens_at)}", "waiting")
    return FormStanding("open", "Open", "good")
