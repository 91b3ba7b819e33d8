"""Telephone numbers: United Kingdom ones by our own rules for the numbering plan, others by `phonenumbers`.

Source: Ofcom, National Telephone Numbering Plan (2026). The rules go by leading digits and length; they do
not look up each area code. Numbers that Ofcom keeps for drama (07700 900xxx, 020 7946 0xxx…) are accepted.
"""

from __future__ import annotations

import re

import numpy as np
import phonenumbers
import pyarrow as pa

from joinedup.people.distinct import Distinct, Rows, Verdict, verdict_of, with_rest
from joinedup.people.kinds import FieldOptions
from joinedup.values.byte_column import DIGITS, ByteColumn, Bytes, Mask, byte_set, strings_from_matrix
from joinedup.values.judged import FieldStatus, Judged, invalid, mended, missing, valid

_FILL, _PLUS = byte_set(" ()-./"), byte_set("+")
_FILL_TEXT = re.compile(r"[\s()\-./‐-―\u00ad\u200b\u200e\u202a\u202c\ufeff]+")
_EXTENSION = re.compile(r"\s*(?:ext|extn|extension|x|#)\.?\s*:?\s*\d{1,6}$", re.I | re.ASCII)
_SCHEME = re.compile(r"^(?:tel|phone|mob|mobile|home|work|t|m)\s*[:.]\s*", re.I)
_PREMIUM = ("9", "70", "87", "84")
# The lengths a national number (without its 0) may have, by its first digits; the longest prefix wins.
_LENGTHS: dict[str, tuple[int, ...]] = {
    **{f"1{digit}": (9, 10) for digit in "23456789"},
    **{f"11{digit}": (10,) for digit in "345678"},
    **{f"1{digit}1": (10,) for digit in "234569"},
    **{f"2{digit}": (10,) for digit in "03489"},
    **{f"3{digit}": (10,) for digit in "0347"},
    "500": (9,),
    **{f"5{digit}": (10,) for digit in "56"},
    **{f"7{digit}": (10,) for digit in "0123456789"},
    "800": (9, 10),
    "808": (10,),
    **{f"84{digit}": (10,) for digit in "2345"},
    **{f"87{digit}": (10,) for digit in "0123"},
    **{f"9{digit}": (10,) for digit in "018"},
}
_SHORT_SPECIAL = frozenset({"8001111", "845464", "8454647"})


def _lengths(national: str) -> tuple[int, ...]:
    for size in (3, 2):
        if national[:size] in _LENGTHS:
            return _LENGTHS[national[:size]]
    return ()


_TEN_LONG = np.array([10 in _lengths(f"{number:03d}") for number in range(1000)], np.bool_)
_PREMIUM_TABLE = np.array([f"{number:03d}".startswith(_PREMIUM) for number in range(1000)], np.bool_)


def is_uk_national_number(national: str) -> bool:
    """Whether digits without their leading 0 or +44 have the form of a number of the plan.

    >>> is_uk_national_number("7700900123"), is_uk_national_number("1000000000")
    (True, False)
    """
    if not (national.isascii() and national.isdigit()):
        return False
    return len(national) in _lengths(national) or national in _SHORT_SPECIAL


def judge_phones(found: Distinct, options: FieldOptions) -> Verdict:
    """Ten-digit national numbers all at once, whatever their spacing; the rest one by one."""
    parts: list[tuple[Rows, Verdict]] = []
    if options.region == "GB":
        column = ByteColumn.of(found.texts).without(_FILL)
        lengths, plus_signs = column.lengths, column.counts(_PLUS)
        in_order = column.only(DIGITS | _PLUS)
        for head, plus in ((b"0", 0), (b"44", 0), (b"+44", 1), (b"+440", 1), (b"0044", 0)):
            width = len(head) + 10
            rows = np.flatnonzero(in_order & (lengths == width) & (plus_signs == plus))
            matrix = column.matrix(rows, width)
            right = (matrix[:, : len(head)] == np.frombuffer(head, np.uint8)).all(axis=1)
            national = matrix[right][:, len(head) :]
            good = _national_without_caution(national)
            parts.append(
                (rows[right][good], verdict_of(_international(national[good]), FieldStatus.VALID, None))
            )
    return with_rest(found.texts, parts, lambda text: judge_phone(text, region=options.region))


def judge_phone(text: str, *, region: str = "GB") -> Judged:
    """Judge one telephone number as somebody wrote it; the value is in international form, +44….

    region: the country of numbers written without a country code.

    >>> judge_phone("(07700) 900 123").value, judge_phone("+44 (0)20 7946 0123").value
    ('+447700900123', '+442079460123')
    >>> judge_phone("7700900123").reason, judge_phone("0770 090012").reason
    ('leading_zero', 'number_not_allocated')
    """
    bare = _SCHEME.sub("", text.strip())
    remark = "scheme_removed" if bare != text.strip() else None
    without = _EXTENSION.sub("", bare)
    if without != bare:
        bare, remark = without, "note_removed"
    code = _FILL_TEXT.sub("", bare)
    if not any(character.isdigit() for character in code):
        return invalid("wrong_characters") if code else missing()
    if len(code) > 6 and len(set(code)) == 1:
        return missing("repeated_digit")
    plus = code.startswith("+")
    digits = code.lstrip("+")
    if not (digits.isascii() and digits.isdigit()):
        return invalid("wrong_characters")
    if digits.startswith("00"):
        plus, digits = True, digits[2:]
    if plus and not digits.startswith("44"):
        return _foreign("+" + digits, None, remark)
    if not plus and region != "GB":
        return _foreign(digits, region, remark)
    return _british(digits, plus=plus, remark=remark)


def _british(digits: str, *, plus: bool, remark: str | None) -> Judged:
    if plus or (digits.startswith("44") and len(digits) in (11, 12, 13) and not digits.startswith("440")):
        national = digits.removeprefix("44").removeprefix("0")
    elif digits.startswith("440") and len(digits) == 13:
        national = digits[3:]
    elif digits.startswith("0"):
        national = digits[1:]
    else:
        national = digits
        remark = "leading_zero"
    if not is_uk_national_number(national):
        return invalid("number_not_allocated" if 7 <= len(digits) <= 13 else "wrong_length")
    value = "+44" + national
    if remark:
        return mended(value, remark)
    return valid(value, "premium_number" if national.startswith(_PREMIUM) else None)


def _foreign(number: str, region: str | None, remark: str | None) -> Judged:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return invalid("wrong_length")
    if not phonenumbers.is_possible_number(parsed):
        return invalid("wrong_length")
    value = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return mended(value, remark) if remark else valid(value)


def _national_without_caution(matrix: Bytes) -> Mask:
    digits = matrix[:, :3].astype(np.int32) - 48
    first_three = digits[:, 0] * 100 + digits[:, 1] * 10 + digits[:, 2]
    result: Mask = _TEN_LONG[first_three] & ~_PREMIUM_TABLE[first_three]
    return result


def _international(national: Bytes) -> pa.Array:
    head = np.broadcast_to(np.frombuffer(b"+44", np.uint8), (len(national), 3))
    return strings_from_matrix(np.concatenate([head, national], axis=1))
