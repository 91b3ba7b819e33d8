"""What must hold for every kind of field, whatever is written in it."""

from __future__ import annotations

from collections import Counter
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from joinedup.people import FieldKind, FieldOptions, FieldStatus, for_display, split_names, standardise
from joinedup.people.address import judge_address_line
from joinedup.people.email import judge_email
from joinedup.people.full_name import judge_full_name
from joinedup.people.missing import missing_words
from joinedup.people.name_key import judge_name
from joinedup.people.phone import judge_phone
from joinedup.values.nhs_number import judge_nhs_number
from joinedup.values.nino import judge_nino
from joinedup.values.postcode import judge_postcode
from joinedup.values.reasons import REASONS
from joinedup.values.upn import judge_upn
from joinedup.values.uprn import judge_uprn
from joinedup.values.utr import judge_utr

LOOK_ALIKES = "0123456789OISBLZGQD"
CODES = st.text(alphabet=LOOK_ALIKES + "ABCDEFX -.'", min_size=5, max_size=14)
_PIECES = """Dr mr Lord JR ii O'Brien o Mac d mc Donald Smith-Jones van der LI Ng née Unknown null
n/a é ß İ Kc , ( ) - ' ."""
NAMES = st.lists(st.sampled_from(_PIECES.split()), max_size=6).map(" ".join)
DATES = st.one_of(
    st.dates(min_value=date(1000, 1, 1), max_value=date(2199, 1, 1)).map(str),
    st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 2300), st.sampled_from("/-. ")).map(
        lambda parts: f"{parts[0]:02d}{parts[3]}{parts[1]:02d}{parts[3]}{parts[2]:04d}"
    ),
    st.integers(0, 99_999_999).map(str),
    st.sampled_from(["25 March 1980", "1-Jan-80", "01/01/1900", "31/02/1980", "1980", "29221", "25/03/80"]),
)
_FORMS = """LS1 4DY|ls14dy|GIR 0AA|ZZ99 3VZ|BFPO 12|AB123456C|943 476 5919|1955839661K|B801200005001
+44 (0)7700 900123|07700900123 ext 4|+33142685300|Ann@Gmial.com|<a@b.org>|a..b@c.org|a@b
Flat 2, 14 Station Rd.
st johns st|10002333695|1.0|-0.50|1e5|£1,000.00|M|not stated|ZoÃ«|सुनीता|李伟| |१२३|１２３"""
FORMS = st.sampled_from([*_FORMS.replace("\n", "|").split("|"), "", "\x00"])
WRITTEN = st.one_of(st.none(), st.text(max_size=20), CODES, NAMES, DATES, FORMS)
COLUMNS = st.lists(WRITTEN, max_size=12)
KINDS = st.sampled_from(list(FieldKind))
RELAXED = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def column_of(texts: list[str | None]) -> pa.Array:
    # Arrow holds UTF-8 alone, so lone surrogates cannot be written in a column at all.
    return pa.array(
        [None if text is None else text.encode("utf-8", "ignore").decode() for text in texts], pa.string()
    )


@RELAXED
@given(texts=COLUMNS, kind=KINDS)
def test_every_row_has_a_status_and_its_value_and_reason_fit(texts, kind):
    field = standardise(column_of(texts), kind)

    assert len(field) == len(field.values) == len(field.reasons) == len(texts)
    assert sum(field.counts.values()) == len(texts)
    for value, status, reason in zip(
        field.values.to_pylist(), field.status.tolist(), field.reasons.to_pylist(), strict=True
    ):
        assert (value is None) == (status in (FieldStatus.INVALID, FieldStatus.MISSING))
        assert reason is None or reason in REASONS
        assert reason is not None or status == FieldStatus.VALID


@RELAXED
@given(texts=COLUMNS, kind=KINDS)
def test_standardising_twice_changes_nothing(texts, kind):
    once = standardise(column_of(texts), kind)

    again = standardise(once.values, kind)

    assert again.values.to_pylist() == once.values.to_pylist()


@RELAXED
@given(texts=COLUMNS, kind=KINDS, seed=st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(texts, kind, seed):
    order = np.random.default_rng(seed).permutation(len(texts))
    column = column_of(texts)

    straight = standardise(column, kind)
    shuffled = standardise(column.take(pa.array(order)), kind)

    assert shuffled.values.to_pylist() == straight.values.take(pa.array(order)).to_pylist()
    assert shuffled.status.tolist() == straight.status[order].tolist()


@RELAXED
@given(texts=COLUMNS, kind=KINDS)
def test_chunks_and_dictionaries_read_as_the_same_column(texts, kind):
    column = column_of(texts)
    cut = len(texts) // 2
    chunked = pa.chunked_array([column[:cut], column[cut:]], pa.string())

    plain = standardise(column, kind)

    assert standardise(chunked, kind).values.to_pylist() == plain.values.to_pylist()
    assert standardise(column.dictionary_encode(), kind).reasons.to_pylist() == plain.reasons.to_pylist()


@RELAXED
@given(texts=COLUMNS, kind=KINDS)
def test_no_dictionary_holds_a_value_twice(texts, kind):
    values = standardise(column_of(texts), kind).values

    if pa.types.is_dictionary(values.type):
        words = values.dictionary.to_pylist()
        assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("kind", "judge"),
    [
        (FieldKind.NHS_NUMBER, judge_nhs_number),
        (FieldKind.NINO, judge_nino),
        (FieldKind.UPN, judge_upn),
        (FieldKind.UTR, judge_utr),
        (FieldKind.UPRN, judge_uprn),
        (FieldKind.POSTCODE, judge_postcode),
        (FieldKind.PHONE, judge_phone),
        (FieldKind.EMAIL, judge_email),
        (FieldKind.FIRST_NAME, judge_name),
        (FieldKind.FULL_NAME, judge_full_name),
        (FieldKind.ADDRESS_LINE, judge_address_line),
    ],
)
@RELAXED
@given(texts=st.lists(st.one_of(CODES, NAMES, FORMS, st.text(max_size=15)), max_size=10))
def test_the_whole_column_at_once_says_what_one_value_alone_says(kind, judge, texts):
    words = missing_words(kind)
    column = column_of(texts)
    kept = [text for text in column.to_pylist() if text.strip() and text.strip().lower() not in words]

    field = standardise(pa.array(kept, pa.string()), kind, options=FieldOptions(zero_eight=True))

    for text, value, status, reason in zip(
        kept, field.values.to_pylist(), field.status.tolist(), field.reasons.to_pylist(), strict=True
    ):
        alone = judge(text)
        if alone.value is not None and alone.value in words:
            continue  # a word for no value once its marks are off
        assert (alone.value, alone.status, alone.reason) == (value, status, reason), text


@RELAXED
@given(texts=COLUMNS, kind=KINDS)
def test_what_is_shown_is_missing_where_the_value_is(texts, kind):
    column = column_of(texts)

    shown = for_display(column, kind)

    assert [one is None for one in shown.to_pylist()] == [
        one is None for one in standardise(column, kind).values.to_pylist()
    ]


@RELAXED
@given(texts=st.lists(st.one_of(NAMES, st.none(), st.text(max_size=20)), max_size=10))
def test_telling_a_name_apart_drops_no_word(texts):
    column = column_of(texts)
    whole = standardise(column, FieldKind.FULL_NAME).values.to_pylist()

    for value, row in zip(whole, split_names(column).to_pylist(), strict=True):
        parts = [row[part] for part in ("first_name", "middle_name", "surname") if row[part]]
        if value is not None:
            # A title inside a hyphenated name stays with it here, so there may be more.
            assert not Counter(value.replace(" ", "")) - Counter("".join(parts).replace(" ", ""))


@RELAXED
@given(
    days=st.lists(st.dates(min_value=date(1905, 1, 1), max_value=date(2020, 1, 1)), min_size=1, max_size=30)
)
def test_a_declared_order_reads_back_every_date(days):
    written = {"dmy": "%d/%m/%Y", "mdy": "%m-%d-%Y", "ymd": "%Y.%m.%d"}
    for order, form in written.items():
        texts = pa.array([f"{day:{form}}" for day in days])
        field = standardise(texts, FieldKind.DATE_OF_BIRTH, options=FieldOptions(date_order=order))
        assert field.values.to_pylist() == days


@RELAXED
@given(
    days=st.lists(st.dates(min_value=date(1905, 1, 1), max_value=date(2020, 1, 1)), min_size=1, max_size=30)
)
def test_a_date_without_a_declared_order_is_right_or_told_as_ambiguous(days):
    texts = pa.array([f"{day:%d/%m/%Y}" for day in days])

    field = standardise(texts, FieldKind.DATE_OF_BIRTH)

    for day, value, reason in zip(days, field.values.to_pylist(), field.reasons.to_pylist(), strict=True):
        assert value == day or reason == "ambiguous_order"
    if any(day.day > 12 for day in days):
        assert field.values.to_pylist() == days
