"""What people fill in about what was said and done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from joinedup.feedback.quoting import REASONS
from joinedup_web.design.fields import DatePartsField
from joinedup_web.feedback.actions.act_improvements import Written
from joinedup_web.feedback.models import Improvement, Theme

_ROWS = {"rows": 4}


class ImprovementForm(forms.Form):
    """What people said, what was done, and what should change by it."""

    said = forms.CharField(
        label="What did people say?",
        help_text="In your words. Name nobody, and say nothing by which somebody could be known",
        max_length=1000,
        widget=forms.Textarea(attrs=_ROWS),
        error_messages={"required": "Enter what people said"},
    )
    did = forms.CharField(
        label="What did you do?",
        help_text="What is different now, or why it cannot be",
        max_length=1000,
        widget=forms.Textarea(attrs=_ROWS),
        error_messages={"required": "Enter what you did"},
    )
    said_cy = forms.CharField(
        label="What did people say? In Welsh (optional)",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs=_ROWS),
    )
    did_cy = forms.CharField(
        label="What did you do? In Welsh (optional)",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs=_ROWS),
    )
    done_on = DatePartsField(
        label="On which day was it done?",
        what="The day on which it was done",
        help_text="For example, 27 3 2026. Leave it empty while it is not done",
        required=False,
    )
    themes = forms.MultipleChoiceField(
        label="Which themes is it about?",
        help_text="Themes that were signed off. How many comments they have is shown beside what was done",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    measure = forms.ChoiceField(
        label="What should change by it?",
        help_text="It is taken from the data now, and again once it was done",
        required=False,
    )
    target = forms.CharField(
        label="What should it become? (optional)",
        help_text="A percentage, such as 80, or pounds where it is a cost, such as 3.50",
        max_length=12,
        required=False,
    )

    def __init__(
        self, *args: Any, themes: Sequence[Theme], measures: Mapping[str, str], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.offered = {str(each.id): each for each in themes}
        _set(self, "themes", [(key, each.title) for key, each in self.offered.items()])
        _set(self, "measure", [("", "Nothing that is measured here"), *measures.items()])

    def clean(self) -> dict[str, Any]:
        """A target needs a measure, and both parts in Welsh go together."""
        told: dict[str, Any] = super().clean() or {}
        if bool(told.get("said_cy")) != bool(told.get("did_cy")):
            missing = "did_cy" if told.get("said_cy") else "said_cy"
            self.add_error(missing, "Write both parts in Welsh, or neither")
        measure, target = told.get("measure", ""), told.get("target", "")
        told["target_value"] = None
        if target and not measure:
            self.add_error("measure", "Select what the target is of")
        elif target:
            try:
                told["target_value"] = _target(target, is_cost=measure == "cost")
            except ValueError as problem:
                self.add_error("target", str(problem))
        return told

    def written(self) -> Written:
        """What was filled in, for the deed."""
        told = self.cleaned_data
        return Written(
            said=told["said"],
            did=told["did"],
            said_cy=told["said_cy"],
            did_cy=told["did_cy"],
            done_on=told["done_on"],
            measure=told["measure"],
            target=told["target_value"],
            themes=[self.offered[key] for key in told["themes"]],
        )


def filled(of: Improvement) -> dict[str, Any]:
    """What the form holds at first for one that is there."""
    target = ""
    if of.target is not None:
        target = f"{Decimal(str(of.target)) / 100:f}" if of.measure == "cost" else f"{of.target * 100:.10g}"
    return {
        "said": of.said,
        "did": of.did,
        "said_cy": of.said_cy,
        "did_cy": of.did_cy,
        "done_on": of.done_on,
        "themes": [str(each) for each in of.themes.values_list("id", flat=True)],
        "measure": of.measure,
        "target": target,
    }


class QuoteForm(forms.Form):
    """Which words of a comment are quoted."""

    text = forms.CharField(
        label="Words to quote",
        help_text="The comment’s own words. Write [...] where you leave some out",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Enter the words to quote"},
    )
    reason = forms.ChoiceField(
        label="Why are words left out?",
        help_text="Only needed where some are",
        required=False,
        choices=[("", "None are"), *REASONS.items()],
    )


class ReturnForm(forms.Form):
    """Why it is handed back."""

    reason = forms.CharField(
        label="What should its writers change?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter what its writers should change"},
    )


class WithdrawForm(forms.Form):
    """Why it is withdrawn."""

    reason = forms.CharField(
        label="Why is it withdrawn?",
        help_text="Colleagues read this; the public does not",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter why it is withdrawn"},
    )


def _target(text: str, *, is_cost: bool) -> float:
    """A target as it is kept: a share of 1, or pence. Raises ValueError with the words for the person."""
    try:
        value = Decimal(text.strip().lstrip("£").rstrip("% ").replace(",", ""))
    except InvalidOperation:
        raise ValueError("Enter the target as a number, such as 80") from None
    if not value.is_finite() or value < 0:
        raise ValueError("The target must be 0 or more")
    if is_cost:
        return float(value * 100)
    if value > 100:
        raise ValueError("A percentage must be 100 or less")
    return float(value / 100)


def _set(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
