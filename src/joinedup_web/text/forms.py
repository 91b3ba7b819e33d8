"""What people fill in about models: why one is switched, which evaluation, and a transparency record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from joinedup.text import register

LONGEST = 4_000


class SwitchForm(forms.Form):
    """Why a feature is switched off or on."""

    reason = forms.CharField(
        label="Why?",
        help_text="It stays on record beside the switch",
        max_length=300,
        error_messages={"required": "Say why"},
    )


class EvaluateForm(forms.Form):
    """Which evaluation is run."""

    suite = forms.ChoiceField(
        label="On what should it be evaluated?",
        widget=forms.RadioSelect,
        choices=[
            ("shipped", "Texts that come with Joinedup"),
            ("own", "Decisions of our own people"),
        ],
        error_messages={"required": "Select what it is evaluated on"},
    )

    def __init__(self, *args: Any, has_own: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["suite"]
        assert isinstance(field, forms.ChoiceField)
        if not has_own:
            field.choices = [field.choices[0]]  # type: ignore[index]  # a list as given above
            field.initial = "shipped"


class EntryForm(forms.Form):
    """A transparency record: one field for each of the standard's, empty where it fills itself."""

    def __init__(self, *args: Any, written: Mapping[str, str], entry: tuple[register.Filled, ...]) -> None:
        super().__init__(*args)
        for each in entry:
            itself = "" if not each.field.fills else "Fills itself unless you write something here"
            self.fields[each.field.name] = forms.CharField(
                label=f"{each.field.label} ({each.field.code})",
                help_text=". ".join(filter(None, (each.field.hint, itself))),
                required=False,
                max_length=LONGEST,
                widget=forms.Textarea,
                initial=written.get(each.field.name, ""),
                error_messages={"max_length": f"{each.field.label} must be {LONGEST:,} characters or fewer"},
            )
