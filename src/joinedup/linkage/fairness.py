"""Who does the linkage fail? Errors of a finished run by group, held against the truth.

Unequal error becomes unequal service: whose records are not found together waits twice, and whose are mixed up with
somebody else's is told wrong. Only sums over groups of at least ``FEWEST`` people leave here, and no id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from joinedup.errors import LimitError, SourceError
from joinedup.linkage.evaluate import truth_of
from joinedup.linkage.fairness_causes import compared
from joinedup.linkage.fairness_counts import Counts, PersonCounts, missed_pairs, person_counts
from joinedup.linkage.fairness_groups import (
    SEVERAL,
    Known,
    Labels,
    named_grouping,
    usual_groupings,
)
from joinedup.linkage.fairness_rates import Rate, chance_of_none, design_effect, difference, holm, rate
from joinedup.linkage.fairness_result import (
    COMPARED,
    FEWEST,
    LEVEL,
    SMALL,
    UNCLEAR,
    Causes,
    Fairness,
    Gap,
    GroupError,
    Grouping,
    Measure,
    Verdict,
    in_two,
)
from joinedup.linkage.naming_traditions import naming_rules
from joinedup.linkage.run_files import open_run
from joinedup.linkage.spec import load_spec
from joinedup.linkage.text_table import column_names, read_text_table

MOST_GROUPS = 40
MOST_PAIRS = 20_000_000  # true pairs that are listed to tell why they were missed


def fairness(
    directory: str | Path,
    truth: str | Path,
    *,
    on: date,
    people: str | Path | None = None,
    groups: Sequence[str] = (),
    names: str | Path | None = None,
    spec: str | Path | None = None,
) -> Fairness:
    """Return the errors of the run in a directory by group, by the truth in a file.

    on: the day at which ages are counted. people: a file of what is true of each person (cluster, and columns such
    as sex, date_of_birth, naming_tradition, no_fixed_address or your own); the truth file may hold these columns
    too. groups: further columns to divide by. names: naming rules in place of those that come with the program.
    spec: the job's spec, to read its sources again and tell pairs that were never compared from those scored too
    low; without it the two are told together.

    Raises SourceError and UsageError as ``evaluate`` does; LimitError for a column of too many groups.
    """
    run = open_run(directory)
    clusters, _, labels = truth_of(run, Path(truth))
    counts = person_counts(run, clusters)
    known = Known(run, counts.record, _told(Path(truth), people, clusters, labels, counts))
    not_compared: Counts | None = None
    if spec is not None:
        missed = missed_pairs(run, counts.record, most=MOST_PAIRS)
        if missed is not None:
            seen = compared(run, load_spec(spec), missed)
            unseen = counts.record[missed[~seen, 0]]
            not_compared = np.bincount(unseen, minlength=len(counts)).astype(np.int64)
    divided = usual_groupings(known, on=on, rules=naming_rules(names))
    taken = {each.key for each in divided}
    divided += [named_grouping(known, name) for name in dict.fromkeys(groups) if name not in taken]
    return assess(
        counts,
        divided,
        on=on,
        across_only=run.across_only,
        not_compared=not_compared,
        records_without_truth=int((clusters < 0).sum()),
    )


def assess(
    counts: PersonCounts,
    divided: Sequence[Labels],
    *,
    on: date,
    across_only: bool = False,
    not_compared: Counts | None = None,
    records_without_truth: int = 0,
) -> Fairness:
    """Return the errors by group, given what was counted for each person and how the people are divided."""
    everyone = np.ones(len(counts), bool)
    designs = _designs(counts)
    groupings = [_grouping(counts, labels, designs, not_compared) for labels in divided]
    tested = [
        (at, g, measure)
        for at, grouping in enumerate(groupings)
        for g, group in enumerate(grouping.groups)
        for measure in COMPARED
        if measure in group.gaps and _own(grouping, g) == g
    ]
    chances = [groupings[at].groups[g].gaps[measure].chance for at, g, measure in tested]
    adjusted = dict(zip(tested, holm(chances), strict=True))
    settled = []
    for at, grouping in enumerate(groupings):
        groups = []
        for g, group in enumerate(grouping.groups):
            gaps = {
                measure: _judged(gap, adjusted[at, _own(grouping, g), measure])
                for measure, gap in group.gaps.items()
            }
            groups.append(replace(group, gaps=gaps))
        settled.append(replace(grouping, groups=tuple(groups)))
    return Fairness(
        on=on,
        across_only=across_only,
        everybody=_group("Everybody", counts, everyone, designs, not_compared),
        groupings=tuple(settled),
        comparisons=len(tested),
        records_without_truth=records_without_truth,
    )


def _grouping(
    counts: PersonCounts, labels: Labels, designs: Mapping[Measure, float], not_compared: Counts | None
) -> Grouping:
    sizes = np.bincount(labels.code, minlength=len(labels.names))
    small = _kept_back(sizes)
    shown = [at for at in range(len(sizes)) if sizes[at] and at not in small]
    if len(shown) > MOST_GROUPS:
        raise LimitError(
            what=f"{len(shown)} groups, over {MOST_GROUPS}",
            where=f"column '{labels.key}'",
            mend="name a column with few values, or put its values into classes",
        )
    members = [(labels.names[at], labels.code == at) for at in shown]
    together = np.isin(labels.code, small)
    if together.sum() >= FEWEST and shown:
        members.append((SMALL, together))
    named = np.isin(labels.code, [at for at, name in enumerate(labels.names) if name not in UNCLEAR])
    groups = []
    for name, inside in members:
        group = _group(name, counts, inside, designs, not_compared)
        others = _group("", counts, named & ~inside, designs, None)
        gaps = {} if name in (*UNCLEAR, SMALL) else _gaps(group, others)
        groups.append(replace(group, gaps=gaps))
    return Grouping(
        labels.key,
        labels.title,
        labels.basis,
        labels.note,
        tuple(groups),
        sum(1 for at in small if sizes[at]),
    )


def _kept_back(sizes: NDArray[np.int64]) -> list[int]:
    """The groups that are too small to show; with one more where the rest would tell how many they are."""
    order = [int(at) for at in np.argsort(sizes, kind="stable") if sizes[at]]
    small = [at for at in order if sizes[at] < FEWEST]
    if small and sum(int(sizes[at]) for at in small) < FEWEST and len(order) > len(small):
        small.append(order[len(small)])
    return small


def _own(grouping: Grouping, group: int) -> int:
    """The group under which a comparison is counted: its own, or the first of two."""
    two = in_two(grouping)
    names = [each.name for each in grouping.groups]
    return names.index(two[0]) if names[group] in two else group


def _chances(counts: PersonCounts) -> dict[Measure, tuple[Counts, Counts]]:
    """Of each person, the errors and the chances of them that a measure is made of."""
    several = (counts.pairs > 0).astype(np.int64)
    return {
        Measure.MISSED: (counts.missed, counts.pairs),
        Measure.WRONG: (counts.wrong, counts.ends),
        Measure.TORN: ((counts.missed > 0).astype(np.int64), several),
        Measure.MIXED: ((counts.wrong > 0).astype(np.int64), np.ones(len(counts), np.int64)),
    }


def _by_knot(counts: PersonCounts, values: Counts, inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    knots = int(counts.knot.max(initial=-1)) + 1
    summed = np.bincount(counts.knot[inside], weights=values[inside], minlength=knots)
    return np.asarray(summed, np.float64)


def _designs(counts: PersonCounts) -> dict[Measure, float]:
    """The design effect of each measure among everybody."""
    everyone = np.ones(len(counts), bool)
    return {
        measure: design_effect(_by_knot(counts, errors, everyone), _by_knot(counts, chances, everyone))
        for measure, (errors, chances) in _chances(counts).items()
    }


def _group(
    name: str,
    counts: PersonCounts,
    inside: NDArray[np.bool_],
    designs: Mapping[Measure, float],
    not_compared: Counts | None,
) -> GroupError:
    rates: dict[Measure, Rate | None] = {}
    for measure, (errors, chances) in _chances(counts).items():
        able = inside & (chances > 0)
        people = int(able.sum())
        rates[measure] = None
        if people >= FEWEST:
            x, y = _by_knot(counts, errors, able), _by_knot(counts, chances, able)
            rates[measure] = rate(x, y, people=people, design=designs[measure])
    causes = None
    if rates[Measure.MISSED] is not None:
        kept_out = int(counts.not_kept[inside].sum())
        unseen = None if not_compared is None else int(not_compared[inside].sum())
        chained = int(counts.chained[inside].sum())
        causes = Causes(
            not_compared=unseen,
            too_low=None if unseen is None else kept_out - unseen,
            not_kept=kept_out,
            below=int(counts.below[inside].sum()),
            parted=int(counts.parted[inside].sum()),
            direct=int(counts.wrong[inside].sum()) - chained,
            chained=chained,
        )
    return GroupError(name, int(inside.sum()), int(counts.records[inside].sum()), rates, {}, causes)


def _gaps(group: GroupError, rest: GroupError) -> dict[Measure, Gap]:
    gaps = {}
    for measure in COMPARED:
        one, other = group.rates[measure], rest.rates[measure]
        if one is None or other is None:
            continue
        times = one.value / other.value if one.errors and other.errors else None
        chance = chance_of_none(one, other)
        gaps[measure] = Gap(
            difference(one, other), one.value, other.value, times, chance, chance, Verdict.UNKNOWN
        )
    return gaps


def _judged(gap: Gap, adjusted: float) -> Gap:
    verdict = Verdict.CLEAR if adjusted <= LEVEL else Verdict.MAYBE if gap.chance <= LEVEL else Verdict.NONE
    return replace(gap, adjusted=adjusted, verdict=verdict)


def _told(
    truth: Path,
    people: str | Path | None,
    clusters: NDArray[np.int32],
    labels: Sequence[str | None],
    counts: PersonCounts,
) -> dict[str, pa.Array]:
    """What the truth and the people file say of each true person, one entry a person."""
    known = np.flatnonzero(clusters >= 0)
    cluster_of = np.full(len(counts), -1, np.int64)
    cluster_of[counts.record[known]] = clusters[known]
    wanted = pa.array(labels, pa.string()).take(pa.array(cluster_of))
    told: dict[str, pa.Array] = {}
    for path in [truth, *([Path(people)] if people is not None else [])]:
        extra = [name for name in column_names(path) if name not in ("source", "record_id", "cluster")]
        if not extra:
            continue
        columns = read_text_table(path, required=("cluster",), optional=extra)
        rows = pa.table({"cluster": columns["cluster"], **{name: columns[name] for name in extra}})
        for name in extra:
            told[name] = _one_each(rows.select(["cluster", name]), wanted, path)
    return told


def _one_each(rows: pa.Table, wanted: pa.Array, path: Path) -> pa.Array:
    """The column's value for each cluster wanted; null where it is not said, SEVERAL where it is said differently."""
    name = rows.column_names[1]
    rows = rows.filter(pc.is_valid(rows[name]))
    one = rows.group_by("cluster").aggregate([(name, "min"), (name, "max")])
    low, high = one[f"{name}_min"], one[f"{name}_max"]
    value = pc.if_else(pc.equal(low, high), low, pa.scalar(SEVERAL)).combine_chunks()
    if not len(one):
        raise SourceError(
            what=f"the column '{name}' is empty", where=str(path), mend="fill it, or leave it out"
        )
    at = pc.index_in(wanted, value_set=one["cluster"].combine_chunks())
    found = value.take(at)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
