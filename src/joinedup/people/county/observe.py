"""A person becomes a record: what an organisation writes down, with its own habits and mistakes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.people.county import mistakes
from joinedup.people.county.draw import BoolArray, IntArray, happens, scramble
from joinedup.people.county.names import name_book
from joinedup.people.county.places import county_map
from joinedup.people.county.population import NONE, Population

_DAY_ZERO = np.datetime64("1900-01-01").astype(np.int64)
_DAYS = 54_787  # to the end of 2049
_MAIL_SHARES = np.array([0.27, 0.17, 0.09, 0.12, 0.10, 0.08, 0.07, 0.04, 0.02, 0.04])


@dataclass(frozen=True)
class Habits:
    """How often one organisation's records go wrong: chances a record (of those it can happen to).

    Mistakes cluster: `careless` records make `careless_times` as many as the others.
    """

    careless: float = 0.17
    careless_times: float = 4.2
    first_name_missing: float = 0.006
    surname_missing: float = 0.004
    date_missing: float = 0.030
    gender_missing: float = 0.02
    postcode_missing: float = 0.04
    email_missing: float = 0.35
    town_missing: float = 0.02
    nickname: float = 0.40  # of those who go by one
    initial_only: float = 0.010
    middle_for_first: float = 0.012
    names_swapped: float = 0.008
    first_name_typed: float = 0.042
    first_name_misheard: float = 0.020
    surname_typed: float = 0.045
    surname_misheard: float = 0.022
    misread: float = 0.007  # each of the names
    half_surname: float = 0.30  # of double-barrelled ones
    former_surname: float = 0.40  # of those who changed it
    former_home: float = 0.45  # of those who moved
    day_month_swapped: float = 0.012
    date_slip: float = 0.036  # one digit of day, month or year
    first_of_january: float = 0.006
    gender_wrong: float = 0.004
    postcode_typed: float = 0.018
    email_typed: float = 0.015
    email_other: float = 0.10  # another address of the same person


@dataclass(frozen=True)
class Seen:
    """Records of people, one row a record, in the columns' natural types.

    born, house: NONE where missing. rows: the position of each record's person. postcode_number: the
    home that was recorded (former or present), also where its postcode is missing or mistyped.
    """

    rows: IntArray
    first_name: pa.Array
    middle_name: pa.Array
    surname: pa.Array
    born: IntArray
    gender: pa.Array
    postcode: pa.Array
    postcode_number: IntArray
    house: IntArray
    town: pa.Array
    email: pa.Array


def observe(block: Population, rows: IntArray, *, habits: Habits, rng: np.random.Generator) -> Seen:
    """Records of the people at the given positions (a position may come several times)."""
    count = len(rows)
    book, where = name_book(), county_map()
    careful = (1 - habits.careless * habits.careless_times) / (1 - habits.careless)
    times = np.where(rng.random(count) < habits.careless, habits.careless_times, max(careful, 0.1))

    def slips(chance: float) -> BoolArray:
        return happens(rng, np.minimum(chance * times, 1.0), count)

    first = book.first_names.take(pa.array(block.first_name[rows]))
    middle = book.first_names.take(_positions(block.middle_name[rows]))
    first = _as_known(first, block.known_as[rows] & happens(rng, habits.nickname, count), rng)
    by_middle = slips(habits.middle_for_first) & (block.middle_name[rows] != NONE)
    first, middle = mistakes.choose(by_middle, middle, first), mistakes.choose(by_middle, first, middle)
    first = mistakes.rewrite(first, slips(habits.first_name_misheard), mistakes.misheard, rng)
    first = mistakes.rewrite(first, slips(habits.first_name_typed), mistakes.typed, rng)
    first = mistakes.rewrite(first, slips(habits.misread), mistakes.misread, rng)
    first = mistakes.rewrite(first, slips(habits.initial_only), mistakes.initial, rng)

    surname = _surnames(block, rows, habits, rng)
    surname = mistakes.rewrite(surname, slips(habits.surname_misheard), mistakes.misheard, rng)
    surname = mistakes.rewrite(surname, slips(habits.surname_typed), mistakes.typed, rng)
    surname = mistakes.rewrite(surname, slips(habits.misread), mistakes.misread, rng)
    swapped = slips(habits.names_swapped)
    first, surname = mistakes.choose(swapped, surname, first), mistakes.choose(swapped, first, surname)
    first = mistakes.blank(first, slips(habits.first_name_missing))
    surname = mistakes.blank(surname, slips(habits.surname_missing))

    born = _dates(block.born[rows], slips, habits, rng)
    wrong = happens(rng, habits.gender_wrong, count)
    gender = pa.array(["M", "F"]).take(pa.array(np.where(wrong, 1 - block.sex[rows], block.sex[rows])))
    gender = mistakes.blank(gender, slips(habits.gender_missing))

    former = (block.former_home[rows] != NONE) & happens(rng, habits.former_home, count)
    home = np.where(former, block.former_home[rows], block.home[rows])
    house = np.where(former, block.former_house[rows], block.house[rows])
    homeless = block.no_fixed_address[rows]
    postcode = mistakes.rewrite(where.postcode(home), slips(habits.postcode_typed), _mistyped_postcode, rng)
    postcode = mistakes.blank(postcode, slips(habits.postcode_missing) | homeless)
    town = mistakes.blank(where.town(home), slips(habits.town_missing))

    email = _emails(block, rows, happens(rng, habits.email_other, count))
    email = mistakes.rewrite(email, slips(habits.email_typed), mistakes.typed, rng)
    email = mistakes.blank(email, happens(rng, habits.email_missing, count))
    return Seen(
        rows=rows,
        first_name=first,
        middle_name=middle,
        surname=surname,
        born=born,
        gender=gender,
        postcode=postcode,
        postcode_number=home,
        house=np.where(homeless, NONE, house),
        town=town,
        email=email,
    )


@cache
def iso_days() -> pa.StringArray:
    """Every day from 1900 to 2049 as YYYY-MM-DD."""
    days = (_DAY_ZERO + np.arange(_DAYS)).astype("datetime64[D]")
    return pa.array(np.datetime_as_string(days).tolist(), pa.string())


def iso_dates(born: IntArray) -> pa.StringArray:
    """Days since 1970 as YYYY-MM-DD; NONE becomes missing."""
    return iso_days().take(pa.array(born - _DAY_ZERO, mask=born == NONE))


def _positions(codes: IntArray) -> pa.Array:
    return pa.array(codes, mask=codes == NONE)


def _as_known(first: pa.Array, where: BoolArray, rng: np.random.Generator) -> pa.Array:
    nicknames = name_book().nicknames

    def short(name: str, luck: int) -> str:
        forms = nicknames.get(name)
        return forms[luck % 7 % len(forms)] if forms else name

    return mistakes.rewrite(first, where, short, rng)


def _surnames(block: Population, rows: IntArray, habits: Habits, rng: np.random.Generator) -> pa.Array:
    book, count = name_book(), len(rows)
    former = (block.former_surname[rows] != NONE) & happens(rng, habits.former_surname, count)
    surname = book.surnames.take(pa.array(np.where(former, block.former_surname[rows], block.surname[rows])))
    double = (block.second_surname[rows] != NONE) & ~former
    second = book.surnames.take(_positions(block.second_surname[rows]))
    joint = np.array(["-", " "])[happens(rng, 0.2, count).astype(np.int64)]
    both = pc.binary_join_element_wise(surname, second, pa.array(joint))
    half = happens(rng, habits.half_surname, count)
    which = happens(rng, 0.5, count)
    surname = mistakes.choose(double & ~half, both, surname)
    return mistakes.choose(double & half & which, second, surname)


def _dates(
    born: IntArray, slips: Callable[[float], BoolArray], habits: Habits, rng: np.random.Generator
) -> IntArray:
    """Days of birth as written: some slipped, some placeholders, some NONE. Every one a real date."""
    months = born.astype("datetime64[D]").astype("datetime64[M]")
    month = months.astype(np.int64) % 12
    day = born - months.astype("datetime64[D]").astype(np.int64)
    january = months.astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)

    swap = slips(habits.day_month_swapped) & (day < 12)
    swapped_month = months - month + day
    born = np.where(swap, swapped_month.astype("datetime64[D]").astype(np.int64) + month, born)

    slip, kind = slips(habits.date_slip), rng.integers(0, 10, len(born))
    step = np.where(rng.random(len(born)) < 0.5, 1, -1)
    born = np.where(slip & (kind < 4), born + step * np.where(kind == 0, 10, 1), born)
    other_month = (months + step).astype("datetime64[D]").astype(np.int64) + np.minimum(day, 27)
    born = np.where(slip & (kind >= 4) & (kind < 6), other_month, born)
    years = np.where(kind == 9, 10, 1) * step
    other_year = (months + 12 * years).astype("datetime64[D]").astype(np.int64) + np.minimum(day, 27)
    born = np.where(slip & (kind >= 6), other_year, born)
    born = np.where(slips(habits.first_of_january), january, born)
    latest = _DAY_ZERO + _DAYS - 1
    return np.where(slips(habits.date_missing), NONE, np.clip(born, _DAY_ZERO, latest))


def _mistyped_postcode(postcode: str, luck: int) -> str:
    """Another valid-looking postcode: one letter or digit of it changed in kind."""
    place = luck % len(postcode)
    letter = postcode[place]
    if letter == " ":
        return postcode.replace(" ", "")
    others = "ABDEFGHJLNPQRSTUWXYZ" if letter.isalpha() else "123456789"
    return postcode[:place] + others[(luck // 16) % len(others)] + postcode[place + 1 :]


def _emails(block: Population, rows: IntArray, other: BoolArray) -> pa.Array:
    """The address given by each record's person, who may use a parent's or partner's."""
    owner = block.mail_owner[rows]
    person = np.maximum(owner, 0)
    luck = scramble(block.person[person] * 2 + other)
    first = _plain_first_names().take(pa.array(block.first_name[person]))
    last = _plain_surnames().take(pa.array(block.surname[person]))
    style = luck % 11
    head = pc.utf8_slice_codeunits(first, 0, 1)
    parts = np.select([style < 3, style < 5, style < 6, style < 8, style < 9], [0, 1, 2, 3, 4], 5)
    local = pc.choose(
        pa.array(parts),
        pc.binary_join_element_wise(first, last, "."),
        pc.binary_join_element_wise(head, last, ""),
        pc.binary_join_element_wise(first, last, "_"),
        pc.binary_join_element_wise(first, last, ""),
        pc.binary_join_element_wise(last, head, ""),
        first,
    )
    local = pc.binary_join_element_wise(local, _mail_numbers(block, person, luck, parts), "")
    domain_of = np.searchsorted(np.cumsum(_MAIL_SHARES), (scramble(luck) % 100_003) / 100_003, side="right")
    domain = pa.array(county_map().mail_domains).take(pa.array(np.minimum(domain_of, len(_MAIL_SHARES) - 1)))
    return mistakes.blank(pc.binary_join_element_wise(local, domain, "@"), owner == NONE)


def _mail_numbers(block: Population, person: IntArray, luck: IntArray, parts: IntArray) -> pa.Array:
    """Digits that keep addresses apart: providers refuse an address that is taken, so namesakes add some."""
    year = 1970 + (block.born[person] / 365.25).astype(np.int64)
    number = (luck // 1009) % 1_000_000
    common = _common_surnames()[block.surname[person]]
    kind = (luck // 11) % 10
    few = np.where(kind < 4, year % 100, number % 1000)
    many = np.where(kind < 3, year, number % 100_000)
    value = np.where(parts == 5, number, np.where(common, many, few))
    none = (kind >= 7) & ~common & (parts != 5)
    return mistakes.choose(none, pa.scalar(""), pc.cast(pa.array(value), pa.string()))


@cache
def _common_surnames() -> BoolArray:
    book = name_book()
    common = np.zeros(len(book.surnames), dtype=bool)
    for choices, shares in book.surname_choices:
        common[choices[shares > 2e-4]] = True
    return common


@cache
def _plain_first_names() -> pa.Array:
    return pc.replace_substring_regex(pc.utf8_lower(name_book().first_names), "[^a-z]", "")


@cache
def _plain_surnames() -> pa.Array:
    return pc.replace_substring_regex(pc.utf8_lower(name_book().surnames), "[^a-z]", "")
