"""Five organisations, whom they keep records of, and how they write them down.

Every function returns one part of the extract as text columns in the organisation's own order, with the
person of each row apart. The defects belong to the organisation: they are told in docs/reference/county.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.people.county import identifiers, mistakes
from joinedup.people.county.draw import BoolArray, IntArray, generator, happens, scramble
from joinedup.people.county.observe import Habits, Seen, iso_dates, observe
from joinedup.people.county.places import county_map
from joinedup.people.county.population import CHILD, GRANDPARENT, HEAD, NONE, PARTNER, TODAY, Population

COUNCIL_TAX, GP_REGISTER, SCHOOL_CENSUS = "council_tax", "gp_register", "school_census"
BENEFITS, HOUSING = "benefits", "housing"
ORGANISATIONS = (COUNCIL_TAX, GP_REGISTER, SCHOOL_CENSUS, BENEFITS, HOUSING)

# Written on paper or over a counter, kept for long, corrected by nobody.
_COUNCIL = Habits(date_missing=0.33, former_surname=0.55, former_home=0.08, email_missing=0.45, nickname=0.5)
# Typed from the patient's own words, and used with the NHS number.
_DOCTORS = Habits(careless=0.10, date_missing=0.001, former_home=0.45, email_missing=0.40, date_slip=0.008)
# Parents fill in the form; moves are told late.
_SCHOOLS = Habits(nickname=0.55, date_missing=0.002, surname_misheard=0.03, former_home=0.20)
# Claims are checked against documents; old names stay.
_BENEFITS = Habits(nickname=0.08, date_missing=0.004, date_slip=0.010, former_surname=0.6, former_home=0.30)
# Read from paper forms by machine.
_HOUSING = Habits(misread=0.03, postcode_missing=0.07, date_missing=0.05, former_home=0.35, nickname=0.5)

_TITLES = {0: ("Mr", "Mr", "Mr", "Dr", "Mr."), 1: ("Mrs", "Miss", "Ms", "Mrs", "Dr")}
_NOT_SAID = ("N/A", "UNKNOWN", "-", "Not given", "n/k", "xxx")


@dataclass(frozen=True)
class Part:
    """Rows of one extract: text columns (missing is null), and the person of each row."""

    rows: pa.RecordBatch
    person: IntArray


def extract(organisation: str, block: Population, *, seed: int, part: int, first_row: int) -> Part:
    """One organisation's records of a part of the county, in no order. first_row: rows written before."""
    rng = generator(seed, organisation, part)
    chosen = np.flatnonzero(happens(rng, _on_list(organisation, block, seed), len(block)))
    again = chosen[happens(rng, _TWICE[organisation], len(chosen))]
    rows = rng.permutation(np.concatenate([chosen, again]))
    seen = observe(block, rows, habits=_HABITS[organisation], rng=rng)
    columns = _COLUMNS[organisation](block, seen, rng, first_row + np.arange(len(rows)))
    return Part(pa.RecordBatch.from_pydict(columns), block.person[rows])


_HABITS = dict(zip(ORGANISATIONS, (_COUNCIL, _DOCTORS, _SCHOOLS, _BENEFITS, _HOUSING), strict=True))
_TWICE = {COUNCIL_TAX: 0.012, GP_REGISTER: 0.015, SCHOOL_CENSUS: 0.008, BENEFITS: 0.01, HOUSING: 0.06}


def _on_list(organisation: str, block: Population, seed: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The chance of each person to be on the organisation's list."""
    age = block.age
    adult = age >= 18
    if organisation == COUNCIL_TAX:
        liable = np.select(
            [block.role == HEAD, block.role == PARTNER, block.role == CHILD], [0.96, 0.80, 0.0], 0.10
        )
        return np.where(adult & ~block.no_fixed_address, liable, 0.0)
    if organisation == GP_REGISTER:
        return np.where(block.no_fixed_address, 0.45, 0.965)
    if organisation == SCHOOL_CENSUS:
        return np.where((age >= 4) & (age < 17) & (block.role != GRANDPARENT), 0.93, 0.0)
    if organisation == BENEFITS:
        return np.select([age >= 66, adult], [0.88, 0.24], 0.0)
    social = scramble(block.household + 1_000_003 * seed) % 100 < 18
    return np.where(age >= 16, np.where(social, np.where(adult, 0.9, 0.3), 0.025), 0.0)


def _council_tax(
    block: Population, seen: Seen, rng: np.random.Generator, number: IntArray
) -> dict[str, pa.Array]:
    return {
        "Account Ref": _reference("", number * 7 + 30_000_000, check=True),
        "Liable Party": _full_names(block, seen, rng),
        "Date of Birth": _said(_day_first(seen.born), 0.01, rng),
        "Property Address": _one_line(seen, rng),
        "Postcode": seen.postcode,
        "UPRN": mistakes.blank(
            identifiers.uprns(seen.postcode_number, seen.house), happens(rng, 0.07, len(number))
        ),
        "Contact Tel": _phone(block, seen, rng, missing=0.30, spaced=0.5),
        "E-mail": seen.email,
        "Liable From": _day_first(_since(rng, len(number), years=20)),
    }


def _gp_register(
    block: Population, seen: Seen, rng: np.random.Generator, number: IntArray
) -> dict[str, pa.Array]:
    nhs = identifiers.nhs_numbers(block.person[seen.rows])
    nhs = mistakes.rewrite(nhs, happens(rng, 0.006, len(number)), mistakes.typed, rng)
    nhs = mistakes.blank(nhs, happens(rng, 0.012, len(number)))
    return {
        "patient_id": _reference("GP", number + 1, width=8),
        "nhs_number": nhs,
        "family_name": seen.surname,
        "given_name": seen.first_name,
        "middle_names": mistakes.blank(seen.middle_name, happens(rng, 0.4, len(number))),
        "birth_date": iso_dates(seen.born),
        "gender": _coded(seen.gender, {"M": "male", "F": "female"}),
        "address_line_1": street_line(seen),
        "town": seen.town,
        "postcode": _said(seen.postcode, 0.004, rng, word="ZZ99 3VZ"),
        "mobile": _phone(block, seen, rng, missing=0.25, spaced=0.0),
        "email": seen.email,
        "registered_on": iso_dates(_since(rng, len(number), years=30)),
    }


def _school_census(
    block: Population, seen: Seen, rng: np.random.Generator, number: IntArray
) -> dict[str, pa.Array]:
    upn = identifiers.upns(block.person[seen.rows], block.born[seen.rows])
    age = block.age[seen.rows]
    return {
        "PupilId": _reference("P", number * 3 + 100_000),
        "UPN": mistakes.blank(upn, happens(rng, 0.015, len(number))),
        "Surname": seen.surname,
        "Forename": seen.first_name,
        "MiddleNames": mistakes.blank(seen.middle_name, happens(rng, 0.3, len(number))),
        "DOB": iso_dates(seen.born),
        "Sex": seen.gender,
        "Address.Line1": street_line(seen),
        "Address.Town": seen.town,
        "Address.PostCode": pc.replace_substring(seen.postcode, " ", ""),
        "YearGroup": pc.cast(pa.array(np.maximum(age - 5, 0)), pa.string()),
        "ContactEmail": seen.email,
    }


def _benefits(
    block: Population, seen: Seen, rng: np.random.Generator, number: IntArray
) -> dict[str, pa.Array]:
    nino = identifiers.ninos(block.person[seen.rows])
    nino = mistakes.rewrite(nino, happens(rng, 0.008, len(number)), mistakes.misread, rng)
    nino = mistakes.rewrite(nino, happens(rng, 0.02, len(number)), lambda text, luck: text[:-1], rng)
    name = pc.binary_join_element_wise(
        pc.fill_null(seen.surname, "NOT KNOWN"), pc.fill_null(seen.first_name, ""), ","
    )
    kinds = pa.array(["UC", "PIP", "ESA", "CA", "SP", "PC"])
    pension = block.age[seen.rows] >= 66
    kind = np.where(pension, 4 + scramble(number) % 2, scramble(number) % 4)
    return {
        "CLAIM_REF": _reference("B", number * 11 + 4_000_000, width=9),
        "NINO": mistakes.blank(nino, happens(rng, 0.01, len(number))),
        "NAME": pc.utf8_upper(name),
        "DOB": pc.replace_substring(iso_dates(seen.born), "-", ""),
        "SEX": _coded(seen.gender, {"M": "1", "F": "2"}),
        "ADDRESS": pc.utf8_upper(street_line(seen)),
        "TOWN": pc.utf8_upper(seen.town),
        "POSTCODE": pc.replace_substring(seen.postcode, " ", ""),
        "BENEFIT": kinds.take(pa.array(kind)),
        "START": pc.replace_substring(iso_dates(_since(rng, len(number), years=12)), "-", ""),
    }


def _housing(
    block: Population, seen: Seen, rng: np.random.Generator, number: IntArray
) -> dict[str, pa.Array]:
    return {
        "Tenancy No": _reference("H", number + 50_001, width=7),
        "Title": _titles(block, seen, rng),
        "First name(s)": seen.first_name,
        "Last name": seen.surname,
        "D.O.B.": iso_dates(seen.born),
        "M/F": _coded(seen.gender, {"M": "Male", "F": "Female"}),
        "NI Number": mistakes.blank(_spaced_nino(block, seen), happens(rng, 0.35, len(number))),
        "Address": _one_line(seen, rng),
        "Post Code": _said(pc.utf8_lower(seen.postcode), 0.01, rng),
        "Phone": _phone(block, seen, rng, missing=0.2, spaced=0.8),
        "Email": seen.email,
        "Tenancy start": iso_dates(_since(rng, len(number), years=15)),
    }


_COLUMNS = dict(
    zip(ORGANISATIONS, (_council_tax, _gp_register, _school_census, _benefits, _housing), strict=True)
)


def _reference(prefix: str, number: IntArray, *, width: int = 0, check: bool = False) -> pa.StringArray:
    text = identifiers.digits(number, width=width)
    if check:
        text = pc.binary_join_element_wise(
            text, pa.array(list("ABCDEFGHJKL")).take(pa.array(number % 11)), ""
        )
    return pc.binary_join_element_wise(pa.scalar(prefix), text, "")


def _full_names(block: Population, seen: Seen, rng: np.random.Generator) -> pa.StringArray:
    """ "Mr John Smith", "SMITH, John", "Mrs A Smith" or with the middle initial, as clerks have done it."""
    count = len(seen.rows)
    style = rng.random(count)
    first = mistakes.choose(style > 0.90, pc.utf8_slice_codeunits(seen.first_name, 0, 1), seen.first_name)
    initial = pc.utf8_slice_codeunits(seen.middle_name, 0, 1)
    plain = mistakes.joined(
        mistakes.blank(_titles(block, seen, rng), style < 0.12),
        first,
        mistakes.blank(initial, happens(rng, 0.7, count)),
        seen.surname,
        separator=" ",
    )
    comma = mistakes.joined(pc.utf8_upper(seen.surname), first, separator=", ")
    name = mistakes.choose((style > 0.12) & (style < 0.26), comma, plain)
    dressed = pc.replace_substring(name, "'", "\u2019")
    for bare, accented in (("Zoe", "Zoë"), ("Sian", "Siân"), ("Chloe", "Chloë")):
        dressed = pc.replace_substring(dressed, bare, accented)
    return mistakes.choose(happens(rng, 0.5, count), dressed, name)


def _titles(block: Population, seen: Seen, rng: np.random.Generator) -> pa.StringArray:
    all_titles = pa.array([*_TITLES[0], *_TITLES[1]])
    title = rng.integers(0, 5, len(seen.rows))
    title = np.where((title == 3) & (rng.random(len(title)) < 0.8), 0, title)
    return all_titles.take(pa.array(block.sex[seen.rows] * 5 + title))


def street_line(seen: Seen) -> pa.StringArray:
    """ "12 Mill Lane" or "Flat 3, 12 Mill Lane"; "No fixed address" for people without one."""
    house = np.maximum(seen.house, 1)
    street = county_map().street(seen.postcode_number)
    number = pc.cast(pa.array(np.where(house > 50, house - 40, house)), pa.string())
    line = pc.binary_join_element_wise(number, street, " ")
    flat = pc.binary_join_element_wise(pa.scalar("Flat"), pc.cast(pa.array(house % 7 + 1), pa.string()), " ")
    line = mistakes.choose(house > 50, pc.binary_join_element_wise(flat, line, ", "), line)
    return mistakes.choose(seen.house == NONE, pa.scalar("No fixed address"), line)


def _one_line(seen: Seen, rng: np.random.Generator) -> pa.StringArray:
    line = street_line(seen)
    short = pc.replace_substring_regex(line, " Road$", " Rd")
    short = pc.replace_substring_regex(
        pc.replace_substring_regex(short, " Street$", " St"), " Avenue$", " Ave"
    )
    line = mistakes.choose(happens(rng, 0.3, len(seen.rows)), short, line)
    return mistakes.joined(line, seen.town, separator=", ")


def _phone(
    block: Population, seen: Seen, rng: np.random.Generator, *, missing: float, spaced: float
) -> pa.StringArray:
    count = len(seen.rows)
    plain = identifiers.phones(block.person[seen.rows], block.household[seen.rows])
    gaps = pc.replace_substring_regex(plain, r"^(\d{5})(\d{6})$", r"\1 \2")
    abroad = pc.replace_substring_regex(plain, r"^0(\d{4})(\d{6})$", r"+44 \1 \2")
    text = mistakes.choose(happens(rng, spaced, count), gaps, plain)
    text = mistakes.choose(happens(rng, 0.06, count), abroad, text)
    return mistakes.blank(text, happens(rng, missing, count))


def _spaced_nino(block: Population, seen: Seen) -> pa.StringArray:
    nino = identifiers.ninos(block.person[seen.rows])
    return pc.replace_substring_regex(nino, r"^(..)(..)(..)(..)(.)$", r"\1 \2 \3 \4 \5")


def _day_first(born: IntArray) -> pa.StringArray:
    return pc.replace_substring_regex(iso_dates(born), r"^(\d{4})-(\d\d)-(\d\d)$", r"\3/\2/\1")


def _since(rng: np.random.Generator, count: int, *, years: int) -> IntArray:
    return np.asarray(TODAY - (years * 365 * rng.random(count) ** 1.5).astype(np.int64) - 1)


def _coded(column: pa.StringArray, codes: dict[str, str]) -> pa.StringArray:
    for value, code in codes.items():
        column = pc.replace_substring_regex(column, f"^{value}$", code)
    return column


def _said(
    column: pa.StringArray, chance: float, rng: np.random.Generator, *, word: str = ""
) -> pa.StringArray:
    """Words for "no value" where a clerk had to put something."""
    count = len(column)
    words = pa.array([word] if word else list(_NOT_SAID)).take(
        pa.array(rng.integers(0, 1 if word else len(_NOT_SAID), count))
    )
    where: BoolArray = happens(rng, chance, count)
    return mistakes.choose(where, words, column)
