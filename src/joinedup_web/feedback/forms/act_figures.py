"""What people fill in about a service's figures, and what its scorecard cannot count."""

from __future__ import annotations

from typing import Any

from django import forms

from joinedup.errors import JoinedupError, UsageError
from joinedup.feedback import MonthFigures, MonthProblem, read_figures
from joinedup.feedback.figures import COUNTS, read_cost, read_count, read_month
from joinedup_web.design.fields import DatePartsField
from joinedup_web.feedback.models import ServiceFigures, ServiceStatement

LARGEST_FILE = 1_000_000
_UNKNOWN = "Leave it empty where it is not known"


class FiguresForm(forms.Form):
    """The figures of a month."""

    month = forms.CharField(
        label="Month",
        help_text="For example, March 2026 or 2026-03",
        max_length=20,
        error_messages={"required": "Enter a month"},
    )
    started = forms.CharField(
        label="Transactions started, in all channels", help_text=_UNKNOWN, max_length=14, required=False
    )
    completed = forms.CharField(
        label="Transactions completed, in all channels", help_text=_UNKNOWN, max_length=14, required=False
    )
    digital = forms.CharField(
        label="Of those, completed online", help_text=_UNKNOWN, max_length=14, required=False
    )
    eligible = forms.CharField(
        label="People who could have used the service", help_text=_UNKNOWN, max_length=14, required=False
    )
    cost = forms.CharField(
        label="What the month cost, in all channels", help_text=_UNKNOWN, max_length=20, required=False
    )

    def clean(self) -> dict[str, Any]:
        """The figures as one value; what contradicts itself is told above the form."""
        told: dict[str, Any] = super().clean() or {}
        read: dict[str, int | None] = {}
        for name in (*COUNTS, "cost"):
            try:
                text = told.get(name, "")
                read[name] = read_cost(text) if name == "cost" else read_count(text, name="it")
            except UsageError as problem:
                self.add_error(name, problem.what[:1].upper() + problem.what[1:])
        if "month" in told:
            try:
                told["month"] = read_month(told["month"])
            except UsageError:
                self.add_error("month", "Enter the month like March 2026 or 2026-03")
        if not self.errors:
            counts = {name: read[name] for name in COUNTS}
            try:
                told["figures"] = MonthFigures(month=told["month"], **counts, cost_pence=read["cost"])
            except UsageError as problem:
                raise forms.ValidationError(f"{problem.what[:1].upper()}{problem.what[1:]}") from None
        return told


def filled(of: ServiceFigures) -> dict[str, str]:
    """What the form holds at first for a month that is there."""
    told = {name: "" if getattr(of, name) is None else str(getattr(of, name)) for name in COUNTS}
    cost = "" if of.cost_pence is None else f"{of.cost_pence // 100}.{of.cost_pence % 100:02d}"
    return {"month": f"{of.month:%Y-%m}", **told, "cost": cost}


class FiguresFileForm(forms.Form):
    """Figures as a CSV file. problems: the rows that cannot be taken, once it was read."""

    file = forms.FileField(
        label="CSV file",
        help_text="Columns: month, started, completed, digital, eligible, cost (in pounds). "
        "A month that is there already is replaced",
        widget=forms.FileInput(attrs={"accept": ".csv"}),
        error_messages={"required": "Select a CSV file", "empty": "The file is empty"},
    )

    problems: list[MonthProblem]

    def clean_file(self) -> list[MonthFigures]:
        """The months in it."""
        self.problems = []
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError("The file must be smaller than 1 MB")
        try:
            months, self.problems = read_figures(file.read(), where="the file")
        except JoinedupError as problem:
            mend = f": {problem.mend}" if problem.mend else ""
            raise forms.ValidationError(f"{problem.what[:1].upper()}{problem.what[1:]}{mend}") from None
        if self.problems:
            rows = "row" if len(self.problems) == 1 else "rows"
            raise forms.ValidationError(
                f"{len(self.problems):,} {rows} cannot be taken, so nothing was kept. Mend them and send the file again"
            )
        if not months:
            raise forms.ValidationError("There is no month in the file")
        return months


class StatementForm(forms.Form):
    """What the scorecard cannot count."""

    accessible = forms.ChoiceField(
        label="What did the last accessibility audit find?",
        widget=forms.RadioSelect,
        choices=[
            ("yes", "It meets the guidelines"),
            ("no", "It does not meet the guidelines"),
            ("unknown", "There was no audit, or its result is not known"),
        ],
        error_messages={"required": "Select what the last audit found"},
    )
    audited_on = DatePartsField(
        label="On which day was the audit?",
        what="The day of the audit",
        help_text="For example, 27 3 2026",
        required=False,
    )
    cost = forms.CharField(
        label="At most how much may a transaction cost? (optional)",
        help_text="The threshold that applies to this kind of service",
        max_length=20,
        required=False,
    )
    cost_source = forms.CharField(
        label="Where is that threshold from? (optional)",
        help_text="A document and its date",
        max_length=200,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """An audit has a day, a threshold has a source."""
        told: dict[str, Any] = super().clean() or {}
        is_known = told.get("accessible") in ("yes", "no")
        if is_known and told.get("audited_on") is None and "audited_on" not in self.errors:
            self.add_error("audited_on", "Enter the day of the audit")
        if not is_known:
            told["audited_on"] = None
        told["is_accessible"] = {"yes": True, "no": False}.get(told.get("accessible", ""))
        try:
            told["cost_at_most_pence"] = read_cost(told.get("cost", ""))
        except UsageError:
            self.add_error("cost", "Enter an amount in pounds, such as 3.50")
            return told
        if (told["cost_at_most_pence"] is None) != (not told.get("cost_source", "").strip()):
            missing = "cost" if told["cost_at_most_pence"] is None else "cost_source"
            self.add_error(missing, "Give both the threshold and where it is from, or neither")
        return told


def stated(of: ServiceStatement | None) -> dict[str, Any]:
    """What the form holds at first."""
    if of is None:
        return {"accessible": "unknown"}
    known = {True: "yes", False: "no", None: "unknown"}[of.is_accessible]
    cost = "" if of.cost_at_most_pence is None else f"{of.cost_at_most_pence / 100:.2f}"
    return {"accessible": known, "audited_on": of.audited_on, "cost": cost, "cost_source": of.cost_source}


class LicenceForm(forms.Form):
    """Under which licence figures are opened."""

    licence = forms.CharField(
        label="Licence",
        max_length=120,
        initial="Open Government Licence v3.0",
        error_messages={"required": "Enter the name of the licence"},
    )
    licence_url = forms.URLField(
        label="Where its text is",
        max_length=200,
        assume_scheme="https",
        initial="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        error_messages={"required": "Enter the address of the licence’s text"},
    )

    def clean_licence_url(self) -> str:
        """An address that is safe to lead people to."""
        address = str(self.cleaned_data["licence_url"])
        if not address.startswith("https://"):
            raise forms.ValidationError("The address must begin with https://")
        return address
