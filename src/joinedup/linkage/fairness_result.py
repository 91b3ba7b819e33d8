"""What is said of a run's errors by group: sums over at least ``FEWEST`` people, and how they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import Enum
from typing import Any

from joinedup.errors import SourceError
from joinedup.linkage.fairness_groups import NOT_RECORDED, SEVERAL
from joinedup.linkage.fairness_rates import Rate
from joinedup.linkage.intervals import Interval

FORMAT = "joinedup-fairness/1"
FEWEST = 10  # people below whom a group is not shown by itself
LEVEL = 0.05  # the chance of a false alarm anywhere in a report that is accepted
UNCLEAR = (NOT_RECORDED, SEVERAL)
SMALL = "Smaller groups, together"


class Measure(Enum):
    """What is counted. The first two are compared between groups; the others say how many people they concern."""

    MISSED = "missed"
    WRONG = "wrong"
    TORN = "torn"
    MIXED = "mixed"


COMPARED = (Measure.MISSED, Measure.WRONG)


class Verdict(Enum):
    """clear: chance hardly explains the difference, all comparisons of the report taken together. maybe: by itself
    it would look so, but among so many comparisons such a one turns up by chance. none: the data show none.
    unknown: too few people to say."""

    CLEAR = "clear"
    MAYBE = "maybe"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Gap:
    """A group's rate less the rate of all others whose group is known, as shares. chance: the p value by itself;
    adjusted: for all comparisons of the report (Holm). times: the ratio of the rates, None where one is 0."""

    gap: Interval
    group: float
    rest: float
    times: float | None
    chance: float
    adjusted: float
    verdict: Verdict


@dataclass(frozen=True)
class Causes:
    """Of the missed pairs: not_compared: no blocking rule found them; too_low: compared, and scored too low to be
    kept; not_kept: one of these two, where the sources are not at hand to tell; below: kept, under the threshold;
    parted: linked, yet their people were parted by a rule or a decision. Of the wrong link ends: direct: by a link
    of their own; chained: by way of other records. None where it is not known or of too few people."""

    not_compared: int | None
    too_low: int | None
    not_kept: int
    below: int
    parted: int
    direct: int
    chained: int


@dataclass(frozen=True)
class GroupError:
    """One group. missed: of its true pairs, those not joined (1 - recall). wrong: of the records its records were
    joined with, those of somebody else (1 - precision). torn: of its people with two records and more, those whose
    records are in several people. mixed: of its people, those joined with somebody else's record. A rate is None
    where fewer than FEWEST people had a chance of it; so are a gap's and the causes."""

    name: str
    people: int
    records: int
    rates: Mapping[Measure, Rate | None]
    gaps: Mapping[Measure, Gap]
    causes: Causes | None

    def share(self, measure: Measure) -> Interval | None:
        """The rate with its 95% interval."""
        found = self.rates[measure]
        return None if found is None else found.interval()


@dataclass(frozen=True)
class Grouping:
    """One division of the people, its groups in their order. basis: where it comes from. kept_back: how many groups
    are too small to be shown by themselves."""

    key: str
    title: str
    basis: str
    note: str
    groups: tuple[GroupError, ...]
    kept_back: int


@dataclass(frozen=True)
class Fairness:
    """What a run's errors are by group. comparisons: how many were tested together. on: the day of the ages."""

    on: date
    across_only: bool
    everybody: GroupError
    groupings: tuple[Grouping, ...]
    comparisons: int
    records_without_truth: int

    @property
    def clear(self) -> bool:
        """Whether chance hardly explains some difference."""
        return any(
            gap.verdict is Verdict.CLEAR
            for grouping in self.groupings
            for group in grouping.groups
            for gap in group.gaps.values()
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ``fairness_from_dict`` reads them back."""
        return {
            "format": FORMAT,
            "on": self.on.isoformat(),
            "across_only": self.across_only,
            "comparisons": self.comparisons,
            "clear": self.clear,
            "records_without_truth": self.records_without_truth,
            "everybody": _plain(self.everybody),
            "groupings": [
                {
                    **{k: v for k, v in vars(g).items() if k != "groups"},
                    "groups": [_plain(x) for x in g.groups],
                }
                for g in self.groupings
            ],
        }


def in_two(grouping: Grouping) -> tuple[str, ...]:
    """The two groups of a grouping that has no other, so that each is the other's rest; else nothing."""
    named = [each.name for each in grouping.groups if each.name not in UNCLEAR]
    return tuple(named) if len(named) == 2 and not grouping.kept_back else ()


def _plain(group: GroupError) -> dict[str, Any]:
    def told(measure: Measure) -> dict[str, Any] | None:
        found = group.rates[measure]
        if found is None:
            return None
        return {**asdict(found), **asdict(found.interval())}

    return {
        "name": group.name,
        "people": group.people,
        "records": group.records,
        "rates": {measure.value: told(measure) for measure in Measure},
        "gaps": {
            measure.value: {**asdict(gap), "verdict": gap.verdict.value}
            for measure, gap in group.gaps.items()
        },
        "causes": None if group.causes is None else asdict(group.causes),
    }


def fairness_from_dict(data: Mapping[str, Any]) -> Fairness:
    """Read back what ``Fairness.as_dict`` gave; raises SourceError if it is something else."""
    if data.get("format") != FORMAT:
        raise SourceError(what="not a fairness record of this version", mend="run 'joinedup fairness' again")

    def group(told: Mapping[str, Any]) -> GroupError:
        rates = {
            measure: None
            if (found := told["rates"][measure.value]) is None
            else Rate(found["errors"], found["chances"], found["people"], found["independent"])
            for measure in Measure
        }
        gaps = {
            Measure(name): Gap(**{**gap, "gap": Interval(**gap["gap"]), "verdict": Verdict(gap["verdict"])})
            for name, gap in told["gaps"].items()
        }
        causes = None if told["causes"] is None else Causes(**told["causes"])
        return GroupError(told["name"], told["people"], told["records"], rates, gaps, causes)

    return Fairness(
        on=date.fromisoformat(data["on"]),
        across_only=data["across_only"],
        everybody=group(data["everybody"]),
        groupings=tuple(
            Grouping(**{**told, "groups": tuple(map(group, told["groups"]))}) for told in data["groupings"]
        ),
        comparisons=data["comparisons"],
        records_without_truth=data["records_without_truth"],
    )
