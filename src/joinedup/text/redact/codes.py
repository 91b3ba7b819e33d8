"""Codes of letters and digits: National Insurance numbers, postcodes, pupil numbers, licences, registrations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from joinedup.text.redact.candidate import Candidate
from joinedup.text.redact.identifier import Identifier
from joinedup.text.redact.page import Page
from joinedup.values.judged import FieldStatus
from joinedup.values.nino import is_nino
from joinedup.values.postcode import is_postcode, judge_postcode
from joinedup.values.upn import is_upn

_GAP = r"[ .\-_/]{0,3}"
_OPEN, _CLOSE = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
_NINO = re.compile(
    rf"{_OPEN}([A-Za-z]{_GAP}[A-Za-z]){_GAP}(\d(?:{_GAP}\d){{5}})(?:{_GAP}([A-Za-z]))?{_CLOSE}"
)
_POSTCODE = re.compile(
    rf"{_OPEN}([A-Za-z]{{1,2}}\d[A-Za-z0-9]?)([ \n]{{0,2}}| ?- ?)(\d[A-Za-z]{{2}}){_CLOSE}"
)
_POSTCODE_MISREAD = re.compile(rf"{_OPEN}[A-Za-z0-9]{{2,4}}[ -]?[0-9OoIlSsBbZz][A-Za-z0-9]{{2}}{_CLOSE}")
_BFPO = re.compile(rf"{_OPEN}BFPO ?\d{{1,4}}{_CLOSE}", re.I)
_UPN = re.compile(rf"{_OPEN}[A-Za-z](?:[ \-]?\d){{11}}[ \-]?[A-Za-z0-9]{_CLOSE}")
_LICENCE = re.compile(
    rf"{_OPEN}([A-Za-z9]{{5}})[ \-]?(\d[ \-]?[0156]\d[ \-]?[0-3]\d[ \-]?\d)[ \-]?([A-Za-z9]{{2}})[ \-]?"
    rf"([0-9A-Za-z][ \-]?[A-Za-z]{{2}})(?:[ \-]\d\d|\d\d)?{_CLOSE}"
)
_LICENCE_NORTH = re.compile(rf"{_OPEN}\d{{8}}{_CLOSE}")
_PASSPORT = re.compile(rf"{_OPEN}[A-Za-z]{{1,2}}[ \-]?\d{{6,8}}{_CLOSE}")
_IBAN = re.compile(rf"{_OPEN}[A-Za-z]{{2}}\d\d(?: ?[A-Za-z0-9]{{4}}){{2,7}}(?: ?[A-Za-z0-9]{{1,3}})?{_CLOSE}")
_PLATE_NOW = re.compile(rf"{_OPEN}([A-Za-z]{{2}})(\d\d)([ \-]?)([A-Za-z]{{3}}){_CLOSE}")
_PLATE_BEFORE = re.compile(rf"{_OPEN}[A-Za-z]\d{{1,3}}[ \-]?[A-Za-z]{{3}}{_CLOSE}")
_PLATE_SUFFIX = re.compile(rf"{_OPEN}[A-Za-z]{{3}}[ \-]?\d{{1,3}}[ \-]?[A-Za-z]{_CLOSE}")
_PLATE_OLD = re.compile(rf"{_OPEN}(?:[A-Za-z]{{1,3}} ?\d{{1,4}}|\d{{1,4}} ?[A-Za-z]{{1,3}}){_CLOSE}")
_PLATE_YEARS = frozenset([*range(2, 30), *range(51, 80)])
_NOT_CODE = re.compile(r"[^A-Za-z0-9]")
_ORDINALS = ("ST", "ND", "RD", "TH")
_PLATE_CUES = ("vehicle", "postcode", "case_reference", "phone")


def candidates(page: Page) -> Iterator[Candidate]:
    """Codes of letters and digits in a plain reading."""
    if page.has_digits:
        yield from _ninos(page)
        yield from _postcodes(page)
        yield from _long_codes(page)
        yield from _plates(page)


def _ninos(page: Page) -> Iterator[Candidate]:
    for found in _NINO.finditer(page.text):
        code, last = _bare(found.group()), found[3]
        spoken = page.cues.nearest(*found.span(), ("nino", "case_reference", "passport"), before=60)
        if last and is_nino(code):
            joined = " " not in found.group().strip() or found.group().upper() == found.group()
            if joined or spoken == "nino" or re.search(r"\d\d[ \-.]\d\d", found.group()):
                yield Candidate(*found.span(), Identifier.NINO, 9, "the form of a National Insurance number")
        elif spoken == "nino" or (last and code[8] in "ABCDFMP" and found.group().upper() == found.group()):
            words = spoken == "nino"
            end = found.end() if last else found.end(2)
            why = "beside words for such a number" if words else "nearly the form of such a number"
            yield Candidate(found.start(), end, Identifier.NINO, 6, why)


def _postcodes(page: Page) -> Iterator[Candidate]:
    for found in _POSTCODE.finditer(page.text):
        if is_postcode(f"{found[1]} {found[3]}".upper()):
            ordinal = (
                found[3][1:].upper() in _ORDINALS and found[3][1:].islower() and not found[1][:2].isalpha()
            )
            if not ordinal or page.cues.nearest(*found.span(), ("postcode",)):
                yield Candidate(*found.span(), Identifier.POSTCODE, 7, "a postcode of an area that exists")
        elif page.cues.nearest(*found.span(), ("postcode",), before=25, after=0):
            yield Candidate(*found.span(), Identifier.POSTCODE, 5, "beside words for a postcode")
    for found in _BFPO.finditer(page.text):
        yield Candidate(*found.span(), Identifier.POSTCODE, 7, "a forces post office")
    if "post" in page.lower or "zip" in page.lower:
        for found in _POSTCODE_MISREAD.finditer(page.text):
            mended = judge_postcode(found.group()).status is FieldStatus.MENDED
            digits = sum(character.isdigit() for character in found.group())
            if digits and mended and page.cues.nearest(*found.span(), ("postcode",), before=25, after=0):
                yield Candidate(*found.span(), Identifier.POSTCODE, 5, "a postcode with letters for digits")


def _long_codes(page: Page) -> Iterator[Candidate]:
    for found in _UPN.finditer(page.text):
        if is_upn(_bare(found.group())):
            yield Candidate(*found.span(), Identifier.UPN, 9, "the check letter of a pupil number agrees")
        elif page.cues.nearest(*found.span(), ("upn",), before=60):
            yield Candidate(*found.span(), Identifier.UPN, 6, "beside words for a pupil number")
    for found in _LICENCE.finditer(page.text):
        month, day = int(_bare(found[2])[1:3]) % 50, int(_bare(found[2])[3:5])
        if 1 <= month <= 12 and 1 <= day <= 31:
            yield Candidate(
                *found.span(), Identifier.DRIVING_LICENCE, 9, "the form of a driving licence number"
            )
    for found in _LICENCE_NORTH.finditer(page.text):
        kinds = ("driving_licence", "account_number", "case_reference", "sort_code")
        if page.cues.nearest(*found.span(), kinds, before=50) == "driving_licence":
            yield Candidate(*found.span(), Identifier.DRIVING_LICENCE, 6, "beside words for a licence")
    for found in _PASSPORT.finditer(page.text):
        if page.cues.nearest(*found.span(), ("passport", "nino", "case_reference"), before=60) == "passport":
            yield Candidate(*found.span(), Identifier.PASSPORT, 7, "beside words for a passport")
    for found in _IBAN.finditer(page.text):
        span = _iban_span(found)
        if span:
            yield Candidate(*span, Identifier.IBAN, 9, "the check digits of an IBAN agree")


def _iban_span(found: re.Match[str]) -> tuple[int, int] | None:
    """The longest beginning of the match, cut at a space, whose check digits agree."""
    text = found.group()
    while len(_bare(text)) >= 15:
        code = _bare(text)
        if int("".join(str(int(character, 36)) for character in code[4:] + code[:4])) % 97 == 1:
            return found.start(), found.start() + len(text)
        text = text[: text.rfind(" ")] if " " in text else ""
    return None


def _plates(page: Page) -> Iterator[Candidate]:
    for found in _PLATE_NOW.finditer(page.text):
        if (
            int(found[2]) not in _PLATE_YEARS
            or found[1][0] in "IQZiqz"
            or set(found[4].upper()) & set("IQ")
            or (found[3] == " " and not _stands_out(page, found))
        ):
            sure_form = False
        else:
            sure_form = found[3] != "-"
        if sure_form or _is_plate(page, found):
            yield Candidate(*found.span(), Identifier.VEHICLE, 6, "the form of a number plate")
    for pattern in (_PLATE_BEFORE, _PLATE_SUFFIX):
        for found in pattern.finditer(page.text):
            three = re.search(r"\d{3}", found.group()) is not None
            if _is_plate(page, found) or (three and _stands_out(page, found)):
                yield Candidate(*found.span(), Identifier.VEHICLE, 5, "the form of an older number plate")
    for found in _PLATE_OLD.finditer(page.text):
        if page.cues.leads_to(found.start(), "vehicle", most=3) and _stands_out(page, found):
            digits = re.search(r"\d{2,4}", found.group())
            if digits and not re.fullmatch(r"\d+ ?(?:AM|PM|MPH|MPG|CC|KM|M|K)", found.group(), re.I):
                yield Candidate(
                    *found.span(), Identifier.VEHICLE, 4, "letters and digits beside 'registration'"
                )


def _is_plate(page: Page, found: re.Match[str]) -> bool:
    return page.cues.nearest(*found.span(), _PLATE_CUES, before=45, after=20) == "vehicle"


def _stands_out(page: Page, found: re.Match[str]) -> bool:
    """Whether a span is in capitals and the words around it are not all in capitals too."""
    if found.group().upper() != found.group():
        return False
    around = page.text[max(0, found.start() - 30) : found.start()] + page.text[found.end() : found.end() + 30]
    letters = [character for character in around if character.isalpha()]
    return not letters or sum(character.isupper() for character in letters) < 0.8 * len(letters)


def _bare(text: str) -> str:
    return _NOT_CODE.sub("", text).upper()
