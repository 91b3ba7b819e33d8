"""Names of many traditions: nothing real is dropped, titles go, parts are told apart honestly."""

from __future__ import annotations

import pyarrow as pa
import pytest

from joinedup.people import FieldKind, FieldStatus, for_display, split_name, split_names, standardise


def one(text: str, kind: FieldKind) -> tuple[str | None, str, str | None]:
    field = standardise(pa.array([text]), kind)
    return field.values[0].as_py(), FieldStatus(field.status[0]).name, field.reasons[0].as_py()


@pytest.mark.parametrize("surname", ["Li", "Ng", "Xu", "Ma", "O", "Ba", "Ho", "Wu"])
def test_short_surnames_stay(surname):
    value, status, _ = one(surname, FieldKind.SURNAME)

    assert (value, status) == (surname.lower(), "VALID")


@pytest.mark.parametrize(
    ("written", "kind", "value", "status", "reason"),
    [
        ("O’Brien", FieldKind.SURNAME, "obrien", "VALID", None),
        ("O Brien", FieldKind.SURNAME, "obrien", "VALID", None),
        ("Mac Donald", FieldKind.SURNAME, "macdonald", "VALID", None),
        ("Smith-Jones", FieldKind.SURNAME, "smith jones", "VALID", None),
        ("van der Berg", FieldKind.SURNAME, "van der berg", "VALID", None),
        ("ap Gwilym", FieldKind.SURNAME, "ap gwilym", "VALID", None),
        ("Núñez", FieldKind.SURNAME, "nunez", "VALID", None),
        ("Wałęsa", FieldKind.SURNAME, "walesa", "VALID", None),
        ("Smith Jr.", FieldKind.SURNAME, "smith", "MENDED", "suffix_removed"),
        ("Jones OBE", FieldKind.SURNAME, "jones", "MENDED", "suffix_removed"),
        ("Smith (née Jones)", FieldKind.SURNAME, "smith", "MENDED", "note_removed"),
        ("Dr. Sian", FieldKind.FIRST_NAME, "sian", "MENDED", "title_removed"),
        ("Earl", FieldKind.FIRST_NAME, "earl", "VALID", None),
        ("ZoÃ«", FieldKind.FIRST_NAME, "zoe", "MENDED", "encoding_mended"),
        ("J", FieldKind.MIDDLE_NAME, "j", "VALID", "single_letter"),
        ("Sm1th", FieldKind.SURNAME, "sm1th", "VALID", "digit_in_name"),
        ("12345", FieldKind.SURNAME, None, "INVALID", "no_letters"),
        ("N/A", FieldKind.SURNAME, None, "MISSING", "missing_word"),
        ("  ", FieldKind.SURNAME, None, "MISSING", "empty"),
        ("'Null'", FieldKind.SURNAME, None, "MISSING", "missing_word"),
        ("Baby", FieldKind.FIRST_NAME, None, "MISSING", "missing_word"),
        ("李伟", FieldKind.FULL_NAME, "李伟", "VALID", None),
        ("सुनीता", FieldKind.FIRST_NAME, "सुनीता", "VALID", None),
    ],
)
def test_names_as_people_write_them(written, kind, value, status, reason):
    assert one(written, kind) == (value, status, reason)


@pytest.mark.parametrize(
    ("written", "first", "middle", "surname", "ambiguous"),
    [
        ("SMITH, John Paul", "john", "paul", "smith", False),
        ("John Paul Smith", "john", "paul", "smith", False),
        ("Mr John Smith", "john", None, "smith", False),
        ("Vincent van Gogh", "vincent", None, "van gogh", False),
        ("Rhys ap Gwilym", "rhys", None, "ap gwilym", False),
        ("Ahmed bin Yusuf", "ahmed", None, "bin yusuf", False),
        ("Maria de la Cruz", "maria", None, "de la cruz", False),
        ("Anne-Marie Smith-Jones", "anne marie", None, "smith jones", False),
        ("O'Neill, Mary", "mary", None, "oneill", False),
        ("Mary O Neill", "mary", None, "oneill", False),
        ("Wei Li", "wei", None, "li", False),
        ("Jack Ma", "jack", None, "ma", False),
        ("Plato", None, None, "plato", True),
        ("Ana Maria Silva Santos", "ana", "maria silva", "santos", True),
        ("van Gogh", "van", None, "gogh", False),
        ("Thomas Clifford, 1st Baron Clifford of Chudleigh", "thomas", None, "clifford", False),
        ("Jane Smith, OBE", "jane", None, "smith", False),
        ("", None, None, None, False),
    ],
)
def test_whole_names_told_apart(written, first, middle, surname, ambiguous):
    assert split_name(written) == (first, middle, surname, ambiguous)


def test_a_column_of_whole_names_told_apart_keeps_its_rows():
    table = split_names(pa.array(["Li, Wei", None, "unknown", "Li, Wei"]))

    assert table.column("surname").to_pylist() == ["li", None, None, "li"]
    assert table.column_names == ["first_name", "middle_name", "surname", "ambiguous"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("  o’brien ", "O'Brien"),
        ("ZOË", "Zoë"),
        ("MCDONALD", "McDonald"),
        ("smith - jones", "Smith-Jones"),
        ("LUDWIG VAN DER BERG", "Ludwig van der Berg"),
        ("DeShawn", "DeShawn"),
    ],
)
def test_names_are_shown_with_accents_and_marks(written, shown):
    assert for_display(pa.array([written]), FieldKind.FULL_NAME).to_pylist() == [shown]
