"""Unique taxpayer references: ten digits, the first a check digit over the other nine.

Source: HMRC's algorithm as generally published: weights 6 7 8 9 10 5 4 3 2, modulus 11, and the remainder
read through the row 2 1 9 8 7 6 5 4 3 2 1 — that is, eleven less the remainder, less nine where that is
above nine. The check digit is therefore never 0.
"""

from __future__ import annotations

from operator import mul

import numpy as np

from joinedup.values.byte_column import Bytes, Mask
from joinedup.values.judged import Judged, invalid, mended, missing, valid
from joinedup.values.look_alike import as_digits, one_zero_eight_reading
from joinedup.values.written_code import bare_code, is_one_digit_repeated

_WEIGHTS = np.array([6, 7, 8, 9, 10, 5, 4, 3, 2], dtype=np.int32)


def utr_check_digit(last_nine: str) -> int:
    """The first digit that belongs to the nine that follow it.

    >>> utr_check_digit("955839661")
    1
    """
    total: int = sum(map(mul, map(int, last_nine), (6, 7, 8, 9, 10, 5, 4, 3, 2)))
    check = 11 - total % 11
    return check - 9 if check > 9 else check


def is_utr(digits: str) -> bool:
    """Whether ten digits agree with their check digit. Anything else is False.

    >>> is_utr("1955839661"), is_utr("2955839661")
    (True, False)
    """
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        return False
    return utr_check_digit(digits[1:]) == int(digits[0])


def utrs_agree(matrix: Bytes) -> Mask:
    """For rows of ten ASCII digits: which agree with their check digit."""
    digits = matrix.astype(np.int32) - 48
    check = 11 - (digits[:, 1:] @ _WEIGHTS) % 11
    check[check > 9] -= 9
    result: Mask = digits[:, 0] == check
    return result


def judge_utr(text: str, *, zero_eight: bool = True) -> Judged:
    """Judge one taxpayer reference as somebody wrote it; the value is its ten digits.

    A K that HMRC's letters print after (or before) the number is not part of it.

    >>> judge_utr("19558 39661K")
    Judged(value='1955839661', status=<FieldStatus.MENDED: 1>, reason='letter_suffix_removed')
    >>> judge_utr("2955839661").reason
    'check_digit'
    """
    code, remark = bare_code(text)
    if not code:
        return missing()
    bare = code.removeprefix("UTR").removeprefix("K").removesuffix("K")
    digits = as_digits(bare)
    if digits is None:
        return invalid("wrong_characters")
    if len(digits) != 10:
        return invalid("wrong_length")
    if is_one_digit_repeated(digits):
        return missing("repeated_digit")
    if is_utr(digits):
        if digits != bare:
            return mended(digits, "ocr_by_check_digit")
        if bare != code:
            return mended(digits, "letter_suffix_removed")
        return mended(digits, remark) if remark else valid(digits)
    if not zero_eight or digits != bare:
        return invalid("check_digit")
    return one_zero_eight_reading(digits, agrees=is_utr)
