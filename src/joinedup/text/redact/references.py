"""References that offices give out: letters, digits and signs in no fixed form, known by the words before them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from joinedup.text.redact.candidate import Candidate
from joinedup.text.redact.identifier import Identifier
from joinedup.text.redact.page import Page

_TOKEN = re.compile(r"(?<![A-Za-z0-9£$€])[A-Za-z0-9]{1,24}(?:[/\-_.][A-Za-z0-9]{1,24}){0,7}(?![A-Za-z0-9])")
_NEXT = re.compile(r" [A-Z0-9]{1,12}(?:[/\-][A-Z0-9]{1,12}){0,4}(?![A-Za-z0-9])")
_UNITS = re.compile(
    r"\d+(?:st|nd|rd|th|s|am|pm|hrs?|mins?|secs?|days?|wks?|weeks?|months?|yrs?|years?|mph|kph|km|m|cm|mm|mg|kg|g|ml|"
    r"l|gb|mb|kb|tb|k|p|x|bn|hz|ghz|v|w|kw|kwh|ft|in|lb|lbs|oz|st|c|f|ish)",
    re.I,
)
_TIMES = re.compile(r"\d{1,2}[.:]?\d{0,2}(?:am|pm)?(?:[-/]\d{1,2}[.:]?\d{0,2}(?:am|pm)?)+", re.I)
_DATE = re.compile(r"(?:\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}|\d{4}-\d\d-\d\d|(?:19|20)\d\d(?:[/\-]\d{2,4})?)")
_KNOWN_WORDS = re.compile(
    r"(?:covid|sars|iso|bs|en|windows|office|sa|ds|sscs|p|n|sf|esa|pip|uc|a|b|m|c|d)-?\d{1,5}[a-z]?", re.I
)


def candidates(page: Page) -> Iterator[Candidate]:
    """References in a plain reading."""
    if not page.has_digits:
        return
    for found in _TOKEN.finditer(page.text):
        token = found.group()
        digits = sum(character.isdigit() for character in token)
        if not digits:
            if token.isupper() and len(token) <= 5:
                yield from _in_pieces(page, found)
            continue
        if _UNITS.fullmatch(token) or _TIMES.fullmatch(token) or _DATE.fullmatch(token):
            continue
        letters = sum(character.isalpha() for character in token)
        beside = page.cues.is_beside(*found.span(), before="before", after="after")
        if letters and not beside and not _KNOWN_WORDS.fullmatch(token):
            yield from _mixed(page, found, digits=digits, letters=letters)
        elif not beside and digits >= 6 and re.search(r"\d[/\-]\d", token):
            yield from _signs(page, found)


def _mixed(page: Page, found: re.Match[str], *, digits: int, letters: int) -> Iterator[Candidate]:
    token = found.group()
    if digits + letters >= 5 and digits >= 2 and page.cues.leads_to(found.start(), "case_reference"):
        yield Candidate(
            found.start(), _with_pieces(page, found), Identifier.CASE_REFERENCE, 5, "words lead to it"
        )
    elif digits >= 5 or (digits >= 4 and letters >= 2 and not token.isalnum()):
        if any(character.isupper() for character in token) or not token.isalnum():
            near = token.lower().startswith(("http", "www")) or token.lower().endswith(
                (".uk", ".com", ".org")
            )
            if not near:
                yield Candidate(*found.span(), Identifier.CASE_REFERENCE, 3, "letters and digits mixed")
    elif (
        digits >= 3 and letters >= 2 and digits + letters >= 6 and token.upper() == token
    ) and page.cues.nearest(*found.span(), ("case_reference",), before=30):
        yield Candidate(*found.span(), Identifier.CASE_REFERENCE, 3, "near words for a reference")


def _signs(page: Page, found: re.Match[str]) -> Iterator[Candidate]:
    sizes = [len(part) for part in re.split(r"[/\-_.]", found.group())]
    public = found.group()[:2] in ("03", "08", "09")
    if not public and (max(sizes) >= 5 or page.cues.leads_to(found.start(), "case_reference")):
        yield Candidate(*found.span(), Identifier.CASE_REFERENCE, 3, "digits joined by signs")


def _in_pieces(page: Page, found: re.Match[str]) -> Iterator[Candidate]:
    """HB 123 456: capitals, then digits in pieces, where words for a reference lead to them."""
    end = _with_pieces(page, found)
    digits = sum(character.isdigit() for character in page.text[found.end() : end])
    if digits >= 4 and page.cues.leads_to(found.start(), "case_reference"):
        yield Candidate(found.start(), end, Identifier.CASE_REFERENCE, 5, "words lead to it")


def _with_pieces(page: Page, found: re.Match[str]) -> int:
    """The end of a reference with the pieces of capitals and digits that go on after a space."""
    end = found.end()
    for _ in range(4):
        more = _NEXT.match(page.text, end)
        if more is None or not (any(it.isdigit() for it in more.group()) or len(more.group()) <= 3):
            break
        if not any(it.isdigit() for it in more.group()) and more.group() in (" I", " A"):
            break
        end = more.end()
    while end > found.end() and not page.text[end - 1].isalnum():
        end -= 1
    return end
