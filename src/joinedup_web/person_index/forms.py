"""What people fill in to change an index, and to ask it whom somebody may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from joinedup.people import FieldKind
from joinedup_web.design.fields import DatePartsField
from joinedup_web.linkage.models import Run, Source
from joinedup_web.linkage.words import KINDS

LONGEST = 200


class BeginForm(forms.Form):
    """The run that an index begins with."""

    run = forms.ChoiceField(
        label="Which run should the index begin with?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select a run"},
    )

    def __init__(self, *args: Any, runs: Sequence[Run], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["run"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(run.id), f"Run {run.number}") for run in runs]


class ExtractForm(forms.Form):
    """The source whose newer file is brought in."""

    source = forms.ChoiceField(
        label="Which source should be brought in?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select a source"},
    )
    complete = forms.ChoiceField(
        label="Does the file hold everybody that the source has?",
        widget=forms.RadioSelect,
        choices=[("yes", "Yes, it is the whole source"), ("no", "No, it holds new and changed records only")],
        error_messages={"required": "Select whether the file holds the whole source"},
    )
    may_shrink = forms.BooleanField(
        label="The source has shrunk: more than half of its records may be taken out",
        help_text="Only for a file that holds the whole source. Without this, such a file changes nothing",
        required=False,
    )
    reason = forms.CharField(
        label="What is this extract? (optional)",
        help_text="For example, nightly extract of 1 March",
        max_length=LONGEST,
        required=False,
    )

    def __init__(self, *args: Any, sources: Sequence[Source], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["source"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(source.id), source.name) for source in sources]


class UndoForm(forms.Form):
    """Why a merge or a split is undone."""

    reason = forms.CharField(
        label="Why was this wrong?",
        help_text="The reason is kept with the decision. Do not enter a name.",
        max_length=LONGEST,
        error_messages={"required": "Enter why this was wrong"},
    )


class MatchForm(forms.Form):
    """Details of one person, as far as they are known. Fields: those that the index compares."""

    def __init__(self, *args: Any, kinds: Mapping[str, FieldKind], **options: Any) -> None:
        super().__init__(*args, **options)
        self._kinds = dict(kinds)
        for name in sorted(kinds, key=lambda each: list(KINDS).index(kinds[each])):
            kind = kinds[name]
            if kind is FieldKind.DATE_OF_BIRTH:
                self.fields[name] = DatePartsField(
                    label=KINDS[kind], what=KINDS[kind], help_text="For example, 27 3 1985", required=False
                )
            else:
                self.fields[name] = forms.CharField(
                    label=KINDS.get(kind) if kind is not FieldKind.UNKNOWN else name,
                    max_length=LONGEST,
                    required=False,
                )

    def clean(self) -> dict[str, Any]:
        """At least one field must say something."""
        told: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(told.values()):
            raise forms.ValidationError("Enter at least one detail of the person")
        return told

    def details(self) -> dict[str, str]:
        """What was typed, by the index's fields."""
        return {
            name: value.isoformat() if hasattr(value, "isoformat") else str(value).strip()
            for name, value in self.cleaned_data.items()
            if value
        }
