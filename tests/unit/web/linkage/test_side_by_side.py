"""Two records side by side: aligned by meaning, compared by what is meant, differences told in words and marks."""

from __future__ import annotations

import pytest

from joinedup_web.linkage.side_by_side import Agreement, compare_texts, differing, side_by_side

pytestmark = pytest.mark.web


def meanings(**kinds):
    """Columns (underscores as spaces) with their kinds, found with good confidence."""
    return {
        name.replace("__", " "): {"kind": kind, "confidence": 0.9, "corrected": None}
        for name, kind in kinds.items()
    }


COUNCIL = meanings(
    Ref="identifier", Liable__Party="full_name", Born="date_of_birth", Tel="phone", Band="category"
)
SURGERY = meanings(
    id="identifier", family="surname", given="first_name", dob="date_of_birth", mobile="phone", sex="sex"
)


def rows(left, right, left_meanings=COUNCIL, right_meanings=SURGERY):
    found = side_by_side(left, right, left_meanings, right_meanings, leave_out=("Ref", "id"))
    return {row.label: row for row in found.rows}, found


def test_a_full_name_stands_beside_its_parts_and_a_day_beside_the_same_day():
    told, found = rows(
        {
            "Ref": "C1",
            "Liable Party": "NOWAK, Zofia",
            "Born": "16/02/1976",
            "Tel": "07700 900462",
            "Band": "D",
        },
        {
            "id": "G1",
            "family": "Nowak",
            "given": "Zofia",
            "dob": "1976-02-16",
            "mobile": "+447700900462",
            "sex": "F",
        },
    )

    assert {row.agreement for row in told.values()} == {Agreement.WRITTEN}
    assert told["Full name"].left.plain == told["Full name"].right.plain == "Zofia Nowak"
    assert told["Full name"].left.written == "NOWAK, Zofia"
    assert told["Date of birth"].left.plain == "16 February 1976"
    assert told["Date of birth"].words == "Same, written differently"
    assert differing(found.rows) == 0
    assert found.left_others == (("Band", "D"),)
    assert found.right_others == (("sex", "F"),)


def test_what_differs_is_marked_and_told_in_words():
    told, found = rows(
        {"Liable Party": "Zofia Nowak", "Born": "1976-02-16"},
        {"family": "Nowack", "given": "Zofia", "dob": "1976-12-16"},
    )

    assert told["Full name"].agreement is Agreement.DIFFERENT
    assert told["Full name"].words == "Different: “c” on the right only"
    assert str(told["Full name"].right.marked) == 'Zofia Nowa<mark class="app-diff">c</mark>k'
    assert told["Date of birth"].words == "Different: “February” against “December”"
    assert differing(found.rows) == 2


def test_missing_is_told_and_is_no_difference():
    told, found = rows(
        {"Liable Party": "Zofia Nowak", "Born": None, "Tel": " "},
        {"family": "Nowak", "given": "Zofia", "dob": "1976-12-16", "mobile": None},
    )

    assert told["Date of birth"].words == "Not given in one"
    assert told["Date of birth"].left.plain is None
    assert told["Telephone number"].words == "Not given in either"
    assert differing(found.rows) == 0


def test_a_corrected_meaning_is_what_records_are_aligned_by():
    corrected = meanings(a="text", b="text")
    corrected["a"]["corrected"] = "surname"
    told, _ = rows({"a": "Khan"}, {"a": "Kahn"}, corrected, corrected)

    assert told["Surname"].words == "Different: “ha” against “ah”"


def test_columns_of_one_name_stand_beside_each_other_whatever_they_mean():
    same = meanings(Since="date", Note="text")
    told, found = rows({"Since": "2020", "Note": "x"}, {"Since": "2021", "Note": "x"}, same, same)

    assert told["Since"].agreement is Agreement.DIFFERENT
    assert told["Note"].agreement is Agreement.SAME
    assert found.left_others == found.right_others == ()


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("Ann Smith", "Ann Smyth", "“i” against “y”"),
        ("Angela Shaw", "Ava Enid Shaw", "“Angela” against “Ava Enid”"),
        ("3 High Street, Leeds", "3 High Street", "“Leeds” on the left only"),
        ("a b c d e f", "u b v d w x", "“a” against “u”; “c” against “v”; “e f” against “w x”"),
    ],
)
def test_differences_in_words(one, other, words):
    assert compare_texts(one, other)[2] == words


def test_values_are_escaped_before_they_are_marked():
    left, right, _ = compare_texts("<b>x</b>", "<b>y</b>")

    assert "<b>" not in str(left) + str(right)
