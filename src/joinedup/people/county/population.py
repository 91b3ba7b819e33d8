"""The people of the county: households with names, ages, homes and the events that change them.

What makes linking hard is put here and in `mistakes`, each by a mechanism known from life: namesakes,
fathers and sons of one name, twins, partners with one e-mail address, kin in one district, people who
move or marry between two records. Nothing here knows which records will be made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date

import numpy as np

from joinedup.people.county.draw import BoolArray, FloatArray, IntArray, generator, happens, pick
from joinedup.people.county.names import FEMALE, MALE, TRADITION_SHARES, TRADITIONS, NameBook, name_book
from joinedup.people.county.places import county_map

ON = date(2026, 3, 31)  # the day the county is looked at; ages count back from it
TODAY = int(np.datetime64(ON).astype(np.int64))
BLOCK_PEOPLE = 100_000
NONE = -1  # in an array of positions: there is none
HEAD, PARTNER, CHILD, GRANDPARENT, SHARER = range(5)
_SINGLE, _COUPLE, _FAMILY, _LONE_PARENT, _THREE_GENERATIONS, _SHARED = range(6)
# Shares of the kinds of household by the head's age: below 30, 30 to 54, 55 to 69, 70 and over.
_KINDS_BY_AGE = np.array(
    [
        [0.38, 0.30, 0.16, 0.08, 0.01, 0.07],
        [0.20, 0.18, 0.42, 0.14, 0.04, 0.02],
        [0.30, 0.46, 0.12, 0.06, 0.05, 0.01],
        [0.48, 0.47, 0.02, 0.01, 0.015, 0.005],
    ]
)


@dataclass(frozen=True)
class Population:
    """People, one position a person in every array; the members of a household stand together.

    person, household: numbers, unique in the county. role: HEAD … SHARER. born: days since 1970-01-01.
    first_name, middle_name, surname, second_surname (of a double-barrelled one), former_surname: places
    in the name book. home, former_home: postcode numbers; house, former_house: house numbers.
    mail_owner: position of the person whose e-mail address is given, who may be a parent or partner.
    former_surname and former_home are set only where the change is recent enough to be met in records.
    NONE stands for "there is none" in all of them. known_as: goes by a short form of the first name.
    """

    person: IntArray
    household: IntArray
    role: IntArray
    tradition: IntArray
    sex: IntArray
    born: IntArray
    first_name: IntArray
    middle_name: IntArray
    surname: IntArray
    second_surname: IntArray
    former_surname: IntArray
    home: IntArray
    house: IntArray
    former_home: IntArray
    former_house: IntArray
    mail_owner: IntArray
    known_as: BoolArray
    no_fixed_address: BoolArray

    def __len__(self) -> int:
        return len(self.person)

    @property
    def age(self) -> IntArray:
        """Whole years on the day the county is looked at, near enough for deciding who is on which list."""
        return np.asarray((TODAY - self.born) / 365.25, dtype=np.int64)


def population(*, people: int, seed: int) -> Population:
    """The whole county in memory: about 150 bytes a person."""
    blocks = list(population_blocks(people=people, seed=seed))
    starts = np.cumsum([0, *(len(block) for block in blocks)])
    columns = {field.name: [getattr(block, field.name) for block in blocks] for field in fields(Population)}
    columns["mail_owner"] = [
        np.where(block.mail_owner == NONE, NONE, block.mail_owner + start)
        for block, start in zip(blocks, starts, strict=False)
    ]
    return Population(**{name: np.concatenate(parts) for name, parts in columns.items()})


def population_blocks(*, people: int, seed: int) -> Iterator[Population]:
    """The county in parts of at most BLOCK_PEOPLE, whole households as far as the count allows.

    Positions (mail_owner) count within the part; person and household numbers run through the county.
    """
    parts = max(1, -(-people // BLOCK_PEOPLE))
    edges = np.linspace(0, people, parts + 1).astype(np.int64)
    for part in range(parts):
        count = int(edges[part + 1] - edges[part])
        rng = generator(seed, "people", part)
        yield _block(rng, count=count, first_person=int(edges[part]), people=people)


def people_without_address(*, count: int, people: int, seed: int) -> Population:
    """So many adults without a fixed address, beside a county of so many people, whose numbers theirs follow.

    They come from a stream of their own, so that the county stays as it is.
    """
    drawn = _block(generator(seed, "without address"), count=3 * count + 30, first_person=0, people=people)
    chosen = np.flatnonzero(drawn.age >= 18)[:count]
    place = np.full(len(drawn), NONE)
    place[chosen] = np.arange(count)
    columns = {field.name: getattr(drawn, field.name)[chosen] for field in fields(Population)}
    owner = columns["mail_owner"]
    columns |= {
        "person": people + np.arange(count),
        "household": people + columns["household"],
        "mail_owner": np.where(owner == NONE, NONE, place[np.maximum(owner, 0)]),
        "no_fixed_address": np.ones(count, dtype=bool),
    }
    return Population(**columns)


def _block(rng: np.random.Generator, *, count: int, first_person: int, people: int) -> Population:
    book = name_book()
    homes = _Households.draw(rng, count // 2 + 60, people=people)
    household, position = homes.expand(count)
    role, sex, age, tradition = _members(rng, homes, household, position)
    born = (TODAY - age * 365.25 - rng.random(len(age)) * 3).astype(np.int64)
    _make_twins(rng, role, household, born, sex)
    year = 1970 + (born / 365.25).astype(np.int64)

    first = book.first_name(rng, tradition, sex, year)
    again = book.first_name(rng, tradition, sex, year)
    repeated = (first == np.roll(first, 1)) & (household == np.roll(household, 1))
    first = np.where(repeated, again, first)
    first = _named_after_a_parent(rng, role, sex, household, first, homes)
    middle = np.where(happens(rng, 0.78, count), book.first_name(rng, tradition, sex, year - 30), NONE)
    surname, second, former = _surnames(rng, homes, book, household, role, sex, age, tradition)

    home, house = homes.postcode[household], homes.house[household]
    moved_together = homes.moved[household] & (role != SHARER)
    left_home = (age >= 19) & (age < 33) & happens(rng, 0.30, count)
    elsewhere = county_map().nearby(rng, home, people=people)
    former_home = np.where(moved_together, homes.former_postcode[household], NONE)
    former_home = np.where(left_home, elsewhere, former_home)
    former_house = np.where(left_home, rng.integers(1, 60, count), homes.former_house[household])
    return Population(
        person=first_person + np.arange(count),
        household=first_person + household,
        role=role,
        tradition=tradition,
        sex=sex,
        born=born,
        first_name=first,
        middle_name=middle,
        surname=surname,
        second_surname=second,
        former_surname=former,
        home=home,
        house=house,
        former_home=former_home,
        former_house=former_house,
        mail_owner=_mail_owner(rng, role, age, household),
        known_as=happens(rng, 0.30, count),
        no_fixed_address=(homes.kind[household] == _SINGLE) & (age < 65) & happens(rng, 0.015, count),
    )


@dataclass(frozen=True)
class _Households:
    kind: IntArray
    head_age: FloatArray
    tradition: IntArray
    surname: IntArray
    children: IntArray
    grandparents: IntArray
    sharers: IntArray
    married: BoolArray
    postcode: IntArray
    house: IntArray
    moved: BoolArray
    former_postcode: IntArray
    former_house: IntArray
    kin: IntArray

    @staticmethod
    def draw(rng: np.random.Generator, count: int, *, people: int) -> _Households:
        where = county_map()
        head_age = 19 + 74 * rng.beta(1.25, 1.45, count)
        kind = np.zeros(count, dtype=np.int64)
        for band in range(4):
            rows = np.flatnonzero(np.digitize(head_age, (30, 55, 70)) == band)
            kind[rows] = pick(rng, _KINDS_BY_AGE[band], len(rows))
        with_children = np.isin(kind, (_FAMILY, _LONE_PARENT, _THREE_GENERATIONS))
        children = np.where(with_children, 1 + pick(rng, np.array([0.42, 0.39, 0.14, 0.05]), count), 0)
        tradition = pick(rng, TRADITION_SHARES, count)
        surname = name_book().surname(rng, tradition)
        postcode = where.homes(rng, count, people=people)
        # Kin: some households are headed by a relative of another one, often in the same district.
        kin = np.where(happens(rng, 0.14, count), rng.integers(0, count, count), NONE)
        has_kin = kin != NONE
        tradition = np.where(has_kin, tradition[kin], tradition)
        surname = np.where(has_kin, surname[kin], surname)
        near = has_kin & happens(rng, 0.6, count)
        district = np.where(near, postcode[kin], postcode) // 3600
        postcode = np.where(near, where.within(rng, district, people=people), postcode)
        return _Households(
            kind=kind,
            head_age=head_age,
            tradition=tradition,
            surname=surname,
            children=children,
            grandparents=np.where(kind == _THREE_GENERATIONS, rng.integers(1, 3, count), 0),
            sharers=np.where(kind == _SHARED, rng.integers(1, 5, count), 0),
            married=happens(rng, np.where(head_age < 35, 0.5, 0.82), count),
            postcode=postcode,
            house=1 + (60 * rng.random(count) ** 1.4).astype(np.int64),
            moved=happens(rng, np.where(head_age < 45, 0.36, 0.16), count),
            former_postcode=where.nearby(rng, postcode, people=people),
            former_house=rng.integers(1, 60, count),
            kin=kin,
        )

    @property
    def has_partner(self) -> BoolArray:
        return np.isin(self.kind, (_COUPLE, _FAMILY, _THREE_GENERATIONS))

    def expand(self, count: int) -> tuple[IntArray, IntArray]:
        """The household and the position in it of each of the first count people."""
        size = 1 + self.has_partner + self.children + self.grandparents + self.sharers
        household = np.repeat(np.arange(len(size)), size)
        position = np.arange(len(household)) - np.repeat(np.cumsum(size) - size, size)
        if len(household) < count:
            raise AssertionError("too few households were drawn")
        return household[:count], position[:count]


def _members(
    rng: np.random.Generator, homes: _Households, household: IntArray, position: IntArray
) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
    """role, sex, age (years, with fraction) and tradition of each person."""
    count = len(household)
    partner = homes.has_partner[household].astype(np.int64)
    children, grandparents = homes.children[household], homes.grandparents[household]
    role = np.full(count, SHARER)
    role[position <= partner + children + grandparents] = GRANDPARENT
    role[position <= partner + children] = CHILD
    role[(position == 1) & (partner == 1)] = PARTNER
    role[position == 0] = HEAD

    sex = rng.integers(0, 2, count)
    head_is_man = np.where(
        homes.has_partner, rng.random(len(homes.kind)) < 0.86, rng.random(len(homes.kind)) < 0.5
    )
    head_is_man &= ~((homes.kind == _LONE_PARENT) & (rng.random(len(homes.kind)) < 0.7))
    sex = np.where(role == HEAD, np.where(head_is_man[household], MALE, FEMALE), sex)
    other = np.where(head_is_man[household] ^ happens(rng, 0.02, count), FEMALE, MALE)
    sex = np.where(role == PARTNER, other, sex)

    head = homes.head_age[household]
    mother = head - 2.0
    youngest = np.maximum(0, mother - 42)
    oldest = np.maximum(youngest + 1, np.minimum(mother - 18, np.maximum(24, youngest + 6)))
    age = head.copy()
    age = np.where(role == PARTNER, 18 + np.abs(head - 19.5 + rng.normal(0, 3.5, count)), age)
    age = np.where(role == CHILD, youngest + (oldest - youngest) * rng.random(count), age)
    age = np.where(role == GRANDPARENT, head + (99 - head) * (0.35 + 0.4 * rng.random(count)), age)
    age = np.where(role == SHARER, 18 + 26 * rng.beta(1.3, 3, count), age)

    tradition = homes.tradition[household]
    mixed = ((role == PARTNER) & happens(rng, 0.10, count)) | (role == SHARER)
    tradition = np.where(mixed, pick(rng, TRADITION_SHARES, count), tradition)
    return role, sex, age, tradition


def _make_twins(
    rng: np.random.Generator, role: IntArray, household: IntArray, born: IntArray, sex: IntArray
) -> None:
    """Give some children the birthday, and often the sex, of the sibling before them (in place)."""
    sibling = (role[1:] == CHILD) & (role[:-1] == CHILD) & (household[1:] == household[:-1])
    twins = 1 + np.flatnonzero(sibling & happens(rng, 0.022, len(sibling)))
    for twin in twins:  # in order: triplets come of two in a row
        born[twin] = born[twin - 1]
    same_sex = twins[happens(rng, 0.65, len(twins))]
    sex[same_sex] = sex[same_sex - 1]


def _named_after_a_parent(
    rng: np.random.Generator,
    role: IntArray,
    sex: IntArray,
    household: IntArray,
    first: IntArray,
    homes: _Households,
) -> IntArray:
    """Some eldest sons bear their father's first name, some heads that of a kinsman."""
    starts = np.searchsorted(household, np.arange(len(homes.kind)))
    starts = np.minimum(starts, len(first) - 1)
    head = starts[household]
    eldest = (role == CHILD) & (np.roll(role, 1) != CHILD)
    chance = np.where(sex == MALE, 0.055, 0.015)
    junior = eldest & (sex == sex[head]) & happens(rng, chance, len(first))
    first = np.where(junior, first[head], first)
    kin = homes.kin[household]
    like_kin = (role == HEAD) & (kin != NONE) & happens(rng, 0.05, len(first))
    kin_head = starts[np.maximum(kin, 0)]
    return np.where(like_kin & (sex == sex[kin_head]), first[kin_head], first)


def _surnames(
    rng: np.random.Generator,
    homes: _Households,
    book: NameBook,
    household: IntArray,
    role: IntArray,
    sex: IntArray,
    age: FloatArray,
    tradition: IntArray,
) -> tuple[IntArray, IntArray, IntArray]:
    """surname, second_surname and former_surname of each person."""
    count = len(household)
    family = homes.surname[household]
    own = book.surname(rng, tradition)
    other_family = book.surname(rng, homes.tradition)[household]  # an absent father's, a first husband's
    keeps = np.isin(tradition, (TRADITIONS.index("chinese"), TRADITIONS.index("arabic")))
    takes = homes.married[household] & happens(rng, np.where(keeps, 0.15, 0.86), count)

    surname = family.copy()
    surname = np.where((role == PARTNER) & ~takes, own, surname)
    surname = np.where(role == SHARER, own, surname)
    surname = np.where((role == GRANDPARENT) & happens(rng, 0.35, count), own, surname)
    stepchild = np.where(homes.kind == _LONE_PARENT, 0.35, 0.09)[household]
    of_other = (rng.random(len(homes.kind))[household] < stepchild) & (role == CHILD)
    surname = np.where(of_other, other_family, surname)

    barrelled = (role == PARTNER) & takes & happens(rng, 0.04, count)
    second = np.where(barrelled, surname, NONE)
    surname = np.where(barrelled, own, surname)
    both = (
        (role == CHILD)
        & ~of_other
        & ~homes.married[household]
        & (rng.random(len(homes.kind))[household] < 0.12)
    )
    second = np.where(both & (other_family != surname), other_family, second)

    changed = ((role == PARTNER) & takes) | ((role == HEAD) & (homes.kind[household] <= _LONE_PARENT))
    recent = np.where(age < 42, 0.40, 0.07) * np.where(role == PARTNER, 1.0, 0.35)
    former = np.where(changed & (sex == FEMALE) & happens(rng, recent, count), own, NONE)

    punjabi = tradition == TRADITIONS.index("punjabi")
    khalsa = punjabi & (homes.house[household] % 5 == 0)  # the whole household, or none of it
    surname = np.where(khalsa, np.where(sex == MALE, book.singh, book.kaur), surname)
    alone = (tradition == TRADITIONS.index("muslim_asian")) & (sex == FEMALE) & happens(rng, 0.35, count)
    surname = np.where(
        alone, book.by_women_alone[pick(rng, np.array([6, 3, 3, 1.5, 1.5, 1]), count)], surname
    )
    surname = np.where(sex == FEMALE, book.for_women[surname], surname)
    second = np.where(khalsa | alone | (second == surname), NONE, second)
    return surname, second, np.where(former == surname, NONE, former)


def _mail_owner(rng: np.random.Generator, role: IntArray, age: FloatArray, household: IntArray) -> IntArray:
    count = len(role)
    chance = np.where(age < 66, 0.93, 0.70)
    owner = np.where((age >= 15) & happens(rng, chance, count), np.arange(count), NONE)
    head = np.searchsorted(household, household)  # households stand together, in rising number
    shares = ((role == PARTNER) & happens(rng, 0.05, count)) | ((age < 15) & happens(rng, 0.25, count))
    return np.where(shares, head, owner)
