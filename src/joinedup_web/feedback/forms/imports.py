"""The forms of an import: the file, and what each of its columns is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from joinedup.feedback import Column, Export, FormDefinition, Kind, Role, offered
from joinedup_web.feedback.intake_files import MOST_BYTES, PAPER, TABLES
from joinedup_web.feedback.models import Form
from joinedup_web.linkage.forms.sources import paper_can_be_read

NEW = "new"
LEAVE_OUT, RESPONSE_ID, RECEIVED_AT, LANGUAGE, TEXT = (
    *("leave_out", "response_id", "received_at", "language", "text"),
)
KINDS = {
    Kind.SATISFACTION: "Satisfaction, 5 the best",
    Kind.CHOICE: "One of a few answers",
    Kind.CHOICES: "Several of a few answers",
    Kind.YES_NO: "Yes or no",
    Kind.TEXT: "Their own words",
    Kind.NUMBER: "A number",
}
OWN = [
    (LEAVE_OUT, "Leave it out"),
    (RESPONSE_ID, "The response’s own number"),
    (RECEIVED_AT, "When it was sent"),
    (LANGUAGE, "The language"),
]


class ImportForm(forms.Form):
    """A file of responses."""

    file = forms.FileField(
        label="File",
        help_text="An export of Citizen Space or Qualtrics, a spreadsheet, CSV, or scanned paper forms. "
        "One row a response, one column a question",
        error_messages={"required": "Choose a file", "empty": "The file is empty"},
    )
    into = forms.ChoiceField(
        label="Which form do the responses belong to?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select a form, or a new one"},
    )
    name = forms.CharField(
        label="Name of the new form",
        help_text="For example, Parking consultation 2026",
        max_length=120,
        required=False,
    )
    layout = forms.FileField(
        label="Layout of a paper form (optional)",
        help_text="A TOML file that says where the fields of a scanned form are; without it labels are looked for",
        required=False,
    )

    def __init__(self, *args: Any, there: Sequence[Form], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["into"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (NEW, "A new form, made of the file"),
            *((str(each.id), each.name) for each in there),
        ]
        if not there:
            field.initial = NEW

    def clean_file(self) -> UploadedFile:
        """A file of a kind and size that can be taken."""
        upload: UploadedFile = self.cleaned_data["file"]
        ending = PurePath(upload.name or "").suffix.lower()
        if ending in PAPER and not paper_can_be_read():
            raise forms.ValidationError("Scanned forms cannot be read on this machine; ask for joinedup[ocr]")
        if ending not in (*TABLES, *PAPER):
            raise forms.ValidationError("Choose a spreadsheet, a CSV or JSON file, or a scan (PDF or image)")
        if (upload.size or 0) > MOST_BYTES or getattr(upload, "is_too_large", False):
            raise forms.ValidationError(f"The file must be {MOST_BYTES // 1_000_000} MB or smaller")
        return upload

    def clean_layout(self) -> str:
        """The layout's text."""
        upload: UploadedFile | None = self.cleaned_data.get("layout")
        if upload is None:
            return ""
        if (upload.size or 0) > 100_000:
            raise forms.ValidationError("The layout file must be smaller than 100 KB")
        try:
            return upload.read().decode()
        except UnicodeDecodeError:
            raise forms.ValidationError("The layout file is not text") from None

    def clean(self) -> dict[str, Any]:
        """A new form needs a name."""
        told = super().clean() or {}
        if told.get("into") == NEW and not told.get("name", "").strip() and "name" not in self.errors:
            self.add_error("name", "Enter a name for the new form")
        return told


class OfflineForm(forms.Form):
    """The file of an offline page."""

    file = forms.FileField(
        label="File of the page",
        help_text="The JSON file that Take the answers away gave",
        error_messages={"required": "Choose a file", "empty": "The file is empty"},
    )

    def clean_file(self) -> UploadedFile:
        """A file of a size that can be taken."""
        upload: UploadedFile = self.cleaned_data["file"]
        if (upload.size or 0) > MOST_BYTES or getattr(upload, "is_too_large", False):
            raise forms.ValidationError(f"The file must be {MOST_BYTES // 1_000_000} MB or smaller")
        return upload


class ColumnsForm(forms.Form):
    """What each column is. asks: the form there is; None where one is made of the file."""

    def __init__(self, *args: Any, export: Export, asks: FormDefinition | None) -> None:
        super().__init__(*args)
        self._export, self._asks = export, asks
        for column in export.columns:
            self.fields[f"c{column.place}"] = forms.ChoiceField(
                label=column.words,
                help_text=_hint(column),
                choices=self._choices(column),
                initial=self._now(column),
                error_messages={"required": f"Select what {column.words} is"},
            )

    def clean(self) -> dict[str, Any]:
        """No column twice for what can be one only, and at least one question."""
        told = super().clean() or {}
        seen: dict[str, str] = {}
        one_only = {RESPONSE_ID, RECEIVED_AT, LANGUAGE, Kind.SATISFACTION.value}
        for column in self._export.columns:
            chosen = told.get(f"c{column.place}", "")
            if (chosen in one_only or chosen.startswith("to:")) and chosen in seen:
                self.add_error(f"c{column.place}", f"{seen[chosen]} is that already; choose another")
            elif chosen:
                seen[chosen] = column.words
        if not self.errors and not any(column.role is Role.QUESTION for column in self.columns()):
            raise forms.ValidationError("Choose at least one column that answers a question")
        return told

    @property
    def is_dated(self) -> bool:
        """Whether a column says when responses came; without one all are dated on the day they are taken in."""
        return any(self[f"c{column.place}"].value() == RECEIVED_AT for column in self._export.columns)

    def columns(self) -> list[Column]:
        """The columns as chosen."""
        return [self._as(column, self.cleaned_data[f"c{column.place}"]) for column in self._export.columns]

    def _choices(self, column: Column) -> list[tuple[str, str]]:
        if self._asks is not None:
            return [*OWN, *((f"to:{each.key}", f"Answers: {each.words.en}") for each in self._asks.questions)]
        kinds = dict.fromkeys([column.kind, Kind.TEXT])
        return [*OWN, *((kind.value, KINDS[kind]) for kind in kinds if kind in KINDS)]

    def _now(self, column: Column) -> str:
        if column.role is not Role.QUESTION:
            return column.role.value
        return f"to:{column.key}" if self._asks is not None else column.kind.value

    def _as(self, column: Column, chosen: str) -> Column:
        if chosen in {role.value for role in Role}:
            return replace(column, role=Role(chosen), key="")
        if chosen.startswith("to:") and self._asks is not None:
            asked = self._asks.question(chosen[3:])
            assert asked is not None
            options = {
                said: option.value
                for option in offered(asked)
                for said in (option.words.en, option.words.cy, option.value)
                if said
            }
            return replace(column, role=Role.QUESTION, key=asked.key, kind=asked.kind, options=options)
        kind = Kind(chosen)
        key = column.key or f"column_{column.place + 1}"
        options = column.options if kind is column.kind else {}
        return replace(column, role=Role.QUESTION, key=key, kind=kind, options=options)


def _hint(column: Column) -> str:
    filled = f"{column.filled:,} {'answer' if column.filled == 1 else 'answers'}"
    why = f"; {column.why}" if column.why else ""
    name = "" if column.name == column.words else f"Column {column.name}, "
    return f"{name}{filled}{why}"
