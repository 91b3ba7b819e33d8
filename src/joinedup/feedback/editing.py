"""Changes to a form's questions: each returns a new form, checked, and leaves the old one as it was."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from joinedup.feedback.form import (
    CLOSED,
    FormDefinition,
    FormError,
    Option,
    Page,
    Question,
    Quota,
    Words,
    check_definition,
)


def key_for(words: str, taken: Sequence[str]) -> str:
    """Return a key made from words that is not taken: how_was_it, and how_was_it_2 where that is taken.

    >>> key_for("How was it?", ["how_was_it"])
    'how_was_it_2'
    """
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:50].strip("_")
    if not base or not base[0].isalpha():
        base = f"question_{base}".strip("_")
    return _first_free(base, taken)


def value_for(words: str, taken: Sequence[str]) -> str:
    """Return a value of an answer made from its words that is not taken.

    >>> value_for("By telephone", [])
    'by_telephone'
    """
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return _first_free(re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:50].strip("_") or "answer", taken)


def add_question(form: FormDefinition, question: Question, *, page: int) -> FormDefinition:
    """Return the form with a question at the end of a page (from 0), or on a page of its own after the last."""
    pages = list(form.pages)
    if page < len(pages):
        pages[page] = replace(pages[page], questions=(*pages[page].questions, question))
    else:
        pages.append(Page((question,)))
    return _checked(replace(form, pages=tuple(pages)))


def replace_question(form: FormDefinition, question: Question) -> FormDefinition:
    """Return the form with a question in place of the one of its key.

    Quotas of answers that it no longer has go. Raises FormError where another question depends on such an answer.
    """
    _existing(form, question.key)
    pages = tuple(
        replace(
            page, questions=tuple(question if each.key == question.key else each for each in page.questions)
        )
        for page in form.pages
    )
    offers = question.values if question.kind in CLOSED else ()
    quotas = tuple(each for each in form.quotas if each.question != question.key or each.value in offers)
    return _checked(replace(form, pages=pages, quotas=quotas))


def remove_question(form: FormDefinition, key: str) -> FormDefinition:
    """Return the form without a question, its quotas, and its page where nothing else is on it.

    Raises FormError, naming them, where other questions depend on it.
    """
    _existing(form, key)
    depending = [each.key for each in form.questions if each.show_if and each.show_if.question == key]
    if depending:
        raise FormError(
            what=f"the question {depending[0]} is shown by the answer to it",
            where=f"question {key}",
            mend="change when that question is shown first",
            part="show_if",
        )
    pages = (
        replace(page, questions=tuple(each for each in page.questions if each.key != key))
        for page in form.pages
    )
    kept = tuple(page for page in pages if page.questions)
    quotas = tuple(each for each in form.quotas if each.question != key)
    return _checked(replace(form, pages=kept, quotas=quotas))


def move_question(form: FormDefinition, key: str, *, up: bool) -> FormDefinition:
    """Return the form with a question one place earlier or later.

    At the edge of its page it goes over to the neighbouring one; a question that was alone on its page takes the
    page with it and joins the neighbours'. At the very edge of the form nothing changes.
    """
    _existing(form, key)
    number = next(at for at, page in enumerate(form.pages) if any(each.key == key for each in page.questions))
    here = list(form.pages[number].questions)
    place = next(at for at, each in enumerate(here) if each.key == key)
    to = place - 1 if up else place + 1
    pages = list(form.pages)
    if 0 <= to < len(here):
        here[place], here[to] = here[to], here[place]
        pages[number] = replace(pages[number], questions=tuple(here))
        return _checked(replace(form, pages=tuple(pages)))
    neighbour = number - 1 if up else number + 1
    if not 0 <= neighbour < len(pages):
        return form
    question = here.pop(place)
    there = pages[neighbour].questions
    joined = (*there, question) if up else (question, *there)
    pages[neighbour] = replace(pages[neighbour], questions=joined)
    pages[number] = replace(pages[number], questions=tuple(here))
    return _checked(replace(form, pages=tuple(page for page in pages if page.questions)))


def split_page(form: FormDefinition, key: str) -> FormDefinition:
    """Return the form with a new page that begins at a question; the same where it is the first of its page."""
    _existing(form, key)
    pages: list[Page] = []
    for page in form.pages:
        place = next((at for at, each in enumerate(page.questions) if each.key == key), 0)
        if place:
            pages += [replace(page, questions=page.questions[:place]), Page(page.questions[place:])]
        else:
            pages.append(page)
    return _checked(replace(form, pages=tuple(pages)))


def with_heading(form: FormDefinition, page: int, heading: Words) -> FormDefinition:
    """Return the form with another heading of a page (from 0)."""
    pages = list(form.pages)
    pages[page] = replace(pages[page], heading=heading)
    return _checked(replace(form, pages=tuple(pages)))


def with_end(form: FormDefinition, *, check: bool, next_steps: Words) -> FormDefinition:
    """Return the form with another end: whether answers are shown once more, and what is said then."""
    return _checked(replace(form, check=check, next_steps=next_steps))


def with_quota(form: FormDefinition, quota: Quota) -> FormDefinition:
    """Return the form with a quota, in place of an earlier one of the same answer."""
    others = without_quota(form, quota.question, quota.value).quotas
    return _checked(replace(form, quotas=(*others, quota)))


def without_quota(form: FormDefinition, question: str, value: str) -> FormDefinition:
    """Return the form without a quota."""
    kept = tuple(each for each in form.quotas if (each.question, each.value) != (question, value))
    return replace(form, quotas=kept)


def options_from(rows: Sequence[tuple[str, str, str]]) -> tuple[Option, ...]:
    """Return answers from rows of value (empty for a new one), English and Welsh; rows without words are left out."""
    kept = [(value, en.strip(), cy.strip()) for value, en, cy in rows if en.strip() or cy.strip()]
    taken = [value for value, _, _ in kept if value]
    made: list[Option] = []
    for value, en, cy in kept:
        name = value or value_for(en, taken)
        taken.append(name)
        made.append(Option(name, Words(en, cy)))
    return tuple(made)


def _existing(form: FormDefinition, key: str) -> None:
    if form.question(key) is None:
        raise FormError(what="there is no such question", where=f"question {key[:60]}", mend="look again")


def _checked(form: FormDefinition) -> FormDefinition:
    check_definition(form)
    return form


def _first_free(base: str, taken: Sequence[str]) -> str:
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name


@dataclass(frozen=True)
class Differences:
    """What is not the same in two forms. added, removed, changed: questions by their keys, in their order.

    is_moved: those in both stand in another order or on other pages. is_other: headings, quotas or the end differ.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    is_moved: bool = False
    is_other: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.is_moved or self.is_other)


def differences(before: FormDefinition, after: FormDefinition) -> Differences:
    """Return what is not the same in the later of two forms."""
    old, new = ({each.key: each for each in form.questions} for form in (before, after))
    both = [key for key in old if key in new]
    places = [
        [[each.key for each in page.questions if each.key in both] for page in form.pages]
        for form in (before, after)
    ]
    return Differences(
        added=tuple(key for key in new if key not in old),
        removed=tuple(key for key in old if key not in new),
        changed=tuple(key for key in both if old[key] != new[key]),
        is_moved=[page for page in places[0] if page] != [page for page in places[1] if page],
        is_other=(before.check, before.next_steps, before.quotas)
        != (after.check, after.next_steps, after.quotas)
        or _headings(before) != _headings(after),
    )


def _headings(form: FormDefinition) -> list[Words]:
    return [page.heading for page in form.pages if page.heading.en or page.heading.cy]
