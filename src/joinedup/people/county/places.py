"""The county of Aldermarch: towns, postal districts, postcodes and streets, none of which exist.

The map is the same for every seed and size. More people means more postcodes in the same districts,
so a district fills up as a real one does, while about forty people share each postcode.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.people.county.draw import FloatArray, IntArray, by_rank, generator, pick, scramble
from joinedup.people.county.names import table

TOWNS = 420
# The areas are real ones, so that validation by area holds; none of them has a district from 51 to 92.
FIRST_DISTRICT, DISTRICTS_AN_AREA = 51, 42
UNITS_A_DISTRICT = 3600  # nine sectors of 400 units (the letters C I K M O V are not used inward)
PEOPLE_A_POSTCODE = 40
_INWARD_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


@dataclass(frozen=True)
class CountyMap:
    """Where people live. A postcode is a number: district * UNITS_A_DISTRICT + unit.

    towns, districts, units, streets: the spellings. town_of: the town of each district.
    shares: how many of the county's people live in each district.
    """

    towns: pa.StringArray
    districts: pa.StringArray
    units: pa.StringArray
    streets: pa.StringArray
    mail_domains: tuple[str, ...]
    town_of: IntArray
    shares: FloatArray

    def homes(self, rng: np.random.Generator, count: int, *, people: int) -> IntArray:
        """Postcodes for count households of a county of so many people."""
        return self.within(rng, pick(rng, self.shares, count), people=people)

    def within(self, rng: np.random.Generator, district: IntArray, *, people: int) -> IntArray:
        """A postcode in each of the given districts."""
        in_use = np.clip(people * self.shares / PEOPLE_A_POSTCODE, 1, UNITS_A_DISTRICT).astype(np.int64)
        serial = (rng.random(len(district)) * in_use[district]).astype(np.int64)
        # 2017 has no factor in common with 3600: neighbours in number are spread over all sectors.
        return district * UNITS_A_DISTRICT + (serial * 2017 + district * 7) % UNITS_A_DISTRICT

    def nearby(self, rng: np.random.Generator, postcode: IntArray, *, people: int) -> IntArray:
        """Another postcode, as people move: nearly half in the same district, the others anywhere."""
        district = postcode // UNITS_A_DISTRICT
        far = rng.random(len(district)) < 0.55
        return self.within(rng, np.where(far, pick(rng, self.shares, len(district)), district), people=people)

    def postcode(self, postcode: IntArray) -> pa.StringArray:
        """Postcodes as text, with the space."""
        outward = self.districts.take(pa.array(postcode // UNITS_A_DISTRICT))
        inward = self.units.take(pa.array(postcode % UNITS_A_DISTRICT))
        return pc.binary_join_element_wise(outward, inward, " ")

    def town(self, postcode: IntArray) -> pa.StringArray:
        """The post town of each postcode."""
        return self.towns.take(pa.array(self.town_of[postcode // UNITS_A_DISTRICT]))

    def street(self, postcode: IntArray) -> pa.StringArray:
        """The street of each postcode."""
        return self.streets.take(pa.array(scramble(postcode) % len(self.streets)))


@cache
def county_map() -> CountyMap:
    """The county's map, made once."""
    parts = {row["part"]: row["names"].split() for row in table("places.csv")}
    rng = generator(0, "map")
    towns: dict[str, None] = {}
    while len(towns) < TOWNS:
        name = str(rng.choice(parts["town_first"])) + str(rng.choice(parts["town_last"]))
        chance = rng.random()
        if chance < 0.14:
            name = f"{rng.choice(parts['town_before'])} {name}"
        elif chance < 0.24:
            name = f"{name} {rng.choice(parts['town_after'])}"
        towns.setdefault(name)
    areas = parts["postal_area"]
    numbers = range(FIRST_DISTRICT, FIRST_DISTRICT + DISTRICTS_AN_AREA)
    districts = [f"{area}{number}" for area in areas for number in numbers]
    # Every town has a district; the others go to towns by size, and a town's districts stand together.
    extra = pick(rng, by_rank(TOWNS, flatness=25, power=0.9), len(districts) - TOWNS)
    counts = 1 + np.bincount(extra, minlength=TOWNS)
    order = rng.permutation(TOWNS)
    town_of = np.repeat(order, counts[order])
    shares = rng.lognormal(0, 0.45, len(districts))
    streets = [f"{stem} {kind}" for stem in parts["street"] for kind in parts["street_kind"]]
    units = [f"{sector}{a}{b}" for sector in range(1, 10) for a in _INWARD_LETTERS for b in _INWARD_LETTERS]
    return CountyMap(
        towns=pa.array(list(towns), pa.string()),
        districts=pa.array(districts, pa.string()),
        units=pa.array(units, pa.string()),
        streets=pa.array(streets, pa.string()),
        mail_domains=tuple(parts["mail_domain"]),
        town_of=town_of.astype(np.int64),
        shares=shares / shares.sum(),
    )
