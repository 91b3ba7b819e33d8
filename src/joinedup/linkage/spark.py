"""The main job on Apache Spark: the same linkage as ``link``, its records and pairs spread over many machines.

Records are standardised, blocked, compared and weighed where Spark has them, by the same code as on one machine.
The driver holds the records too where they are few enough, and then ends the job as one machine does; where they are
too many it holds an even sample to train on, and people are made and written by Spark (`spark_finish`).
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from joinedup.engines.spark import cores, gathered, spark_session
from joinedup.errors import UsageError
from joinedup.linkage.automatic import Automatic, choose_model
from joinedup.linkage.budget import Budget
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.decisions import constraints, read_decisions
from joinedup.linkage.encode import Records
from joinedup.linkage.finish import LinkResult, Weighed, finish, keep_weight
from joinedup.linkage.kept import Keeping, PairColumns, Scored, SpilledPairs
from joinedup.linkage.model import Model
from joinedup.linkage.prepare import Prepared
from joinedup.linkage.run import RuleCount, Session
from joinedup.linkage.spark_blocks import BlockLimits
from joinedup.linkage.spark_finish import SparkJob, finish_on_spark
from joinedup.linkage.spark_records import number_records, records_at_hand
from joinedup.linkage.spark_score import SparkPairs, SparkScored
from joinedup.linkage.spark_sources import spark_sources
from joinedup.linkage.spark_train import trained_on_spark
from joinedup.linkage.spec import JobKind, Spec
from joinedup.linkage.spill import existing_folder, full_disk_told
from joinedup.linkage.splink_import import model_from_splink
from joinedup.linkage.stages import Clock, Progress

_TASKS_A_CORE = 2
_GATHERED = 4_000_000  # pairs that are brought to the driver at a time


@dataclass(frozen=True)
class SparkOptions:
    """master: as in ``spark_session``. staging: a folder that all machines see, for what stands between stages (it
    holds people's data: remove it afterwards); None: a temporary one, on one machine. partitions: into how many tasks
    work is divided; None: two a core. records_at_hand: the most records that the driver holds. tables: where tables are
    written that the driver cannot hold; None: ``staging``/tables, on one machine with the other outputs. cell:
    records of a part of a large block."""

    master: str | None = None
    staging: str | None = None
    partitions: int | None = None
    records_at_hand: int = 5_000_000
    tables: str | None = None
    cell: int = 1024


def link_on_spark(
    spec: Spec,
    out: str | Path,
    *,
    options: SparkOptions | None = None,
    decisions: str | Path | None = None,
    progress: Progress | None = None,
    threads: int = 2,
    report: bool = True,
) -> LinkResult:
    """Run a linkage job on Spark and write the outputs of ``link`` into a directory.

    With a trained model, pairs, weights and people are those of ``link``. Where the driver holds all records, so is a
    model that is trained or chosen; else u and a chosen model come from an even sample of the records.

    Raises SourceError, ModelError, LimitError, MissingExtraError and UsageError.
    """
    out, chosen = Path(out), options or SparkOptions()
    clock = Clock(progress)
    with full_disk_told(out), _staging(chosen) as staging:
        with clock.stage("start Spark"):
            local = (chosen.master or "").startswith("local")
            some = {"spark.sql.shuffle.partitions": str(chosen.partitions or 4)} if local else {}
            session = spark_session(master=chosen.master, memory_gb=spec.limits.memory_gb, settings=some)
        partitions = chosen.partitions or _TASKS_A_CORE * cores(session)
        budget = Budget.of(spec.limits.memory_gb)
        given = model_from_splink(spec.locate(spec.splink_file)) if spec.splink_file else spec.load_model()
        with clock.stage("read and standardise"):
            sources = spark_sources(session, spec, given, staging=staging)
            spec = sources.prepared.obeyed(spec)
            records = number_records(sources, staging=staging, partitions=partitions)
        with clock.stage("encode"):
            fields = [field.name for field in sources.prepared.fields]
            step = max(1, math.ceil(len(records) / chosen.records_at_hand))
            at_hand = records_at_hand(records, fields=fields, one_in=step)
        limits = BlockLimits(spec.limits.max_pairs, spec.limits.block_limit, chosen.cell)
        pairs = SparkPairs(records, spec.kind is JobKind.LINK, limits, staging, partitions)
        with clock.stage("train"):
            model, sessions, automatic = _modelled(
                given, spec, sources.prepared, pairs, at_hand, threads=threads
            )
        with clock.stage("compare and score"):
            scored = pairs.score(model, keep_weight=keep_weight(spec))
        plan = ComparePlan(at_hand, model.comparisons)
        if step > 1:
            far = SparkJob(
                spec=spec,
                prepared=sources.prepared,
                records=records,
                model=model,
                plan=plan,
                scored=scored,
                sessions=sessions,
                automatic=automatic,
                rules=rule_counts(scored),
                sampled=len(at_hand),
            )
            tables = chosen.tables or (str(out.resolve()) if chosen.staging is None else f"{staging}/tables")
            return finish_on_spark(
                far, out, decisions=decisions, tables=tables, staging=staging, partitions=partitions,
                clock=clock, report=report,
            )  # fmt: skip
        job = Weighed(
            spec=spec,
            prepared=sources.prepared,
            records=at_hand,
            model=model,
            plan=plan,
            scored=_on_driver(scored, model, len(records), budget, existing_folder(out)),
            rules=rule_counts(scored),
            sessions=sessions,
            automatic=automatic,
            clerical=constraints(
                read_decisions(decisions) if decisions else (),
                source_names=at_hand.source_names,
                source=at_hand.source,
                ids=at_hand.ids,
            ),
            warnings=scored.blocks.warnings,
        )
        return finish(job, out, clock=clock, budget=budget, threads=threads, report=report)


@contextmanager
def _staging(options: SparkOptions) -> Iterator[str]:
    if options.staging is not None:
        yield options.staging.rstrip("/")
        return
    if options.master is None or not options.master.startswith("local"):
        raise UsageError(
            what="there is no folder that all machines of the cluster see",
            where="--staging",
            mend="name one, such as --staging s3://bucket/joinedup, or run here: --master local[2]",
        )
    with tempfile.TemporaryDirectory(prefix="joinedup-spark-") as folder:
        yield folder


def _modelled(
    given: Model | None, spec: Spec, prepared: Prepared, pairs: SparkPairs, at_hand: Records, *, threads: int
) -> tuple[Model, tuple[Session, ...], Automatic | None]:
    if given is not None:
        model, sessions = trained_on_spark(given, spec, pairs, at_hand, threads=threads)
        return model, sessions, None
    automatic = choose_model(
        prepared.fields, at_hand, across_only=pairs.across_only, seed=spec.seed, threads=threads
    )
    return automatic.model, automatic.sessions, automatic


def rule_counts(scored: SparkScored) -> tuple[RuleCount, ...]:
    """What each blocking rule let through."""
    found = scored.blocks
    return tuple(
        RuleCount(str(rule), raw, new)
        for rule, raw, new in zip(found.rules, found.raw, scored.by_rule, strict=True)
    )


def _on_driver(
    scored: SparkScored, model: Model, records: int, budget: Budget, folder: Path
) -> Scored | SpilledPairs:
    """The kept pairs in the order of their records; on disk where memory has no room for them."""
    patterns = int(np.prod([len(c.levels) for c in model.comparisons], dtype=object))
    keeping = Keeping(
        most=budget.kept_pairs(), folder=folder, patterns=patterns, with_contexts=bool(model.contexts)
    )
    parts = max(1, math.ceil(scored.count / _GATHERED))
    edges = np.linspace(0, records, parts + 1).astype(np.int64).tolist()
    for begin, end in pairwise(edges):
        part = scored.pairs.where(f"left >= {begin} and left < {end}") if parts > 1 else scored.pairs
        table = gathered(part).sort_by([("left", "ascending"), ("right", "ascending")])
        keeping.add(_columns(table))
    return keeping.finish(scored.by_rule, scored.histogram)


def _columns(table: pa.Table) -> PairColumns:
    return PairColumns(
        table["left"].to_numpy().astype(np.int32),
        table["right"].to_numpy().astype(np.int32),
        table["weight"].to_numpy(),
        table["pattern"].to_numpy(),
        table["adjustment"].to_numpy(),
    )
