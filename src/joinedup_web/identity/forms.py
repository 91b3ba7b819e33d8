"""Forms on machine clients."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms

from joinedup.errors import UsageError
from joinedup_web.identity.models import ProofKind
from joinedup_web.identity.public_keys import public_key_from_text
from joinedup_web.identity.scopes import SCOPES

OVERLAPS = {
    "none": ("At once: use this if it may have become known", timedelta(0)),
    "hour": ("In one hour", timedelta(hours=1)),
    "day": ("In one day", timedelta(days=1)),
    "week": ("In one week", timedelta(days=7)),
}


class PublicKeyField(forms.CharField):
    """A public key in PEM or as a JWK; its value is the JWK, or None where it is left empty."""

    widget = forms.Textarea

    def clean(self, value: Any) -> dict[str, Any] | None:
        """Return the key. Raises ValidationError in words for whoever pasted it."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return public_key_from_text(text)
        except UsageError as problem:
            raise forms.ValidationError(f"{problem.what}: {problem.mend}") from None


class RegisterForm(forms.Form):
    """A new client."""

    name = forms.CharField(
        label="Name of the system",
        max_length=100,
        help_text="For example: Housing system, live",
        error_messages={"required": "Enter the name of the system"},
    )
    scopes = forms.MultipleChoiceField(
        label="What may it do?",
        choices=[(scope.code, scope.what) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing that it may do"},
    )
    proves_by = forms.ChoiceField(
        label="How does it prove itself?",
        choices=ProofKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it proves itself"},
    )
    key = PublicKeyField(label="Its public key", required=False, strip=True)

    def clean(self) -> dict[str, Any]:
        """Who proves itself by a key has given one."""
        cleaned = super().clean() or {}
        if cleaned.get("proves_by") == ProofKind.PRIVATE_KEY:
            if cleaned.get("key") is None and "key" not in self.errors:
                self.add_error("key", "Paste the public key of the system")
        else:
            cleaned["key"] = None
            self.errors.pop("key", None)
        return cleaned


class RotateForm(forms.Form):
    """A new key or secret for a client."""

    overlap = forms.ChoiceField(
        label="When do the earlier ones stop working?",
        choices=[(code, words) for code, (words, _) in OVERLAPS.items()],
        widget=forms.RadioSelect,
        initial="day",
        error_messages={"required": "Choose when the earlier ones stop working"},
    )
    key = PublicKeyField(label="The new public key", required=False, strip=True)

    def __init__(self, *args: Any, proves_by: str, **options: Any) -> None:
        super().__init__(*args, **options)
        if proves_by == ProofKind.SECRET:
            del self.fields["key"]
        else:
            self.fields["key"].required = True
            self.fields["key"].error_messages["required"] = "Paste the new public key of the system"

    def overlap_time(self) -> timedelta:
        """How much longer the earlier ones are good."""
        return OVERLAPS[self.cleaned_data["overlap"]][1]
