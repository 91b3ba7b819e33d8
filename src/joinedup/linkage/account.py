"""What a run says of itself: counts, estimates, how sure it is, and what to do about what is wrong."""

from __future__ import annotations

import platform

import numpy as np
import pyarrow as pa

import joinedup
from joinedup.linkage.automatic import Automatic, sceptical_chance
from joinedup.linkage.cluster import Clusters
from joinedup.linkage.decisions import Constraints
from joinedup.linkage.encode import Records
from joinedup.linkage.model import Model
from joinedup.linkage.outputs import match_probability
from joinedup.linkage.prepare import Prepared
from joinedup.linkage.run import (
    Advice,
    ClusterSummary,
    Estimate,
    RuleCount,
    Run,
    Session,
    Stage,
    WeightHistogram,
)
from joinedup.linkage.score import Scored
from joinedup.linkage.spec import Spec


def account(
    spec: Spec,
    prepared: Prepared,
    records: Records,
    scored: Scored,
    clusters: Clusters,
    sessions: tuple[Session, ...],
    rules: tuple[RuleCount, ...],
    model: Model,
    automatic: Automatic | None,
    threshold: float,
    basis: str,
    clerical: Constraints,
    stages: tuple[Stage, ...],
) -> Run:
    """The run record; everything in it is a count, an estimate with its basis, or a sentence."""
    linked = scored.weight >= threshold
    probability = sceptical_chance(scored, share=model.context_share)
    expected = float(probability[linked].sum())
    blocking_recall = automatic.choice.recall if automatic is not None else None
    precision = expected / max(1, int(linked.sum()))
    recall = expected / float(probability.sum()) if probability.sum() > 0 else 0.0
    if blocking_recall is not None:
        recall *= blocking_recall
    warnings = [*prepared.warnings]
    warnings += [
        Advice(note, "check the identifiers in the decision file", "decisions") for note in clerical.notes()
    ]
    warnings += list(automatic.warnings) if automatic is not None else []
    warnings += [
        Advice(note, "see training in the report", f"session {s.rule}")
        for s in sessions
        for note in s.warnings
        if automatic is None
    ]
    sizes = clusters.sizes()
    nonzero = np.flatnonzero(scored.histogram)
    low, high = (int(nonzero[0]), int(nonzero[-1]) + 1) if len(nonzero) else (0, 1)
    broken = clusters.broken.counts()
    return Run(
        kind=spec.kind.value,
        seed=spec.seed,
        versions={
            "joinedup": joinedup.__version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "pyarrow": pa.__version__,
        },
        sources=prepared.sources,
        stages=stages,
        rules=rules,
        sessions=sessions,
        counts={
            "records": len(records),
            "candidate_pairs": sum(scored.by_rule),
            "scored_pairs": len(scored.left),
            "links": int(linked.sum()),
            "people": sum(sizes.values()),
            **{f"refused: {reason}": count for reason, count in broken.items()},
        },
        prior=model.prior,
        prior_basis="given" if not sessions else "estimated",
        threshold_weight=threshold,
        threshold_probability=float(match_probability(np.array([threshold]))[0]),
        threshold_basis=basis,
        precision=Estimate(precision, basis="mean probability of the linked pairs, as the model sees it"),
        recall=Estimate(recall, basis="expected matches linked, of those the model expects"),
        blocking_recall=Estimate(
            blocking_recall, basis="share of the likely matches of a sample that the rules find"
        )
        if blocking_recall is not None
        else None,
        confidence=_confidence(automatic, precision, recall, sessions),
        warnings=tuple(warnings),
        weights=WeightHistogram(float(low - 64), 1.0, tuple(int(n) for n in scored.histogram[low:high])),
        clusters=ClusterSummary(
            sum(sizes.values()),
            sizes,
            links_cut=sum(broken.values()),
            contradictions=broken.get("contradiction", 0),
        ),
    )


def _confidence(
    automatic: Automatic | None, precision: float, recall: float, sessions: tuple[Session, ...]
) -> tuple[str, ...]:
    said = [
        f"By its own weights the model expects {precision:.1%} of the linked pairs to be right and to link "
        f"{recall:.1%} of the true pairs. These are estimates without labels: they share the model's blind "
        "spots.",
        "To know, draw a sample (joinedup sample), have a clerk decide, and evaluate against it.",
    ]
    if automatic is not None:
        settled = sum(1 for s in sessions if s.converged)
        said.insert(
            0,
            f"{settled} of {len(sessions)} training sessions settled; "
            f"{len(automatic.choice.rules)} of {automatic.choice.considered} blocking rules were taken.",
        )
        for name, leader in automatic.follows.items():
            said.append(
                f"'{name}' all but follows from '{leader}', so it is judged only where '{leader}' leaves it "
                "open."
            )
    return tuple(said)
