"""Numbers: each run of digits is read as the identifier that its check digit, form and neighbours speak for.

A run is cut into groups by the spaces and signs between them; the longest reading that is sure enough wins.
Numbers that belong to organisations (0300…, 0800…, 09…) are left alone, and so are sums of money.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import phonenumbers

from joinedup.text.redact.candidate import Candidate
from joinedup.text.redact.identifier import Identifier
from joinedup.text.redact.page import Page
from joinedup.values.nhs_number import is_nhs_number
from joinedup.values.utr import is_utr

_RUN = re.compile(r"(?:\+ ?|\()?\d(?:[ .\-/()_]{0,3}\d)*")
_GROUP = re.compile(r"\d+")
_MONEY = re.compile(r"[£$€] ?$|\d,$")
_MONEY_AFTER = re.compile(r",\d{3}\b|[.]\d{1,2}\b|%")
_UNIT_AFTER = re.compile(r" ?(?:p|k|m|bn|million|thousand|gb|mb|kg|mg|ml)\b", re.I)
_EIGHT_NEXT = re.compile(r"[ ,;/&-]{1,3}(?:and |acc\w* |account )?(?:\d{8}|\d{4} \d{4})(?!\d)", re.I)
_MOST_GROUPS = 11
_LONG = 8  # digits on their own that no ordinary sentence needs


class _Read(NamedTuple):
    """A reading of some groups: how many of them, as what, how surely, why."""

    groups: int
    kind: Identifier
    sure: int
    why: str


class _Group(NamedTuple):
    digits: str
    start: int
    end: int


def candidates(page: Page) -> Iterator[Candidate]:
    """Numbers that tell who somebody is, in a plain reading."""
    if not page.has_digits:
        return
    for run in _RUN.finditer(page.text):
        if run.end() - run.start() >= 4:
            yield from _of_run(page, run.start(), run.end())


def _of_run(page: Page, start: int, end: int) -> Iterator[Candidate]:
    text = page.text
    groups = [_Group(it.group(), it.start(), it.end()) for it in _GROUP.finditer(text, start, end)]
    if start and groups and _ends_a_word(text, start):  # the first groups belong to a code: AB12, FB/2026/55
        space = text.find(" ", start, end)
        groups = [group for group in groups if 0 <= space < group.start]
    if groups and end < len(text) and _is_word(text[end]) and not _is_suffix(text, end):
        groups = groups[:-1]
    place = 0
    while place < len(groups):
        read = _read(page, groups[place : place + _MOST_GROUPS])
        if read is None:
            place += 1
            continue
        last = place + read.groups - 1
        yield Candidate(
            _opening(text, groups[place].start, start), groups[last].end, read.kind, read.sure, read.why
        )
        place = last + 1


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _ends_a_word(text: str, start: int) -> bool:
    if _is_word(text[start - 1]):
        return True
    return start > 1 and text[start - 1] in "/-._" and text[start - 2].isalpha()


def _is_suffix(text: str, end: int) -> bool:
    """A K after a taxpayer reference, an x before an extension."""
    return text[end] in "Kkx" and (end + 1 == len(text) or not text[end + 1].isalpha())


def _opening(text: str, start: int, run_start: int) -> int:
    """The span with the + or bracket that opens it."""
    while start > run_start and text[start - 1] in "+( ":
        start -= 1
    while text[start] == " ":
        start += 1
    return start


def _read(page: Page, groups: Sequence[_Group]) -> _Read | None:
    for reader in (_phone, _card, _ten_digits, _bank, _long):
        read = reader(page, groups)
        if read is not None:
            return read
    return None


def _joined(groups: Sequence[_Group], count: int) -> str:
    return "".join(group.digits for group in groups[:count])


def _counts(groups: Sequence[_Group], least: int, most: int) -> Iterator[tuple[int, str]]:
    """How many groups, the longest first, have between so many digits together."""
    total = 0
    fitting: list[int] = []
    for count, group in enumerate(groups, start=1):
        total += len(group.digits)
        if total > most:
            break
        if total >= least:
            fitting.append(count)
    for count in reversed(fitting):
        yield count, _joined(groups, count)


def _phone(page: Page, groups: Sequence[_Group]) -> _Read | None:
    first = groups[0]
    plus = page.text[: first.start].rstrip(" (")[-1:] == "+"
    if plus:
        for count, digits in _counts(groups, 8, 16):
            if _is_abroad(digits) or digits.startswith("440"):
                return _Read(count, Identifier.PHONE, 8, "a telephone number with its country code")
        return None
    if first.digits.startswith("00"):
        for count, digits in _counts(groups, 11, 16):
            if _is_abroad(digits[2:]):
                return _Read(count, Identifier.PHONE, 8, "a telephone number with its country code")
    if first.digits[0] == "4" and first.digits.startswith("44"):
        for count, digits in _counts(groups, 12, 12):
            if digits[2] in "127":
                return _Read(count, Identifier.PHONE, 7, "a telephone number with its country code")
    if first.digits[0] == "0" and first.digits[:2] in ("01", "02", "07"):
        for count, digits in _counts(groups, 10, 11):
            if is_nhs_number(digits) and _cue(page, groups, count, ("nhs_number", "phone")) != "phone":
                continue
            if len(digits) == 11 or digits[1] == "1" or _cue(page, groups, count, ("phone",)):
                return _Read(count, Identifier.PHONE, 8, "a telephone number of the United Kingdom")
    if first.digits == "0":  # 0 7700 900123
        for count, digits in _counts(groups, 11, 11):
            if digits[1] in "127":
                return _Read(count, Identifier.PHONE, 6, "a telephone number of the United Kingdom")
    if first.digits[0] == "7" and _cue(page, groups, 1, ("phone",), before=40):
        for count, digits in _counts(groups, 10, 10):
            if not is_nhs_number(digits):
                return _Read(count, Identifier.PHONE, 6, "a mobile number without its 0")
    return _american(page, groups)


def _american(page: Page, groups: Sequence[_Group]) -> _Read | None:
    """Three, three and four digits, as numbers abroad are often written (with 1 before, perhaps)."""
    shift = 1 if groups[0].digits in ("1", "001") else 0
    sizes = [len(group.digits) for group in groups[shift : shift + 3]]
    if sizes != [3, 3, 4] or groups[shift].digits[0] in "01":
        return None
    if is_nhs_number(_joined(groups[shift:], 3)) or page.text[groups[shift].end] == " ":
        return None
    return _Read(shift + 3, Identifier.PHONE, 4, "three, three and four digits")


def _is_social_security(page: Page, groups: Sequence[_Group]) -> bool:
    """Three, two and four digits with hyphens, as in the United States."""
    sizes = [len(group.digits) for group in groups[:3]]
    return sizes == [3, 2, 4] and page.text[groups[0].end] == page.text[groups[1].end] == "-"


def _is_abroad(digits: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse("+" + digits))
    except phonenumbers.NumberParseException:
        return False


def _card(page: Page, groups: Sequence[_Group]) -> _Read | None:
    for count, digits in _counts(groups, 13, 19):
        sizes = [len(group.digits) for group in groups[:count]]
        agrees = _luhn(digits) and digits[0] in "23456"
        plain = count == 1 or sizes in ([4, 4, 4, 4], [4, 6, 5], [4, 6, 4], [4, 4, 4, 4, 3], [6, 4, 5])
        if agrees and (plain or len(digits) in (14, 15, 16)):
            return _Read(count, Identifier.CARD, 9, "the check digit of a payment card agrees")
        if sizes == [4, 4, 4, 4] or (len(digits) >= 13 and _cue(page, groups, count, ("card",), before=50)):
            return _Read(count, Identifier.CARD, 6, "the form of a payment card")
    return None


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    total = sum(map(int, digits[-1::-2])) + sum(value - 9 if value > 9 else value for value in doubled)
    return total % 10 == 0 and len(set(digits)) > 1


def _ten_digits(page: Page, groups: Sequence[_Group]) -> _Read | None:
    for count, digits in _counts(groups, 10, 10):
        if _is_money(page, groups, count):
            return None
        kinds = [
            kind
            for kind, agrees in (("nhs_number", is_nhs_number(digits)), ("utr", is_utr(digits)))
            if agrees
        ]
        spoken = _cue(page, groups, count, ("nhs_number", "utr"), before=200)
        if _is_public_phone(digits) and spoken is None:
            return None
        if kinds and count <= 5:
            kind = spoken if spoken in kinds else kinds[0]
            return _Read(count, Identifier(kind), 8, "ten digits whose check digit agrees")
        if spoken and _cue(page, groups, count, ("nhs_number", "utr"), before=45):
            return _Read(count, Identifier(spoken), 6, "ten digits beside words for such a number")
    return None


def _bank(page: Page, groups: Sequence[_Group]) -> _Read | None:
    sizes = [len(group.digits) for group in groups[:3]]
    if sizes == [2, 2, 2]:
        signs = {page.text[groups[0].end : groups[1].start], page.text[groups[1].end : groups[2].start]}
        cue = _cue(page, groups, 3, ("sort_code", "date_of_birth"), before=90)
        no_date = int(groups[0].digits) > 31 or not 1 <= int(groups[1].digits) <= 12
        if cue == "sort_code" and len(signs) == 1:
            return _Read(3, Identifier.SORT_CODE, 7, "six digits in pairs beside words for a bank")
        if signs == {"-"} and no_date and cue is None:
            return _Read(3, Identifier.SORT_CODE, 5, "six digits in pairs, no date")
    if sizes[:1] == [6] and _cue(page, groups, 1, ("sort_code", "account_number"), before=40, after=20):
        sort = page.cues.leads_to(groups[0].start, "sort_code") or _EIGHT_NEXT.match(page.text, groups[0].end)
        if sort and not _is_money(page, groups, 1):
            return _Read(1, Identifier.SORT_CODE, 6, "six digits beside words for a sort code")
    kinds = ("account_number", "passport", "case_reference", "phone", "driving_licence")
    for count in (1, 2):
        digits = _joined(groups, count) if count <= len(groups) else ""
        together = count == 1 or sizes[:2] in ([4, 4], [3, 5], [2, 6])
        if len(digits) == 8 and together and not _is_money(page, groups, count):
            kind = _cue(page, groups, count, kinds)
            if kind == "account_number":
                return _Read(count, Identifier.ACCOUNT_NUMBER, 7, "eight digits beside words for an account")
        if len(digits) == 9 and _cue(page, groups, count, kinds) == "passport":
            return _Read(count, Identifier.PASSPORT, 7, "nine digits beside words for a passport")
    if sizes == [3, 3, 3] and _cue(page, groups, 3, ("passport", "case_reference")) == "passport":
        return _Read(3, Identifier.PASSPORT, 7, "nine digits beside words for a passport")
    return None


def _long(page: Page, groups: Sequence[_Group]) -> _Read | None:
    """A number that nothing explains: a reference, by its length or by the words that lead to it."""
    first = groups[0]
    if _is_money(page, groups, 1) or page.cues.is_beside(
        first.start, first.end, before="before", after="after"
    ):
        return None
    if (
        len(first.digits) >= _LONG
        and not _is_day(first.digits)
        and first.digits[:2] not in ("03", "08", "09")
    ):
        return _Read(1, Identifier.CASE_REFERENCE, 3, "a long number")
    if page.cues.leads_to(first.start, "case_reference"):
        count, digits = next(_counts(groups, 5, 14), (0, ""))
        if count and not _is_public_phone(digits) and not _is_written_date(groups, count):
            return _Read(count, Identifier.CASE_REFERENCE, 5, "a number that words for a reference lead to")
    if _is_social_security(page, groups):
        return _Read(3, Identifier.CASE_REFERENCE, 3, "the form of a number abroad")
    if len(groups) >= 3 and first.digits[:2] not in ("03", "08", "09"):
        for count, digits in _counts(groups, 11, 16):
            if all(len(group.digits) >= 3 for group in groups[:count]):
                return _Read(count, Identifier.CASE_REFERENCE, 3, f"a number of {len(digits)} digits")
    return None


def _is_public_phone(digits: str) -> bool:
    return len(digits) in (10, 11) and digits[:2] in ("03", "08", "09")


def _is_written_date(groups: Sequence[_Group], count: int) -> bool:
    sizes = [len(group.digits) for group in groups[:count]]
    return sizes in ([1, 1, 4], [1, 2, 4], [2, 1, 4], [2, 2, 4], [4, 2, 2], [2, 2, 2], [1, 1, 2], [4, 4])


def _is_day(digits: str) -> bool:
    """Whether eight digits read as a day, year first: 20260312."""
    return (
        len(digits) == 8
        and digits[:2] in ("19", "20")
        and 1 <= int(digits[4:6]) <= 12
        and 1 <= int(digits[6:]) <= 31
    )


def _is_money(page: Page, groups: Sequence[_Group], count: int) -> bool:
    start, end = groups[0].start, groups[count - 1].end
    if _MONEY.search(page.text, max(0, start - 3), start):
        return True
    if _MONEY_AFTER.match(page.text, end):
        return True
    return end - start < _LONG and _UNIT_AFTER.match(page.text, end) is not None


def _cue(
    page: Page,
    groups: Sequence[_Group],
    count: int,
    kinds: tuple[str, ...],
    *,
    before: int = 90,
    after: int = 30,
) -> str | None:
    return page.cues.nearest(groups[0].start, groups[count - 1].end, kinds, before=before, after=after)
