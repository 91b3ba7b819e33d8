"""The form of invitations."""

from __future__ import annotations

from typing import Any

from django import forms

from joinedup.feedback.answers import EMAIL, PHONE
from joinedup_web.feedback.actions.invitations import MOST
from joinedup_web.feedback.models import Channel

MOST_TOLD = 10


class InviteForm(forms.Form):
    """Whom to invite, and how."""

    channel = forms.ChoiceField(
        label="How should they be invited?",
        widget=forms.RadioSelect,
        choices=[(Channel.EMAIL.value, "By email"), (Channel.SMS.value, "By text message")],
        error_messages={"required": "Select how they should be invited"},
    )
    language = forms.ChoiceField(
        label="In which language?",
        widget=forms.RadioSelect,
        choices=[("en", "English"), ("cy", "Welsh")],
        initial="en",
        error_messages={"required": "Select a language"},
    )
    people = forms.CharField(
        label="Whom do you invite?",
        help_text=f"Email addresses or telephone numbers, one a line, at most {MOST:,}. They are sealed until "
        "the invitation is sent, and removed then",
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": "Enter whom you invite, one a line"},
    )

    def clean(self) -> dict[str, Any]:
        """Each line is an address of the kind that is chosen; those that are there twice count once."""
        told = super().clean() or {}
        if "people" not in told or "channel" not in told:
            return told
        pattern = EMAIL if told["channel"] == Channel.EMAIL else PHONE
        kept: dict[str, str] = {}
        wrong = []
        for number, line in enumerate(told["people"].splitlines(), start=1):
            text = line.strip().strip(",;")
            if not text:
                continue
            if pattern.fullmatch(text) is None:
                wrong.append(number)
            else:
                kept.setdefault(text.casefold(), text)
        if wrong:
            more = f" and {len(wrong) - MOST_TOLD} more" if len(wrong) > MOST_TOLD else ""
            lines = ", ".join(map(str, wrong[:MOST_TOLD]))
            kind = "an email address" if told["channel"] == Channel.EMAIL else "a telephone number"
            self.add_error("people", f"{'Line' if len(wrong) == 1 else 'Lines'} {lines}{more}: not {kind}")
        told["people"] = list(kept.values())
        return told
