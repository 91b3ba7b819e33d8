"""Postal addresses: a number and a street, with the place and postcode that follow."""

from __future__ import annotations

import re
from collections.abc import Iterator

from joinedup.text.redact.candidate import Candidate
from joinedup.text.redact.identifier import Identifier
from joinedup.text.redact.page import Page

_KINDS = (
    r"(?:street|str|st|road|rd|lane|ln|avenue|ave|av|drive|dr|close|cl|way|court|ct|crescent|cres|place|pl|terrace|terr|"
    r"gardens|gdns|grove|gr|square|sq|hill|park|row|walk|mews|green|view|rise|parade|gate|villas|mount|vale|broadway|"
    r"boulevard|wharf|quay|embankment|yard|end|fields?|meadows?|bank|drove|approach|circus|esplanade|heights|wynd|brae)"
)
_WELSH = r"(?:heol|stryd|ffordd|lôn|lon|rhodfa|clos|maes|bryn|pen|cae|tan|rhes|tref|parc|cilgant|trem|llys|coed|allt)"
_WORD = r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'.\-]{0,24}"
_HOUSE = r"\d{1,5}[A-Za-z]?(?: ?[-/] ?\d{1,5}[A-Za-z]?)?"
_BLOCK = r"(?:[A-Z][A-Za-z']+ (?:House|Court|Tower|Lodge|Heights|Mansions),? )?"
_FLAT = rf"(?:(?:flat|apartment|apt|unit|room|fflat) ?\d{{0,4}}[A-Za-z]?,? {_BLOCK})"
_SINGLE = r"[A-Za-z]{3,14}(?:way|gate|side|croft|dale|thorpe|mead)(?=,| ?\n|$)"
_STREET = re.compile(
    rf"(?<![A-Za-z0-9£])(?:{_FLAT})?{_HOUSE},? "
    rf"(?:(?:{_WORD} ){{1,3}}?{_KINDS}(?![A-Za-z])\.?|{_WELSH} {_WORD}(?: {_WORD}){{0,2}}"
    rf"|{_SINGLE})",
    re.I,
)
_PLACE = r"[A-ZŴŶ][A-Za-zÀ-ÿŵŷ'\-]{2,24}(?![0-9])"
_PLACES = re.compile(
    rf"(?:(?:,? ?\n ?|, ?| in | yn )"
    rf"(?:{_PLACE}(?:[ -](?:{_PLACE}|St|on|upon|le|by|the|in|y|yr|ar)(?![A-Za-z0-9]))*)){{0,4}}"
)
_POST = re.compile(r"[, \n]{0,4}(?:[A-Za-z]{1,2}\d[A-Za-z0-9]? ?\d[A-Za-z]{2}|\ue000)(?![A-Za-z0-9])")
_TIMES = re.compile(
    r"\d+[a-z]? (?:in|on|of|at|to|the|a|an|and|or|for|by|min|mins|minutes|hours?|days?|weeks?|months?|years?|people|"
    r"times|miles?)\b"
)


def candidates(page: Page) -> Iterator[Candidate]:
    """Postal addresses in a plain reading."""
    if not page.has_digits:
        return
    for found in _STREET.finditer(page.text):
        if _TIMES.match(found.group()) or not _is_named(found.group()):
            continue
        end = found.end()
        places = _PLACES.match(page.text, end)
        end = places.end() if places else end
        post = _POST.match(page.text, end)
        if post and not post.group().endswith("\ue000"):
            end = post.end()
        yield Candidate(found.start(), end, Identifier.ADDRESS, 8, "a house number and a street")


def _is_named(street: str) -> bool:
    """Whether a word of the street begins with a capital, or nothing in it does but a number leads."""
    words = re.findall(_WORD, street)
    return any(word[0].isupper() for word in words)
