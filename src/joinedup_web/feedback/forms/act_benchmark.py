"""What people fill in to bring a survey's percentages in."""

from __future__ import annotations

from django import forms

from joinedup.errors import JoinedupError
from joinedup.feedback.benchmark import BenchmarkProblem, BenchmarkRow, read_benchmark

LARGEST_FILE = 2_000_000


class BenchmarkForm(forms.Form):
    """A survey as a CSV file. problems: the rows that cannot be taken, once it was read."""

    name = forms.CharField(
        label="Which survey is it?",
        help_text="Its name and year",
        max_length=120,
        error_messages={"required": "Enter the name of the survey"},
    )
    terms = forms.CharField(
        label="Under which licence or permission may you use it?",
        help_text="Surveys belong to somebody. Ask before you bring one in that has no licence",
        max_length=300,
        error_messages={"required": "Enter the licence or permission"},
    )
    file = forms.FileField(
        label="CSV file",
        help_text="Columns: question, option, percent; group, year, source and note if there are any",
        widget=forms.FileInput(attrs={"accept": ".csv"}),
        error_messages={"required": "Select a CSV file", "empty": "The file is empty"},
    )

    problems: list[BenchmarkProblem]

    def clean_file(self) -> list[BenchmarkRow]:
        """The rows in it."""
        self.problems = []
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError("The file must be smaller than 2 MB")
        try:
            rows, self.problems = read_benchmark(file.read(), where="the file")
        except JoinedupError as problem:
            mend = f": {problem.mend}" if problem.mend else ""
            raise forms.ValidationError(f"{problem.what[:1].upper()}{problem.what[1:]}{mend}") from None
        if self.problems:
            words = "row" if len(self.problems) == 1 else "rows"
            raise forms.ValidationError(
                f"{len(self.problems):,} {words} cannot be taken, so nothing was kept. "
                "Mend them and send the file again"
            )
        if not rows:
            raise forms.ValidationError("There is no row in the file")
        return rows
