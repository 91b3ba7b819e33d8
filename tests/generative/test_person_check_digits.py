"""The quick check digits against slow and literal ones, and what mending may do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from joinedup.people import FieldKind, FieldOptions, FieldStatus, standardise
from joinedup.values.look_alike import as_digits
from joinedup.values.nhs_number import is_nhs_number, judge_nhs_number, nhs_check_digit, nhs_numbers_agree
from joinedup.values.upn import CHECK_LETTERS, is_upn, upn_check_letter, upns_agree
from joinedup.values.utr import is_utr, utr_check_digit, utrs_agree
from support import slow_checks

TEN = st.text(alphabet="0123456789", min_size=10, max_size=10)
NINE = st.text(alphabet="0123456789", min_size=9, max_size=9)
UPN = st.tuples(
    st.sampled_from(CHECK_LETTERS),
    st.text(alphabet="0123456789", min_size=11, max_size=11),
    st.sampled_from(CHECK_LETTERS + "0123456789"),
).map("".join)


def matrix_of(codes: list[str]) -> np.ndarray:
    return np.array([list(code.encode()) for code in codes], np.uint8)


@settings(deadline=None)
@given(codes=st.lists(TEN, min_size=1, max_size=50))
def test_nhs_numbers_agree_with_the_literal_rule(codes):
    slow = [slow_checks.nhs_number_agrees(code) for code in codes]

    assert [is_nhs_number(code) for code in codes] == slow
    assert nhs_numbers_agree(matrix_of(codes)).tolist() == slow


@settings(deadline=None)
@given(codes=st.lists(TEN, min_size=1, max_size=50))
def test_utrs_agree_with_the_printed_table(codes):
    slow = [slow_checks.utr_agrees(code) for code in codes]

    assert [is_utr(code) for code in codes] == slow
    assert utrs_agree(matrix_of(codes)).tolist() == slow


@settings(deadline=None)
@given(codes=st.lists(UPN, min_size=1, max_size=50))
def test_upns_agree_with_the_guide(codes):
    assert [is_upn(code) for code in codes] == [slow_checks.upn_agrees(code) for code in codes]
    permanent = [code for code in codes if code[-1].isdigit()]
    if permanent:
        assert upns_agree(matrix_of(permanent)).tolist() == [
            slow_checks.upn_agrees(code) for code in permanent
        ]


@given(nine=NINE)
def test_a_made_number_passes_and_any_one_wrong_digit_is_caught(nine):
    check = nhs_check_digit(nine)
    if check is not None:
        number = f"{nine}{check}"
        assert slow_checks.nhs_number_agrees(number)
        for place in range(10):
            other = str((int(number[place]) + 1) % 10)
            assert not is_nhs_number(number[:place] + other + number[place + 1 :])
    assert slow_checks.utr_agrees(f"{utr_check_digit(nine)}{nine}")


@given(twelve=st.text(alphabet="0123456789", min_size=12, max_size=12))
def test_a_made_upn_passes(twelve):
    assert slow_checks.upn_agrees(upn_check_letter(twelve) + twelve)


@given(nine=NINE, data=st.data())
def test_look_alike_letters_are_put_back_or_refused_never_changed_to_another_number(nine, data):
    check = nhs_check_digit(nine)
    if check is None or len(set(nine)) == 1:
        return
    number = f"{nine}{check}"
    swaps = {"0": "O", "1": "I", "5": "S", "8": "B"}
    places = [place for place, digit in enumerate(number) if digit in swaps][:4]
    chosen = data.draw(st.sets(st.sampled_from(places))) if places else set()
    written = "".join(swaps[digit] if place in chosen else digit for place, digit in enumerate(number))

    judged = judge_nhs_number(written)

    assert judged.value == number
    assert judged.status == (FieldStatus.MENDED if chosen else FieldStatus.VALID)


@given(digits=TEN)
def test_a_mended_number_always_agrees_and_differs_by_one_zero_or_eight(digits):
    judged = judge_nhs_number(digits)

    if judged.reason == "ocr_zero_eight":
        assert judged.value is not None
        assert slow_checks.nhs_number_agrees(judged.value)
        changed = [pair for pair in zip(digits, judged.value, strict=True) if pair[0] != pair[1]]
        assert len(changed) == 1
        assert set(changed[0]) == {"0", "8"}


@given(code=st.text(alphabet="0123456789OISB", min_size=10, max_size=10))
def test_a_word_is_not_taken_for_a_number(code):
    letters = sum(character.isalpha() for character in code)

    assert (as_digits(code) is None) == (letters > 5)


def numbers_with_one_fault(count: int, fault: Callable[[str, np.random.Generator], str]) -> list[str]:
    random, faults = np.random.default_rng(7), np.random.default_rng(8)
    numbers: list[str] = []
    while len(numbers) < count:
        nine = "4" + "".join(map(str, random.integers(0, 10, 8)))
        check = nhs_check_digit(nine)
        if check is not None:
            numbers.append(fault(f"{nine}{check}", faults))
    return numbers


def mistyped(number: str, random: np.random.Generator) -> str:
    place = int(random.integers(0, 10))
    return number[:place] + str((int(number[place]) + int(random.integers(1, 10))) % 10) + number[place + 1 :]


def misread(number: str, random: np.random.Generator) -> str:
    places = [place for place, digit in enumerate(number) if digit in "08"]
    if not places:
        return number
    place = places[int(random.integers(0, len(places)))]
    return number[:place] + {"0": "8", "8": "0"}[number[place]] + number[place + 1 :]


def test_how_many_typing_mistakes_an_exchange_of_zero_and_eight_seems_to_explain():
    # The figure that person-fields.md states: about one in six.
    numbers = pa.array(numbers_with_one_fault(6000, mistyped))

    field = standardise(numbers, FieldKind.NHS_NUMBER, options=FieldOptions(zero_eight=True))

    assert 0.14 < field.reason_counts()["ocr_zero_eight"] / len(numbers) < 0.19


def test_a_column_of_typing_mistakes_is_not_mended_and_one_of_scans_is():
    typed = standardise(pa.array(numbers_with_one_fault(500, mistyped)), FieldKind.NHS_NUMBER)
    right = numbers_with_one_fault(500, lambda number, random: number)
    scanned = standardise(pa.array(numbers_with_one_fault(500, misread)), FieldKind.NHS_NUMBER)

    assert "ocr_zero_eight" not in typed.reason_counts()
    assert "failing numbers" in typed.notes["zero_eight"]
    assert scanned.reason_counts()["ocr_zero_eight"] > 300
    wrong = [
        one
        for one, wanted in zip(scanned.values.to_pylist(), right, strict=True)
        if one not in (wanted, None)
    ]
    # A misread number that another exchange also mends is refused, so none becomes another one unseen.
    assert wrong == []
