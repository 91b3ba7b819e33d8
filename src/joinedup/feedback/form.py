"""What a form asks: pages of questions in English and Welsh, when each is shown, and for whom it stops asking."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from joinedup.errors import JoinedupError

MOST_PAGES = 20
MOST_QUESTIONS = 60
MOST_OPTIONS = 40
LONGEST_TEXT = 5000
LONGEST_WORDS = 500
KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")


class FormError(JoinedupError):
    """A form's definition says something that cannot be.

    part: which part of the question is wrong, for whoever shows it beside its field: key, kind, words, hint, options,
    longest, lowest, show_if; "quotas"; empty where it is no single part.
    """

    exit_code = 4

    def __init__(self, *, what: str, where: str = "", mend: str = "", part: str = "") -> None:
        self.part = part
        super().__init__(what=what, where=where, mend=mend)


class Kind(StrEnum):
    """What a question asks for.

    satisfaction: 1 to 5, 5 the best. email, phone: how to answer the person, kept apart from the answers. permission:
    whether what they wrote may be quoted.
    """

    SATISFACTION = "satisfaction"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    TEXT = "text"
    NUMBER = "number"
    EMAIL = "email"
    PHONE = "phone"
    PERMISSION = "permission"


CONTACT = frozenset({Kind.EMAIL, Kind.PHONE})
CLOSED = frozenset({Kind.SATISFACTION, Kind.CHOICE, Kind.CHOICES, Kind.YES_NO})
"""Kinds whose answers are from a list, so that other questions may depend on them."""


@dataclass(frozen=True)
class Words:
    """A text in English, and in Welsh where there is one."""

    en: str = ""
    cy: str = ""

    def said(self, language: str) -> str:
        """The text in a language; the English one where the Welsh is lacking."""
        return (self.cy if language == "cy" else "") or self.en

    def as_dict(self) -> dict[str, str]:
        """As a definition has it; no Welsh where there is none."""
        return {"en": self.en, **({"cy": self.cy} if self.cy else {})}


@dataclass(frozen=True)
class Option:
    """One answer of a list. value: what is kept."""

    value: str
    words: Words


@dataclass(frozen=True)
class Condition:
    """A question is shown where an earlier one, itself shown, was answered with any of some values."""

    question: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """One question. key: its name in answers. longest: of a text, in characters. lowest, highest: of a number."""

    key: str
    kind: Kind
    words: Words
    hint: Words = field(default_factory=Words)
    is_required: bool = False
    options: tuple[Option, ...] = ()
    show_if: Condition | None = None
    longest: int = 2000
    lowest: float | None = None
    highest: float | None = None

    @property
    def values(self) -> tuple[str, ...]:
        """What may be answered, as text; empty where anything may."""
        if self.kind is Kind.SATISFACTION:
            return ("5", "4", "3", "2", "1")
        if self.kind in {Kind.YES_NO, Kind.PERMISSION}:
            return ("yes", "no")
        return tuple(option.value for option in self.options)

    def as_dict(self) -> dict[str, Any]:
        """As a definition has it."""
        made: dict[str, Any] = {"key": self.key, "kind": self.kind.value, "words": self.words.as_dict()}
        if self.hint.en or self.hint.cy:
            made["hint"] = self.hint.as_dict()
        if self.is_required:
            made["required"] = True
        if self.options:
            made["options"] = [{"value": each.value, "words": each.words.as_dict()} for each in self.options]
        if self.show_if is not None:
            made["show_if"] = {"question": self.show_if.question, "values": list(self.show_if.values)}
        if self.kind is Kind.TEXT:
            made["longest"] = self.longest
        for name in ("lowest", "highest"):
            if getattr(self, name) is not None:
                made[name] = getattr(self, name)
        return made


@dataclass(frozen=True)
class Page:
    """Questions that are asked together. heading: empty where a single question is the heading."""

    questions: tuple[Question, ...]
    heading: Words = field(default_factory=Words)


@dataclass(frozen=True)
class Quota:
    """After so many answers of a value, whoever gives that answer is asked no more."""

    question: str
    value: str
    most: int


@dataclass(frozen=True)
class FormDefinition:
    """A form's pages. check: answers are shown once more before they are sent. next_steps: what happens then."""

    pages: tuple[Page, ...]
    quotas: tuple[Quota, ...] = ()
    check: bool = False
    next_steps: Words = field(default_factory=Words)

    @property
    def questions(self) -> tuple[Question, ...]:
        """Every question in its order."""
        return tuple(question for page in self.pages for question in page.questions)

    def question(self, key: str) -> Question | None:
        """The question of a key; None for no such one."""
        return next((each for each in self.questions if each.key == key), None)

    @property
    def lacks_welsh(self) -> tuple[str, ...]:
        """The keys of questions of which some words have no Welsh."""
        return tuple(each.key for each in self.questions if not all(said.cy for said in _said(each)))

    def as_dict(self) -> dict[str, Any]:
        """The definition as it is stored; definition_from reads it again."""
        pages = []
        for page in self.pages:
            made: dict[str, Any] = {"questions": [each.as_dict() for each in page.questions]}
            if page.heading.en or page.heading.cy:
                made["heading"] = page.heading.as_dict()
            pages.append(made)
        whole: dict[str, Any] = {"pages": pages, "check": self.check}
        if self.quotas:
            whole["quotas"] = [
                {"question": each.question, "value": each.value, "most": each.most} for each in self.quotas
            ]
        if self.next_steps.en or self.next_steps.cy:
            whole["next_steps"] = self.next_steps.as_dict()
        return whole


def definition_from(data: Mapping[str, Any]) -> FormDefinition:
    """Return the form that a definition describes.

    Raises FormError, saying where, for a definition that could not be asked: a condition on a later question, a
    value that is no answer, two questions of one key, nothing to ask.
    """
    pages = tuple(
        _page(_mapping(page, f"page {number}"), f"page {number}")
        for number, page in enumerate(_list(data.get("pages"), "pages"), start=1)
    )
    quotas = tuple(_quota(_mapping(each, "quotas")) for each in _list(data.get("quotas", []), "quotas"))
    made = FormDefinition(pages, quotas, bool(data.get("check", False)), _words(data.get("next_steps", {})))
    check_definition(made)
    return made


def check_definition(form: FormDefinition) -> None:
    """Raise FormError where a form could not be asked."""
    if not form.questions:
        raise FormError(what="there is nothing to ask", where="pages", mend="add a question")
    if len(form.pages) > MOST_PAGES or len(form.questions) > MOST_QUESTIONS:
        raise FormError(
            what="it asks too much",
            where=f"{len(form.pages)} pages, {len(form.questions)} questions",
            mend=f"ask at most {MOST_QUESTIONS} questions on {MOST_PAGES} pages",
        )
    earlier: dict[str, Question] = {}
    for question in form.questions:
        _check_question(question, earlier)
        earlier[question.key] = question
    for kind in (Kind.SATISFACTION, Kind.PERMISSION):
        if sum(each.kind is kind for each in form.questions) > 1:
            raise FormError(
                what=f"more than one question of the kind {kind.value}", where="pages", mend="keep one"
            )
    for quota in form.quotas:
        _check_value(quota.question, (quota.value,), earlier, "quotas", part="quotas")
        if quota.most < 1:
            raise FormError(
                what="a quota below 1",
                where=f"question {quota.question}",
                mend="give 1 or more",
                part="quotas",
            )


def _check_question(question: Question, earlier: Mapping[str, Question]) -> None:
    where = f"question {question.key}"
    if not KEY.fullmatch(question.key):
        raise FormError(
            what="a question's key is not one",
            where=question.key[:60],
            mend="use small letters, digits and underscores, a letter first, at most 60",
            part="key",
        )
    if question.key in earlier:
        raise FormError(
            what="two questions have the same key", where=where, mend="give one another key", part="key"
        )
    for part, words in _said_by_part(question):
        if not words.en.strip():
            raise FormError(what="English words are missing", where=where, mend="write them", part=part)
        if len(words.en) > LONGEST_WORDS or len(words.cy) > LONGEST_WORDS:
            raise FormError(
                what="words are too long",
                where=where,
                mend=f"use at most {LONGEST_WORDS} characters",
                part=part,
            )
    if question.kind in {Kind.CHOICE, Kind.CHOICES}:
        _check_options(question, where)
    elif question.options:
        raise FormError(
            what=f"{question.kind.value} takes no answers to choose from", where=where, part="options"
        )
    if not 1 <= question.longest <= LONGEST_TEXT:
        raise FormError(
            what=f"a text of {question.longest} characters",
            where=where,
            mend=f"give 1 to {LONGEST_TEXT}",
            part="longest",
        )
    if None not in (question.lowest, question.highest) and question.lowest > question.highest:  # type: ignore[operator]
        raise FormError(
            what="the lowest number is above the highest",
            where=where,
            mend="put them the other way round",
            part="lowest",
        )
    if question.show_if is not None:
        _check_value(question.show_if.question, question.show_if.values, earlier, where, part="show_if")


def _check_options(question: Question, where: str) -> None:
    values = question.values
    if not 2 <= len(values) <= MOST_OPTIONS:
        raise FormError(
            what=f"{len(values)} answers to choose from",
            where=where,
            mend=f"give 2 to {MOST_OPTIONS}",
            part="options",
        )
    if len(set(values)) != len(values):
        raise FormError(what="two answers have the same value", where=where, mend="keep one", part="options")
    for value in values:
        if not value or len(value) > 60:
            raise FormError(
                what="an answer's value is empty or too long", where=where, mend="use 1 to 60", part="options"
            )


def _check_value(
    key: str, values: Sequence[str], earlier: Mapping[str, Question], where: str, *, part: str
) -> None:
    asked = earlier.get(key)
    if asked is None:
        raise FormError(
            what=f"it depends on {key[:60]}, which is not asked before it",
            where=where,
            mend="depend on an earlier question, or move one of them",
            part=part,
        )
    if asked.kind not in CLOSED:
        raise FormError(
            what=f"it depends on {key}, whose answer is not from a list",
            where=where,
            mend="depend on a question with answers to choose from",
            part=part,
        )
    unknown = [value for value in values if value not in asked.values]
    if unknown or not values:
        raise FormError(
            what=f"{key} has no such answer as it depends on",
            where=where,
            mend="choose from its answers",
            part=part,
        )


def _said(question: Question) -> Iterator[Words]:
    for _, words in _said_by_part(question):
        yield words


def _said_by_part(question: Question) -> Iterator[tuple[str, Words]]:
    yield "words", question.words
    if question.hint.en or question.hint.cy:
        yield "hint", question.hint
    for option in question.options:
        yield "options", option.words


def _page(data: Mapping[str, Any], where: str) -> Page:
    questions = tuple(_question(_mapping(each, where), where) for each in _list(data.get("questions"), where))
    return Page(questions, _words(data.get("heading", {})))


def _question(data: Mapping[str, Any], where: str) -> Question:
    key = str(data.get("key", ""))
    where = f"question {key[:60]}" if key else where
    try:
        kind = Kind(str(data.get("kind", "")))
    except ValueError:
        raise FormError(
            what="no such kind of question", where=where, mend=f"use one of {', '.join(Kind)}"
        ) from None
    told = data.get("show_if")
    condition = None
    if told is not None:
        told = _mapping(told, where)
        condition = Condition(
            str(told.get("question", "")), tuple(str(each) for each in _list(told.get("values"), where))
        )
    options = tuple(
        Option(str(each.get("value", "")), _words(each.get("words", {})))
        for each in (_mapping(one, where) for one in _list(data.get("options", []), where))
    )
    return Question(
        key=key,
        kind=kind,
        words=_words(data.get("words", {})),
        hint=_words(data.get("hint", {})),
        is_required=bool(data.get("required", False)),
        options=options,
        show_if=condition,
        longest=int(_number(data.get("longest", 2000), where) or 0),
        lowest=_number(data.get("lowest"), where),
        highest=_number(data.get("highest"), where),
    )


def _quota(data: Mapping[str, Any]) -> Quota:
    most = _number(data.get("most"), "quotas")
    return Quota(str(data.get("question", "")), str(data.get("value", "")), int(most or 0))


def _words(data: Any) -> Words:
    if isinstance(data, str):
        return Words(data.strip())
    told = _mapping(data, "words")
    return Words(str(told.get("en", "")).strip(), str(told.get("cy", "")).strip())


def _number(value: Any, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FormError(what="not a number", where=where, mend="give a number")
    return value


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise FormError(what="not a table", where=where, mend="give names and values")
    return value


def _list(value: Any, where: str) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise FormError(what="not a list", where=where, mend="give a list")
    return value
