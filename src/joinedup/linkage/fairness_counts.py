"""Who was missed and who was mixed up: the errors of a run, person by person, for sums over groups.

Everything is counted from the sizes of true and found people, so that no pair is listed but the kept ones and the
missed ones. Nothing here leaves the machine: what is shown are sums over groups of at least ten people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from joinedup.linkage.accuracy import dense
from joinedup.linkage.cluster import connected_components
from joinedup.linkage.run_files import RunFiles

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class PersonCounts:
    """One entry a true person. record: of each record of the run, the number of its person, -1 where unknown.

    records: how many. pairs: true pairs of records. missed: those that the run's people part. ends: for each of
    the person's records, the other records it was joined with, summed; wrong: those of somebody else, so that a
    wrong link counts once for each of its two people. knot: the person's knot (see ``fairness_rates``).

    Of missed: below: kept in pairs.parquet under the threshold; parted: at or above it, yet in two people; the
    rest was never compared or scored too low to be kept. Of wrong: chained: without a kept link of their own at or
    above the threshold, joined by way of others.
    """

    record: NDArray[np.int64]
    records: Counts
    pairs: Counts
    missed: Counts
    ends: Counts
    wrong: Counts
    knot: NDArray[np.int64]
    below: Counts
    parted: Counts
    chained: Counts

    def __len__(self) -> int:
        return len(self.records)

    @property
    def not_kept(self) -> Counts:
        """Missed pairs that are not in pairs.parquet."""
        return self.missed - self.below - self.parted


def person_counts(run: RunFiles, truth: NDArray[np.int32]) -> PersonCounts:
    """Return the errors of a run by true person. truth: of each record, its true person, -1 where unknown.

    In a link job only pairs across sources count, as in ``evaluate``.
    """
    known = np.flatnonzero(truth >= 0)
    true, found = dense(truth[known]), dense(run.person[known])
    source = dense(run.source[known]) if run.across_only else None
    people = int(true.max(initial=-1)) + 1
    cell = dense(true * (int(found.max(initial=0)) + 1) + found)  # one person's records in one found person
    first = np.zeros(int(cell.max(initial=-1)) + 1, np.int64)
    first[cell] = np.arange(len(cell))
    cell_true, cell_found = true[first], found[first]
    pairs = _pairs_in(true, people, source)
    together = np.bincount(cell_true, weights=_pairs_in(cell, len(first), source), minlength=people)
    kept = pairs - together.astype(np.int64)
    ends = _partners(true, found, source, people)
    record = np.full(len(run), -1, np.int64)
    record[known] = true
    knot = connected_components(
        cell_true.astype(np.int32),
        (people + cell_found).astype(np.int32),
        records=people + int(found.max(initial=-1)) + 1,
    )[:people].astype(np.int64)
    below, parted, direct = _by_cause(run, record, people)
    wrong = ends - 2 * (pairs - kept)
    return PersonCounts(
        record=record,
        records=np.bincount(true, minlength=people),
        pairs=pairs,
        missed=kept,
        ends=ends,
        wrong=wrong,
        knot=knot,
        below=below,
        parted=parted,
        chained=wrong - direct,
    )


def _pairs_in(group: Counts, groups: int, source: Counts | None) -> Counts:
    """The pairs of records in each group, across sources only if they are given."""
    sizes = np.bincount(group, minlength=groups)
    pairs = sizes * (sizes - 1) // 2
    if source is None:
        return pairs
    several = int(source.max(initial=0)) + 1
    within, sizes = np.unique(group * several + source, return_counts=True)
    return pairs - np.bincount(within // several, weights=sizes * (sizes - 1) // 2, minlength=groups).astype(
        np.int64
    )


def _partners(true: Counts, found: Counts, source: Counts | None, people: int) -> Counts:
    """For each true person the partners of its records in their found people, summed."""
    partners = np.bincount(found)[found] - 1
    if source is not None:
        own = dense(found * (int(source.max(initial=0)) + 1) + source)
        partners = np.bincount(found)[found] - np.bincount(own)[own]
    return np.bincount(true, weights=partners, minlength=people).astype(np.int64)


def _by_cause(run: RunFiles, record: NDArray[np.int64], people: int) -> tuple[Counts, Counts, Counts]:
    """Missed pairs below the threshold and parted, and ends of wrong pairs with a link of their own, by person."""
    below, parted, direct = (np.zeros(people, np.int64) for _ in range(3))
    for batch in run.pairs():
        left, right = record[batch.left], record[batch.right]
        counts = (left >= 0) & (right >= 0)
        if run.across_only:
            counts &= run.source[batch.left] != run.source[batch.right]
        linked = batch.weight >= run.threshold
        apart = run.person[batch.left] != run.person[batch.right]
        missed = counts & (left == right) & apart
        below += np.bincount(left[missed & ~linked], minlength=people)
        parted += np.bincount(left[missed & linked], minlength=people)
        wrong = counts & (left != right) & ~apart & linked
        direct += np.bincount(left[wrong], minlength=people) + np.bincount(right[wrong], minlength=people)
    return below, parted, direct


def missed_pairs(run: RunFiles, record: NDArray[np.int64], *, most: int) -> NDArray[np.int64] | None:
    """The missed true pairs as record numbers, shape (pairs, 2), left < right; None where there are over ``most``."""
    known = np.flatnonzero(record >= 0)
    order = known[np.argsort(record[known], kind="stable")]
    person = record[order]
    starts = np.flatnonzero(np.diff(person, prepend=-1))
    sizes = np.diff(np.append(starts, len(person)))
    if int((sizes * (sizes - 1) // 2).sum()) > most:
        return None
    found: list[NDArray[np.int64]] = []
    for step in range(1, int(sizes.max(initial=1))):
        at = np.flatnonzero(person[step:] == person[:-step])
        left, right = order[at], order[at + step]
        keep = run.person[left] != run.person[right]
        if run.across_only:
            keep &= run.source[left] != run.source[right]
        pair = np.stack([left[keep], right[keep]], axis=1)
        found.append(np.sort(pair, axis=1))
    return np.concatenate(found) if found else np.zeros((0, 2), np.int64)
