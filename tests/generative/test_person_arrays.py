"""Columns judged as arrays: each row is judged as its text would be alone."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from joinedup.people import FieldKind, FieldOptions, find_standing, standardise
from joinedup.people.address import judge_address_line, street_words
from joinedup.people.column_facts import _PROOFS, is_proof, passes
from joinedup.people.kernels import folded_words, plain_numbers, word_table
from joinedup.people.missing import missing_words
from joinedup.people.name_key import words_of
from joinedup.people.plain import judge_number
from joinedup.values.judged import Judged
from joinedup.values.nhs_number import judge_nhs_number
from joinedup.values.postcode import judge_postcode
from joinedup.values.reasons import REASON_CODES
from joinedup.values.upn import judge_upn
from joinedup.values.utr import judge_utr

RELAXED = settings(deadline=None)  # the first example may wait for a kernel to be compiled
LOOK_ALIKES = "O0I1LZ2S5G6B8DQ"
POSTCODES = (
    "LS1 4DY", "SW1A 1AA", "GIR 0AA", "ASCN 1ZZ", "BX1 1LT", "BF1 0AA", "BFPO 12", "BFPO011", "ZZ99 3VZ",
    "M1 1AE", "EC1A 1BB", "W1T 1AA", "N1C 4AG", "GX11 1AA", "GlR 0AA", "QQ1 1AB", "LS01 1AB", "11111",
)  # fmt: skip


def judged_alone(texts: list[str], kind: FieldKind, judge: Callable[[str], Judged], **options: bool) -> None:
    absent = missing_words(kind)
    texts = [text for text in texts if text.strip() and text.strip().lower() not in absent]
    column, chosen = pa.array(texts, pa.string()), FieldOptions(**options)
    field = standardise(column, kind, options=chosen)
    found = zip(field.values.to_pylist(), field.status.tolist(), field.reasons.to_pylist(), strict=True)
    expected = [judge(text) for text in texts]
    for text, row, alone in zip(texts, found, expected, strict=True):
        if row[2] != "missing_word":  # what became a word for no value only when it was standardised
            assert row == (alone.value, int(alone.status), alone.reason), text
    standing = find_standing(column, kind, options=chosen)
    assert standing.status.tolist() == field.status.tolist()
    reasons = [None if place < 0 else REASON_CODES[place] for place in standing.reasons]
    assert reasons == field.reasons.to_pylist()


def changed(text: str, places: list[tuple[int, str]]) -> str:
    """The text with some of its characters exchanged."""
    characters = list(text)
    for place, character in places:
        characters[place % len(characters)] = character
    return "".join(characters)


exchanges = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(LOOK_ALIKES + " CKMVX3")), max_size=4)
codes = st.text(alphabet=LOOK_ALIKES + "AWC34 ", min_size=4, max_size=9)


@RELAXED
@given(st.lists(st.builds(changed, st.sampled_from(POSTCODES), exchanges) | codes, max_size=30))
@example(list(POSTCODES))
@example([code.replace(" ", "").lower() for code in POSTCODES])
@example(["LSI 4DY", "LS1 4OY", "LS1 40Y", "L51 4D1", "I1 1AB", "LS1 OAA", "GIR OAA", "5TH L1ZZ"])
def test_postcodes_are_judged_as_if_alone(texts: list[str]) -> None:
    judged_alone(texts, FieldKind.POSTCODE, judge_postcode)


digits = st.text(alphabet="0123456789088", min_size=9, max_size=13)


@pytest.mark.parametrize("zero_eight", [True, False])
@RELAXED
@given(texts=st.lists(digits | st.text(alphabet="08", min_size=10, max_size=10), max_size=30))
@example(
    texts=["9434765919", "9434765918", "0000000000", "4505577104", "4585577104", "1955839661", "0" * 9 + "1"]
)
def test_ten_digits_are_judged_as_if_alone(zero_eight: bool, texts: list[str]) -> None:
    for kind, judge in ((FieldKind.NHS_NUMBER, judge_nhs_number), (FieldKind.UTR, judge_utr)):
        judged_alone(texts, kind, lambda text, j=judge: j(text, zero_eight=zero_eight), zero_eight=zero_eight)


@pytest.mark.parametrize("zero_eight", [True, False])
@RELAXED
@given(texts=st.lists(st.from_regex(r"[A-Z0-9][08]{3}[0-9]{8}[0-9A-Z]", fullmatch=True), max_size=30))
@example(texts=["B801200005001", "C801200005001", "I801200005001", "B80120000500A", "8801200005001"])
def test_pupil_numbers_are_judged_as_if_alone(zero_eight: bool, texts: list[str]) -> None:
    judged_alone(
        texts, FieldKind.UPN, lambda text: judge_upn(text, zero_eight=zero_eight), zero_eight=zero_eight
    )


NUMBERS = ("0", "-0", "+0.0", "00", "007", "-.5", ".5", "5.", ".", "-", "+", "0.10", "100", "-010.010", "1e5", "e2",
           "+e9", "1,000.50", "12,34", "£5", "£-5.0", "--1", "1.2.3", "9" * 40, "\u0663", "0.0e0")  # fmt: skip


@RELAXED
@given(st.lists(st.text(alphabet="0019.+-,eE£ ", min_size=1, max_size=9), max_size=30))
@example(list(NUMBERS))
def test_numbers_are_judged_as_if_alone(texts: list[str]) -> None:
    judged_alone(texts, FieldKind.NUMBER, judge_number)


words = st.sampled_from(["St", "rd", "Oak", "Street", "o'neill", "12b", "7", "é", "ZoÃ«", "N", "flat"])
marks = st.sampled_from([" ", ", ", "-", "_", "'", "`", "\t", ".", "\x0b", "\x1c", "/"])


@RELAXED
@given(st.lists(st.lists(words | marks, min_size=1, max_size=9).map("".join), max_size=30))
@example(["St Johns St", "12 Mill Ln.", "'''", "--", "The Old Mill", "1a-2b St", "FLAT 2,14 STATION RD"])
def test_address_lines_are_judged_as_if_alone(texts: list[str]) -> None:
    judged_alone(texts, FieldKind.ADDRESS_LINE, judge_address_line)


@RELAXED
@given(st.lists(st.text(max_size=20), max_size=30))
def test_folded_words_are_the_words_or_are_left_out(texts: list[str]) -> None:
    found, done = folded_words(pa.array(texts, pa.string()), unless=word_table(["st"]))
    for text, value, is_done in zip(texts, found.to_pylist(), done.tolist(), strict=True):
        own = words_of(text) if text.isascii() else None
        assert is_done <= (own is not None and "st" not in own)
        assert value == (" ".join(own or []) if is_done else "")


def test_a_table_of_words_leaves_ordinary_words_alone() -> None:
    lines = pa.array(["12 oak street", "the old mill", "high road"])

    assert folded_words(lines, unless=word_table(list(street_words())))[1].all()


def test_plain_numbers_are_written_by_hand() -> None:
    found, done = plain_numbers(pa.array(["+007.50", "-0.0", "-3", ".25", "1e3", "", "12."]))

    assert found.to_pylist() == ["7.5", "0", "-3", "0.25", "", "", ""]
    assert done.tolist() == [True, True, True, True, False, False, False]


def test_an_exponent_alone_is_not_a_number() -> None:
    assert judge_number("e2").reason == judge_number("+E10").reason == "not_a_number"


PROVED = ("9434765919", "943 476 5919.0", "4505577104", "B801200005001", "1955839661K", "AB 12 34 56 C", "LS1 4DY",
          "BFPO 1234", "AB123456", "07700 900123", "+33142685300", "Ann <a@b.org>", "a@b.org", "116123")  # fmt: skip


@RELAXED
@given(st.builds(changed, st.sampled_from(PROVED), exchanges) | st.text(alphabet=LOOK_ALIKES + "@.AC9٣ -+"))
def test_a_look_at_the_digits_denies_no_proof(text: str) -> None:
    for kind in _PROOFS:
        assert passes(kind, text, digits=sum(map(str.isdigit, text))) == is_proof(kind, text), kind


def test_proofs_are_recognised() -> None:
    assert passes(FieldKind.NHS_NUMBER, "450 557 7104", digits=10)
    assert passes(FieldKind.EMAIL, "a@b.org", digits=0)
    assert not passes(FieldKind.POSTCODE, "Leeds", digits=0)
