"""What people fill in about flags, responses and masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from joinedup_web.feedback.actions.flags import DANGERS
from joinedup_web.feedback.actions.masks import REASONS
from joinedup_web.feedback.actions.moderation import LONGEST_BLOCK
from joinedup_web.feedback.masking import IDENTIFIERS
from joinedup_web.feedback.models import FlagOutcome


def _kinds(but: str = "") -> list[tuple[str, str]]:
    return [(kind.value, str(kind.label)) for kind in DANGERS if kind != but]


class NoteForm(forms.Form):
    """What was done so far."""

    note = forms.CharField(
        label="What was done?",
        help_text="Colleagues who may acknowledge flags read this. Leave names out where you can",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Enter what was done"},
    )


class DangerForm(forms.Form):
    """Which danger it is."""

    kind = forms.ChoiceField(
        label="What may be the matter?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select what may be the matter"},
    )

    def __init__(self, *args: Any, but: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _kinds(but)


class CloseForm(NoteForm):
    """What came of a flag."""

    outcome = forms.ChoiceField(
        label="What came of it?",
        widget=forms.RadioSelect,
        choices=FlagOutcome.choices,
        error_messages={"required": "Select what came of it"},
    )
    field_order: Sequence[str] = ("outcome", "note")


class HideForm(forms.Form):
    """Why a response is hidden, and whether more of the same is held back."""

    reason = forms.CharField(
        label="Why is it hidden?",
        help_text="Colleagues read this. For example: abuse, advertising, a test",
        max_length=300,
        error_messages={"required": "Enter why it is hidden"},
    )
    block = forms.MultipleChoiceField(
        label="Hold back more of the same",
        help_text="What is held back waits for a moderator. Nobody else sees it",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.IntegerField(
        label="For how many days?",
        min_value=1,
        max_value=LONGEST_BLOCK,
        required=False,
        initial=30,
        error_messages={
            "min_value": f"Enter a number of days from 1 to {LONGEST_BLOCK}",
            "max_value": f"Enter a number of days from 1 to {LONGEST_BLOCK}",
            "invalid": "Enter the number of days in digits",
        },
    )

    def __init__(self, *args: Any, by: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        if by:
            field = self.fields["block"]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = list(by)
        else:
            del self.fields["block"], self.fields["days"]

    def clean(self) -> dict[str, Any]:
        """A block needs its days."""
        told: dict[str, Any] = super().clean() or {}
        if told.get("block") and not told.get("days") and "days" not in self.errors:
            self.add_error("days", "Enter for how many days more of the same is held back")
        return told


class HideManyForm(forms.Form):
    """Why several are hidden."""

    reason = forms.CharField(
        label="Why are they hidden?",
        help_text="Colleagues read this. For example: abuse, advertising, a test",
        max_length=300,
        error_messages={"required": "Enter why they are hidden"},
    )


class UnmaskForm(forms.Form):
    """Why somebody needs to see what is masked."""

    reason = forms.ChoiceField(
        label="Why do you need to see it?",
        widget=forms.RadioSelect,
        choices=list(REASONS.items()),
        error_messages={"required": "Select why you need to see it"},
    )


class MissedForm(forms.Form):
    """Words that should have been masked."""

    words = forms.CharField(
        label="Which words should be masked?",
        help_text="Copy them as they stand in the comment. They are masked wherever they stand in this response",
        max_length=300,
        error_messages={"required": "Enter the words to mask"},
    )
    identifier = forms.ChoiceField(
        label="What are they?",
        choices=[("", "Select what they are"), *IDENTIFIERS],
        error_messages={"required": "Select what the words are"},
    )


class WrongForm(forms.Form):
    """A mask that hides no personal data."""

    number = forms.TypedChoiceField(
        label="Which mask is wrong?",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Select the mask that is wrong"},
    )

    def __init__(self, *args: Any, masks: Sequence[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["number"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = list(masks)
