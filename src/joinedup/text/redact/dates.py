"""Dates of birth: a date beside words for birth, or one so long ago that it can hardly be about the service."""

from __future__ import annotations

import re
from collections.abc import Iterator

from joinedup.text.redact.candidate import Candidate
from joinedup.text.redact.canonical import HIDDEN
from joinedup.text.redact.identifier import Identifier
from joinedup.text.redact.page import Page

BESIDE = 2019  # beside another identifier, a date up to this year is taken for a birth
_HIDDEN_BEFORE = re.compile(rf"{HIDDEN}[ ,;:(/|\-]{{1,4}}$")
_HIDDEN_AFTER = re.compile(rf"[ ,;:)/|\-]{{1,4}}{HIDDEN}")
LONG_AGO = 2008  # born in or before it: of age now; an event of that year is seldom what a comment is about
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?|ionawr|[cg]?h?wefror|fawrth|mawrth|ebrill|[mf]ai|[mf]ehefin|[gn]?orffennaf|"
    r"gorffenaf|awst|[mf]edi|hydref|dachwedd|tachwedd|ragfyr|rhagfyr)"
)
_YEAR = r"(?:(?:18|19|20)\d\d|'?\d\d)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_ORDINAL = r"(?:st|nd|rd|th|af|ain|il|ydd|ed|eg|fed)?"
_NUMBERS = re.compile(
    rf"(?<![\w/.\-])(?:{_DAY} ?([/.\-]) ?(?:0?[1-9]|[12]\d|3[01]) ?\1 ?({_YEAR})|((?:19|20)\d\d)([/.\-])\d\d?\4\d\d?)"
    r"(?![\w]|[/.\-]\d)"
)
_SPACED = re.compile(rf"(?<![\w/.\-]){_DAY} (?:0?[1-9]|1[0-2]) ({_YEAR})(?!\w)")
_BARE = re.compile(r"(?<![\w/.\-])(?:[0-3]\d[01]\d(?:19|20)\d\d|[0-3]\d[01]\d\d\d)(?!\w)")
_WORDS = re.compile(
    rf"(?<![\w/])(?:{_DAY}{_ORDINAL}(?: of| o)?[ \-,/]{{0,2}}{_MONTH}[ \-,./]{{0,2}}({_YEAR})"
    rf"|{_MONTH}[ \-]{_DAY}(?:st|nd|rd|th)?,? {{0,1}}({_YEAR}))(?!\w)",
    re.I,
)
_KINDS = ("date_of_birth", "event")


def candidates(page: Page) -> Iterator[Candidate]:
    """Dates of birth in a plain reading."""
    if not page.has_digits:
        return
    for pattern in (_NUMBERS, _WORDS):
        for found in pattern.finditer(page.text):
            year = next((group for group in found.groups() if group and group.strip("'").isdigit()), "")
            yield from _judged(page, found, year)
    for pattern in (_SPACED, _BARE):
        for found in pattern.finditer(page.text):
            if _is_spoken(page, found, before=30, after=12):
                yield Candidate(*found.span(), Identifier.DATE_OF_BIRTH, 7, "beside words for a birth")


def _judged(page: Page, found: re.Match[str], year: str) -> Iterator[Candidate]:
    if _is_spoken(page, found, before=60, after=25):
        yield Candidate(*found.span(), Identifier.DATE_OF_BIRTH, 8, "beside words for a birth")
    elif (
        len(year) == 4
        and int(year) <= LONG_AGO
        and not page.cues.nearest(*found.span(), ("event",), before=22, after=0)
    ):
        yield Candidate(*found.span(), Identifier.DATE_OF_BIRTH, 4, "a day long ago")
    elif _is_beside_hidden(page, found, year):
        yield Candidate(*found.span(), Identifier.DATE_OF_BIRTH, 4, "a day beside another identifier")


def _is_beside_hidden(page: Page, found: re.Match[str], year: str) -> bool:
    """Whether something hidden in an earlier round stands next to a date that is not of late."""
    digits = year.strip("'")
    old = int(digits) <= BESIDE if len(digits) == 4 else digits.isdigit() and not 20 <= int(digits) <= 40
    if not old:
        return False
    near = _HIDDEN_BEFORE.search(page.text, max(0, found.start() - 5), found.start())
    return bool(near or _HIDDEN_AFTER.match(page.text, found.end()))


def _is_spoken(page: Page, found: re.Match[str], *, before: int, after: int) -> bool:
    nearest = page.cues.nearest(*found.span(), ("date_of_birth",), before=before, after=after)
    if nearest is None:
        return False
    event = page.cues.nearest(*found.span(), ("event", "date_of_birth"), before=before, after=after)
    if event == "date_of_birth":
        return True
    # "born on", "born by the sea on": an event's word may stand between the birth and its day
    start = max(0, found.start() - before)
    tail = page.lower[start : found.start()]
    birth = max(
        (tail.rfind(word) for word in ("born", "birth", "dob", "d.o.b", "ganwyd", "geni", "bday")), default=-1
    )
    return birth >= 0 and len(tail) - birth < 30 and not re.search(r"[.;!?]\s", tail[birth + 3 :])
