"""The county's people: skewed names, households, twins, and the same bytes for the same seed."""

from dataclasses import fields

import numpy as np
import pytest

from joinedup.people.county import Population, population, population_blocks
from joinedup.people.county.names import FEMALE, MALE, TRADITIONS, name_book
from joinedup.people.county.places import county_map
from joinedup.people.county.population import CHILD, HEAD, NONE, PARTNER
from joinedup.values.postcode import is_postcode


@pytest.fixture(scope="module")
def county() -> Population:
    return population(people=60_000, seed=3)


def test_the_count_is_exact_over_several_parts():
    blocks = list(population_blocks(people=250_001, seed=1))

    assert sum(map(len, blocks)) == 250_001
    people = np.concatenate([block.person for block in blocks])
    assert np.array_equal(people, np.arange(250_001))


def test_the_same_seed_makes_the_same_people_and_another_seed_others(county: Population):
    again, other = population(people=60_000, seed=3), population(people=60_000, seed=4)

    for field in fields(Population):
        assert np.array_equal(getattr(county, field.name), getattr(again, field.name)), field.name
    assert (county.surname != other.surname).mean() > 0.9


def test_names_are_skewed_with_a_long_tail(county: Population):
    names, counts = np.unique(county.surname, return_counts=True)
    commonest = name_book().surnames[int(names[counts.argmax()])].as_py()

    assert commonest == "Smith"
    # Of England's people 1.2 in 100 were called Smith; of this county's, about as many.
    assert 0.005 < counts.max() / len(county) < 0.02
    assert (counts <= 3).sum() > len(names) / 2
    assert len(name_book().surnames) > 20_000


def test_every_tradition_is_there(county: Population):
    shares = np.bincount(county.tradition, minlength=len(TRADITIONS)) / len(county)

    assert (shares > 0.003).all()
    assert shares.argmax() == TRADITIONS.index("english")


def test_some_surnames_have_two_letters(county: Population):
    spellings = name_book().surnames.take(county.surname).to_pylist()

    assert {"Li", "Wu", "Ng"} <= {name for name in spellings if len(name) == 2}


def test_first_names_fit_the_year_of_birth(county: Population):
    names = np.array(name_book().first_names.take(county.first_name).to_pylist())
    old, young = county.age > 75, county.age < 20

    assert (names[old] == "Doreen").sum() > 5 * (names[young] == "Doreen").sum()
    assert (names[young] == "Poppy").sum() > 5 * (names[old] == "Poppy").sum()


def test_most_children_share_the_surname_and_postcode_of_the_head(county: Population):
    children = np.flatnonzero(county.role == CHILD)
    heads = np.searchsorted(county.household, county.household[children])

    assert (county.role[heads] == HEAD).all()
    assert (county.home[children] == county.home[heads]).all()
    assert 0.7 < (county.surname[children] == county.surname[heads]).mean() < 0.95
    assert (county.born[children] > county.born[heads]).mean() > 0.999


def test_a_few_siblings_are_twins(county: Population):
    both = (county.role[1:] == CHILD) & (county.role[:-1] == CHILD)
    siblings = both & (county.household[1:] == county.household[:-1])
    twins = siblings & (county.born[1:] == county.born[:-1])

    assert 0.01 < twins.sum() / siblings.sum() < 0.05


def test_some_sons_bear_their_fathers_name_at_the_same_address(county: Population):
    children = np.flatnonzero((county.role == CHILD) & (county.sex == MALE))
    heads = np.searchsorted(county.household, county.household[children])
    same = (county.first_name[children] == county.first_name[heads]) & (county.sex[heads] == MALE)

    assert 0.005 < same.mean() < 0.06


def test_only_women_change_their_surname_at_marriage(county: Population):
    changed = county.former_surname != NONE

    assert changed.sum() > 100
    assert (county.sex[changed] == FEMALE).all()
    assert np.isin(county.role[changed], (HEAD, PARTNER)).all()


def test_a_polish_woman_bears_the_feminine_form():
    book = name_book()
    spellings = book.surnames.to_pylist()

    assert spellings[book.for_women[spellings.index("Kowalski")]] == "Kowalska"
    assert spellings[book.for_women[spellings.index("Smith")]] == "Smith"


def test_postcodes_are_valid_in_form_and_area(county: Population):
    postcodes = county_map().postcode(np.unique(county.home)).to_pylist()

    assert all(is_postcode(postcode) for postcode in postcodes)
    assert len(set(postcodes)) == len(postcodes)


def test_about_forty_people_share_a_postcode_at_any_size(county: Population):
    small = population(people=20_000, seed=3)

    for one in (small, county):
        _, counts = np.unique(one.home, return_counts=True)
        assert 25 < (counts**2).sum() / counts.sum() < 70


def test_family_email_is_owned_by_the_head(county: Population):
    shared = np.flatnonzero((county.mail_owner != NONE) & (county.mail_owner != np.arange(len(county))))

    assert len(shared) > 100
    assert (county.household[county.mail_owner[shared]] == county.household[shared]).all()
