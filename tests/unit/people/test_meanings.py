"""What columns mean: from many spellings of names, and from values that overrule them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from joinedup.people import FieldKind, find_meanings, standardise
from joinedup.people.header_words import header_sense
from joinedup.values.nhs_number import nhs_check_digit


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Fname", FieldKind.FIRST_NAME),
        ("given_name", FieldKind.FIRST_NAME),
        ("FORENAME1", FieldKind.FIRST_NAME),
        ("PupilForename", FieldKind.FIRST_NAME),
        ("Last Name", FieldKind.SURNAME),
        ("familyName", FieldKind.SURNAME),
        ("middle initial", FieldKind.MIDDLE_NAME),
        ("first_and_surname", FieldKind.FULL_NAME),
        ("DOB", FieldKind.DATE_OF_BIRTH),
        ("D.O.B.", FieldKind.DATE_OF_BIRTH),
        ("DateOfBirth", FieldKind.DATE_OF_BIRTH),
        ("birth_dt", FieldKind.DATE_OF_BIRTH),
        ("Post Code", FieldKind.POSTCODE),
        ("home_postcode", FieldKind.POSTCODE),
        ("NHS No", FieldKind.NHS_NUMBER),
        ("NI Number", FieldKind.NINO),
        ("Unique Tax Reference", FieldKind.UTR),
        ("Mobile Tel No.", FieldKind.PHONE),
        ("E-mail", FieldKind.EMAIL),
        ("addressLine1", FieldKind.ADDRESS_LINE),
        ("suburb", FieldKind.TOWN),
        ("unique_id", FieldKind.IDENTIFIER),
        ("Gender Code", FieldKind.SEX),
        ("Cyfenw", FieldKind.SURNAME),
    ],
)
def test_column_names_in_many_spellings(name, kind):
    sense = header_sense(name)

    assert sense is not None
    assert sense.kind is kind


def test_names_that_say_nothing():
    assert header_sense("col7") is None
    assert header_sense("") is None


def nhs_numbers(count: int) -> list[str]:
    random = np.random.default_rng(3)
    out: list[str] = []
    while len(out) < count:
        nine = "4" + "".join(map(str, random.integers(0, 10, 8)))
        check = nhs_check_digit(nine)
        if check is not None:
            out.append(f"{nine}{check}")
    return out


BIRTHS = [date(1940, 1, 1) + timedelta(days=611 * place) for place in range(50)]


def test_values_overrule_a_wrong_name_and_say_so():
    found = find_meanings(pa.table({"postcode": nhs_numbers(50)}))["postcode"]

    assert found.kind is FieldKind.NHS_NUMBER
    assert found.why == "its name says postcode, but 100 % of values pass as nhs number"
    assert found.confidence < 0.85


def test_columns_without_telling_names_are_found_by_their_values():
    first = ["Mary", "John", "Fatima", "Sean", "Sarah", "David", "Emma", "James", "Priya", "Tomasz"] * 5
    last = ["Smith", "Jones", "Khan", "Murphy", "Patel", "Nowak", "Li", "Evans", "Walker", "Ali"] * 5
    table = pa.table(
        {
            "a": [f"R{place:04d}" for place in range(50)],
            "b": first,
            "c": last,
            "d": [f"{day:%d/%m/%Y}" for day in BIRTHS],
            "e": ["LS1 4DY", "M1 1AE"] * 25,
            "f": [f"{name.lower()}{place}@example.org" for place, name in enumerate(first)],
            "g": ["M", "F"] * 25,
            "h": [f"{place} Station Road" for place in range(50)],
            "i": [f"{name} {other}" for name, other in zip(first, last[1:] + last[:1], strict=True)],
            "j": nhs_numbers(50),
        }
    )

    kinds = [meaning.kind for meaning in find_meanings(table).values()]

    assert kinds == [
        FieldKind.IDENTIFIER,
        FieldKind.FIRST_NAME,
        FieldKind.SURNAME,
        FieldKind.DATE_OF_BIRTH,
        FieldKind.POSTCODE,
        FieldKind.EMAIL,
        FieldKind.SEX,
        FieldKind.ADDRESS_LINE,
        FieldKind.FULL_NAME,
        FieldKind.NHS_NUMBER,
    ]


def test_foreign_postcodes_are_not_called_ours():
    found = find_meanings(pa.table({"postcode": [str(2000 + place % 40) for place in range(200)]}))[
        "postcode"
    ]

    assert found.kind is not FieldKind.POSTCODE
    assert found.note == "foreign_postcode"
    assert standardise(pa.array(["2119"]), found.kind).values.to_pylist() == ["2119"]


def test_a_code_that_may_repeat_is_no_row_identifier():
    codes = [f"{1_000_000 + 7919 * (place // 2)}" for place in range(200)]
    found = find_meanings(pa.table({"soc_sec_id": codes, "x": codes}))

    assert [(one.kind, one.note) for one in found.values()] == [(FieldKind.TEXT, "shared_code")] * 2


def test_only_the_surest_identifier_stays():
    ids = [f"A{place:05d}" for place in range(30)]
    found = find_meanings(pa.table({"other": ids[::-1], "record_id": ids}))

    assert found["record_id"].kind is FieldKind.IDENTIFIER
    assert (found["other"].kind, found["other"].note) == (FieldKind.TEXT, "shared_code")


def test_somebody_elses_name_is_not_the_persons():
    found = find_meanings(pa.table({"mothers_surname": ["Smith", "Jones"], "surname": ["Smith", "Li"]}))

    assert (found["mothers_surname"].kind, found["mothers_surname"].note) == (FieldKind.TEXT, "other_person")
    assert found["surname"].kind is FieldKind.SURNAME


def test_a_date_of_birth_called_otherwise_and_a_date_that_is_none():
    received = [f"{date(2026, 1, 1) + timedelta(days=place):%Y-%m-%d}" for place in range(50)]
    table = pa.table({"col1": [str(day) for day in BIRTHS], "date_received": received, "col3": received})

    kinds = [meaning.kind for meaning in find_meanings(table).values()]

    assert kinds == [FieldKind.DATE_OF_BIRTH, FieldKind.DATE, FieldKind.DATE]


def test_day_numbers_of_a_spreadsheet_under_a_telling_name():
    table = pa.table({"DOB": [str(20_000 + 311 * place) for place in range(50)]})

    assert find_meanings(table)["DOB"].kind is FieldKind.DATE_OF_BIRTH


def test_typed_columns_and_empty_ones():
    table = pa.table(
        {
            "dob": pa.array(BIRTHS),
            "n": pa.array([place * 1.5 for place in range(50)]),
            "nothing": pa.nulls(50),
            "surname": pa.nulls(50, pa.string()),
        }
    )

    found = find_meanings(table)

    assert found["dob"].kind is FieldKind.DATE_OF_BIRTH
    assert found["n"].kind is FieldKind.NUMBER
    assert (found["nothing"].kind, found["nothing"].confidence) == (FieldKind.UNKNOWN, 0.0)
    assert (found["surname"].kind, found["surname"].confidence) == (FieldKind.SURNAME, 0.3)


def test_a_table_without_rows_or_columns():
    assert find_meanings(pa.table({})) == {}
    assert find_meanings(pa.table({"dob": pa.array([], pa.string())}))["dob"].confidence == 0.3


def test_no_reason_holds_a_persons_data():
    table = pa.table({"x": ["Zyxwvut Qponmlk"] * 5, "dob": ["not a date Zyxwvut"] * 5})

    assert all("Zyxwvut" not in meaning.why for meaning in find_meanings(table).values())
