"""Numbers that are right in form, one a person, and issued to nobody."""

import numpy as np

from joinedup.people.county.identifiers import nhs_numbers, ninos, phones, upns, uprns
from joinedup.values.nhs_number import is_nhs_number
from joinedup.values.nino import is_nino
from joinedup.values.upn import is_upn
from joinedup.values.uprn import is_uprn

PEOPLE = np.arange(30_000)


def test_nhs_numbers_are_valid_unique_and_from_the_test_range():
    numbers = nhs_numbers(PEOPLE).to_pylist()

    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("999") and is_nhs_number(number) for number in numbers)


def test_nhs_numbers_go_on_below_the_test_range_for_a_larger_county():
    number = nhs_numbers(np.array([900_000, 1_800_000])).to_pylist()

    assert [one[:3] for one in number] == ["998", "997"]
    assert all(map(is_nhs_number, number))


def test_ninos_are_right_in_form_with_prefixes_that_no_person_has():
    numbers = ninos(PEOPLE).to_pylist()

    assert len({number[:8] for number in numbers}) == len(numbers)
    assert all(map(is_nino, numbers))
    assert {number[:2] for number in numbers} == {"CR", "NC", "PP"}


def test_pupil_numbers_have_their_check_letter_and_are_unique():
    numbers = upns(PEOPLE, np.full(len(PEOPLE), 15_000)).to_pylist()

    assert len(set(numbers)) == len(numbers)
    assert all(map(is_upn, numbers))
    assert all(number[1:4] == "998" for number in numbers)


def test_property_numbers_differ_from_house_to_house():
    numbers = uprns(np.array([5, 5, 6]), np.array([1, 2, 1])).to_pylist()

    assert len(set(numbers)) == 3
    assert all(map(is_uprn, numbers))


def test_telephone_numbers_are_those_set_aside_for_drama():
    # Ofcom: 07700 900000-900999, 01632 960000-960999, 0113 496 0000-0999 and its like.
    drama = (
        "07700900",
        "01632960",
        *(f"01{city}4960" for city in (13, 14, 15, 16, 17, 18, 21, 31, 41, 51, 61)),
    )
    numbers = phones(PEOPLE, PEOPLE // 3).to_pylist()

    assert all(number.startswith(drama) and len(number) == 11 for number in numbers)


def test_a_household_shares_its_landline():
    numbers = phones(PEOPLE, PEOPLE // 3).to_pylist()
    landlines = [(person // 3, number) for person, number in enumerate(numbers) if number.startswith("01")]

    assert len(set(landlines)) == len({household for household, _ in landlines})
