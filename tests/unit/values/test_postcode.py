"""Postcodes against Royal Mail's forms and their special cases."""

from __future__ import annotations

import numpy as np
import pytest

from joinedup.values.judged import FieldStatus
from joinedup.values.postcode import AREAS, is_postcode, judge_postcode, postcodes_possible


@pytest.mark.parametrize(
    "code", ["M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "W1A 0AX", "EC1A 1BB", "SW1A 1AA", "N1C 4AG"]
)
def test_one_example_of_each_form(code):
    assert is_postcode(code)
    assert judge_postcode(code) == (code, FieldStatus.VALID, None)


def test_there_are_124_areas():
    # 121 on the mainland, the islands' GY, IM and JE, as Royal Mail counts them.
    assert len(AREAS) == 124


@pytest.mark.parametrize(
    ("written", "value", "reason"),
    [
        ("ls14dy", "LS1 4DY", "spacing"),
        ("LS1  4DY", "LS1 4DY", "spacing"),
        ("L S 1 4 D Y", "LS1 4DY", "spacing"),
        ("LS1-4DY", "LS1 4DY", "spacing"),
        ("LS1 4DY.", "LS1 4DY", "punctuation"),
        ("LSI 4DY", "LS1 4DY", "ocr_by_position"),
        ("SW1A IAA", "SW1A 1AA", "ocr_by_position"),
        ("0X1 2JD", "OX1 2JD", "ocr_by_position"),
        ("M1 1A8", "M1 1AB", "ocr_by_position"),
        ("GIR 0AA", "GIR 0AA", "special_postcode"),
        ("girOaa", "GIR 0AA", "ocr_by_position"),
        ("BFPO 0123", "BFPO 123", "special_postcode"),
        ("BF1 3AA", "BF1 3AA", "special_postcode"),
        ("ZZ99 3VZ", "ZZ99 3VZ", "pseudo_postcode"),
        ("zz993cz", "ZZ99 3CZ", "pseudo_postcode"),
    ],
)
def test_postcodes_mended_or_special(written, value, reason):
    judged = judge_postcode(written)

    assert (judged.value, judged.reason) == (value, reason)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("QX1 4DY", "area_not_used"),
        ("LS1 4CY", "wrong_format"),  # C is not used in the inward part
        ("M1A 1AA", "area_not_used"),  # only London has districts with a letter
        ("LS1", "wrong_length"),
        ("LS1 4DYZ9", "wrong_length"),
        ("2119", "wrong_length"),  # an Australian one
        ("58258", "wrong_format"),  # an American one
        ("75008", "wrong_format"),  # a French one
    ],
)
def test_postcodes_refused(written, reason):
    judged = judge_postcode(written)

    assert (judged.status, judged.reason) == (FieldStatus.INVALID, reason)


def test_the_quick_test_of_a_column_knows_the_same_outward_parts():
    codes = ["SW1A1AA", "SW1Z1AA", "LS121AA", "LS011AA", "QQ121AA", "EC1A1BC"]
    matrix = np.array([list(code.encode()) for code in codes], np.uint8)

    quick = postcodes_possible(matrix, outward=4).tolist()

    assert quick == [is_postcode(f"{code[:4]} {code[4:]}") for code in codes]
    assert quick == [True, False, True, False, False, False]
