"""Unique property reference numbers: one to twelve digits, without a check digit.

Source: GeoPlace and Ordnance Survey: a UPRN is a number of up to twelve digits; leading zeros carry nothing.
"""

from __future__ import annotations

from joinedup.values.judged import Judged, invalid, mended, missing, valid
from joinedup.values.written_code import bare_code, is_one_digit_repeated


def is_uprn(digits: str) -> bool:
    """Whether a text is one to twelve ASCII digits that do not begin with 0.

    >>> is_uprn("100023336956"), is_uprn("0100"), is_uprn("1000233369561")
    (True, False, False)
    """
    return 1 <= len(digits) <= 12 and digits.isascii() and digits.isdigit() and digits[0] != "0"


def judge_uprn(text: str) -> Judged:
    """Judge one property number as somebody wrote it; the value is its digits without leading zeros.

    Nothing can prove a look-alike here, so a letter makes it invalid.

    >>> judge_uprn("010002333695")
    Judged(value='10002333695', status=<FieldStatus.MENDED: 1>, reason='leading_zero')
    >>> judge_uprn("1000O2333695").reason
    'wrong_characters'
    """
    code, remark = bare_code(text)
    if not code:
        return missing()
    if not (code.isascii() and code.isdigit()):
        return invalid("wrong_characters")
    bare = code.lstrip("0")
    if not bare:
        return missing("repeated_digit")
    if len(bare) > 12:
        return invalid("wrong_length")
    if len(bare) >= 6 and is_one_digit_repeated(bare):
        return missing("repeated_digit")
    if bare != code:
        return mended(bare, "leading_zero")
    return mended(bare, remark) if remark else valid(bare)
