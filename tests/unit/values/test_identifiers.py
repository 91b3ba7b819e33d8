"""Identifiers against published examples and rules."""

from __future__ import annotations

import pytest

from joinedup.values.judged import FieldStatus
from joinedup.values.nhs_number import is_nhs_number, judge_nhs_number
from joinedup.values.nino import is_nino, judge_nino
from joinedup.values.upn import is_upn, judge_upn
from joinedup.values.uprn import judge_uprn
from joinedup.values.utr import is_utr, judge_utr


@pytest.mark.parametrize("number", ["9434765919", "9434765870", "4505577104", "4010232137"])
def test_published_nhs_numbers_agree(number):
    # NHS Data Dictionary and NHS Digital's test patients.
    assert is_nhs_number(number)


def test_an_nhs_number_worked_by_hand():
    # 4×10+0×9+1×8+0×7+2×6+3×5+2×4+1×3+3×2 = 92; 92 mod 11 = 4; 11 − 4 = 7.
    assert is_nhs_number("4010232137")
    assert not any(is_nhs_number(f"401023213{check}") for check in "012345689")


@pytest.mark.parametrize(
    "number", ["", "943476591", "94347659190", "943 476 5919", "94347659１9", "ABCDEFGHIJ"]
)
def test_anything_but_ten_digits_is_no_nhs_number(number):
    assert not is_nhs_number(number)


@pytest.mark.parametrize(
    ("written", "value", "status", "reason"),
    [
        ("401 023 2137", "4010232137", "VALID", None),
        ("401-023-2137", "4010232137", "VALID", None),
        ("4O1O232137", "4010232137", "MENDED", "ocr_by_check_digit"),
        ("4OlO232l37", "4010232137", "MENDED", "ocr_by_check_digit"),
        ("4810232137", "4010232137", "MENDED", "ocr_zero_eight"),
        ("4010232138", None, "INVALID", "check_digit"),
        ("40102321E7", None, "INVALID", "wrong_characters"),
        ("401023213", None, "INVALID", "wrong_length"),
        ("4010232137.0", "4010232137", "MENDED", "decimal_tail"),
        ("9999999999", None, "MISSING", "repeated_digit"),
        ("4444444444", None, "MISSING", "repeated_digit"),
        ("", None, "MISSING", "empty"),
        ("9990000018", "9990000018", "VALID", "test_number"),
    ],
)
def test_nhs_numbers_as_people_write_them(written, value, status, reason):
    judged = judge_nhs_number(written)

    assert (judged.value, judged.status.name, judged.reason) == (value, status, reason)


def test_a_chi_number_gets_its_lost_zero_back_only_if_the_check_digit_agrees():
    # 0101011237? worked by hand: 0+9+0+7+0+5+4+3+4 = 32 for 010101112; 32 mod 11 = 10; 11 − 10 = 1.
    assert judge_nhs_number("101011121").value == "0101011121"
    assert judge_nhs_number("101011122").status is FieldStatus.INVALID


def test_zero_and_eight_are_left_alone_where_told_so():
    assert judge_nhs_number("4810232137", zero_eight=False).reason == "check_digit"


def test_more_than_one_zero_eight_reading_is_refused():
    # In 4818232137 either eight may have been a zero alone or not: count the readings that agree.
    both = [number for number in ("4018232137", "4810232137") if is_nhs_number(number)]
    judged = judge_nhs_number("4818232137")

    assert judged.status is FieldStatus.INVALID
    assert judged.reason == ("check_digit_ambiguous" if len(both) > 1 else "check_digit")


@pytest.mark.parametrize("code", ["AB123456C", "AA000000A", "OA123456B", "JG103759A"])
def test_ninos_that_could_be_issued(code):
    assert is_nino(code)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("QQ123456C", "prefix_not_used"),  # the example printed on official forms
        ("DA123456C", "prefix_not_used"),
        ("AO123456C", "prefix_not_used"),
        ("GB123456A", "prefix_not_used"),
        ("ZZ123456A", "prefix_not_used"),
        ("AB123456E", "suffix_not_used"),
        ("TN120380M", "temporary_number"),
        ("AB12345", "wrong_length"),
        ("AB1234567", "wrong_format"),
        ("12345678", "wrong_format"),
        ("ABCDEFGHI", "wrong_format"),
    ],
)
def test_ninos_that_could_not(code, reason):
    judged = judge_nino(code)

    assert (judged.value, judged.reason) == (None, reason)


@pytest.mark.parametrize(
    ("written", "value", "reason"),
    [
        ("A8123456C", "AB123456C", "ocr_by_position"),
        ("AB12345GC", "AB123456C", "ocr_by_position"),
        ("AB1Z3456C", "AB123456C", "ocr_by_position"),
        ("AB123456", "AB123456", "suffix_missing"),
        ("AB.123456.C", "AB123456C", "punctuation"),
    ],
)
def test_ninos_mended_by_their_form(written, value, reason):
    judged = judge_nino(written)

    assert (judged.value, judged.reason) == (value, reason)


def test_a_date_is_never_read_as_a_nino():
    assert judge_nino("1968-07-24").status is FieldStatus.INVALID


def test_a_upn_worked_by_hand():
    # B801200005001: 8×2+0+1×4+2×5+5×10+1×13 = 93; 93 mod 23 = 1; the letters A, B, … give B.
    assert is_upn("B801200005001")
    assert judge_upn("B801200005001").value == "B801200005001"


def test_a_temporary_upn_is_kept_with_a_caution():
    # Letter A counts 0 as the last character: 16+0+4+10+50 = 80; 80 mod 23 = 11; letter M.
    judged = judge_upn("M80120000500A")

    assert (judged.value, judged.reason) == ("M80120000500A", "temporary_upn")


def test_a_utr_worked_by_hand():
    # 9×6+5×7+5×8+8×9+3×10+9×5+6×4+6×3+1×2 = 320; 320 mod 11 = 1; the row 2 1 9 8 7 6 5 4 3 2 1 gives 1.
    assert is_utr("1955839661")
    assert judge_utr("19558 39661").status is FieldStatus.VALID
    assert judge_utr("UTR 1955839661K").reason == "letter_suffix_removed"


@pytest.mark.parametrize("letter", ["O", "I", "S"])
def test_a_uprn_with_a_letter_is_never_mended(letter):
    assert judge_uprn(f"10002333{letter}95").reason == "wrong_characters"


def test_a_uprn_may_be_short_and_loses_leading_zeros():
    assert judge_uprn("7").value == "7"
    assert judge_uprn("000010002333").reason == "leading_zero"
    assert judge_uprn("1234567890123").reason == "wrong_length"
