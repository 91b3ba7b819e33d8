"""Forms of signing in and of what proves who somebody is."""

from __future__ import annotations

from typing import Any

from django import forms

from joinedup_web.accounts.models import StaffUser
from joinedup_web.accounts.passwords import faults_of


class SignInForm(forms.Form):
    """E-mail and password."""

    email = forms.CharField(
        label="Email address",
        max_length=254,
        error_messages={"required": "Enter your email address"},
        widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": False}),
    )
    password = forms.CharField(
        label="Password",
        max_length=1024,
        strip=False,
        error_messages={"required": "Enter your password"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    """A code of the authenticator app."""

    code = forms.CharField(
        label="Security code",
        max_length=20,
        help_text="The 6 numbers that your authenticator app shows now",
        error_messages={"required": "Enter the 6 numbers that your app shows"},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class RecoveryCodeForm(forms.Form):
    """A recovery code."""

    code = forms.CharField(
        label="Recovery code",
        max_length=40,
        help_text="Like abcd-efgh-2345-wxyz. Each code works once",
        error_messages={"required": "Enter one of your recovery codes"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": False}),
    )


class EmailForm(forms.Form):
    """An e-mail address alone."""

    email = forms.EmailField(
        label="Email address",
        max_length=254,
        error_messages={
            "required": "Enter your email address",
            "invalid": "Enter an email address in the correct format, like name@example.gov.uk",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": False}),
    )


class NewPasswordForm(forms.Form):
    """A new password, judged with the person's own name and e-mail in mind."""

    password = forms.CharField(
        label="New password",
        max_length=1024,
        strip=False,
        help_text="12 characters or more. Three random words are easy to remember and hard to guess",
        error_messages={"required": "Enter a password"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: StaffUser, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean_password(self) -> str:
        """Refuse what is short, common, or like the name or e-mail."""
        password = str(self.cleaned_data["password"])
        faults = faults_of(password, user=self._judged())
        if faults:
            raise forms.ValidationError(faults)
        return password

    def _judged(self) -> StaffUser:
        return self.user


class ChangePasswordForm(NewPasswordForm):
    """A new password, with the present one where there is one."""

    present = forms.CharField(
        label="Present password",
        max_length=1024,
        strip=False,
        error_messages={"required": "Enter your present password"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("present", "password")


class AcceptForm(NewPasswordForm):
    """What somebody who was invited says of themselves."""

    name = forms.CharField(
        label="Full name",
        max_length=150,
        help_text="Your colleagues see this name",
        error_messages={"required": "Enter your full name"},
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": False}),
    )
    field_order = ("name", "password")

    def _judged(self) -> StaffUser:
        return StaffUser(email=self.user.email, name=self.cleaned_data.get("name", ""))


class ConfirmForm(forms.Form):
    """Password and code together, to confirm once more who one is."""

    password = SignInForm.base_fields["password"]
    code = CodeForm.base_fields["code"]
