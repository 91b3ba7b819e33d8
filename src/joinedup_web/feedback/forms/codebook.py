"""What people fill in about tags, and about a comment that they check."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms

from joinedup_web.casework.models import Team
from joinedup_web.feedback.models import Tag

MOST_ERRORS = 5
UNKNOWN = "unknown"  # a radio button without a value would be none
FEELINGS = (
    ("negative", "Negative"),
    ("neutral", "Neutral"),
    ("positive", "Positive"),
    (UNKNOWN, "It cannot be told"),
)


class TagForm(forms.Form):
    """A tag's words."""

    name = forms.CharField(
        label="Name", max_length=100, error_messages={"required": "Enter a name for the tag"}
    )
    description = forms.CharField(
        label="What is it for? (optional)",
        help_text="Say what comments with this tag are about, in the words people use. Suggestions begin with it",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class TagsForm(forms.Form):
    """Many tags at once, a line each."""

    tags = forms.CharField(
        label="Tags, one on each line",
        help_text="Copy two columns from a spreadsheet, or write a name, then a | and what the tag is for. "
        "Names alone will do",
        widget=forms.Textarea(attrs={"rows": 12}),
        max_length=60_000,
        error_messages={"required": "Enter at least one tag"},
    )

    def clean_tags(self) -> list[tuple[str, str]]:
        """Names and descriptions; raises ValidationError with the lines that cannot be one."""
        found: dict[str, tuple[str, str]] = {}
        wrong: list[str] = []
        for number, line in enumerate(self.cleaned_data["tags"].splitlines(), start=1):
            name, _, description = (part.strip() for part in re.sub("\t", "|", line, count=1).partition("|"))
            if not name and not description:
                continue
            if not name:
                wrong.append(f"Line {number} has no name before the |")
            elif len(name) > 100:
                wrong.append(f"The name on line {number} is longer than 100 characters")
            elif len(description) > 500:
                wrong.append(f"What the tag on line {number} is for is longer than 500 characters")
            elif name.casefold() in found:
                wrong.append(f"The name on line {number} is there twice")
            found.setdefault(name.casefold(), (name, description))
        if wrong:
            more = len(wrong) - MOST_ERRORS
            told = ". ".join(wrong[:MOST_ERRORS])
            raise forms.ValidationError(f"{told}. And {more:,} more lines" if more > 0 else told)
        if not found:
            raise forms.ValidationError("Enter at least one tag")
        return list(found.values())


class MergeTagForm(forms.Form):
    """Which tag a tag becomes part of."""

    into = forms.ChoiceField(
        label="Merge into", error_messages={"required": "Choose the tag that it becomes part of"}
    )

    def __init__(self, *args: Any, tags: Sequence[Tag], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["into"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Choose a tag"), *((str(each.id), each.name) for each in tags)]


class CheckForm(forms.Form):
    """What somebody says of a comment."""

    tags = forms.MultipleChoiceField(
        label="What is it about?", required=False, widget=forms.CheckboxSelectMultiple
    )
    team = forms.ChoiceField(label="Which team is it for?", required=False)
    sentiment = forms.ChoiceField(
        label="How does the writer feel about the service?",
        choices=FEELINGS,
        required=False,
        widget=forms.RadioSelect,
    )
    again = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, tags: Sequence[Tag], teams: Sequence[Team], **options: Any) -> None:
        super().__init__(*args, **options)
        self._set("tags", [(str(each.id), each.name) for each in tags])
        self._set("team", [("", "No team"), *((str(each.id), each.name) for each in teams)])

    def clean_sentiment(self) -> str:
        """As it is kept: empty where it cannot be told."""
        told: str = self.cleaned_data["sentiment"]
        return "" if told == UNKNOWN else told

    def _set(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
