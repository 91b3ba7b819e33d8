"""Forms of keeping: periods, holds, erasures."""

from __future__ import annotations

from django import forms

from joinedup_web.linkage.models import Project
from joinedup_web.operations.keeping import LONGEST_DAYS, SHORTEST_DAYS
from joinedup_web.operations.stores import STORES

STORE_CHOICES = [(store.code, store.name) for store in STORES.values()]


class PeriodForm(forms.Form):
    """For how many days one store keeps."""

    days = forms.IntegerField(label="Days to keep", min_value=SHORTEST_DAYS, max_value=LONGEST_DAYS)


class HoldForm(forms.Form):
    """What is to be kept, and why."""

    store = forms.ChoiceField(label="What must be kept", choices=STORE_CHOICES, widget=forms.RadioSelect)
    project = forms.ModelChoiceField(
        Project.objects.none(),
        label="Project",
        required=False,
        empty_label="Every project",
        to_field_name="id",
    )
    why = forms.CharField(
        label="Why it must be kept",
        help_text="For example the reference of a case. Do not name a person.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: object, projects: object = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _offer(self.fields["project"], projects)


class ErasureForm(forms.Form):
    """Which records of a project are about the person."""

    project = forms.ModelChoiceField(
        Project.objects.none(),
        label="Project",
        empty_label="Choose a project",
        to_field_name="id",
        error_messages={"required": "Choose a project"},
    )
    records = forms.CharField(
        label="Records of the person",
        help_text="One on each line: the source's name, a space, the record's own id. For example: council_tax 12345",
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args: object, projects: object = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _offer(self.fields["project"], projects)

    def clean_records(self) -> list[tuple[str, str]]:
        """The records as pairs of source and id; the line that cannot be read is named by its number."""
        found = []
        for number, line in enumerate(str(self.cleaned_data["records"]).splitlines(), 1):
            source, _, identifier = line.strip().partition(" ")
            if not source:
                continue
            if not identifier.strip():
                raise forms.ValidationError(f"Line {number} has no record id after the source's name")
            found.append((source, identifier.strip()))
        if not found:
            raise forms.ValidationError("Enter at least one record")
        return found


def _offer(field: object, projects: object) -> None:
    """Let one of these projects be chosen, by name."""
    field.queryset = projects  # type: ignore[attr-defined]
    field.label_from_instance = lambda project: project.name  # type: ignore[attr-defined]
