"""The form of a service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from joinedup_web.accounts.models import StaffUser
from joinedup_web.feedback.actions.services import ACKNOWLEDGE, KEEP_ORIGINAL, LONGEST_SLUG, SLUG


class ServiceForm(forms.Form):
    """A service to set up or to change. able: colleagues who may be on duty."""

    name = forms.CharField(
        max_length=120,
        label="Name of the service",
        help_text="As the public knows it, for example Parking permits",
        error_messages={"required": "Enter the name of the service"},
    )
    name_cy = forms.CharField(max_length=120, required=False, label="Name in Welsh (optional)")
    slug = forms.CharField(
        max_length=LONGEST_SLUG,
        label="Public address",
        help_text="Small letters, digits and hyphens, for example parking-permits",
        error_messages={"required": "Enter the last part of the public address"},
    )
    help_text = forms.CharField(
        max_length=1000,
        required=False,
        label="What should people do who need help now? (optional)",
        help_text="Shown on the help form: telephone numbers and opening hours, for example",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    help_text_cy = forms.CharField(
        max_length=1000,
        required=False,
        label="The same in Welsh (optional)",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    duty_person = forms.ChoiceField(
        label="Duty person",
        help_text="Told at once when a comment says that somebody may be in danger",
        error_messages={"required": "Select the duty person"},
    )
    deputy = forms.ChoiceField(
        required=False,
        label="Deputy (optional)",
        help_text="Told when the duty person has not acknowledged it in time",
    )
    acknowledge_minutes = forms.IntegerField(
        label="Minutes to acknowledge a flag",
        initial=60,
        min_value=ACKNOWLEDGE[0],
        max_value=ACKNOWLEDGE[1],
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            f"Enter a number of minutes from {ACKNOWLEDGE[0]} to {ACKNOWLEDGE[1]}",
        ),
    )
    keep_original_days = forms.IntegerField(
        label="Days to keep what was masked",
        help_text="Sealed, and opened only for a stated reason. After that it is gone",
        initial=30,
        min_value=KEEP_ORIGINAL[0],
        max_value=KEEP_ORIGINAL[1],
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            f"Enter a number of days from {KEEP_ORIGINAL[0]} to {KEEP_ORIGINAL[1]}",
        ),
    )

    def __init__(self, *args: Any, able: Iterable[StaffUser], **options: Any) -> None:
        super().__init__(*args, **options)
        self._able = {str(user.id): user for user in able}
        named = [(code, user.name) for code, user in self._able.items()]
        for name, nobody in (("duty_person", "Choose a colleague"), ("deputy", "Nobody")):
            self.fields[name].choices = [("", nobody), *named]  # type: ignore[attr-defined]
            self.fields[name].widget.choices = self.fields[name].choices  # type: ignore[attr-defined]

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).strip()
        if not SLUG.fullmatch(slug):
            raise forms.ValidationError("Use small letters, digits and hyphens alone, like parking-permits")
        return slug

    def told(self) -> dict[str, Any]:
        """What was given, as the deeds take it."""
        given = dict(self.cleaned_data)
        for name in ("duty_person", "deputy"):
            given[name] = self._able.get(given[name])
        return given
