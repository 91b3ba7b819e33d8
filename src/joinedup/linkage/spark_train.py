"""Training on Spark: what needs random pairs is estimated on the driver from a sample of records, what needs the
pairs of a rule from pattern counts that Spark gathers from all of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from joinedup.errors import UsageError
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.encode import Records
from joinedup.linkage.estimate import estimate_u, expectation_maximisation, start_prior
from joinedup.linkage.labels import labelled_pairs, with_labels
from joinedup.linkage.model import BlockingRule, Model
from joinedup.linkage.run import Session
from joinedup.linkage.spark_score import SparkPairs
from joinedup.linkage.spec import Spec
from joinedup.linkage.train import iterations_of, mean_of_sessions, settle_prior, strict_rules

log = logging.getLogger(__name__)


def trained_on_spark(
    model: Model, spec: Spec, pairs: SparkPairs, at_hand: Records, *, threads: int
) -> tuple[Model, tuple[Session, ...]]:
    """The model with whatever it lacks estimated as the spec says.

    at_hand: all records, or an even sample of them, for u. The prior and m are estimated from all records in any
    case. Where all are at hand, the model is the one that one machine trains.

    Raises UsageError for labels that would be looked for in a sample.
    """
    if model.is_trained:
        return model, ()
    training, across = spec.training, pairs.across_only
    whole = len(at_hand) == len(pairs.records)
    if training.labels is not None and not whole:
        raise UsageError(
            what="labels are looked up on the driver, which holds a sample of the records",
            where="training.labels",
            mend="train on one machine and give the model, or raise the records that the driver may hold",
        )
    plan = ComparePlan(at_hand, model.comparisons)
    if any(not level.missing and level.u is None for c in model.comparisons for level in c.levels):
        model = estimate_u(
            model,
            at_hand,
            pairs=training.u_pairs,
            seed=spec.seed,
            across_only=across,
            threads=threads,
            exact=training.exact_u,
            plan=plan,
        )
    total = max(1, pairs.records.possible_pairs(across_only=across))
    settle = model.prior is None and not training.prior_rules
    if training.prior_rules:
        sure = pairs.count(training.prior_rules)
        model = replace(model, prior=min(0.5, max(sure / (training.recall or 1.0) / total, 0.5 / total)))
    elif model.prior is None:
        model = replace(model, prior=1 / max(2, len(pairs.records)))
    rules: Sequence[BlockingRule] = training.sessions
    if not rules and not training.labels:
        rules = strict_rules(model)[:6]
    results = []
    for rule in rules:
        taught = [i for i, c in enumerate(model.comparisons) if not (c.columns() & rule.columns())]
        counts = pairs.patterns(model, [rule], only=taught, most_pairs=training.em_pairs)
        results.append(
            expectation_maximisation(
                model,
                plan,
                counts,
                rule=rule,
                start_prior=start_prior(model, rule),
                free_u=training.free_u,
                iterations=iterations_of(free_u=training.free_u),
            )
        )
    model = mean_of_sessions(model, results)
    if training.labels is not None:
        left, right = labelled_pairs(spec.locate(training.labels), at_hand, across_only=across)
        behind = float(np.mean([r.prior * r.session.pairs for r in results])) if results else 0.0
        model = with_labels(
            model, ComparePlan(at_hand, model.comparisons), left, right, matches_behind=behind
        )
    if settle:
        model = settle_prior(model, plan, pairs.patterns(model, model.blocking_rules), total=total)
    return model, tuple(result.session for result in results)
