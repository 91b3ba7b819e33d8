"""Estimate what a model needs: u from random pairs, the prior from sure rules, m by EM or from labels.

u and EM follow Fellegi and Sunter (1969) and Dempster, Laird and Rubin (1977), in the form in which Splink
uses them: u is fixed from random pairs, then m is estimated among the pairs of a blocking rule for the
comparisons that do not read that rule's columns. ``free_u`` also estimates u among those pairs, which keeps
people who merely share a name (so share a sex, and often a decade) from being taken for matches in large
populations.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from joinedup.errors import ModelError
from joinedup.linkage.block import PairFilter, blocking, in_order
from joinedup.linkage.compare import ComparePlan, condition_filter
from joinedup.linkage.encode import Int32, Records
from joinedup.linkage.expression import Equal, Missing
from joinedup.linkage.model import BlockingRule, Comparison, Level, Model
from joinedup.linkage.patterns import PatternCounts, count_patterns
from joinedup.linkage.run import Iteration, Session

log = logging.getLogger(__name__)
Floats = npt.NDArray[np.float64]

ANCHOR = 500  # random pairs that stand behind u in a session, unless said otherwise
SMALLEST = 1e-9  # no m or u below this: a level never seen is rare, not impossible
_MOSTLY = 0.5  # pairs of which more than this share differ in what a person keeps for life are no person's
_WITHOUT_DOUBT = 5  # its first steps take no such pair for a match at all
SELDOM = 0.1  # where so, EM is done again with at most this share of them
_U_CHUNK = 1 << 18


def possible_pairs(records: Records, *, across_only: bool) -> int:
    """How many pairs there are to choose from."""
    n = len(records)
    total = n * (n - 1) // 2
    if across_only:
        sizes = np.bincount(records.source)
        total -= int(sum(int(s) * (int(s) - 1) // 2 for s in sizes))
    return total


def random_pairs(
    records: Records, *, most: int, seed: int, across_only: bool
) -> Iterator[tuple[Int32, Int32]]:
    """Chunks of distinct random pairs, at most about ``most`` of them; all pairs where there are no more.

    Each record is paired with those at seeded random distances from it, so no pair comes twice and none is
    missed when all are wanted. Within a source records already stand in an order that means nothing (a hash);
    several sources are shuffled together like cards, so that each is still read from front to back.
    """
    n = len(records)
    generator = np.random.default_rng(seed)
    sizes = np.bincount(records.source, minlength=1)
    order = np.arange(n, dtype=np.int32)
    if np.count_nonzero(sizes) > 1:
        rank = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # records stand in order of source
        order = np.argsort((rank + 0.5) / np.repeat(sizes, sizes), kind="stable").astype(np.int32)
    wanted, given = min(most, possible_pairs(records, across_only=across_only)), 0
    for shift in _distinct_shifts(generator, n // 2):
        left, right = order, np.roll(order, -shift)
        if 2 * shift == n:  # this distance in an even number of records pairs everyone twice
            left, right = left[:shift], right[:shift]
        if across_only:
            across = records.source[left] != records.source[right]
            left, right = left[across], right[across]
        left, right = left[: wanted - given], right[: wanted - given]
        given += len(left)
        for begin in range(0, len(left), _U_CHUNK):
            part = slice(begin, begin + _U_CHUNK)
            yield np.minimum(left[part], right[part]), np.maximum(left[part], right[part])
        if given >= wanted:
            return


def _distinct_shifts(generator: np.random.Generator, most: int) -> Iterator[int]:
    """The numbers 1..most in a random order, without listing millions of them when few are wanted."""
    if most <= 100_000:
        yield from (int(shift) for shift in generator.permutation(most) + 1)
        return
    seen: set[int] = set()
    while True:
        shift = int(generator.integers(1, most + 1))
        if shift not in seen:
            seen.add(shift)
            yield shift


def estimate_u(
    model: Model,
    records: Records,
    *,
    pairs: int,
    seed: int,
    across_only: bool,
    threads: int = 2,
    exact: bool = False,
    plan: ComparePlan | None = None,
) -> Model:
    """Give each level its u: its share among random pairs that are not missing it.

    pairs: how many to look at. exact: take the u of equality levels from the values' frequencies, which for
    rare agreements is far surer than counting a few chance hits. plan: of the model's comparisons, if made.
    """
    plan = plan or ComparePlan(records, model.comparisons)
    source = random_pairs(records, most=pairs, seed=seed, across_only=across_only)
    counts = count_patterns(_compared(plan, source, threads), possible=plan.patterns)
    levels = plan.levels_of(counts.patterns)
    for number, comparison in enumerate(model.comparisons):
        shown = np.bincount(levels[:, number], weights=counts.counts, minlength=len(comparison.levels))
        found = np.asarray(shown, np.float64)
        changed = _with_u(comparison, found, records, exact=exact and not across_only)
        model = model.with_levels(number, changed)
    log.info("u estimated from %d random pairs", int(counts.pairs))
    return model


def _compared(
    plan: ComparePlan, chunks: Iterator[tuple[Int32, Int32]], threads: int
) -> Iterator[npt.NDArray[np.int64]]:
    return in_order(lambda chunk: plan(*chunk), chunks, threads=threads)


def _with_u(comparison: Comparison, found: Floats, records: Records, *, exact: bool) -> list[Level]:
    present = sum(float(n) for n, level in zip(found, comparison.levels, strict=True) if not level.missing)
    shares = [float(n) / present if present else 0.0 for n in found]
    if exact:
        first = next((i for i, level in enumerate(comparison.levels) if not level.missing), None)
        when = comparison.levels[first].when if first is not None else None
        if isinstance(when, Equal):
            share = collision(records, when)
            if [level.when for level in comparison.levels if level.missing] != [Missing(when.key)]:
                # Pairs that lack the value count too: other levels judge them by something else.
                share *= min(1.0, _both_present(records, when) * float(found.sum()) / max(1.0, present))
            others = sum(s for i, s in enumerate(shares) if i != first and not comparison.levels[i].missing)
            scale = (1 - share) / others if others > 0 else 1.0
            shares = [share if i == first else s * scale for i, s in enumerate(shares)]
    floor = max(SMALLEST, 0.3 / present) if present else SMALLEST
    return [
        level if level.missing or level.fixed_u else replace(level, u=min(1.0, max(share, floor)))
        for level, share in zip(comparison.levels, shares, strict=True)
    ]


def collision(records: Records, condition: Equal) -> float:
    """The chance that two different records with a value have the same one: sum of n(n-1) / N(N-1)."""
    codes = records.key(condition.key).codes
    counts = np.bincount(codes[codes >= 0]).astype(np.float64)
    total = counts.sum()
    return float((counts * (counts - 1)).sum() / (total * (total - 1))) if total > 1 else 0.0


def _both_present(records: Records, condition: Equal) -> float:
    """The chance that two different records both have the value."""
    n, present = len(records), int((records.key(condition.key).codes >= 0).sum())
    return present * (present - 1) / (n * (n - 1)) if n > 1 else 0.0


def rule_filters(records: Records, rules: Sequence[BlockingRule]) -> list[PairFilter | None]:
    """For each rule with a ``where``, the function that checks it."""
    return [condition_filter(records, rule.where) if rule.where is not None else None for rule in rules]


def estimate_prior(
    records: Records,
    rules: Sequence[BlockingRule],
    *,
    recall: float,
    across_only: bool,
    threads: int = 2,
    limit: int | None = None,
) -> float:
    """The chance that two random records match: pairs that sure rules find, over recall, over all pairs.

    recall: the share of true matches that the rules are thought to find, above 0 and at most 1. limit: refuse
    (LimitError) a rule that finds more pairs.
    """
    if not 0 < recall <= 1:
        raise ModelError(
            what=f"recall is {recall:g}", where="training.prior", mend="give a number above 0 and at most 1"
        )
    found = blocking(records, rules, across_only=across_only, most_pairs=limit)
    filters = rule_filters(records, rules)
    pairs = sum(found.stream(lambda _, left, right: len(left), filters, threads=threads))
    total = possible_pairs(records, across_only=across_only)
    return min(0.5, max(pairs / recall / max(1, total), 0.5 / max(1, total)))


@dataclass(frozen=True)
class EmResult:
    """What one session found. m, u: by comparison then level (None: not trained). prior: among its pairs."""

    m: tuple[tuple[float, ...] | None, ...]
    u: tuple[tuple[float, ...] | None, ...]
    prior: float
    session: Session
    rule: BlockingRule


def session_patterns(
    plan: ComparePlan,
    records: Records,
    rule: BlockingRule,
    *,
    across_only: bool,
    threads: int,
    most_pairs: int | None,
    limit: int | None = None,
) -> PatternCounts:
    """Pattern counts of a rule's pairs; of an even sample where there are more than ``most_pairs``.

    limit: refuse (LimitError) a rule that finds more pairs: a sample still lists them all.
    """
    found = blocking(records, [rule], across_only=across_only, most_pairs=limit)
    filters = rule_filters(records, [rule])
    step = 1 if most_pairs is None else max(1, math.ceil(found.raw[0] / most_pairs))

    def work(_: int, left: Int32, right: Int32) -> npt.NDArray[np.int64]:
        return plan(left, right)

    return count_patterns(found.stream(work, filters, threads=threads, one_in=step), possible=plan.patterns)


def expectation_maximisation(
    model: Model,
    plan: ComparePlan,
    counts: PatternCounts,
    *,
    rule: BlockingRule,
    start_prior: float,
    free_u: bool = False,
    iterations: int = 60,
    tolerance: float = 1e-4,
    seldom: Mapping[str, Sequence[int]] | None = None,
    anchor: float = ANCHOR,
) -> EmResult:
    """Estimate m (and with ``free_u`` u) of the comparisons that do not read the rule's columns.

    counts: patterns of the pairs that the rule lets through. tolerance: stop when no probability moves more.
    seldom: comparison -> its levels (by number) that one person's pairs of records seldom show. Where those that
    EM takes for matches mostly show them, it has found families (often the clearer clusters of a file) or mere
    namesakes; it is then done again with the share of these levels held down. anchor: random pairs that stand
    behind u where it is free; a session with few different people keeps the u of strangers.
    """
    found = _maximised(model, plan, counts, rule, start_prior, free_u, iterations, tolerance, {}, anchor)
    seldom = seldom or {}
    if not any(
        shares is not None and sum(shares[i] for i in seldom.get(c.name, ())) > _MOSTLY
        for c, shares in zip(model.comparisons, found.m, strict=True)
    ):
        return found
    return _maximised(model, plan, counts, rule, start_prior, free_u, iterations, tolerance, seldom, anchor)


def _maximised(
    model: Model,
    plan: ComparePlan,
    counts: PatternCounts,
    rule: BlockingRule,
    start_prior: float,
    free_u: bool,
    iterations: int,
    tolerance: float,
    seldom: Mapping[str, Sequence[int]],
    anchor: float,
) -> EmResult:
    levels = plan.levels_of(counts.patterns)
    active = [i for i, c in enumerate(model.comparisons) if not (c.columns() & rule.columns())]
    m = [first_guess(c) for c in model.comparisons]
    u = [np.array([lv.u or SMALLEST for lv in c.levels]) for c in model.comparisons]
    missing = [np.array([lv.missing for lv in c.levels]) for c in model.comparisons]
    prior, history, converged = min(max(start_prior, 1e-6), 0.999), [], False
    weights = counts.counts
    total = weights.sum()
    seen_u = [x.copy() for x in u]
    held = {
        c: np.array(numbers, np.int64) for c in active if (numbers := seldom.get(model.comparisons[c].name))
    }
    doubtful = np.zeros(len(levels), bool)
    for c, held_levels in held.items():
        doubtful |= np.isin(levels[:, c], held_levels)
    for step in range(iterations):
        evidence = np.full(len(levels), math.log(prior / (1 - prior)))
        for c in active:
            per_level = np.where(missing[c], 0.0, np.log(m[c]) - np.log(u[c]))
            evidence += per_level[levels[:, c]]
        match = 1 / (1 + np.exp(-evidence))
        if step < _WITHOUT_DOUBT:
            match[doubtful] = 0.0  # u learns first what families and namesakes have in common
        new_prior = float((weights * match).sum() / total) if total else prior
        new_prior = min(max(new_prior, 1e-9), 1 - 1e-9)
        change = abs(new_prior - prior)
        for c in active:
            fixed = np.array([lv.fixed_m for lv in model.comparisons[c].levels])
            # One more match, spread over the levels, so that none is taken for impossible because a small
            # job does not show it; left out where Splink's figures are wanted exactly.
            new_m = _shares(levels[:, c], weights * match, missing[c], more=1.0 if free_u else 0.0)
            if c in held:
                new_m = _held_down(new_m, held[c], missing[c])
            new_m = np.where(fixed, m[c], new_m)
            change = max(change, float(np.abs(new_m - m[c])[~missing[c]].max(initial=0)))
            m[c] = new_m
            if free_u:
                # Strangers stand behind u too: where a session has few different people, their u is kept.
                counted = _counts(levels[:, c], weights * (1 - match), missing[c])
                u[c] = _floored((counted + anchor * seen_u[c]) / (counted.sum() + anchor), missing[c])
        prior = new_prior
        history.append(
            Iteration(prior, change, {model.comparisons[c].name: tuple(map(float, m[c])) for c in active})
        )
        if change < tolerance and (step >= _WITHOUT_DOUBT or not held):
            converged = True
            break
    names = tuple(model.comparisons[c].name for c in active)
    notes = _warnings(model, active, levels, weights, prior, total, converged)
    session = Session(str(rule), int(total), len(history), converged, tuple(history), names, notes)
    return EmResult(
        tuple(tuple(map(float, m[c])) if c in active else None for c in range(len(m))),
        tuple(tuple(map(float, u[c])) if c in active and free_u else None for c in range(len(m))),
        prior,
        session,
        rule,
    )


def first_guess(comparison: Comparison) -> Floats:
    """Splink's first guess: 0.95 on the strongest level (equality), the rest evenly; known values where given."""
    counted = [i for i, lv in enumerate(comparison.levels) if not lv.missing]
    start = np.ones(len(comparison.levels))
    # The levels that stand in for a missing value may come before plain equality.
    equal = (i for i in counted if isinstance(comparison.levels[i].when, Equal))
    strongest = next(equal, counted[0] if counted else 0)
    for i in counted:
        start[i] = 0.95 if i == strongest else 0.05 / max(1, len(counted) - 1)
    for i, level in enumerate(comparison.levels):
        if level.m is not None and not level.missing:
            start[i] = level.m
    return start


def _counts(levels: npt.NDArray[np.uint8], weights: Floats, missing: npt.NDArray[np.bool_]) -> Floats:
    found = np.bincount(levels, weights=weights, minlength=len(missing))
    return np.asarray(np.where(missing, 0.0, found), np.float64)


def _floored(shares: Floats, missing: npt.NDArray[np.bool_]) -> Floats:
    return np.asarray(np.where(missing, 1.0, np.maximum(shares, SMALLEST)), np.float64)


def _shares(
    levels: npt.NDArray[np.uint8], weights: Floats, missing: npt.NDArray[np.bool_], *, more: float
) -> Floats:
    found = _counts(levels, weights, missing) + np.where(missing, 0.0, more / max(1, int((~missing).sum())))
    total = found.sum()
    return _floored(
        found / total if total > 0 else np.full(len(found), 1 / max(1, (~missing).sum())), missing
    )


def _held_down(shares: Floats, seldom: npt.NDArray[np.int64], missing: npt.NDArray[np.bool_]) -> Floats:
    """The shares with those of the seldom levels brought down to ``SELDOM`` together, the others raised."""
    together = float(shares[seldom].sum())
    if together <= SELDOM:
        return shares
    out = np.where(missing, 1.0, shares * (1 - SELDOM) / max(SMALLEST, 1 - together))
    out[seldom] = shares[seldom] * SELDOM / together
    return _floored(out, missing)


def _warnings(
    model: Model,
    active: Sequence[int],
    levels: npt.NDArray[np.uint8],
    weights: Floats,
    prior: float,
    total: float,
    converged: bool,
) -> tuple[str, ...]:
    notes = []
    if total < 100:
        notes.append(f"only {int(total)} pairs to learn from: use a looser training rule")
    if not converged:
        notes.append("not converged: allow more iterations, or give a start value for m")
    if prior > 0.98 or prior < 1e-4:
        notes.append(f"{prior:.2%} of its pairs look like matches: a rule that mixes both teaches more")
    for c in active:
        seen = np.bincount(levels[:, c], weights=weights, minlength=len(model.comparisons[c].levels))
        for level, count in zip(model.comparisons[c].levels, seen, strict=True):
            if not level.missing and count == 0:
                notes.append(f"no pair shows '{level.label}' of '{model.comparisons[c].name}'")
    return tuple(notes)


def start_prior(model: Model, rule: BlockingRule) -> float:
    """The prior among a rule's pairs, to start EM from: the model's, raised by what the rule ensures."""
    if model.prior is None:
        return 0.1
    odds = model.prior / (1 - model.prior)
    for comparison in model.comparisons:
        if comparison.columns() & rule.columns():
            for level in comparison.levels:
                if (
                    isinstance(level.when, Equal)
                    and set(level.when.key.columns()) <= rule.columns()
                    and level.u
                ):
                    odds *= (level.m or 0.95) / level.u
                    break
    return odds / (1 + odds)
