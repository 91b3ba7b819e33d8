"""What a run says of itself: counts, estimates, how sure it is, and what to do about what is wrong."""

from __future__ import annotations

import platform
from dataclasses import replace

import numpy as np
import pyarrow as pa

import joinedup
from joinedup.linkage.automatic import Automatic
from joinedup.linkage.budget import LEAST, Budget
from joinedup.linkage.cluster import Clusters
from joinedup.linkage.cluster_measures import Measures
from joinedup.linkage.decisions import Constraints
from joinedup.linkage.encode import Records
from joinedup.linkage.expected import expected_links
from joinedup.linkage.kept import KeptPairs, Scored, SpilledPairs
from joinedup.linkage.model import Model
from joinedup.linkage.outputs import PersonNames, match_probability
from joinedup.linkage.prepare import Prepared
from joinedup.linkage.review import NEAR_BITS
from joinedup.linkage.run import (
    Advice,
    ClusterSummary,
    DoubtfulCluster,
    Estimate,
    RuleCount,
    Run,
    Session,
    Stage,
    WeightHistogram,
)
from joinedup.linkage.spec import Spec

_DOUBTFUL = 20  # people that the record names as worth a look


def account(
    spec: Spec,
    prepared: Prepared,
    records: Records,
    scored: KeptPairs,
    clusters: Clusters,
    sessions: tuple[Session, ...],
    rules: tuple[RuleCount, ...],
    model: Model,
    automatic: Automatic | None,
    threshold: float,
    basis: str,
    clerical: Constraints,
    stages: tuple[Stage, ...],
    names: PersonNames,
) -> Run:
    """The run record; everything in it is a count, an estimate with its basis, or a sentence."""
    links, expected, matches = expected_links(scored, threshold=threshold, share=model.context_share)
    blocking_recall = automatic.choice.recall if automatic is not None else None
    precision = expected / max(1, links)
    recall = expected / matches if matches > 0 else 0.0
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
            "scored_pairs": len(scored),
            "links": links,
            "people": sum(sizes.values()),
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
        confidence=(*_confidence(automatic, precision, recall, sessions), *_apart(prepared.identifiers)),
        warnings=tuple(warnings),
        weights=WeightHistogram(float(low - 64), 1.0, tuple(int(n) for n in scored.histogram[low:high])),
        clusters=_cluster_summary(clusters, names, threshold, spec.clusters.identifiers),
    )


def told_of_memory(run: Run, budget: Budget, pairs: Scored | SpilledPairs) -> Run:
    """The run with its budget, what lay on disk, and a warning where the budget was not enough."""
    on_disk = pairs.spill.bytes if isinstance(pairs, SpilledPairs) else 0
    run = replace(
        run, memory_budget_mb=round(budget.total / 2**20, 1), pairs_on_disk_mb=round(on_disk / 2**20, 1)
    )
    if run.peak_memory_mb * 2**20 <= max(budget.total, LEAST):
        return run
    advice = Advice(
        f"the job took {run.peak_memory_mb:,.0f} MiB at its highest, over its budget of "
        f"{run.memory_budget_mb:,.0f} MiB",
        "most of it are the records: raise limits.memory_gb, or name only the fields that the model needs",
        "memory",
    )
    return replace(run, warnings=(*run.warnings, advice))


def _cluster_summary(
    clusters: Clusters, names: PersonNames, threshold: float, identifiers: tuple[str, ...]
) -> ClusterSummary:
    sizes, broken = clusters.sizes(), clusters.broken.counts()
    measures = clusters.measures
    density: float | None = None
    doubtful: tuple[DoubtfulCluster, ...] = ()
    if measures is not None:
        large = measures.size >= 3
        density = float(measures.density[large].mean()) if large.any() else None
        doubtful = doubtful_people(measures, names, threshold=threshold)
    return ClusterSummary(
        people=sum(sizes.values()),
        sizes=sizes,
        contradictions=broken.get("contradiction", 0) if identifiers else None,
        links_cut=sum(broken.values()),
        mean_density=density,
        refused=broken,
        doubtful=doubtful,
    )


def doubtful_people(
    measures: Measures, names: PersonNames, *, threshold: float
) -> tuple[DoubtfulCluster, ...]:
    """The people of three records and more that hang together worst (by a bridge, thinly or by a link near the
    threshold), first those whose weakest link is weakest.
    """
    near = measures.min_weight <= threshold + NEAR_BITS
    worth = (measures.bridges > 0) | (measures.density < 0.5) | near
    large = np.flatnonzero((measures.size >= 3) & ~np.isnan(measures.min_weight) & worth)
    order = large[np.lexsort((-measures.bridges[large], measures.density[large], measures.min_weight[large]))]
    found = []
    for at in order[:_DOUBTFUL]:
        reasons = []
        if measures.bridges[at]:
            reasons.append("one link holds two parts together")
        if measures.density[at] < 0.5:
            reasons.append("fewer than half of its pairs are links")
        if near[at]:
            reasons.append("its weakest link is near the threshold")
        found.append(
            DoubtfulCluster(
                person_id=names.of(measures.person[at : at + 1])[0].as_py(),
                records=int(measures.size[at]),
                weakest_weight=float(measures.min_weight[at]),
                density=float(measures.density[at]),
                bridges=int(measures.bridges[at]),
                why="; ".join(reasons),
            )
        )
    return tuple(found)


def _confidence(
    automatic: Automatic | None, precision: float, recall: float, sessions: tuple[Session, ...]
) -> tuple[str, ...]:
    said = [
        f"By its own weights the model expects {precision:.1%} of the linked pairs to be right and to link "
        f"{recall:.1%} of the true pairs. These are estimates without labels: they share the model's blind "
        "spots.",
        "To know, draw a sample of pairs, have a clerk decide, and evaluate against it.",
    ]
    if automatic is not None:
        said.insert(0, _how_sure(automatic, precision, recall))
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


def _apart(identifiers: tuple[str, ...]) -> tuple[str, ...]:
    """What to say of identifiers that were found out."""
    if not identifiers:
        return ()
    listed = ", ".join(f"'{name}'" for name in identifiers)
    return (
        f"Records with two different valid values are kept apart, as a person has one: {listed}. Under [clusters] in "
        "spec.toml that can be changed.",
    )


def _how_sure(automatic: Automatic, precision: float, recall: float) -> str:
    """One word for a reader in a hurry, with its reason."""
    training = [advice.what for advice in automatic.warnings if advice.place == "training"]
    if automatic.nobody:
        return (
            "How sure: nobody was linked. There was enough to learn from, but no group of alike pairs agrees in "
            "names, dates of birth and numbers as the records of one person do."
        )
    if training:
        return f"How sure: not very. {training[0][0].upper()}{training[0][1:]}."
    if any(advice.place == "identity" for advice in automatic.warnings):
        return "How sure: fairly. Nothing but names and addresses tells people apart; see the warnings."
    if precision < 0.9 or recall < 0.8:
        return "How sure: fairly. Many pairs are hard to tell apart with these fields; have the doubtful ones checked."
    if not automatic.model.contexts:
        return "How sure: fairly. There were too few different people among alike pairs to learn what family is like."
    return "How sure: quite. Matches and others stand well apart, and family and namesakes were learnt from."
