"""What people fill in before and while they look at joined records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from joinedup_web.design.fields import DatePartsField
from joinedup_web.linkage.purposes import PURPOSES, Purpose

# A case number has a figure in it, and a name has not.
REFERENCE = RegexValidator(
    r"^(?=.*\d)[A-Za-z0-9][A-Za-z0-9/._-]*$",
    "Enter the number of the case, like HB-2026-0142: letters, figures and - / . _ without spaces",
)


class PurposeForm(forms.Form):
    """For which purpose, and for which case."""

    purpose = forms.ChoiceField(
        label="Why do you need to look at records?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select why you need to look at records"},
    )
    reference = forms.CharField(
        label="Number of the case",
        help_text="As your organisation numbers it, like HB-2026-0142. Do not enter a name.",
        max_length=40,
        validators=[REFERENCE],
        error_messages={
            "required": "Enter the number of the case",
            "max_length": "The number of the case must be 40 characters or less",
        },
    )

    def __init__(self, *args: Any, purposes: Mapping[str, Purpose], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["purpose"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, purpose.words) for code, purpose in purposes.items()]


class PurposesForm(forms.Form):
    """Which purposes a project allows."""

    purposes = forms.MultipleChoiceField(
        label="For which purposes may joined records be read?",
        choices=[(code, purpose.words) for code, purpose in PURPOSES.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select one purpose at least"},
    )


class IdentifierForm(forms.Form):
    """A search by an exact identifier."""

    identifier = forms.CharField(
        label="Identifier",
        help_text="An NHS number, National Insurance number, UPN, telephone number, email address, "
        "or a record’s number in its source",
        max_length=200,
        error_messages={"required": "Enter an identifier"},
    )


class NameForm(forms.Form):
    """A search by surname and date of birth."""

    surname = forms.CharField(
        label="Last name", max_length=100, error_messages={"required": "Enter the last name"}
    )
    first_name = forms.CharField(label="First name (optional)", max_length=100, required=False)
    born = DatePartsField(label="Date of birth", what="Date of birth", help_text="For example, 27 3 1985")
