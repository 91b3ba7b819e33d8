"""From weighed pairs to a run's files: the threshold, the people, what is written, and the run record."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from joinedup.linkage.account import account, told_of_memory
from joinedup.linkage.automatic import Automatic
from joinedup.linkage.budget import Budget
from joinedup.linkage.cluster import Clusters, cluster
from joinedup.linkage.cluster_parts import Bridges, cluster_in_parts
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.decisions import Constraints
from joinedup.linkage.encode import Records
from joinedup.linkage.evaluate import EVALUATION_FILES
from joinedup.linkage.examples import example_pairs, pairs_to_review, write_review
from joinedup.linkage.expected import expected_threshold
from joinedup.linkage.kept import Scored, SpilledPairs
from joinedup.linkage.labelled_accuracy import labelled_accuracy
from joinedup.linkage.model import Model
from joinedup.linkage.outputs import person_names, write_joined, write_pairs, write_people
from joinedup.linkage.prepare import Prepared
from joinedup.linkage.publish import published
from joinedup.linkage.report import linkage_report_html
from joinedup.linkage.run import BELOW_EVERY_WEIGHT, Advice, RuleCount, Run, Session
from joinedup.linkage.seen import write_training
from joinedup.linkage.spec import Decision, FieldSpec, JobKind, Spec
from joinedup.linkage.spec_text import spec_toml
from joinedup.linkage.stages import Clock
from joinedup.sources import is_postgres, without_password

_USUAL_PROBABILITY = 0.95


@dataclass(frozen=True)
class LinkResult:
    """Where the outputs are, and what the run record says."""

    directory: Path
    run: Run


@dataclass(frozen=True)
class Weighed:
    """A job whose pairs are weighed, wherever that was done. automatic: None where a model was given. warnings: what
    else is to be told."""

    spec: Spec
    prepared: Prepared
    records: Records
    model: Model
    plan: ComparePlan
    scored: Scored | SpilledPairs
    rules: tuple[RuleCount, ...]
    sessions: tuple[Session, ...]
    automatic: Automatic | None
    clerical: Constraints
    warnings: tuple[Advice, ...] = ()
    learnt_from_labels: bool = False


def finish(
    job: Weighed, out: Path, *, clock: Clock, budget: Budget, threads: int, report: bool
) -> LinkResult:
    """Cluster the pairs and write the run's files, which appear together at the end (see ``published``)."""
    spec, prepared, records, scored = job.spec, job.prepared, job.records, job.scored
    model, plan, automatic = job.model, job.plan, job.automatic
    threshold, basis = _threshold(spec.decision, scored, model, automatic)
    with published(out) as folder:
        with ThreadPoolExecutor(1) as aside:
            # Most of what is written hangs on the pairs alone, and can be written while they are clustered.
            pairs_written = aside.submit(write_pairs, folder / "pairs.parquet", records, model, plan, scored)
            with clock.stage("cluster"):
                clusters, bridges = _clustered(
                    spec, automatic, records, scored, threshold, job.clerical, budget.clustered_pairs()
                )
            with clock.stage("write"):
                names = person_names(clusters.person)
                write_people(folder / "people.parquet", records, names)
                worth = pairs_to_review(scored, clusters, threshold=threshold, bridges=bridges)
                write_review(folder / "review.csv", records, worth)
                if spec.output.joined:
                    write_joined(
                        folder / "joined.parquet",
                        records,
                        names,
                        fields=list(records.columns),
                        prefer=spec.output.prefer,
                        shown=prepared.shown,
                        threads=threads,
                    )
                (folder / "model.json").write_text(
                    json.dumps(model.as_dict(), indent=2, ensure_ascii=False) + "\n", "utf-8"
                )
                _write_aside(folder, prepared)
                pairs_written.result()
        run = account(
            spec,
            prepared,
            records,
            scored,
            clusters,
            job.sessions,
            job.rules,
            model,
            automatic,
            threshold,
            basis,
            job.clerical,
            stages=tuple(clock.stages),
            names=names,
        )
        run = told_of_memory(run, budget, scored)
        run = replace(run, warnings=(*run.warnings, *job.warnings))
        if spec.training.labels is not None:
            points, basis = labelled_accuracy(
                spec.locate(spec.training.labels),
                records,
                scored,
                threshold=threshold,
                across_only=spec.kind is JobKind.LINK,
                learnt_from=job.learnt_from_labels,
            )
            run = replace(
                run, accuracy=points, accuracy_basis=basis, learnt_from_labels=job.learnt_from_labels
            )
        if automatic is not None:
            _write_chosen_spec(folder, out, spec, prepared, automatic, threshold)
        with clock.stage("note what was seen"):
            write_training(
                folder,
                run,
                records,
                model,
                plan,
                scored,
                model_file=None if spec.model_file is None else spec.locate(spec.model_file),
                trained_here=automatic is not None or bool(job.sessions) or spec.training.labels is not None,
            )
        if report and spec.output.report:
            with clock.stage("report"):
                examples = example_pairs(
                    model,
                    records,
                    plan,
                    scored,
                    clusters,
                    threshold=threshold,
                    count=spec.output.example_pairs,
                    show_values=spec.output.show_values,
                )
                html = linkage_report_html(run, model, examples=examples, show_values=spec.output.show_values)
                (folder / "report.html").write_text(html, encoding="utf-8")
        run = replace(run, stages=tuple(clock.stages))
        (folder / "run.json").write_text(run.as_json(), encoding="utf-8")
    if not prepared.aside:
        (out / "aside.parquet").unlink(missing_ok=True)  # of an earlier run
    for name in EVALUATION_FILES:
        (out / name).unlink(missing_ok=True)  # they judged an earlier run
    return LinkResult(out, run)


def weight_of(probability: float) -> float:
    if probability == 0:
        return BELOW_EVERY_WEIGHT
    return float(np.log2(probability / (1 - probability)))


def keep_weight(spec: Spec) -> float:
    """The weight from which pairs are kept: what the spec says, but never above its threshold."""
    wanted = [weight_of(spec.keep_probability)]
    if spec.decision.threshold_weight is not None:
        wanted.append(spec.decision.threshold_weight)
    if spec.decision.threshold_probability is not None:
        wanted.append(weight_of(spec.decision.threshold_probability))
    return float(min(wanted))


def _threshold(
    decision: Decision, scored: Scored | SpilledPairs, model: Model, automatic: Automatic | None
) -> tuple[float, str]:
    if decision.is_automatic and automatic is not None and automatic.nobody:
        highest = max(float(chunk.weight.max(initial=0.0)) for chunk in scored.chunks())
        return float(np.ceil(highest)) + 1, "chosen: above every pair, to link nobody"
    said = usual_threshold(decision, model, automatic)
    if said is not None:
        return said
    threshold, _, _ = expected_threshold(scored, share=model.context_share)
    return threshold, "chosen: the best balance of expected precision and recall"


def usual_threshold(
    decision: Decision, model: Model, automatic: Automatic | None
) -> tuple[float, str] | None:
    """The threshold in bits that does not hang on the pairs, and its basis; None: it is chosen by them."""
    if decision.threshold_weight is not None:
        return decision.threshold_weight, "given as a weight"
    if decision.threshold_probability is not None:
        return weight_of(decision.threshold_probability), "given as a probability"
    if automatic is not None or model.contexts:
        return None
    return weight_of(_USUAL_PROBABILITY), f"usual: probability {_USUAL_PROBABILITY}"


def _clustered(
    spec: Spec,
    automatic: Automatic | None,
    records: Records,
    scored: Scored | SpilledPairs,
    threshold: float,
    clerical: Constraints,
    most: int,
) -> tuple[Clusters, Bridges | None]:
    """The people; of pairs on disk, made in parts of at most so many, the weakest bridges too."""
    single = frozenset(i for i, source in enumerate(spec.sources) if source.one_record_per_person)
    least = spec.clusters.least_mean_weight
    if least is None and automatic is not None:
        least = automatic.least_mean_weight
    obeyed: dict[str, Any] = {
        "records": len(records),
        "threshold": threshold,
        "source": records.source,
        "one_to_one_sources": single,
        "identifiers": [records.columns[name].codes for name in spec.clusters.identifiers],
        "same": clerical.same,
        "different": clerical.different,
        "split": least,
        "absent_weight": spec.clusters.absent_weight,
    }
    if isinstance(scored, SpilledPairs):
        return cluster_in_parts(scored, most=most, **obeyed)
    return cluster(scored.left, scored.right, scored.weight, **obeyed), None


def _write_aside(out: Path, prepared: Prepared) -> None:
    tables = [
        table.append_column("source", pa.array([name] * table.num_rows, pa.string()))
        for name, table in prepared.aside.items()
    ]
    if tables:
        pq.write_table(pa.concat_tables(tables, promote_options="permissive"), out / "aside.parquet")


def _write_chosen_spec(
    folder: Path, out: Path, spec: Spec, prepared: Prepared, automatic: Automatic, threshold: float
) -> None:
    """The spec that would do the same again: columns, kinds, the trained model, the threshold."""
    sources = tuple(
        replace(
            source,
            path=_absolute(spec, source.path),
            id=prepared.ids[source.name],
            fields=dict(prepared.columns[source.name]),
        )
        for source in spec.sources
    )
    used = {name for columns in prepared.columns.values() for name in columns}
    labels = spec.training.labels
    chosen = replace(
        spec,
        sources=sources,
        fields={n: _written(s) for n, s in prepared.kinds.items() if n in used},
        model_file="model.json",
        splink_file=None,
        training=replace(spec.training, labels=labels and _absolute(spec, labels)),
        decision=Decision(threshold_weight=threshold),
        clusters=replace(spec.clusters, least_mean_weight=automatic.least_mean_weight),
        folder=out,
    )
    (folder / "spec.toml").write_text(spec_toml(chosen, folder=out), encoding="utf-8")


def _absolute(spec: Spec, path: str) -> str:
    """A path of the spec as it is from everywhere: the chosen spec lies in another folder than the one given."""
    located = spec.locate(path)
    if is_postgres(located):
        return without_password(located)
    return located if "://" in located else os.path.abspath(located)


def _written(spec: FieldSpec) -> FieldSpec:
    return FieldSpec(kind=spec.kind, standardise=spec.standardise, options=dict(spec.options))
