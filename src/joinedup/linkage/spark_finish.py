"""The end of a job whose records the driver cannot hold: threshold, people, tables and run record, all on Spark."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

import joinedup
from joinedup.engines.spark import gathered, map_batches, spread
from joinedup.linkage.automatic import Automatic
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.decisions import Decision as ClerksDecision
from joinedup.linkage.decisions import Verdict, read_decisions
from joinedup.linkage.expected import sceptical_chance
from joinedup.linkage.finish import LinkResult, usual_threshold
from joinedup.linkage.kept import PairColumns
from joinedup.linkage.model import Model
from joinedup.linkage.outputs import match_probability
from joinedup.linkage.prepare import Prepared
from joinedup.linkage.publish import published
from joinedup.linkage.report import linkage_report_html
from joinedup.linkage.run import Advice, ClusterSummary, Estimate, RuleCount, Run, Session, WeightHistogram
from joinedup.linkage.spark_people import PeopleRules, people_on_spark
from joinedup.linkage.spark_records import SparkRecords
from joinedup.linkage.spark_score import SparkScored
from joinedup.linkage.spark_tables import joined_rows, pair_rows, people_rows, with_persons
from joinedup.linkage.spec import Spec
from joinedup.linkage.stages import Clock

_GRID = 1000  # steps of a bit in which a threshold is looked for
_SEEN = pa.schema([("step", pa.int64()), ("pairs", pa.int64()), ("right", pa.float64())])


@dataclass(frozen=True)
class SparkJob:
    """A job whose pairs are weighed and lie with Spark. sampled: how many records the driver trained on."""

    spec: Spec
    prepared: Prepared
    records: SparkRecords
    model: Model
    plan: ComparePlan
    scored: SparkScored
    sessions: tuple[Session, ...]
    automatic: Automatic | None
    rules: tuple[RuleCount, ...]
    sampled: int


def finish_on_spark(
    job: SparkJob,
    out: Path,
    *,
    decisions: str | Path | None,
    tables: str,
    staging: str,
    partitions: int,
    clock: Clock,
    report: bool,
) -> LinkResult:
    """Cluster and write. pairs.parquet, people.parquet and joined.parquet are folders in ``tables``; model.json,
    run.json and report.html files in ``out``. No review.csv is made, and the report has no examples."""
    spec, scored, model = job.spec, job.scored, job.model
    seen = _seen(scored, model)
    threshold, basis = usual_threshold(spec.decision, model, job.automatic) or _best(seen, job.automatic)
    same, different, unknown = _decided(read_decisions(decisions) if decisions else (), job.records)
    least = spec.clusters.least_mean_weight
    if least is None and job.automatic is not None:
        least = job.automatic.least_mean_weight
    rules = PeopleRules(
        threshold=threshold,
        one_to_one_sources=frozenset(i for i, s in enumerate(spec.sources) if s.one_record_per_person),
        identifiers=tuple(job.records.column(name) for name in spec.clusters.identifiers),
        same=same,
        different=different,
        split=least,
        absent_weight=spec.clusters.absent_weight,
    )
    with clock.stage("cluster"):
        found = people_on_spark(
            job.records.frame, scored.pairs, rules, staging=staging, partitions=partitions
        )
        persons = with_persons(found.frame, job.records, staging=staging, partitions=partitions)
        sizes = gathered(
            persons.groupBy("person").count().selectExpr("count as size").groupBy("size").count()
        )
    with clock.stage("write"):
        written = {
            "pairs": pair_rows(scored.pairs, job.records, model, job.plan),
            "people": people_rows(persons, job.records),
        }
        if spec.output.joined:
            fields = tuple(field.name for field in job.prepared.fields)
            written["joined"] = joined_rows(
                persons,
                job.records,
                fields=fields,
                prefer=spec.output.prefer,
                shown=job.prepared.shown,
                partitions=partitions,
            )
        for name, frame in written.items():
            if (out / f"{name}.parquet").is_file():  # of an earlier run on one machine
                (out / f"{name}.parquet").unlink()
            frame.write.mode("overwrite").parquet(f"{tables}/{name}.parquet")
    run = _run(job, seen, threshold, basis, sizes, found.refused, unknown)
    with published(out) as folder:
        text = json.dumps(model.as_dict(), indent=2, ensure_ascii=False) + "\n"
        (folder / "model.json").write_text(text, "utf-8")
        run = replace(run, stages=tuple(clock.stages))
        if report and spec.output.report:
            html = linkage_report_html(run, model, examples=(), show_values=False)
            (folder / "report.html").write_text(html, encoding="utf-8")
        (folder / "run.json").write_text(run.as_json(), encoding="utf-8")
    return LinkResult(out, run)


def _seen(scored: SparkScored, model: Model) -> pa.Table:
    """How the kept pairs spread over steps of weight, ascending: step, pairs, and how many are right as expected."""
    work = _SeenWork(model.context_share)
    parts = map_batches(scored.pairs.select("weight", "adjustment"), work, _SEEN)
    whole = gathered(parts.groupBy("step").agg({"pairs": "sum", "right": "sum"}))
    order = ["step", "sum(pairs)", "sum(right)"]
    return whole.select(order).rename_columns(["step", "pairs", "right"]).sort_by("step")


@dataclass(frozen=True)
class _SeenWork:
    share: float

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            weight = batch.column("weight").to_numpy()
            nothing = np.zeros(0, np.int32)
            pairs = PairColumns(
                nothing, nothing, weight, np.zeros(0, np.int64), batch.column("adjustment").to_numpy()
            )
            steps, place = np.unique(np.floor(weight * _GRID).astype(np.int64), return_inverse=True)
            right = np.bincount(
                place, weights=sceptical_chance(pairs, share=self.share), minlength=len(steps)
            )
            counts = np.bincount(place, minlength=len(steps)).astype(np.int64)
            yield pa.RecordBatch.from_arrays([pa.array(a) for a in (steps, counts, right)], schema=_SEEN)


def _best(seen: pa.Table, automatic: Automatic | None) -> tuple[float, str]:
    """The step from which linking has the best expected F1 (as ``expected_threshold``, on the grid of steps)."""
    if not seen.num_rows:
        return 0.0, "chosen: there is no pair"
    if automatic is not None and automatic.nobody:
        highest = float(np.ceil(seen["step"].to_numpy()[-1] / _GRID))
        return max(0.0, highest) + 1, "chosen: above every pair, to link nobody"
    linked = np.cumsum(seen["pairs"].to_numpy()[::-1])
    right = np.cumsum(seen["right"].to_numpy()[::-1])
    best = int(np.argmax(2 * right / (linked + right[-1])))
    step = int(seen["step"].to_numpy()[::-1][best])
    return step / _GRID, "chosen: the best balance of expected precision and recall"


def _decided(
    decisions: tuple[ClerksDecision, ...], records: SparkRecords
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray], int]:
    """The decisions by record number, same and different, and how many name a record that is not there."""
    nothing = np.zeros(0, np.int64)
    if not decisions:
        return (nothing, nothing), (nothing, nothing), 0
    places = sorted({place for decision in decisions for place in (decision.left, decision.right)})
    known = [(records.source_names.index(s), i) for s, i in places if s in records.source_names]
    number: dict[tuple[str, str], int] = {}
    if known:
        wanted = pa.table(
            {"_source": pa.array([s for s, _ in known], pa.int16()), "_id": [i for _, i in known]}
        )
        frame = records.frame.join(
            spread(records.frame.sparkSession, wanted).hint("broadcast"), ["_source", "_id"]
        )
        for row in gathered(frame.select("_source", "_id", "_number")).to_pylist():
            number[records.source_names[row["_source"]], row["_id"]] = row["_number"]
    pairs: dict[Verdict, set[tuple[int, int]]] = {verdict: set() for verdict in Verdict}
    unknown = 0
    for decision in decisions:
        left, right = number.get(decision.left), number.get(decision.right)
        if left is None or right is None:
            unknown += 1
        else:
            pairs[decision.verdict].add((min(left, right), max(left, right)))
    same, different = (
        np.array(sorted(pairs[verdict]), np.int64).reshape(-1, 2)
        for verdict in (Verdict.SAME, Verdict.DIFFERENT)
    )
    return (same[:, 0], same[:, 1]), (different[:, 0], different[:, 1]), unknown


def _run(
    job: SparkJob,
    seen: pa.Table,
    threshold: float,
    basis: str,
    sizes: pa.Table,
    refused: dict[str, int],
    unknown: int,
) -> Run:
    spec, scored, model = job.spec, job.scored, job.model
    step, count, right = (seen[name].to_numpy() for name in ("step", "pairs", "right"))
    linked = step >= np.floor(threshold * _GRID)
    links, expected, matches = int(count[linked].sum()), float(right[linked].sum()), float(right.sum())
    people = dict(sorted(zip(sizes["size"].to_pylist(), sizes["count"].to_pylist(), strict=True)))
    warnings = [*job.prepared.warnings, *scored.blocks.warnings]
    if job.sampled < len(job.records) and job.sessions:
        warnings.append(
            Advice(
                f"u was estimated on an even sample of {job.sampled:,} of {len(job.records):,} records",
                "give the driver more memory and raise the records that it may hold, if rare agreements matter",
                "training",
            )
        )
    if unknown:
        warnings.append(
            Advice(
                f"{unknown} decisions name a record that the run does not have",
                "check the identifiers in the decision file",
                "decisions",
            )
        )
    nonzero = np.flatnonzero(scored.histogram)
    low, high = (int(nonzero[0]), int(nonzero[-1]) + 1) if len(nonzero) else (0, 1)
    return Run(
        kind=spec.kind.value,
        seed=spec.seed,
        versions={"joinedup": joinedup.__version__, "python": platform.python_version()},
        sources=job.prepared.sources,
        rules=job.rules,
        sessions=job.sessions,
        counts={
            "records": len(job.records),
            "candidate_pairs": sum(scored.by_rule),
            "scored_pairs": scored.count,
            "links": links,
            "people": sum(people.values()),
        },
        prior=model.prior,
        prior_basis="given" if not job.sessions else "estimated",
        threshold_weight=threshold,
        threshold_probability=float(match_probability(np.array([threshold]))[0]),
        threshold_basis=basis,
        precision=Estimate(
            expected / max(1, links), basis="mean probability of the linked pairs, as the model sees it"
        ),
        recall=Estimate(
            expected / matches if matches else 0.0,
            basis="expected matches linked, of those the model expects",
        ),
        warnings=tuple(warnings),
        weights=WeightHistogram(float(low - 64), 1.0, tuple(int(n) for n in scored.histogram[low:high])),
        clusters=ClusterSummary(
            people=sum(people.values()),
            sizes=people,
            contradictions=refused.get("contradiction", 0) if spec.clusters.identifiers else None,
            links_cut=sum(refused.values()),
            refused=refused,
        ),
    )
