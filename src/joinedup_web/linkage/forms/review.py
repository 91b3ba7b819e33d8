"""What clerks fill in about a pair."""

from __future__ import annotations

from django import forms

from joinedup_web.linkage.models import Verdict


class ReviewForm(forms.Form):
    """A clerk's word on a pair."""

    verdict = forms.ChoiceField(
        choices=Verdict.choices,
        error_messages={
            "required": "Say whether they are the same person",
            "invalid_choice": "Say whether they are the same person",
        },
    )
    reason = forms.CharField(
        max_length=500,
        required=False,
        label="Reason (optional)",
        help_text="What made you decide. Do not copy names or numbers here.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": "The reason must be 500 characters or less"},
    )


class SecondOpinionForm(forms.Form):
    """The word that settles a disagreement."""

    verdict = forms.ChoiceField(
        choices=[choice for choice in Verdict.choices if choice[0] != Verdict.NOT_SURE],
        label="Are they the same person?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether they are the same person"},
    )
    reason = forms.CharField(
        max_length=500,
        label="Reason",
        help_text="What settles it. Do not copy names or numbers here.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Enter what settles it",
            "max_length": "The reason must be 500 characters or less",
        },
    )


class SampleForm(forms.Form):
    """How many pairs to draw."""

    size = forms.IntegerField(
        min_value=20,
        max_value=2000,
        initial=200,
        label="How many pairs should clerks read?",
        help_text="200 give a first idea, 400 a narrower one. One clerk reads about 60 an hour.",
        error_messages={
            "required": "Enter how many pairs",
            "invalid": "Enter how many pairs, in figures",
            "min_value": "Draw at least 20 pairs",
            "max_value": "Draw 2,000 pairs or fewer",
        },
    )
