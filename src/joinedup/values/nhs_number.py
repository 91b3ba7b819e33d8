"""NHS numbers: ten digits, the last a check digit modulus 11.

Source: NHS Data Dictionary, "NHS NUMBER": weights 10 down to 2, eleven less the remainder, 11 read as 0,
10 never issued. Scottish CHI and Northern Irish H&C numbers have the same length and check digit.
"""

from __future__ import annotations

from operator import mul

import numpy as np

from joinedup.values.byte_column import Bytes, Mask
from joinedup.values.judged import Judged, invalid, mended, missing, valid
from joinedup.values.look_alike import as_digits, one_zero_eight_reading
from joinedup.values.written_code import bare_code, is_one_digit_repeated

_WEIGHTS = np.array([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], dtype=np.int32)


def nhs_check_digit(first_nine: str) -> int | None:
    """The tenth digit that belongs to nine digits; None where no number may begin so.

    >>> nhs_check_digit("943476591")
    9
    >>> nhs_check_digit("000000006") is None  # it would be 10
    True
    """
    total = sum(map(mul, map(int, first_nine), range(10, 1, -1)))
    check = (11 - total % 11) % 11
    return None if check == 10 else check


def is_nhs_number(digits: str) -> bool:
    """Whether ten digits agree with their check digit. Anything else is False.

    >>> is_nhs_number("9434765919"), is_nhs_number("9434765918"), is_nhs_number("943 476 5919")
    (True, False, False)
    """
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        return False
    return nhs_check_digit(digits[:9]) == int(digits[9])


def nhs_numbers_agree(matrix: Bytes) -> Mask:
    """For rows of ten ASCII digits: which agree with their check digit.

    With the check digit weighted 1, the whole sum is a multiple of 11 exactly when it agrees.
    """
    result: Mask = ((matrix.astype(np.int32) - 48) @ _WEIGHTS) % 11 == 0
    return result


def nhs_number_caution(digits: str) -> str | None:
    """The caution that a number with a right check digit still deserves.

    Issued: 400–499 and 600–799 million (England, Wales, Man); 320–399 million (Northern Ireland);
    days 01–31 (Scotland's CHI begins with the day of birth); 999 is kept for tests.
    """
    if digits.startswith("999"):
        return "test_number"
    first_two = int(digits[:2])
    issued = 1 <= first_two <= 31 or 32 <= first_two <= 49 or 60 <= first_two <= 79
    return None if issued else "unissued_range"


def judge_nhs_number(text: str, *, zero_eight: bool = True) -> Judged:
    """Judge one NHS number as somebody wrote it; the value is its ten digits.

    Look-alike letters are exchanged, and a lost leading zero is put back, only where the check digit then
    agrees; one exchange of 0 and 8 only where exactly one makes it agree (`zero_eight`).

    >>> judge_nhs_number("943 476 5919")
    Judged(value='9434765919', status=<FieldStatus.VALID: 0>, reason='unissued_range')
    >>> judge_nhs_number("45O 557 7IO4")
    Judged(value='4505577104', status=<FieldStatus.MENDED: 1>, reason='ocr_by_check_digit')
    >>> judge_nhs_number("450 557 7105").reason
    'check_digit'
    """
    code, remark = bare_code(text)
    if not code:
        return missing()
    digits = as_digits(code)
    if digits is None:
        return invalid("wrong_characters")
    if len(digits) == 9 and digits == code and is_nhs_number("0" + digits):
        return mended("0" + digits, "leading_zero")
    if len(digits) != 10:
        return invalid("wrong_length")
    if is_one_digit_repeated(digits):
        return missing("repeated_digit")
    if is_nhs_number(digits):
        if digits != code:
            return mended(digits, "ocr_by_check_digit")
        return mended(digits, remark) if remark else valid(digits, nhs_number_caution(digits))
    if not zero_eight or digits != code:
        return invalid("check_digit")
    return one_zero_eight_reading(digits, agrees=is_nhs_number)
