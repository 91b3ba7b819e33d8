"""Welsh that can be told from English: every translated text has wide letters, so what is left in plain ones is not.

`wide_welsh` changes what gettext, Django and the library say in Welsh. `plain_words_of` then lists the words of a page,
a JSON answer or a text that nobody translated: what one sees and what a screen reader says alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

import pytest
from django.utils.translation import trans_real

from joinedup.feedback import answer_words
from joinedup.feedback.form import Words

KEPT = re.compile(r"%\(\w+\)[sd]|%%|%[sd]|%\{\w+\}|\{\w+\}|<[^>]+>|&\w+;|https?://\S+")
WIDE = str.maketrans(
    {
        chr(code): chr(code + 0xFEE0)
        for code in (*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1))
    }
)
WORD = re.compile(r"[A-Za-z]{2,}")
NO_WORDS = re.compile(r"\bCymraeg\b|\b\d{1,2}:\d{2}(?:am|pm)\b|\S+@\S+|https?://\S+|%\{\w+\}")
"""What is the same in every language: its own name for itself, times of the day, addresses, places of numbers."""
SAID = (
    "title",
    "alt",
    "aria-label",
    "aria-roledescription",
    "aria-description",
    "placeholder",
    "summary",
    "label",
)
"""Attributes that are shown or read out."""
SPEAKING = {
    "govuk-character-count", "govuk-file-upload", "govuk-password-input", "govuk-accordion", "govuk-exit-this-page"
}  # fmt: skip
"""Components whose script says English words unless the page hands it others."""
VOID = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"),
}


def wide(text: str) -> str:
    """A text in wide letters; places of values, tags and addresses stay."""
    made, end = [], 0
    for found in KEPT.finditer(text):
        made += [text[end : found.start()].translate(WIDE), found[0]]
        end = found.end()
    return "".join([*made, text[end:].translate(WIDE)])


@contextmanager
def wide_welsh() -> Iterator[None]:
    """Within, whatever has a Welsh text says it in wide letters; whatever has none says its English in plain ones."""
    welsh = trans_real.translation("cy")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(welsh, "gettext", _wide_of(welsh, welsh.gettext))
        patched.setattr(welsh, "ngettext", _wide_of(welsh, welsh.ngettext))
        in_words = Words.said
        patched.setattr(
            Words,
            "said",
            lambda self, language: (
                wide(self.cy) if language == "cy" and self.cy else in_words(self, language)
            ),
        )
        for code, texts in answer_words.SAID.items():
            what, mend = texts["cy"]
            patched.setitem(answer_words.SAID, code, {**texts, "cy": (wide(what), wide(mend))})
        yield


def plain_words_of(page: str, *, but: Iterable[str] = ()) -> list[str]:
    """The texts of a page that are not translated, with what stands around them. but: data, such as names."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return [text for text in dict.fromkeys(reader.said) if _is_plain(text, but)]


def plain_words_in(told: Any, *, but: Iterable[str] = (), codes: Iterable[str] = ()) -> list[str]:
    """The same of a JSON answer. codes: keys whose values are words for programs."""
    if isinstance(told, dict):
        found = (plain_words_in(each, but=but, codes=codes) for key, each in told.items() if key not in codes)
        return [text for part in found for text in part]
    if isinstance(told, list):
        return [text for each in told for text in plain_words_in(each, but=but, codes=codes)]
    return [told] if isinstance(told, str) and _is_plain(told, but) else []


def _is_plain(text: str, but: Iterable[str]) -> bool:
    for known in sorted(but, key=len, reverse=True):
        text = text.replace(known, " ")
    return bool(WORD.search(NO_WORDS.sub(" ", text)))


def _wide_of(welsh: Any, say: Any) -> Any:
    def said(message: str, *others: Any) -> str:
        found: str = say(message, *others)
        of = welsh._catalog
        known = of.plural(message, others[1]) if len(others) == 2 else of.get(message)
        return wide(found) if known is not None else found

    return said


class _Reader(HTMLParser):
    """Collects what a page says outside of parts that are marked as another language."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.open: list[
            tuple[str, bool]
        ] = []  # each element that is open, and whether its words do not count

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        foreign = given.get("lang", "cy") != "cy"
        silent = foreign or tag in {"script", "style"} or (bool(self.open) and self.open[-1][1])
        if not silent:
            self.said += [given[name] for name in SAID if given.get(name)]
            self.said += [value for name, value in given.items() if name.startswith("data-i18n")]
            if tag == "input" and given.get("type") in {"submit", "button"}:
                self.said.append(given.get("value", ""))
            if tag == "meta" and given.get("name") == "description":
                self.said.append(given.get("content", ""))
            speaks = given.get("data-module", "") in SPEAKING
            if speaks and not any(name.startswith("data-i18n") for name in given):
                self.said.append(f"the script of {given['data-module']} speaks English")
        if tag not in VOID:
            self.open.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        while self.open and any(each == tag for each, _ in self.open):
            name, _ = self.open.pop()
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        text = re.sub(r"\s+", " ", data).strip()
        if text and not (self.open and self.open[-1][1]):
            self.said.append(text)
