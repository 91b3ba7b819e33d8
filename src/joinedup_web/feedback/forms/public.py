"""The public's forms: what was typed into a page of questions, and a question as a GOV.UK component."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from joinedup.feedback import Kind, Page, Problem, Question, offered

Params = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A question as it is shown. component: which one shows it. is_english: on a Welsh page, for it has no Welsh."""

    component: str
    params: Params
    is_english: bool = False


def given_in(posted: QueryDict, page: Page) -> dict[str, Any]:
    """What was typed or chosen on a page, by question, as it came."""
    given: dict[str, Any] = {}
    for question in page.questions:
        name = name_of(question.key)
        if question.kind is Kind.CHOICES:
            given[question.key] = posted.getlist(name)
        else:
            given[question.key] = posted.get(name, "")
    return given


def name_of(key: str) -> str:
    """What a question's field is called, so that it never is called as one of ours."""
    return f"q-{key}"


def error_list(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """The lines of the summary of errors, each leading to its question."""
    return [{"text": each.what, "href": f"#{name_of(each.question)}"} for each in problems]


def parts(
    questions: Iterable[Question],
    *,
    given: Mapping[str, Any],
    problems: Iterable[Problem],
    language: str,
    is_heading: bool,
) -> list[Part]:
    """The questions of a page as they are shown. is_heading: the only question is the page's heading."""
    wrong = {each.question: each.what for each in problems}
    return [
        replace(
            _part(question, given.get(question.key), wrong.get(question.key, ""), language, is_heading),
            is_english=language == "cy" and not question.words.cy,
        )
        for question in questions
    ]


def _part(question: Question, value: Any, wrong: str, language: str, is_heading: bool) -> Part:
    name = name_of(question.key)
    label: Params = {"text": question.words.said(language)}
    if not question.is_required:
        label["text"] = f"{label['text']} {_('(optional)')}"
    if is_heading:
        label |= {"isPageHeading": True}
    size = "l" if is_heading else "s"
    params: Params = {"name": name}
    if question.hint.said(language):
        params["hint"] = {"text": question.hint.said(language)}
    if wrong:
        params["errorMessage"] = {"text": wrong, "visuallyHiddenText": _("Error")}
    options = offered(question)
    if options:
        chosen = {str(each) for each in value} if isinstance(value, list) else {str(value)}
        params |= {
            "idPrefix": name,
            "fieldset": {"legend": label | {"classes": f"govuk-fieldset__legend--{size}"}},
            "items": [
                {"value": each.value, "text": each.words.said(language), "checked": each.value in chosen}
                for each in options
            ],
        }
        return Part("checkboxes" if question.kind is Kind.CHOICES else "radios", params)
    params |= {
        "id": name,
        "label": label | {"classes": f"govuk-label--{size}"},
        "value": "" if value is None else str(value),
    }
    if question.kind is Kind.TEXT:
        return Part("text", params | {"maxlength": question.longest, "rows": 5} | _counted())
    if question.kind is Kind.EMAIL:
        return Part("input", params | {"type": "email", "autocomplete": "email", "spellcheck": False})
    if question.kind is Kind.PHONE:
        return Part(
            "input", params | {"type": "tel", "autocomplete": "tel", "classes": "govuk-input--width-20"}
        )
    return Part("input", params | {"inputmode": "decimal", "classes": "govuk-input--width-10"})


def _counted() -> Params:
    """What the component says of characters, in the page's language."""
    return {
        "textareaDescriptionText": _("You can enter up to %(count)s characters") % {"count": "%{count}"},
        "charactersUnderLimitText": _by_number(
            _("You have %(count)s character left"), _("You have %(count)s characters left")
        ),
        "charactersAtLimitText": _("You have 0 characters left"),
        "charactersOverLimitText": _by_number(
            _("You have %(count)s character too many"), _("You have %(count)s characters too many")
        ),
    }


def _by_number(one: str, other: str) -> Params:
    """A text for each plural form of the page's language. Welsh has six, in which the noun stays as it is."""
    forms = ("zero", "two", "few", "many", "other") if get_language() == "cy" else ("other",)
    told = {"one": one} | dict.fromkeys(forms, other)
    return {form: words % {"count": "%{count}"} for form, words in told.items()}
