"""Answers to a form: which questions somebody is asked, and whether what they answered can be taken."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from joinedup.errors import JoinedupError
from joinedup.feedback.answer_words import DO_YOU, PERMISSION, SATISFACTION, YES_NO, said
from joinedup.feedback.form import CONTACT, FormDefinition, Kind, Option, Page, Question, Words

Answer = str | int | float | list[str]

EMAIL = re.compile(r"[^\s@,;<>()\"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?\.[A-Za-z]{2,24}")
PHONE = re.compile(r"\+?[0-9 ()./-]{8,24}")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one answer, in the respondent's language. where: the question in words."""

    question: str
    what: str
    where: str
    mend: str = ""


class AnswersError(JoinedupError):
    """Answers that a form does not take. problems: one for each question; none holds what was answered."""

    exit_code = 3

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(what=first.what, where=f"question {first.question}", mend=first.mend)


@dataclass(frozen=True)
class Sorted:
    """Answers by what becomes of them.

    plain: values from lists and numbers, which say nothing of a person by themselves. texts: free texts, still
    unmasked. satisfaction: 1 to 5. contact: ("email" or "phone", where to). may_publish: they said so.
    """

    plain: dict[str, Answer] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict, repr=False)
    satisfaction: int | None = None
    contact: tuple[str, str] | None = field(default=None, repr=False)
    may_publish: bool = False


def offered(question: Question) -> tuple[Option, ...]:
    """The answers to choose from, in words; empty where anything may be answered."""
    if question.kind is Kind.SATISFACTION:
        return tuple(Option(str(value), Words(*words)) for value, words in SATISFACTION.items())
    if question.kind in {Kind.YES_NO, Kind.PERMISSION}:
        of = YES_NO if question.kind is Kind.YES_NO else PERMISSION
        begins, alone = DO_YOU
        if of is YES_NO and question.words.cy.strip().startswith(begins):
            of = alone
        return tuple(Option(value, Words(*words)) for value, words in of.items())
    return question.options


def in_words(question: Question, answer: Answer, language: str) -> str:
    """An answer as it is read: the words of what was chosen, or the text itself."""
    words = {each.value: each.words.said(language) for each in offered(question)}
    if isinstance(answer, list):
        return ", ".join(words.get(each, each) for each in answer)
    return words.get(str(answer), str(answer))


def is_shown(form: FormDefinition, question: Question, answers: Mapping[str, Any]) -> bool:
    """Whether somebody who answered so far is asked a question."""
    condition = question.show_if
    if condition is None:
        return True
    earlier = form.question(condition.question)
    if earlier is None or not is_shown(form, earlier, answers):
        return False
    given = answers.get(earlier.key)
    values = [str(each) for each in given] if isinstance(given, list) else [str(given)]
    return any(value in condition.values for value in values)


def shown_on(form: FormDefinition, page: Page, answers: Mapping[str, Any]) -> tuple[Question, ...]:
    """The questions of a page that somebody is asked."""
    return tuple(each for each in page.questions if is_shown(form, each, answers))


def next_page(form: FormDefinition, after: int, answers: Mapping[str, Any]) -> int | None:
    """The number (from 0) of the page after one, pages with nothing to ask left out; None at the end.

    after: -1 for the first page.
    """
    for number in range(after + 1, len(form.pages)):
        if shown_on(form, form.pages[number], answers):
            return number
    return None


def page_before(form: FormDefinition, number: int, answers: Mapping[str, Any]) -> int | None:
    """The page that was asked before one; None before the first."""
    for earlier in range(min(number, len(form.pages)) - 1, -1, -1):
        if shown_on(form, form.pages[earlier], answers):
            return earlier
    return None


def check_page(
    form: FormDefinition, number: int, given: Mapping[str, Any], *, before: Mapping[str, Any], language: str
) -> tuple[dict[str, Answer], list[Problem]]:
    """Return the answers to one page, ready to keep, and what is wrong with those that cannot be taken.

    before: the answers to earlier pages. A question that is not shown has no answer, whatever was given.
    """
    answers: dict[str, Answer] = {}
    problems: list[Problem] = []
    for question in form.pages[number].questions:
        if not is_shown(form, question, {**before, **answers}):
            continue
        answer, problem = check_answer(question, given.get(question.key), language=language)
        if problem is not None:
            problems.append(problem)
        elif answer is not None:
            answers[question.key] = answer
    return answers, problems


def check_all(
    form: FormDefinition, given: Mapping[str, Any], *, language: str, may_lack: bool = False
) -> dict[str, Answer]:
    """Return all answers, ready to keep.

    may_lack: required questions need no answer, as with responses brought in from elsewhere.

    Raises AnswersError with a Problem for each answer that cannot be taken.
    """
    answers: dict[str, Answer] = {}
    problems: list[Problem] = []
    for number in range(len(form.pages)):
        kept, wrong = check_page(form, number, given, before=answers, language=language)
        answers |= kept
        problems += [
            each for each in wrong if not (may_lack and given.get(each.question) in (None, "", [], ()))
        ]
    if problems:
        raise AnswersError(problems)
    return answers


def check_answer(question: Question, given: Any, *, language: str) -> tuple[Answer | None, Problem | None]:
    """Return one answer ready to keep (None: not answered), or what is wrong with it."""

    def wrong(code: str, **values: object) -> tuple[None, Problem]:
        name = question.words.said(language)
        what, mend = said(code, language, question=name, **values)
        return None, Problem(question.key, what, name, mend)

    if question.kind is Kind.CHOICES:
        many = (
            [given] if isinstance(given, str) else list(given or ()) if not isinstance(given, Mapping) else []
        )
        values = list(dict.fromkeys(str(each) for each in many if str(each).strip()))
        if any(value not in question.values for value in values):
            return wrong("not_offered")
        if not values:
            return wrong("missing") if question.is_required else (None, None)
        return [value for value in question.values if value in values], None
    text = "" if given is None else str(given).replace("\r\n", "\n").replace("\x00", "").strip()
    if isinstance(given, bool | list | tuple | Mapping):
        return wrong("not_offered")
    if not text:
        return wrong("missing") if question.is_required else (None, None)
    if question.values:
        if text not in question.values:
            return wrong("not_offered")
        return (int(text) if question.kind is Kind.SATISFACTION else text), None
    if question.kind is Kind.TEXT:
        if len(text) > question.longest:
            return wrong("too_long", most=question.longest, over=len(text) - question.longest)
        return text, None
    if question.kind is Kind.NUMBER:
        return _number(question, text, wrong)
    shape, code = (EMAIL, "email") if question.kind is Kind.EMAIL else (PHONE, "phone")
    if len(text) > 320 or not shape.fullmatch(text):
        return wrong(code)
    return text, None


def sort_answers(form: FormDefinition, answers: Mapping[str, Answer]) -> Sorted:
    """Part what check_all returned by what becomes of it. The first way to reach somebody counts."""
    plain: dict[str, Answer] = {}
    texts: dict[str, str] = {}
    contact: tuple[str, str] | None = None
    satisfaction: int | None = None
    may_publish = False
    for question in form.questions:
        answer = answers.get(question.key)
        if answer is None:
            continue
        if question.kind is Kind.TEXT:
            texts[question.key] = str(answer)
        elif question.kind in CONTACT:
            contact = contact or (question.kind.value, str(answer))
        elif question.kind is Kind.PERMISSION:
            may_publish = answer == "yes"
        else:
            plain[question.key] = answer
            if question.kind is Kind.SATISFACTION:
                satisfaction = int(str(answer))
    return Sorted(plain, texts, satisfaction, contact, may_publish)


def _number(question: Question, text: str, wrong: Any) -> tuple[Answer | None, Problem | None]:
    plain = text.replace(",", "").replace(" ", "")
    if not re.fullmatch(r"-?\d{1,12}(?:\.\d{1,6})?", plain):
        return wrong("number")  # type: ignore[no-any-return]
    value: int | float = float(plain) if "." in plain else int(plain)
    low, high = question.lowest, question.highest
    if low is not None and value < low:
        return wrong("too_low", least=f"{low:g}")  # type: ignore[no-any-return]
    if high is not None and value > high:
        return wrong("too_high", most=f"{high:g}")  # type: ignore[no-any-return]
    return value, None
