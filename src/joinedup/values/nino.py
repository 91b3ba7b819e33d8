"""National Insurance numbers: two prefix letters, six digits, a suffix letter A to D.

Source: HMRC National Insurance Manual NIM39110: the letters D F I Q U V are used in neither prefix place,
O not in the second; BG GB KN NK NT TN ZZ are not used. There is no check digit.
"""

from __future__ import annotations

import re

import numpy as np

from joinedup.values.byte_column import Bytes, Mask, byte_set
from joinedup.values.judged import Judged, invalid, mended, missing, valid
from joinedup.values.look_alike import DIGIT_FOR, LETTERS_FOR, exchanges
from joinedup.values.written_code import bare_code, is_one_digit_repeated

PREFIXES_NOT_USED = frozenset({"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})
FIRST_LETTERS = "ABCEGHJKLMNOPRSTWXYZ"
SECOND_LETTERS = "ABCEGHJKLMNPRSTWXYZ"
SUFFIXES = "ABCD"
MOST_EXCHANGES = 3  # with more, the place of a character proves little

_SHAPE = re.compile(r"([A-Z]{2})([0-9]{6})([A-Z]?)", re.ASCII)
_TEMPORARY = re.compile(r"TN[0-9]{6}[MF]?", re.ASCII)
_FIRST_SET, _SECOND_SET, _SUFFIX_SET = byte_set(FIRST_LETTERS), byte_set(SECOND_LETTERS), byte_set(SUFFIXES)
_DIGIT_SET = byte_set("0123456789")
_UNUSED_PAIRS = np.array([ord(pair[0]) * 256 + ord(pair[1]) for pair in sorted(PREFIXES_NOT_USED)], np.int32)


def is_nino(code: str) -> bool:
    """Whether nine capitals and digits could have been issued. Anything else is False.

    >>> is_nino("AB123456C"), is_nino("QQ123456C"), is_nino("GB123456A")
    (True, False, False)
    """
    return len(code) == 9 and _fault(code) is None


def _fault(code: str) -> str | None:
    shape = _SHAPE.fullmatch(code)
    if shape is None:
        return "wrong_format"
    prefix, _, suffix = shape.groups()
    unused = prefix[0] not in FIRST_LETTERS or prefix[1] not in SECOND_LETTERS or prefix in PREFIXES_NOT_USED
    if unused:
        return "prefix_not_used"
    return "suffix_not_used" if suffix and suffix not in SUFFIXES else None


def ninos_possible(matrix: Bytes) -> Mask:
    """For rows of nine ASCII characters: which could have been issued."""
    pairs = matrix[:, 0].astype(np.int32) * 256 + matrix[:, 1]
    result: Mask = (
        _FIRST_SET[matrix[:, 0]]
        & _SECOND_SET[matrix[:, 1]]
        & _DIGIT_SET[matrix[:, 2:8]].all(axis=1)
        & _SUFFIX_SET[matrix[:, 8]]
        & ~np.isin(pairs, _UNUSED_PAIRS)
    )
    return result


def judge_nino(text: str) -> Judged:
    """Judge one National Insurance number as somebody wrote it; the value is in capitals without spaces.

    Look-alikes are exchanged where the place demands it: letters in the six digits, digits in the letters.
    A number without its suffix is kept with a caution.

    >>> judge_nino("ab 12 34 56 c")
    Judged(value='AB123456C', status=<FieldStatus.VALID: 0>, reason=None)
    >>> judge_nino("AB I2345O C")
    Judged(value='AB123450C', status=<FieldStatus.MENDED: 1>, reason='ocr_by_position')
    >>> judge_nino("QQ123456C").reason
    'prefix_not_used'
    """
    code, remark = bare_code(text)
    if not code:
        return missing()
    if is_one_digit_repeated(code):
        return missing("repeated_digit")
    if _TEMPORARY.fullmatch(code):
        return invalid("temporary_number")
    if len(code) not in (8, 9):
        return invalid("wrong_length")
    fault = _fault(code)
    if fault is None:
        if remark:
            return mended(code, remark)
        return valid(code, None if len(code) == 9 else "suffix_missing")
    if fault != "wrong_format":
        return invalid(fault)
    readings = [reading for reading in _readings(code) if _fault(reading) is None]
    if len(readings) == 1:
        return mended(readings[0], "ocr_by_position")
    return invalid("position_ambiguous" if readings else "wrong_format")


def _readings(code: str) -> list[str]:
    if not code[:2].strip("0123456789"):  # no letter in the prefix: some other number
        return []
    readings = [""]
    for place, character in enumerate(code):
        if 2 <= place < 8:
            options = character if character.isdigit() else DIGIT_FOR.get(character, "")
        else:
            options = LETTERS_FOR.get(character, "") if character.isdigit() else character
        readings = [reading + option for reading in readings for option in options]
    return [reading for reading in readings if exchanges(code, reading) <= MOST_EXCHANGES]
