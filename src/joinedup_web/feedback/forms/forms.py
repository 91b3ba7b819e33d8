"""Forms on the forms of a service: added, renamed, opened between days."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from joinedup.feedback.templates import templates
from joinedup_web.design.fields import DatePartsField
from joinedup_web.feedback.models import Channel, Ending

OF_POINTS = (Channel.WEB, Channel.QR, Channel.SCRIPT, Channel.FACE_TO_FACE)
"""Ways to a form that have a place of their own; invitations and files have none."""
EACH = (
    ("no", "Everybody who has a link, a QR code or a button"),
    ("yes", "People who are invited, once each"),
)


class NewFormForm(forms.Form):
    """A form to add."""

    template = forms.ChoiceField(
        label="What is it to begin with?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select what the form is to begin with"},
    )
    name = forms.CharField(
        max_length=120,
        label="Name of the form",
        help_text="For staff, for example After an application",
        error_messages={"required": "Enter a name"},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(code, each.name.en) for code, each in templates().items()]
        self.fields["template"].choices = choices  # type: ignore[attr-defined]


class FormForm(forms.Form):
    """A form's name, and who may answer it."""

    name = forms.CharField(max_length=120, label="Name", error_messages={"required": "Enter a name"})
    one_answer_each = forms.ChoiceField(
        label="Who may answer it?",
        choices=EACH,
        widget=forms.RadioSelect,
        error_messages={"required": "Select who may answer it"},
    )


class OpenForm(forms.Form):
    """The days between which a form takes answers, both days in. In London time."""

    opens_on = DatePartsField(
        what="The first day",
        label="First day (optional)",
        help_text="Leave it empty to open now",
        required=False,
    )
    closes_on = DatePartsField(
        what="The last day",
        label="Last day (optional)",
        help_text="It closes at the end of this day. Leave it empty to close it by hand",
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first, nor over already."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("opens_on"), cleaned.get("closes_on")
        if first and last and last < first:
            self.add_error("closes_on", "The last day must be the same as or after the first")
        elif last and last < timezone.localdate():
            self.add_error("closes_on", "The last day must be today or in the future")
        return cleaned

    def moments(self) -> dict[str, datetime | None]:
        """opens_at and closes_at, as the deed takes them."""
        first, last = self.cleaned_data["opens_on"], self.cleaned_data["closes_on"]
        return {
            "opens_at": _midnight(first) if first else None,
            "closes_at": _midnight(last + timedelta(days=1)) if last else None,
        }


class PointForm(forms.Form):
    """A collection point to make."""

    label = forms.CharField(
        max_length=120,
        label="Where is it?",
        help_text="For staff, for example Last page of the application, or Library counter",
        error_messages={"required": "Say where it is"},
    )
    ending = forms.ChoiceField(
        label="At which end of their journey are people asked?",
        choices=Ending.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select at which end people are asked"},
    )
    channel = forms.ChoiceField(
        label="How do people come to the form?",
        choices=[(each.value, each.label) for each in OF_POINTS],
        widget=forms.RadioSelect,
        error_messages={"required": "Select how people come to the form"},
    )


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
