"""The county's names: which exist, how common each is, and who bears them.

Frequencies are skewed as real ones are: a few names are everywhere and most are rare. First names
follow tradition, sex and year of birth; surnames follow tradition, with a long tail composed of parts.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pyarrow as pa

from joinedup.people.county.draw import FloatArray, IntArray, by_rank, happens, pick

TRADITIONS = (
    "english",
    "welsh",
    "celtic",
    "punjabi",
    "hindu",
    "muslim_asian",
    "polish",
    "west_african",
    "chinese",
    "arabic",
)
TRADITION_SHARES = np.array([0.735, 0.045, 0.085, 0.018, 0.022, 0.035, 0.025, 0.015, 0.007, 0.013])
# The share of bearers of a common surname; the others have a composed one.
COMMON_SHARE = {"english": 0.31, "welsh": 0.88, "celtic": 0.62, "hindu": 0.86, "muslim_asian": 0.88}
COMMON_SHARE |= {"polish": 0.22, "west_african": 0.50, "arabic": 0.62}
MALE, FEMALE = 0, 1
SEXES = ("M", "F")
_RARE, _RECENT = 0, 1  # marks in the born_around column: at any time; only of late
_RESPELLINGS = (
    ("ph", "f"), ("ie", "y"), ("y", "i"), ("ck", "k"), ("c", "k"), ("nn", "n"), ("ll", "l"),
    ("ee", "i"), ("ai", "ay"), ("th", "t"), ("oo", "u"), ("z", "s"),
)  # fmt: skip


@dataclass(frozen=True)
class NameBook:
    """Every first name and surname of the county.

    first_names, surnames: the spellings; a person carries a position in them. first_choices: positions
    and shares by (tradition, sex, era). surname_choices: by tradition. for_women: the form a woman
    bears of each surname (Polish -ska; the same position elsewhere). nicknames: short forms by name.
    """

    first_names: pa.StringArray
    surnames: pa.StringArray
    first_choices: dict[tuple[int, int, int], tuple[IntArray, FloatArray]]
    surname_choices: tuple[tuple[IntArray, FloatArray], ...]
    for_women: IntArray
    nicknames: dict[str, tuple[str, ...]]
    singh: int
    kaur: int
    by_women_alone: IntArray

    def first_name(
        self, rng: np.random.Generator, tradition: IntArray, sex: IntArray, born: IntArray
    ) -> IntArray:
        """A first name for each person; born: year of birth."""
        names = np.zeros(len(tradition), dtype=np.int64)
        era = self._era(rng, tradition, sex, born)
        order = np.argsort(kinds := (tradition * 2 + sex) * 4000 + era, kind="stable")
        starts = np.flatnonzero(np.diff(kinds[order], prepend=-1))
        for start, stop in zip(starts, [*starts[1:], len(order)], strict=True):
            rows = order[start:stop]
            choices, shares = self.first_choices[
                int(tradition[rows[0]]), int(sex[rows[0]]), int(era[rows[0]])
            ]
            names[rows] = choices[pick(rng, shares, len(rows))]
        return names

    def surname(self, rng: np.random.Generator, tradition: IntArray) -> IntArray:
        """A family name for each household."""
        names = np.zeros(len(tradition), dtype=np.int64)
        for number, (choices, shares) in enumerate(self.surname_choices):
            rows = np.flatnonzero(tradition == number)
            names[rows] = choices[pick(rng, shares, len(rows))]
        return names

    def _era(self, rng: np.random.Generator, tradition: IntArray, sex: IntArray, born: IntArray) -> IntArray:
        era = np.zeros(len(tradition), dtype=np.int64)
        blur = born + rng.normal(0, 9, len(born))
        for number in range(len(TRADITIONS)):
            for one_sex in (MALE, FEMALE):
                years = np.array(
                    sorted(e for t, s, e in self.first_choices if t == number and s == one_sex and e > 1)
                )
                rows = np.flatnonzero((tradition == number) & (sex == one_sex))
                era[rows] = years[np.abs(blur[rows, None] - years[None, :]).argmin(axis=1)]
        english = tradition == 0
        era[english & happens(rng, 0.14, len(era))] = _RARE
        era[english & (born > 1992) & happens(rng, 0.16, len(era))] = _RECENT
        return era


def table(name: str) -> Iterator[dict[str, str]]:
    """The rows of one of the county's data files, its first comment line left out."""
    text = files("joinedup.people.county").joinpath("data", name).read_text(encoding="utf-8")
    yield from csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))


@cache
def name_book() -> NameBook:
    """The county's names; the same for every seed, made once."""
    firsts: dict[str, int] = {}
    first_choices: dict[tuple[int, int, int], tuple[IntArray, FloatArray]] = {}
    for row in table("first_names.csv"):
        spellings, shares = _with_respellings(row["names"].split())
        codes = np.array([firsts.setdefault(name, len(firsts)) for name in spellings])
        key = (TRADITIONS.index(row["tradition"]), "MF".index(row["sex"]), int(row["born_around"]))
        first_choices[key] = (codes, shares)

    parts = {(row["tradition"], row["part"]): row["names"].split() for row in table("surnames.csv")}
    lasts: dict[str, int] = {}
    surname_choices = []
    for tradition in TRADITIONS:
        spellings, shares = _surnames_of(tradition, parts)
        surname_choices.append((np.array([lasts.setdefault(name, len(lasts)) for name in spellings]), shares))
    women = [lasts.setdefault(_womans(name), len(lasts)) for name in list(lasts)]
    women += range(len(women), len(lasts))
    return NameBook(
        first_names=pa.array(list(firsts), pa.string()),
        surnames=pa.array(list(lasts), pa.string()),
        first_choices=first_choices,
        surname_choices=tuple(surname_choices),
        for_women=np.array(women, dtype=np.int64),
        nicknames={row["formal"]: tuple(row["short"].split()) for row in table("nicknames.csv")},
        singh=lasts["Singh"],
        kaur=lasts["Kaur"],
        by_women_alone=np.array(
            [lasts[name] for name in ("Begum", "Bibi", "Akhtar", "Khatun", "Parveen", "Kausar")]
        ),
    )


def _with_respellings(names: list[str]) -> tuple[list[str], FloatArray]:
    """The listed names, and one or two rarer spellings of most of them."""
    shares = by_rank(len(names), flatness=4.0, power=0.9)
    spellings, weights = list(names), [float(share) for share in shares]
    for name, share in zip(names, shares, strict=True):
        variants = [name[0] + name[1:].replace(old, new, 1) for old, new in _RESPELLINGS if old in name[1:]]
        for variant in [variant for variant in variants if variant not in names][:2]:
            spellings.append(variant)
            weights.append(float(share) * 0.05)
    return spellings, np.array(weights) / np.sum(weights)


def _surnames_of(tradition: str, parts: dict[tuple[str, str], list[str]]) -> tuple[list[str], FloatArray]:
    common = list(dict.fromkeys(parts[tradition, "common"]))
    share = COMMON_SHARE.get(tradition, 1.0)
    flatness = {"english": 12.0, "celtic": 12.0}.get(tradition, 3.0)
    found = dict(zip(common, share * by_rank(len(common), flatness=flatness, power=0.95), strict=True))
    for spelling, weight in _composed(tradition, parts):
        found[spelling] = found.get(spelling, 0.0) + (1 - share) * weight
    return list(found), np.array(list(found.values())) / np.sum(list(found.values()))


def _composed(tradition: str, parts: dict[tuple[str, str], list[str]]) -> Iterator[tuple[str, float]]:
    """Composed surnames with their share of all composed ones, in falling skew."""
    if (tradition, "first") not in parts:
        return
    families = [(0.75 if tradition == "english" else 1.0, "first", "middle", "last")]
    if tradition == "english":
        families.append((0.25, "patronym", "none", "patronym_end"))
    for share, first, middle, last in families:
        heads, ends = parts[tradition, first], parts[tradition, last]
        joints = parts.get((tradition, middle), [])
        head_share, end_share = by_rank(len(heads), flatness=12), by_rank(len(ends), flatness=6)
        plain = 0.6 if joints else 1.0
        joint_share = np.append(plain, (1 - plain) * by_rank(len(joints), flatness=5))
        for i, head in enumerate(heads):
            for j, joint in enumerate(["", *joints]):
                for k, end in enumerate(ends):
                    yield (
                        _joined(head, joint, end),
                        share * float(head_share[i] * joint_share[j] * end_share[k]),
                    )


def _joined(head: str, joint: str, end: str) -> str:
    if head in ("Mac", "Mc", "O'", "Fitz", "Al-", "El-", "Al", "El"):
        head += " " if head in ("Al", "El") else ""
        joint = joint.capitalize() if head != "Fitz" else joint.lower()
    elif joint[:1].isupper():
        joint = joint.lower()
    return re.sub(r"([a-z])\1{2,}", r"\1\1", head + joint + end)


def _womans(name: str) -> str:
    for man, woman in (("ski", "ska"), ("cki", "cka"), ("dzki", "dzka"), ("ov", "ova")):
        if name.endswith(man) and len(name) > 5:
            return name[: -len(man)] + woman
    return name
