"""Train a model: u, then EM sessions, then the prior, in the plain way or in the way zero configuration uses."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from joinedup.linkage.block import Blocking
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.encode import Int32, Records
from joinedup.linkage.estimate import (
    ANCHOR,
    SMALLEST,
    EmResult,
    expectation_maximisation,
    first_guess,
    rule_filters,
    session_patterns,
    start_prior,
)
from joinedup.linkage.expression import Equal
from joinedup.linkage.model import BlockingRule, Model
from joinedup.linkage.patterns import PatternCounts, count_patterns

log = logging.getLogger(__name__)

_ITERATIONS = 60
# With u held as Splink holds it, EM stops where Splink stops: among a million namesakes it drifts on for long.
_SPLINK_ITERATIONS = 25


def train_sessions(
    model: Model,
    records: Records,
    rules: Sequence[BlockingRule],
    *,
    across_only: bool,
    threads: int,
    most_pairs: int | None,
    free_u: bool,
    limit: int | None = None,
    seldom: Mapping[str, Sequence[int]] | None = None,
    anchor: float = ANCHOR,
    plan: ComparePlan | None = None,
) -> list[EmResult]:
    """One EM session a rule.

    limit: refuse (LimitError) a rule that finds more pairs. seldom, anchor: as in ``expectation_maximisation``.
    plan: of the model's comparisons, if made.
    """
    plan = plan or ComparePlan(records, model.comparisons)
    out = []
    for rule in rules:
        taught = [i for i, c in enumerate(model.comparisons) if not (c.columns() & rule.columns())]
        counts = session_patterns(
            plan.only(taught),
            records,
            rule,
            across_only=across_only,
            threads=threads,
            most_pairs=most_pairs,
            limit=limit,
        )
        out.append(
            expectation_maximisation(
                model,
                plan,
                counts,
                rule=rule,
                start_prior=start_prior(model, rule),
                free_u=free_u,
                iterations=iterations_of(free_u=free_u),
                seldom=seldom,
                anchor=anchor,
            )
        )
    return out


def iterations_of(*, free_u: bool) -> int:
    """How many steps a session takes at most."""
    return _ITERATIONS if free_u else _SPLINK_ITERATIONS


def union_patterns(plan: ComparePlan, found: Blocking, *, threads: int) -> PatternCounts:
    """Pattern counts of all candidate pairs."""

    def work(_: int, left: Int32, right: Int32) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return plan(left, right)

    filters = rule_filters(found.records, found.rules)
    return count_patterns(found.stream(work, filters, threads=threads), possible=plan.patterns)


def settle_prior(
    model: Model, plan: ComparePlan, counts: PatternCounts, *, total: int, recall: float = 1.0
) -> Model:
    """The prior at which the candidates' posteriors add up to it: EM on the prior alone.

    total: all possible pairs. recall: the share of matches that are thought to be among the candidates.
    """
    levels = plan.levels_of(counts.patterns)
    evidence = np.zeros(len(levels))
    for c, comparison in enumerate(model.comparisons):
        evidence += np.array([level.weight for level in comparison.levels])[levels[:, c]]
    prior = 1.0 / total if model.prior is None else model.prior
    for _ in range(200):
        odds = prior / (1 - prior) * np.exp2(np.clip(evidence, -500, 500))
        expected = float((counts.counts * (odds / (1 + odds))).sum()) / recall
        updated = min(0.5, max(expected / total, 0.5 / total))
        if abs(updated - prior) < 1e-6 * prior:
            break
        prior = updated
    return replace(model, prior=prior)


def mean_of_sessions(model: Model, results: Sequence[EmResult]) -> Model:
    """The model with each comparison's m the plain mean of the sessions that trained it.

    A comparison that no session trained keeps its first guess.
    """
    for number, comparison in enumerate(model.comparisons):
        found = [result.m[number] for result in results if result.m[number] is not None]
        shares = np.mean(np.array(found), axis=0) if found else first_guess(comparison)
        counted = np.array([not level.missing for level in comparison.levels])
        shares = np.clip(shares / shares[counted].sum(), SMALLEST, 1.0)
        model = model.with_levels(
            number,
            [
                level
                if level.missing or level.fixed_m or (not found and level.m)
                else replace(level, m=float(share))
                for level, share in zip(comparison.levels, shares, strict=True)
            ],
        )
    return model


def strict_rules(model: Model) -> list[BlockingRule]:
    """Pairs of whole fields that are worth an EM session, from the comparisons' equality levels."""
    whole = []
    for comparison in model.comparisons:
        for level in comparison.levels:
            if isinstance(level.when, Equal) and level.when.key.column is not None:
                whole.append((comparison, level.when.key))
                break
    return [BlockingRule(on=(a, b)) for i, (_, a) in enumerate(whole) for (_, b) in whole[i + 1 :]]
