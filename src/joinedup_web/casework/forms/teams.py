"""What people fill in about teams and working days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from joinedup.casework import Nation
from joinedup_web.accounts.models import StaffUser
from joinedup_web.casework.actions.teams import LONGEST_WAIT
from joinedup_web.casework.forms.cases import chosen
from joinedup_web.design.fields import DatePartsField

NATIONS = [
    (Nation.ENGLAND_AND_WALES.value, "England and Wales"),
    (Nation.SCOTLAND.value, "Scotland"),
    (Nation.NORTHERN_IRELAND.value, "Northern Ireland"),
]


class TeamForm(forms.Form):
    """What a team is, what it deals with, how fast it answers, and who is in it."""

    name = forms.CharField(label="Name", max_length=100, error_messages={"required": "Enter the team’s name"})
    purpose = forms.CharField(
        label="What does it deal with?",
        help_text="Comments are routed by these words, so name what people would write about.",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=1000,
        error_messages={"required": "Enter what the team deals with"},
    )
    reply_working_days = forms.IntegerField(
        label="Within how many working days does it answer?",
        min_value=1,
        max_value=LONGEST_WAIT,
        initial=10,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            f"Enter a number of working days from 1 to {LONGEST_WAIT}",
        ),
    )
    lead = forms.ChoiceField(label="Lead", help_text="Whoever is told when a case is overdue", required=False)
    members = forms.MultipleChoiceField(
        label="Members",
        help_text="Who takes its cases",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(
        self, *args: Any, leads: Sequence[StaffUser], people: Sequence[StaffUser], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._people = {str(person.id): person for person in (*leads, *people)}
        chosen(self.fields["lead"]).choices = [("", "Nobody yet"), *((str(p.id), p.name) for p in leads)]
        chosen(self.fields["members"]).choices = [(str(p.id), p.name) for p in people]

    def told(self) -> dict[str, Any]:
        """What the deed takes."""
        return {
            "name": self.cleaned_data["name"],
            "purpose": self.cleaned_data["purpose"],
            "reply_working_days": self.cleaned_data["reply_working_days"],
            "lead": self._people.get(self.cleaned_data["lead"]),
            "members": [self._people[each] for each in self.cleaned_data["members"]],
        }


class NationForm(forms.Form):
    """By which nation's bank holidays working days are counted."""

    nation = forms.ChoiceField(
        label="Whose bank holidays count?",
        widget=forms.RadioSelect,
        choices=NATIONS,
        error_messages={"required": "Select a nation"},
    )


class DayForm(forms.Form):
    """A day that differs from the nation's calendar."""

    day = DatePartsField(label="Which day?", what="The day", help_text="For example, 24 12 2026")
    name = forms.CharField(
        label="What is it called?", max_length=80, error_messages={"required": "Enter what the day is called"}
    )
    kind = forms.ChoiceField(
        label="What happens on it?",
        widget=forms.RadioSelect,
        choices=[("off", "Nobody works"), ("worked", "People work, though it is a bank holiday")],
        error_messages={"required": "Select what happens on it"},
    )
