"""The questions of a form as they are edited, and how they are told to those who edit them."""

from __future__ import annotations

from dataclasses import dataclass

from joinedup.feedback import FormDefinition, Question, definition_from, offered
from joinedup.feedback.editing import Differences
from joinedup_web.feedback.forms.questions import KINDS
from joinedup_web.feedback.models import Form


def working(of: Form) -> FormDefinition:
    """The draft; the newest version's questions where there is none."""
    newest = of.versions.first() if of.draft is None else None
    return definition_from(newest.definition if newest is not None else of.draft or {})


@dataclass(frozen=True)
class Told:
    """A question as the editor shows it. shown: with which answers, in words; empty where it always is.

    same_page: it depends on a question of its own page, and is shown to everybody, for nothing shows it later there.
    """

    question: Question
    kind: str
    answers: tuple[str, ...]
    shown: str
    same_page: bool
    limits: str
    lacks_welsh: bool
    is_first: bool
    is_last: bool
    begins_page: bool


def told(form: FormDefinition) -> list[list[Told]]:
    """The questions of each page, told."""
    keys = [each.key for each in form.questions]
    lacking = set(form.lacks_welsh)
    return [
        [
            Told(
                question=each,
                kind=KINDS[each.kind][0],
                answers=tuple(option.words.en for option in each.options),
                shown=condition_words(form, each),
                same_page=each.show_if is not None
                and each.show_if.question in {other.key for other in page.questions},
                limits=_limits(each),
                lacks_welsh=each.key in lacking,
                is_first=each.key == keys[0],
                is_last=each.key == keys[-1],
                begins_page=place == 0,
            )
            for place, each in enumerate(page.questions)
        ]
        for page in form.pages
    ]


def condition_words(form: FormDefinition, question: Question) -> str:
    """When a question is shown, in words; empty where it always is."""
    condition = question.show_if
    earlier = form.question(condition.question) if condition else None
    if condition is None or earlier is None:
        return ""
    names = {each.value: each.words.en for each in offered(earlier)}
    chosen = " or ".join(f"“{names.get(value, value)}”" for value in condition.values)
    return f"“{earlier.words.en}” was answered with {chosen}"


def quotas_told(form: FormDefinition) -> list[tuple[str, str, str, str, int]]:
    """Each quota: its question's key and value, both in words, and how many are wanted."""
    rows = []
    for quota in form.quotas:
        question = form.question(quota.question)
        if question is not None:
            names = {each.value: each.words.en for each in offered(question)}
            rows.append(
                (
                    quota.question,
                    quota.value,
                    question.words.en,
                    names.get(quota.value, quota.value),
                    quota.most,
                )
            )
    return rows


def changes_told(found: Differences, before: FormDefinition, after: FormDefinition) -> list[str]:
    """What a draft changes, a sentence for each."""

    def words(form: FormDefinition, key: str) -> str:
        question = form.question(key)
        return question.words.en if question is not None else key

    said = [f"Added: {words(after, key)}" for key in found.added]
    said += [f"Removed: {words(before, key)}" for key in found.removed]
    said += [f"Changed: {words(after, key)}" for key in found.changed]
    if found.is_moved:
        said.append("Questions stand in another order or on other pages")
    if found.is_other:
        said.append("Headings, quotas or the end of the form are changed")
    return said


def _limits(question: Question) -> str:
    if question.lowest is not None and question.highest is not None:
        return f"from {question.lowest:g} to {question.highest:g}"
    if question.lowest is not None:
        return f"{question.lowest:g} or more"
    if question.highest is not None:
        return f"{question.highest:g} or less"
    return f"at most {question.longest:,} characters" if question.kind == "text" else ""
