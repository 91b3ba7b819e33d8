"""Unique pupil numbers: a check letter, then twelve characters that are digits (the last may be a letter).

Source: Department for Education, "Unique pupil numbers": the check letter is the sum of the other twelve
characters, weighted 2 to 13, modulus 23, read in the alphabet without I, O and S. A temporary number ends
in a letter, which counts as its place in that alphabet.
"""

from __future__ import annotations

import numpy as np

from joinedup.values.byte_column import Bytes, Mask
from joinedup.values.judged import Judged, invalid, mended, missing, valid
from joinedup.values.look_alike import DIGIT_FOR, LETTERS_FOR, as_digits, one_zero_eight_reading
from joinedup.values.written_code import bare_code, is_one_digit_repeated

CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_WEIGHTS = np.arange(2, 14, dtype=np.int32)
_LETTER_BYTES = np.frombuffer(CHECK_LETTERS.encode(), np.uint8)


def upn_check_letter(last_twelve: str) -> str:
    """The letter that belongs before twelve characters: eleven digits and a digit or check letter.

    >>> upn_check_letter("801200005001")
    'B'
    """
    total = sum(
        (int(character) if character.isdigit() else CHECK_LETTERS.index(character)) * weight
        for weight, character in enumerate(last_twelve, start=2)
    )
    return CHECK_LETTERS[total % 23]


def is_upn(code: str) -> bool:
    """Whether thirteen characters are a pupil number, permanent or temporary. Anything else is False.

    >>> is_upn("B801200005001"), is_upn("A801200005001")
    (True, False)
    """
    if len(code) != 13 or not code.isascii() or not code[1:12].isdigit():
        return False
    if not (code[12].isdigit() or code[12] in CHECK_LETTERS):
        return False
    return upn_check_letter(code[1:]) == code[0]


def upns_agree(matrix: Bytes) -> Mask:
    """For rows of thirteen ASCII characters, the last twelve of them digits: which have the right letter."""
    totals = (matrix[:, 1:].astype(np.int32) - 48) @ _WEIGHTS
    result: Mask = _LETTER_BYTES[totals % 23] == matrix[:, 0]
    return result


def judge_upn(text: str, *, zero_eight: bool = True) -> Judged:
    """Judge one pupil number as somebody wrote it; the value is its thirteen characters in capitals.

    >>> judge_upn("b8012 0000 5001").value
    'B801200005001'
    >>> judge_upn("B8O12OOOO5001").reason
    'ocr_by_check_digit'
    >>> judge_upn("C801200005001", zero_eight=False).reason
    'check_digit'
    """
    code, remark = bare_code(text)
    if not code:
        return missing()
    if is_one_digit_repeated(code):
        return missing("repeated_digit")
    if not code.isascii():
        return invalid("wrong_characters")
    if len(code) != 13:
        return invalid("wrong_length")
    if is_upn(code):
        if remark:
            return mended(code, remark)
        return valid(code, None if code[12].isdigit() else "temporary_upn")
    middle = as_digits(code[1:12])
    if middle is None:
        return invalid("wrong_characters")
    firsts = LETTERS_FOR.get(code[0], "") if code[0].isdigit() else code[0]
    lasts = code[12] + ("" if code[12].isdigit() else DIGIT_FOR.get(code[12], ""))
    readings = [first + middle + last for first in firsts for last in lasts if is_upn(first + middle + last)]
    if len(readings) == 1:
        return mended(readings[0], "ocr_by_check_digit")
    if readings:
        return invalid("check_digit_ambiguous")
    if zero_eight and code[1:].isdigit() and code[0].isalpha():
        return one_zero_eight_reading(code, agrees=is_upn)
    return invalid("check_digit" if code[0] in CHECK_LETTERS else "wrong_format")
