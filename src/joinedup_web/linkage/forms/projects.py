"""The form of a project."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms


class ProjectForm(forms.Form):
    """A project to begin."""

    name = forms.CharField(max_length=120, error_messages={"required": "Enter a name"})
    purpose = forms.CharField(
        max_length=300,
        label="What are the sources joined for?",
        help_text="One sentence that a colleague, or a person whose record is in them, would understand",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Say what the sources are joined for",
            "max_length": "What the sources are joined for must be 300 characters or less",
        },
    )

    def __init__(self, *args: Any, taken: Iterable[str] = (), **options: Any) -> None:
        self._taken = {name.casefold() for name in taken}
        super().__init__(*args, **options)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if name.casefold() in self._taken:
            raise forms.ValidationError("There is a project of this name already; choose another name")
        return name
