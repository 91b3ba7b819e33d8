"""Forms on colleagues, organisations, reviews and emergencies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from joinedup_web.accounts.actions.people import CLOSING_REASONS
from joinedup_web.accounts.actions.recovery import WAYS_TO_CHECK
from joinedup_web.accounts.actions.roles import MOST_PERMISSIONS
from joinedup_web.accounts.identifiers import SCHEMES
from joinedup_web.accounts.models import EmergencyReason, OfficerPost, OrganisationKind, Role, StaffUser
from joinedup_web.design.fields import DatePartsField
from joinedup_web.gate.permissions import permissions


class OrganisationForm(forms.Form):
    """What is held about an organisation, with its identifiers."""

    name = forms.CharField(
        label="Name", max_length=200, error_messages={"required": "Enter the organisation's name"}
    )
    name_cy = forms.CharField(label="Name in Welsh (optional)", max_length=200, required=False)
    kind = forms.ChoiceField(
        label="What kind of organisation is it?",
        choices=OrganisationKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what kind of organisation it is"},
    )
    govuk_slug = forms.CharField(
        label="GOV.UK address (optional)",
        max_length=100,
        required=False,
        help_text="The last part of its page, for example hm-land-registry",
    )
    gss_code = forms.CharField(
        label="ONS code (optional)",
        max_length=20,
        required=False,
        help_text="A letter and 8 numbers, for example E06000001",
    )
    ods_code = forms.CharField(
        label="NHS organisation code (optional)",
        max_length=10,
        required=False,
        help_text="3 to 6 letters and numbers, for example RX1",
    )
    companies_house_number = forms.CharField(
        label="Companies House number (optional)",
        max_length=12,
        required=False,
        help_text="8 numbers, or 2 letters and 6 numbers, for example 01234567",
    )

    def clean(self) -> dict[str, Any]:
        """Bring each identifier to its scheme's form, or say what it should look like."""
        cleaned = super().clean() or {}
        for scheme in SCHEMES:
            text = str(cleaned.get(scheme.field) or "").strip()
            code = scheme.read(text) if text else None
            if text and code is None:
                self.add_error(scheme.field, f"Enter a real {scheme.name}, like {scheme.example}")
            cleaned[scheme.field] = code
        return cleaned

    def identifiers(self) -> dict[str, str | None]:
        """The identifiers alone."""
        return {scheme.field: self.cleaned_data[scheme.field] for scheme in SCHEMES}


class OfficerForm(forms.Form):
    """Who holds a post."""

    post = forms.ChoiceField(
        label="Post",
        choices=OfficerPost.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a post"},
    )
    holder = forms.ModelChoiceField(
        label="Who holds it",
        queryset=StaffUser.objects.none(),
        empty_label="Choose a colleague",
        error_messages={"required": "Choose who holds the post"},
    )
    asset = forms.CharField(
        label="Information asset (for an information asset owner)",
        max_length=200,
        required=False,
        help_text="For example: housing register",
    )
    since = DatePartsField(what="The first day", label="First day in the post")

    def __init__(self, *args: Any, colleagues: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["holder"].queryset = colleagues  # type: ignore[attr-defined]
        self.fields["holder"].label_from_instance = lambda user: user.name  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """An information asset owner owns something named."""
        cleaned = super().clean() or {}
        if cleaned.get("post") == OfficerPost.IAO and not cleaned.get("asset"):
            self.add_error("asset", "Enter which information asset they own")
        return cleaned


class EndOfficerForm(forms.Form):
    """The last day in a post."""

    until = DatePartsField(what="The last day", label="Last day in the post")


class InviteForm(forms.Form):
    """Whom to invite, to what, until when."""

    email = forms.EmailField(
        label="Work email address",
        max_length=254,
        error_messages={
            "required": "Enter an email address",
            "invalid": "Enter an email address in the correct format, like name@example.gov.uk",
        },
    )
    name = forms.CharField(
        label="Full name", max_length=150, error_messages={"required": "Enter their full name"}
    )
    roles = forms.MultipleChoiceField(
        label="Roles",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one role"},
    )
    until = DatePartsField(
        what="The day the roles end",
        label="When do the roles end? (optional)",
        required=False,
        help_text="For somebody who is here for a time, for example 27 3 2027",
    )

    def __init__(self, *args: Any, roles: Iterable[Role], **options: Any) -> None:
        super().__init__(*args, **options)
        self.known = {str(role.id): role for role in roles}
        self.fields["roles"].choices = [(key, role.name) for key, role in self.known.items()]  # type: ignore[attr-defined]

    def clean_until(self) -> datetime | None:
        """The end of that day."""
        return end_of(self.cleaned_data.get("until"))

    def chosen(self) -> list[Role]:
        """The roles chosen."""
        return [self.known[key] for key in self.cleaned_data["roles"]]


class GrantForm(forms.Form):
    """Which role to give, until when."""

    role = forms.ChoiceField(
        label="Which role?", widget=forms.RadioSelect, error_messages={"required": "Choose a role"}
    )
    until = DatePartsField(
        what="The day the role ends",
        label="When does it end? (optional)",
        required=False,
        help_text="For example 27 3 2027. Leave empty if it has no end",
    )

    def __init__(self, *args: Any, roles: Iterable[Role], **options: Any) -> None:
        super().__init__(*args, **options)
        self.known = {str(role.id): role for role in roles}
        self.fields["role"].choices = [(key, role.name) for key, role in self.known.items()]  # type: ignore[attr-defined]

    def clean_until(self) -> datetime | None:
        """The end of that day."""
        return end_of(self.cleaned_data.get("until"))

    def chosen(self) -> Role:
        """The role chosen."""
        return self.known[self.cleaned_data["role"]]


class CloseAccountForm(forms.Form):
    """Why an account is closed."""

    reason = forms.ChoiceField(
        label="Why are you closing it?",
        choices=list(CLOSING_REASONS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why you are closing the account"},
    )


class RoleForm(forms.Form):
    """A role of the organisation's own."""

    name = forms.CharField(
        label="Name", max_length=100, error_messages={"required": "Enter a name for the role"}
    )
    what = forms.CharField(
        label="What is it for?",
        max_length=300,
        help_text="People see this when they choose a role",
        error_messages={"required": "Say what the role is for"},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    permissions = forms.MultipleChoiceField(
        label="What does it allow?",
        widget=forms.CheckboxSelectMultiple,
        help_text=f"Choose up to {MOST_PERMISSIONS}",
        error_messages={"required": "Choose at least one thing that the role allows"},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["permissions"].choices = [  # type: ignore[attr-defined]
            (each.code, each.what) for each in permissions().values() if not each.platform
        ]


class ApproveForm(forms.Form):
    """How the approver made sure who somebody is."""

    checked = forms.ChoiceField(
        label="How did you make sure that it is them?",
        choices=list(WAYS_TO_CHECK.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how you made sure that it is them"},
    )


class EmergencyForm(forms.Form):
    """Which role is needed in an emergency, and why."""

    role = forms.ChoiceField(
        label="Which role do you need?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the role you need"},
    )
    reason = forms.ChoiceField(
        label="What has happened?",
        choices=EmergencyReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what has happened"},
    )
    why = forms.CharField(
        label="What do you need to do, and why can it not wait?",
        max_length=1000,
        help_text="Your reviewer reads this. Do not name members of the public",
        error_messages={"required": "Say what you need to do and why it cannot wait"},
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, roles: Iterable[Role], **options: Any) -> None:
        super().__init__(*args, **options)
        self.known = {str(role.id): role for role in roles}
        self.fields["role"].choices = [(key, role.name) for key, role in self.known.items()]  # type: ignore[attr-defined]

    def chosen(self) -> Role:
        """The role chosen."""
        return self.known[self.cleaned_data["role"]]


class FindingForm(forms.Form):
    """What somebody found who looked at an emergency access."""

    was_justified = forms.ChoiceField(
        label="Was it justified?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether it was justified"},
    )
    finding = forms.CharField(
        label="What did you find?",
        max_length=1000,
        help_text="Do not name members of the public",
        error_messages={"required": "Say what you found"},
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def end_of(day: date | None) -> datetime | None:
    """The moment at which a day is over, London time. Raises ValidationError for a day that is over already."""
    if day is None:
        return None
    moment = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    if moment <= timezone.now():
        raise forms.ValidationError("The last day must be today or later")
    return moment
