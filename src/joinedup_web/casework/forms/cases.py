"""What people fill in to open a case, and to work on one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from joinedup.casework import Origin
from joinedup_web.accounts.models import StaffUser
from joinedup_web.casework.contacts import is_address
from joinedup_web.casework.models import Case, Team
from joinedup_web.casework.words import CHANNELS, CHOSEN_OUTCOMES, ORIGINS
from joinedup_web.design.fields import DatePartsField

LONGEST_NOTE = 2000
LONGEST_TEXT = 5000


def chosen(field: forms.Field) -> forms.ChoiceField:
    """A field of choices, as such."""
    assert isinstance(field, forms.ChoiceField)
    return field


class NewCaseForm(forms.Form):
    """A case that did not come as feedback: a call, a letter, a visit."""

    origin = forms.ChoiceField(
        label="How did it come?",
        widget=forms.RadioSelect,
        choices=[(code, words) for code, words in ORIGINS.items() if code != Origin.FEEDBACK.value],
        error_messages={"required": "Select how it came"},
    )
    title = forms.CharField(
        label="What is it about, in a few words?",
        max_length=150,
        error_messages={"required": "Enter what it is about"},
    )
    text = forms.CharField(
        label="What was asked or said?",
        help_text="Leave out names, addresses and numbers of people. What we recognise as such is masked.",
        widget=forms.Textarea,
        max_length=LONGEST_TEXT,
        error_messages={"required": "Enter what was asked or said"},
    )
    language = forms.ChoiceField(
        label="In which language do they want an answer?",
        widget=forms.RadioSelect,
        choices=[("en", "English"), ("cy", "Welsh")],
        initial="en",
        error_messages={"required": "Select a language"},
    )
    came = DatePartsField(
        label="When did it come? (optional)",
        what="The day it came",
        help_text="The clock runs from this day. Leave it empty for today.",
        required=False,
    )
    team = forms.ChoiceField(label="Which team deals with it?", required=False)
    to = forms.CharField(
        label="Email address or mobile number for the answer (optional)",
        help_text="It is sealed with the case and shown to nobody. Leave it empty if they want no answer in writing.",
        max_length=254,
        required=False,
    )
    is_urgent = forms.BooleanField(label="It is urgent: answer by the next working day", required=False)

    def __init__(self, *args: Any, teams: Sequence[Team], **options: Any) -> None:
        super().__init__(*args, **options)
        chosen(self.fields["team"]).choices = [("", "No team yet"), *((str(t.id), t.name) for t in teams)]

    def clean_to(self) -> str:
        """An address with an @, or else a number."""
        to: str = self.cleaned_data["to"].strip()
        if to and not is_address(_channel_of(to), to):
            wanted = CHANNELS[_channel_of(to)]
            raise forms.ValidationError(f"Enter a real {wanted}, or leave it empty")
        return to

    @property
    def contact(self) -> tuple[str, str] | None:
        """How to answer."""
        to = self.cleaned_data["to"]
        return (_channel_of(to), to) if to else None


def _channel_of(to: str) -> str:
    return "email" if "@" in to else "sms"


class NoteForm(forms.Form):
    """A note for colleagues."""

    text = forms.CharField(
        label="Add a note",
        help_text="Colleagues see it. Leave out what need not be kept about people.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_NOTE,
        error_messages={"required": "Enter a note"},
    )


class GiveForm(forms.Form):
    """To which team and person a case goes."""

    team = forms.ChoiceField(label="Team", required=False)
    owner = forms.ChoiceField(label="Person", required=False)
    why = forms.CharField(
        label="Why? (optional)",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_NOTE,
        required=False,
    )

    def __init__(
        self, *args: Any, teams: Sequence[Team], people: Sequence[StaffUser], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        chosen(self.fields["team"]).choices = [("", "No team"), *((str(t.id), t.name) for t in teams)]
        chosen(self.fields["owner"]).choices = [("", "Nobody yet"), *((str(p.id), p.name) for p in people)]


class WhyForm(forms.Form):
    """One reason, in one's own words."""

    why = forms.CharField(
        label="Why?",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_NOTE,
        error_messages={"required": "Say why"},
    )


class EscalateForm(WhyForm):
    """Whom a case needs, and why."""

    to = forms.ChoiceField(
        label="Who is needed?", widget=forms.RadioSelect, error_messages={"required": "Select a person"}
    )
    field_order = ("to", "why")

    def __init__(self, *args: Any, people: Sequence[StaffUser], **options: Any) -> None:
        super().__init__(*args, **options)
        chosen(self.fields["to"]).choices = [(str(person.id), person.name) for person in people]


class CloseForm(forms.Form):
    """How a case ended."""

    outcome = forms.ChoiceField(
        label="How did it end?",
        widget=forms.RadioSelect,
        choices=CHOSEN_OUTCOMES,
        error_messages={"required": "Select how it ended"},
    )
    note = forms.CharField(
        label="Note (optional)",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_NOTE,
        required=False,
    )


class LinkForm(forms.Form):
    """The case that answers this one too."""

    number = forms.IntegerField(
        label="Number of the case that is answered for both",
        min_value=1,
        max_value=2**31 - 1,
        error_messages={
            "required": "Enter the number of a case",
            "invalid": "Enter the number of a case, like 12",
            "min_value": "Enter the number of a case, like 12",
            "max_value": "Enter the number of a case, like 12",
        },
    )


class ReplyForm(forms.Form):
    """What goes to whoever asked."""

    text = forms.CharField(
        label="Your reply",
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": "Write the reply"},
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, longest: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.longest = longest

    def clean_text(self) -> str:
        """No longer than the shortest way to answer takes."""
        text: str = self.cleaned_data["text"].strip()
        if len(text) > self.longest:
            raise forms.ValidationError(f"The reply must be {self.longest:,} characters or less")
        return text


def teams_by_id(teams: Sequence[Team]) -> dict[str, Team]:
    """Teams by what their choice is called."""
    return {str(team.id): team for team in teams}


def first_given(case: Case) -> dict[str, str]:
    """Where a case is, as the form to give it away begins."""
    return {
        "team": str(case.team_id) if case.team_id else "",
        "owner": str(case.owner_id) if case.owner_id else "",
    }
