"""What people fill in about tags, and about a comment that they check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from joinedup_web.casework.models import Team
from joinedup_web.feedback.models import Tag

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
