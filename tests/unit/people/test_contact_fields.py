"""Telephone numbers, e-mail and postal addresses, sex."""

from __future__ import annotations

import phonenumbers
import pyarrow as pa
import pytest

from joinedup.people import FieldKind, FieldOptions, FieldStatus, standardise


def one(text: str, kind: FieldKind, **options: object) -> tuple[str | None, str, str | None]:
    field = standardise(pa.array([text]), kind, options=FieldOptions(**options))
    return field.values[0].as_py(), FieldStatus(field.status[0]).name, field.reasons[0].as_py()


@pytest.mark.parametrize(
    "written",
    ["07700900123", "07700 900123", "(07700) 900-123", "+447700900123", "+44 (0)7700 900123",
     "0044 7700 900 123", "447700900123"],
)  # fmt: skip
def test_one_number_in_many_writings(written):
    assert one(written, FieldKind.PHONE) == ("+447700900123", "VALID", None)


@pytest.mark.parametrize(
    "drama",  # Ofcom, "Telephone numbers for use in TV and radio drama programmes"
    ["01632 960123", "0113 496 0123", "0117 496 0123", "0131 496 0123", "020 7946 0123", "0191 498 0123",
     "028 9649 6123", "029 2018 0123", "07700 900123", "08081 570123", "03069 990123"],
)  # fmt: skip
def test_numbers_kept_for_drama_are_accepted(drama):
    value, status, reason = one(drama, FieldKind.PHONE)

    assert (value, status, reason) == ("+44" + drama.replace(" ", "")[1:], "VALID", None)


@pytest.mark.parametrize(
    ("written", "value", "status", "reason"),
    [
        ("7700900123", "+447700900123", "MENDED", "leading_zero"),
        ("tel: 020 7946 0123", "+442079460123", "MENDED", "scheme_removed"),
        ("020 7946 0123 ext 45", "+442079460123", "MENDED", "note_removed"),
        ("0909 879 0123", "+449098790123", "VALID", "premium_number"),
        ("+33 1 42 68 53 00", "+33142685300", "VALID", None),
        ("0770090012", None, "INVALID", "number_not_allocated"),
        ("0600 123456", None, "INVALID", "number_not_allocated"),
        ("12", None, "INVALID", "wrong_length"),
        ("O7700 900123", None, "INVALID", "wrong_characters"),
        ("00000000000", None, "MISSING", "repeated_digit"),
        ("ex-directory", None, "MISSING", "missing_word"),
        ("0800 1111", "+448001111", "VALID", None),
        ("016977 2345", "+44169772345", "VALID", None),
    ],
)
def test_telephone_numbers_as_people_write_them(written, value, status, reason):
    assert one(written, FieldKind.PHONE) == (value, status, reason)


def test_another_country_may_be_the_home_one():
    assert one("01 42 68 53 00", FieldKind.PHONE, region="FR")[0] == "+33142685300"


def test_every_british_number_that_a_well_known_library_gives_as_example_is_accepted():
    for kind in range(0, 11):
        example = phonenumbers.example_number_for_type("GB", kind)
        if example is not None and kind != phonenumbers.PhoneNumberType.PAGER:
            written = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
            wanted = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            assert one(written, FieldKind.PHONE)[0] == wanted


@pytest.mark.parametrize(
    ("written", "value", "status", "reason"),
    [
        (" Ann.Lee@Example.ORG ", "ann.lee@example.org", "VALID", None),
        ("o'brien+x@example.co.uk", "o'brien+x@example.co.uk", "VALID", None),
        ("ann@gmial.com", "ann@gmial.com", "VALID", "likely_typo"),
        ("ann@gmail.con", "ann@gmail.com", "MENDED", "typo_listed"),
        ("mailto:ann@example.org", "ann@example.org", "MENDED", "scheme_removed"),
        ("Ann Lee <ann@example.org>", "ann@example.org", "MENDED", "note_removed"),
        ("ann @example.org", "ann@example.org", "MENDED", "spacing"),
        ("ann@example.org;", "ann@example.org", "MENDED", "punctuation"),
        ("ann.example.org", None, "INVALID", "no_at_sign"),
        ("a@b@c.org", None, "INVALID", "no_at_sign"),
        ("ann..lee@example.org", None, "INVALID", "bad_local_part"),
        ("ann@example", None, "INVALID", "bad_domain"),
        ("ann@-example.org", None, "INVALID", "bad_domain"),
        ("no email", None, "MISSING", "missing_word"),
    ],
)
def test_email_addresses_as_people_write_them(written, value, status, reason):
    assert one(written, FieldKind.EMAIL) == (value, status, reason)


@pytest.mark.parametrize(
    ("one_writing", "other_writing"),
    [
        ("12 Station Rd", "12 STATION ROAD"),
        ("Flat 2, 14 Station Rd.", "flat 2 14 station road"),
        ("1 St. John's St", "1 St Johns Street"),
        ("3 Saint Mary's Ave", "3 st marys avenue"),
        ("Rose Cottage, The Gdns", "rose cottage the gardens"),
        ("Apt 4 Kings Ct", "apartment 4 kings court"),
    ],
)
def test_addresses_in_two_writings_compare_equal(one_writing, other_writing):
    assert one(one_writing, FieldKind.ADDRESS_LINE)[0] == one(other_writing, FieldKind.ADDRESS_LINE)[0]


def test_a_saint_is_no_street():
    assert one("5 St Andrews Place", FieldKind.ADDRESS_LINE)[0] == "5 st andrews place"


def test_towns():
    assert one("STOKE-ON-TRENT", FieldKind.TOWN)[0] == "stoke on trent"
    assert one("St. Albans", FieldKind.TOWN)[0] == one("Saint Albans", FieldKind.TOWN)[0] == "st albans"
    assert one("123", FieldKind.TOWN)[1:] == ("INVALID", "no_letters")


def test_sexes_and_what_is_not_listed():
    written = ["M", "female", "1", "2", "9", "0", "not stated", "Non-Binary", None]
    field = standardise(pa.array(written), FieldKind.SEX)

    assert field.values.to_pylist() == [
        "male", "female", "male", "female", "indeterminate", None, None, "non-binary", None
    ]  # fmt: skip
    assert field.reasons.to_pylist()[-2] == "unlisted_value"
    assert standardise(pa.array([1, 2, 0]), FieldKind.SEX).values.to_pylist() == ["male", "female", None]
