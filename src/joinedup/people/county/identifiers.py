"""Numbers that belong to one person or home of the county: right in form, and issued to nobody.

NHS numbers come from the 999 test range (998 and below, which are not issued either, for counties of more
than 900,000 people). National Insurance numbers have prefixes that pass the format but were kept for
administration and never issued to a person (CR, NC and PP; HMRC National Insurance Manual NIM39110).
Pupil numbers name a made-up local authority (998). Telephone numbers are those that Ofcom sets aside for
drama: there are only 13,000 of them, so strangers share some, more of them the larger the county.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.people.county.draw import IntArray, scramble
from joinedup.values.upn import CHECK_LETTERS

_NINO_PREFIXES = ("NC", "PP", "CR")
_NINO_STEP = 1_386_851  # shares no factor with the 3,000,000 numbers: every person gets another one
_NHS_STEP = 386_851
# Ofcom, "Telephone numbers for use in TV and radio drama programmes": the stem and how many follow it.
_MOBILES = ("07700900",)
_LANDLINES = (
    "01134960", "01144960", "01154960", "01164960", "01174960", "01184960", "01214960", "01314960",
    "01414960", "01514960", "01614960", "01632960",
)  # fmt: skip


@cache
def _nhs_tails() -> IntArray:
    """The last seven digits of every valid number of each leading 999, 998, …: one row a prefix."""
    middle = np.arange(1_000_000)
    digits = middle[:, None] // 10 ** np.arange(5, -1, -1) % 10
    total = digits @ np.arange(7, 1, -1)
    rows = []
    for lead in range(999, 989, -1):
        heads = np.array([int(digit) for digit in str(lead)]) @ np.array([10, 9, 8])
        check = (11 - (total + heads) % 11) % 11
        good = np.flatnonzero(check < 10)[:900_000]
        rows.append(good * 10 + check[good])
    return np.stack(rows)


def nhs_numbers(person: IntArray) -> pa.StringArray:
    """Ten digits with a right check digit, another number for each of nine million people."""
    lead = person // 900_000 % 10
    tail = _nhs_tails()[lead, person * _NHS_STEP % 900_000]
    return pc.cast(pa.array((999 - lead) * 10_000_000 + tail), pa.string())


def ninos(person: IntArray) -> pa.StringArray:
    """Two letters, six digits and a letter, without spaces."""
    number = person * _NINO_STEP % 3_000_000
    prefix = pa.array(_NINO_PREFIXES).take(pa.array(number // 1_000_000))
    suffix = pa.array(["A", "B", "C", "D"]).take(pa.array((scramble(person) + person // 3_000_000) % 4))
    return pc.binary_join_element_wise(prefix, digits(number % 1_000_000, width=6), suffix, "")


def upns(person: IntArray, born: IntArray) -> pa.StringArray:
    """Thirteen characters with a right check letter; born: days since 1970."""
    entered = (1970 + (born / 365.25).astype(np.int64) + 4) % 100
    school = 1000 + person // 700 % 9000  # with the serial: no two alike among six million people
    twelve = 998 * 10**9 + school * 10**5 + entered * 1000 + person * 389 % 1000
    figures = twelve[:, None] // 10 ** np.arange(11, -1, -1) % 10
    letter = pa.array(list(CHECK_LETTERS)).take(pa.array(figures @ np.arange(2, 14) % 23))
    return pc.binary_join_element_wise(letter, digits(twelve, width=12), "")


def uprns(postcode: IntArray, house: IntArray) -> pa.StringArray:
    """Twelve digits from 9990…, one number for each house."""
    return pc.cast(pa.array(999 * 10**9 + postcode * 100 + np.maximum(house, 0)), pa.string())


def phones(person: IntArray, household: IntArray) -> pa.StringArray:
    """Eleven digits: a mobile number of the person's or the landline of the household."""
    mobile = scramble(person + 17) % 5 < 3
    luck = np.where(mobile, scramble(person), scramble(household + 5))
    own = pa.array(_MOBILES).take(pa.array(luck % len(_MOBILES)))
    shared = pa.array(_LANDLINES).take(pa.array(luck % len(_LANDLINES)))
    return pc.binary_join_element_wise(
        pc.if_else(pa.array(mobile), own, shared), digits(luck // 64 % 1000, width=3), ""
    )


def digits(numbers: IntArray, *, width: int) -> pa.StringArray:
    """Whole numbers as text, filled with leading zeros."""
    return pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), width, "0")
