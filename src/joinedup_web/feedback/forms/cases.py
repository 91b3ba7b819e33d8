"""What people fill in to make a case of a comment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from joinedup_web.casework.forms.cases import chosen
from joinedup_web.casework.models import Team
from joinedup_web.casework.queries.alike import Likely


class CommentCaseForm(forms.Form):
    """A new case, or one that there is already."""

    what = forms.ChoiceField(
        label="Which case should answer this comment?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select a new case, or one that there is already"},
    )
    title = forms.CharField(label="What is it about, in a few words?", max_length=150, required=False)
    team = forms.ChoiceField(label="Which team deals with it?", required=False)
    is_urgent = forms.BooleanField(label="It is urgent: answer by the next working day", required=False)
    number = forms.IntegerField(label="Number of the case", min_value=1, max_value=2**31 - 1, required=False)

    def __init__(self, *args: Any, likely: Sequence[Likely], teams: Sequence[Team], **options: Any) -> None:
        super().__init__(*args, **options)
        chosen(self.fields["what"]).choices = [
            ("new", "A new case"),
            *((str(each.case.id), f"Case {each.case.number}: {each.case.title}") for each in likely),
            ("number", "Another case, by its number"),
        ]
        chosen(self.fields["team"]).choices = [("", "No team yet"), *((str(t.id), t.name) for t in teams)]

    def clean(self) -> dict[str, Any]:
        """Ask for what the choice needs."""
        cleaned = super().clean() or {}
        if cleaned.get("what") == "new" and not cleaned.get("title"):
            self.add_error("title", "Enter what it is about")
        if cleaned.get("what") == "number" and "number" not in self.errors and not cleaned.get("number"):
            self.add_error("number", "Enter the number of a case, like 12")
        return cleaned
