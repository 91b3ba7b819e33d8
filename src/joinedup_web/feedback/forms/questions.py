"""Forms of the editor: a question with its answers, when it is shown, a page's heading, a quota, the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from joinedup.feedback import Condition, FormDefinition, FormError, Kind, Question, Quota, Words, offered
from joinedup.feedback.editing import key_for, options_from
from joinedup.feedback.form import CLOSED, LONGEST_TEXT, LONGEST_WORDS, MOST_OPTIONS

Row = tuple[str, str, str]

KINDS: Mapping[Kind, tuple[str, str]] = {
    Kind.SATISFACTION: ("Satisfaction", "5 answers from very satisfied to very dissatisfied; one in a form"),
    Kind.CHOICE: ("One answer from a list", "Radio buttons"),
    Kind.CHOICES: ("Several answers from a list", "Checkboxes"),
    Kind.YES_NO: ("Yes or no", "Two radio buttons"),
    Kind.TEXT: ("A comment in their own words", "Personal data in it is masked before anybody reads it"),
    Kind.NUMBER: ("A number", "Whole or with decimals"),
    Kind.EMAIL: ("An email address", "Kept apart, sealed, to answer the person"),
    Kind.PHONE: ("A phone number", "Kept apart, sealed, to answer the person"),
    Kind.PERMISSION: ("Permission to quote", "Whether their words may be published; one in a form"),
}
FIELD_OF = {
    "words": "words_en",
    "hint": "hint_en",
    "options": "option_0_en",
    "longest": "longest",
    "lowest": "lowest",
    "show_if": "values",
    "quotas": "most",
}
"""The field beside which a part of a definition that cannot be is shown."""
LIST = frozenset({Kind.CHOICE, Kind.CHOICES})
SPARE_ROWS = 3


class KindForm(forms.Form):
    """What kind of question to add."""

    kind = forms.ChoiceField(
        label="What kind of answer do you want?",
        choices=[(kind.value, words) for kind, (words, _) in KINDS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Select what kind of answer you want"},
    )


def _words(label: str, *, required: str = "", help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=bool(required),
        max_length=LONGEST_WORDS,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": required, "max_length": f"Use at most {LONGEST_WORDS} characters"},
    )


class QuestionForm(forms.Form):
    """A question of a kind. rows: its answers as value, English and Welsh; some are empty, for more."""

    words_en = _words("Question in English", required="Enter the question in English")
    words_cy = _words("Question in Welsh (optional)")
    hint_en = _words("Hint in English (optional)", help_text="Words that help to answer it")
    hint_cy = _words("Hint in Welsh (optional)")
    is_required = forms.BooleanField(label="People must answer it to go on", required=False)
    longest = forms.IntegerField(
        label="Most characters",
        initial=2000,
        min_value=1,
        max_value=LONGEST_TEXT,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), f"Enter a number from 1 to {LONGEST_TEXT:,}"
        ),
    )
    lowest = forms.FloatField(
        label="Lowest number (optional)", required=False, error_messages={"invalid": "Enter a number"}
    )
    highest = forms.FloatField(
        label="Highest number (optional)", required=False, error_messages={"invalid": "Enter a number"}
    )

    def __init__(self, *args: Any, kind: Kind, rows: Sequence[Row] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind, self.rows = kind, tuple(rows)
        if kind is not Kind.TEXT:
            del self.fields["longest"]
        if kind is not Kind.NUMBER:
            del self.fields["lowest"], self.fields["highest"]
        for number, (value, en, cy) in enumerate(self.rows):
            self.fields[f"option_{number}_value"] = forms.CharField(
                required=False, max_length=60, widget=forms.HiddenInput, initial=value
            )
            for language, name, words in (("en", "English", en), ("cy", "Welsh", cy)):
                self.fields[f"option_{number}_{language}"] = forms.CharField(
                    label=f"Answer {number + 1} in {name}",
                    required=False,
                    max_length=LONGEST_WORDS,
                    initial=words,
                )

    def clean(self) -> dict[str, Any]:
        """Answers have English words, none twice, and there are enough of them."""
        cleaned = super().clean() or {}
        if self.kind not in LIST or self.errors:
            return cleaned
        said: dict[str, int] = {}
        for number in range(len(self.rows)):
            en, cy = cleaned[f"option_{number}_en"], cleaned[f"option_{number}_cy"]
            if cy and not en:
                self.add_error(f"option_{number}_en", f"Enter answer {number + 1} in English")
            elif en and en.casefold() in said:
                self.add_error(
                    f"option_{number}_en", f"Answer {number + 1} is the same as answer {said[en.casefold()]}"
                )
            elif en:
                said[en.casefold()] = number + 1
        if not self.errors and len(said) < 2:
            self.add_error("option_0_en", "Enter at least 2 answers to choose from")
        return cleaned

    def question(self, form: FormDefinition, before: Question | None) -> Question:
        """The question as it was typed. before: as it stood, whose key and condition it keeps."""
        told = self.cleaned_data
        key = before.key if before else key_for(told["words_en"], [each.key for each in form.questions])
        rows = [
            tuple(told[f"option_{number}_{part}"] for part in ("value", "en", "cy"))
            for number in range(len(self.rows))
        ]
        known = set(before.values) if before else set()
        return Question(
            key=key,
            kind=self.kind,
            words=Words(told["words_en"].strip(), told["words_cy"].strip()),
            hint=Words(told["hint_en"].strip(), told["hint_cy"].strip()),
            is_required=told["is_required"],
            options=options_from([(value if value in known else "", en, cy) for value, en, cy in rows]),
            show_if=before.show_if if before else None,
            longest=told.get("longest", 2000),
            lowest=told.get("lowest"),
            highest=told.get("highest"),
        )


def typed(question: Question) -> dict[str, Any]:
    """What a question's form begins with."""
    return {
        "words_en": question.words.en,
        "words_cy": question.words.cy,
        "hint_en": question.hint.en,
        "hint_cy": question.hint.cy,
        "is_required": question.is_required,
        "longest": question.longest,
        "lowest": question.lowest,
        "highest": question.highest,
    }


def rows_of(question: Question | None, kind: Kind) -> list[Row]:
    """The answers of a question, and spare rows, where it is of a kind that has a list."""
    if kind not in LIST:
        return []
    rows = [(each.value, each.words.en, each.words.cy) for each in question.options] if question else []
    return with_spare(rows)


def rows_in(posted: Mapping[str, Any], kind: Kind) -> list[Row]:
    """The rows that came with a request, at most as many as a question may have and some spare ones."""
    if kind not in LIST:
        return []
    rows: list[Row] = []
    for number in range(MOST_OPTIONS + SPARE_ROWS):
        if f"option_{number}_en" not in posted:
            break
        value, en, cy = (
            str(posted.get(f"option_{number}_{part}", ""))[: LONGEST_WORDS + 1]
            for part in ("value", "en", "cy")
        )
        rows.append((value, en, cy))
    return rows or with_spare([])


def with_spare(rows: Sequence[Row]) -> list[Row]:
    """The rows with some empty ones after them."""
    kept = [row for row in rows if row[1].strip() or row[2].strip()]
    return kept + [("", "", "")] * min(SPARE_ROWS, max(0, MOST_OPTIONS - len(kept)))


def moved(rows: Sequence[Row], number: int, *, up: bool) -> list[Row]:
    """The rows with one of them a place earlier or later; the same where there is no such place."""
    made, to = list(rows), number - 1 if up else number + 1
    if 0 <= number < len(made) and 0 <= to < len(made):
        made[number], made[to] = made[to], made[number]
    return made


class ShownForm(forms.Form):
    """With which answers to an earlier question a question is shown."""

    values = forms.MultipleChoiceField(
        label="Show it to people who answered",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select at least one answer"},
    )

    def __init__(self, *args: Any, earlier: Question, **options: Any) -> None:
        super().__init__(*args, **options)
        self._earlier = earlier
        self.fields["values"].choices = [(each.value, each.words.en) for each in offered(earlier)]  # type: ignore[attr-defined]

    def condition(self) -> Condition:
        """The condition that was chosen."""
        return Condition(self._earlier.key, tuple(self.cleaned_data["values"]))


class EarlierForm(forms.Form):
    """On which earlier question it depends whether a question is shown; none: it always is."""

    on = forms.ChoiceField(
        label="When is this question shown?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select when the question is shown"},
    )

    def __init__(self, *args: Any, earlier: Sequence[Question], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["on"].choices = [  # type: ignore[attr-defined]
            ("always", "Always"),
            *((each.key, f"It depends on: {each.words.en}") for each in earlier),
        ]


class HeadingForm(forms.Form):
    """A page's heading."""

    heading_en = forms.CharField(label="Heading in English (optional)", max_length=200, required=False)
    heading_cy = forms.CharField(label="Heading in Welsh (optional)", max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """Welsh alone would leave others without a heading."""
        cleaned = super().clean() or {}
        if cleaned.get("heading_cy") and not cleaned.get("heading_en"):
            self.add_error("heading_en", "Enter the heading in English, too")
        return cleaned


class EndForm(forms.Form):
    """What happens at the end of a form."""

    check = forms.BooleanField(
        label="Show all answers once more before they are sent", required=False, help_text="For longer forms"
    )
    next_steps_en = forms.CharField(
        label="What happens next, in English (optional)",
        max_length=1000,
        required=False,
        help_text="Shown after the answers are sent",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    next_steps_cy = forms.CharField(
        label="What happens next, in Welsh (optional)",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class QuotaForm(forms.Form):
    """How many answers of a kind are wanted."""

    answer = forms.ChoiceField(
        label="Which answer is counted?",
        error_messages={"required": "Select an answer"},
    )
    most = forms.IntegerField(
        label="How many are wanted?",
        min_value=1,
        max_value=1_000_000,
        help_text="After so many, whoever gives that answer is thanked and asked no more",
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "Enter a number from 1 to 1,000,000"
        ),
    )

    def __init__(self, *args: Any, definition: FormDefinition, **options: Any) -> None:
        super().__init__(*args, **options)
        self._quotas = {
            f"{question.key}:{option.value}": (question, option)
            for question in definition.questions
            if question.kind in CLOSED
            for option in offered(question)
        }
        self.fields["answer"].choices = [  # type: ignore[attr-defined]
            ("", "Choose an answer"),
            *(
                (code, f"{question.words.en} – {option.words.en}")
                for code, (question, option) in self._quotas.items()
            ),
        ]

    def quota(self) -> Quota:
        """The quota that was asked for."""
        question, option = self._quotas[self.cleaned_data["answer"]]
        return Quota(question.key, option.value, self.cleaned_data["most"])


def blame(form: forms.Form, error: FormError) -> None:
    """Show what cannot be beside its field; above all fields where it has none here."""
    field = FIELD_OF.get(error.part)
    words = f"{error.what[:1].upper()}{error.what[1:]}" + (f": {error.mend}" if error.mend else "")
    form.add_error(field if field in form.fields else None, words)
