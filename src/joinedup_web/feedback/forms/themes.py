"""What people fill in to ask for themes and to change them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from joinedup_web.design.fields import DatePartsField
from joinedup_web.feedback.models import Channel, Ending, Form, Theme
from joinedup_web.feedback.queries.understand import Question


class AskForm(forms.Form):
    """Which comments, of which days, and how their themes are drafted."""

    question = forms.ChoiceField(
        label="Which answers should be read?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select a question"},
    )
    form = forms.ChoiceField(label="Which form were they given on?", required=False)
    first_day = DatePartsField(
        label="From which day?", what="The first day", help_text="For example, 1 3 2026"
    )
    last_day = DatePartsField(label="To which day?", what="The last day", help_text="This day is included")
    channel = forms.ChoiceField(
        label="How were they sent?", required=False, choices=[("", "Any way"), *Channel.choices]
    )
    ending = forms.ChoiceField(
        label="Where in the journey were people asked?",
        required=False,
        choices=[("", "Anywhere"), *Ending.choices],
    )
    segment = forms.ChoiceField(label="Which people?", required=False)
    method = forms.ChoiceField(
        label="How should themes be drafted?",
        widget=forms.RadioSelect,
        initial="clusters",
        error_messages={"required": "Select how themes should be drafted"},
    )

    def __init__(
        self,
        *args: Any,
        questions: Sequence[Question],
        forms_of: Sequence[Form],
        segments: Sequence[tuple[str, str]],
        with_language_model: bool,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self._set("question", [(each.key, each.words) for each in questions])
        self._set("form", [("", "Any form"), *((str(each.id), each.name) for each in forms_of)])
        self._set("segment", [("", "Everybody"), *segments])
        methods = [("clusters", "Groups of like comments, on this machine")]
        if with_language_model:
            methods.append(("language_model", "The language model that is set up here"))
        self._set("method", methods)

    def _set(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """The days must be in order."""
        told: dict[str, Any] = super().clean() or {}
        first, last = told.get("first_day"), told.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "The last day must be the same as or after the first")
        return told


class ThemeForm(forms.Form):
    """A theme's words."""

    title = forms.CharField(
        label="Title", max_length=150, error_messages={"required": "Enter a title for the theme"}
    )
    description = forms.CharField(
        label="Description (optional)",
        help_text="What comments of this theme say, and what it leaves out",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class IntoForm(forms.Form):
    """Another theme of the same analysis."""

    into = forms.ChoiceField(
        label="Which theme should take its comments in?", error_messages={"required": "Select a theme"}
    )

    def __init__(self, *args: Any, themes: Sequence[Theme], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["into"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Select a theme"), *((str(each.id), each.title) for each in themes)]


class SplitForm(forms.Form):
    """How a theme is split."""

    way = forms.ChoiceField(
        label="How should it be split?",
        widget=forms.RadioSelect,
        choices=[
            ("groups", "Into two groups of like comments"),
            ("stance", "By stance: critical, pleased, neither"),
        ],
        error_messages={"required": "Select how the theme should be split"},
    )


class MoveForm(forms.Form):
    """Where selected comments go. with_none: out of every theme is a place, too."""

    into = forms.ChoiceField(label="Move the selected comments to", required=True)

    def __init__(self, *args: Any, themes: Sequence[Theme], with_none: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["into"]
        assert isinstance(field, forms.ChoiceField)
        field.error_messages["required"] = "Select where the comments go"
        none = [("none", "No theme")] if with_none else []
        field.choices = [
            ("", "Select a theme"),
            *none,
            *((str(each.id), each.title) for each in themes),
        ]


class SignOffForm(forms.Form):
    """Signing themes off."""

    as_tags = forms.ChoiceField(
        label="Should the themes become tags of the codebook?",
        widget=forms.RadioSelect,
        choices=[
            ("yes", "Yes, so that new comments are counted under them"),
            ("no", "No, they belong to this analysis alone"),
        ],
        error_messages={"required": "Select whether the themes become tags"},
    )
