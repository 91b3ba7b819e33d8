"""The main job in one function: read, standardise, encode, estimate, block, compare, score, cluster, write."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np

from joinedup.errors import LimitError, UsageError
from joinedup.linkage.automatic import Automatic, choose_model
from joinedup.linkage.block import Blocking, blocking
from joinedup.linkage.budget import Budget, give_back
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.decisions import constraints, read_decisions
from joinedup.linkage.encode import Records, encode
from joinedup.linkage.estimate import estimate_prior, estimate_u, possible_pairs
from joinedup.linkage.finish import LinkResult as LinkResult
from joinedup.linkage.finish import Weighed, finish, keep_weight
from joinedup.linkage.labels import labelled_pairs, with_labels
from joinedup.linkage.model import BlockingRule, Model
from joinedup.linkage.prepare import ID, prepare
from joinedup.linkage.rehearse import rehearse
from joinedup.linkage.run import (
    RuleCount,
    Session,
)
from joinedup.linkage.score import score
from joinedup.linkage.sheets import with_sheets
from joinedup.linkage.spec import JobKind, Source, Spec
from joinedup.linkage.spill import existing_folder, full_disk_told
from joinedup.linkage.splink_import import model_from_splink
from joinedup.linkage.stages import Clock
from joinedup.linkage.stages import Progress as Progress
from joinedup.linkage.train import (
    mean_of_sessions,
    settle_prior,
    strict_rules,
    train_sessions,
    union_patterns,
)
from joinedup.sources import address_of, is_postgres

log = logging.getLogger(__name__)

THREADS = 2
_USUAL_PROBABILITY = 0.95
_WORTH_REHEARSING = 4_000_000  # bytes: reading less than this takes no longer than a rehearsal


def link(
    spec: Spec,
    out: str | Path,
    *,
    decisions: str | Path | None = None,
    progress: Progress | None = None,
    threads: int = THREADS,
    report: bool = True,
) -> LinkResult:
    """Run a linkage job and write its outputs into a directory.

    Writes pairs.parquet, people.parquet, joined.parquet, model.json, run.json, report.html,
    review.csv (pairs worth a clerk's look, ready to be filled in as a decision file), and aside.parquet
    where rows could not be read; without a model in the spec, also the spec.toml that was chosen.

    decisions: a file of clerical decisions, obeyed as constraints. threads: how many cores to use; the result
    does not depend on it.

    The files appear together at the end, run.json last. Scored pairs for which ``limits.memory_gb`` leaves no room
    lie in a nameless file on the disk of ``out`` while the job runs; the result does not depend on that either.

    Raises SourceError, ModelError and LimitError (also where the disk is full), and then leaves ``out`` as it was.
    """
    with full_disk_told(Path(out)):
        return _linked(spec, Path(out), decisions, progress, threads=threads, report=report)


def _linked(
    spec: Spec,
    out: Path,
    decisions: str | Path | None,
    progress: Progress | None,
    *,
    threads: int,
    report: bool,
) -> LinkResult:
    clock = Clock(progress)
    budget = Budget.of(spec.limits.memory_gb)
    across = spec.kind is JobKind.LINK
    given = model_from_splink(spec.locate(spec.splink_file)) if spec.splink_file else spec.load_model()
    with clock.stage("read and standardise"), ThreadPoolExecutor(1) as aside:
        if given is not None and _bytes_to_read(spec) >= _WORTH_REHEARSING:
            # What is wrong with the model is told by the job itself, after what is wrong with the sources.
            aside.submit(rehearse, given, across_only=across)
        prepared = prepare(spec, given)
        spec = prepared.obeyed(spec)
    with clock.stage("encode"):
        records = encode(
            prepared.tables,
            id_columns=dict.fromkeys(prepared.tables, ID),
            columns=[f.name for f in prepared.fields],
            threads=threads,
            id_names=prepared.ids,
        )
        prepared = replace(prepared, tables={})
        give_back()
        if given is not None:
            records.derive(chain.from_iterable(c.keys() for c in given.comparisons), threads=threads)
            give_back()
    budget.check("encode")
    clerical = constraints(
        read_decisions(decisions) if decisions else (),
        source_names=records.source_names,
        source=records.source,
        ids=records.ids,
    )
    automatic: Automatic | None = None
    sessions: tuple[Session, ...] = ()
    plan: ComparePlan | None = None
    if given is not None:
        # Blocking comes first, so that a rule that would explode is refused before any work.
        with clock.stage("block"), ThreadPoolExecutor(1) as aside:
            planned = aside.submit(ComparePlan, records, given.comparisons)
            found = _blocked(given, records, spec, across=across)
            plan = planned.result()
        budget.check("block")
    with clock.stage("train"):
        if given is None or plan is None:
            automatic = choose_model(
                prepared.fields, records, across_only=across, seed=spec.seed, threads=threads
            )
            model, sessions = automatic.model, automatic.sessions
            # Labels are often of doubtful pairs alone: they are weighed beside the matches that the model expects.
            expected = (model.prior or 0.0) * possible_pairs(records, across_only=across)
            model = _learnt(model, spec, records, behind=expected, across=across)
        else:
            model, sessions = _trained(given, spec, records, plan, across=across, threads=threads)
    if automatic is not None:
        with clock.stage("block"):
            found = _blocked(model, records, spec, across=across)
        budget.check("block")
    with clock.stage("compare and score"):
        plan = plan or ComparePlan(records, model.comparisons)
        scored = score(
            model,
            records,
            found,
            keep_weight=keep_weight(spec),
            threads=threads,
            plan=plan,
            most_kept=budget.kept_pairs(),
            folder=existing_folder(out),
            progress=clock.counted("compare and score", sum(found.raw)),
        )
        rule_counts = tuple(
            RuleCount(str(rule), raw, new)
            for rule, raw, new in zip(found.rules, found.raw, scored.by_rule, strict=True)
        )
        found.forget()
    job = Weighed(
        spec=spec,
        prepared=prepared,
        records=records,
        model=model,
        plan=plan,
        scored=scored,
        rules=rule_counts,
        sessions=sessions,
        automatic=automatic,
        clerical=clerical,
        warnings=found.warnings,
        learnt_from_labels=spec.training.labels is not None and (given is None or not given.is_trained),
    )
    return finish(job, out, clock=clock, budget=budget, threads=threads, report=report)


def link_files(
    paths: Sequence[str | Path],
    out: str | Path,
    *,
    kind: JobKind | None = None,
    id_column: str | None = None,
    seed: int = 1,
    decisions: str | Path | None = None,
    progress: Progress | None = None,
    threads: int = THREADS,
) -> LinkResult:
    """Zero configuration: link (or, with one file, deduplicate) files without a spec.

    id_column: the column with each record's own id, where the files have one by that name. None: it is found out,
    and where a file has none, its rows are numbered from 1.

    Writes the same as ``link``, and the spec.toml that it chose.
    """
    return link(
        spec_of_files(paths, kind=kind, id_column=id_column, seed=seed),
        out,
        decisions=decisions,
        progress=progress,
        threads=threads,
    )


def spec_of_files(
    paths: Sequence[str | Path], *, kind: JobKind | None = None, id_column: str | None = None, seed: int = 1
) -> Spec:
    """The job of ``link_files``; raises UsageError without any file.

    Of a workbook every sheet with the columns of the best one is read, and the run warns of the others.
    """
    names: list[str] = []
    for path in paths:
        stem = _source_name(str(path))
        names.append(stem if stem not in names else f"{stem}_{len(names) + 1}")
    if not names:
        raise UsageError(what="no file to link", mend="name one file to deduplicate, or two and more to link")
    named = [path if "://" in str(path) else Path(path).resolve() for path in paths]
    for path in named:
        if named.count(path) > 1:
            raise UsageError(
                what="one file is named twice",
                where=str(path),
                mend="to find the records of one person in it, use 'joinedup dedupe'",
            )
    sources = tuple(
        Source(path=str(path), name=name, id=id_column) for path, name in zip(named, names, strict=True)
    )
    chosen = kind or (JobKind.DEDUPE if len(sources) == 1 else JobKind.LINK)
    return Spec(kind=chosen, sources=tuple(map(with_sheets, sources)), seed=seed)


def _source_name(path: str) -> str:
    """A file's stem; of a database address its table."""
    if not is_postgres(path):
        return Path(path).stem
    table = address_of(path).table
    return table.rpartition(".")[2] if table else "table"


def _bytes_to_read(spec: Spec) -> int:
    files = [Path(spec.locate(source.path)) for source in spec.sources]
    return sum(file.stat().st_size for file in files if file.is_file())


def _trained(
    model: Model, spec: Spec, records: Records, plan: ComparePlan, *, across: bool, threads: int
) -> tuple[Model, tuple[Session, ...]]:
    """The model with whatever it lacks estimated as the spec says."""
    if model.is_trained:
        return model, ()
    training = spec.training
    if any(not level.missing and level.u is None for c in model.comparisons for level in c.levels):
        model = estimate_u(
            model,
            records,
            pairs=training.u_pairs,
            seed=spec.seed,
            across_only=across,
            threads=threads,
            exact=training.exact_u,
            plan=plan,
        )
    settle = model.prior is None and not training.prior_rules
    if training.prior_rules:
        model = replace(
            model,
            prior=estimate_prior(
                records,
                training.prior_rules,
                recall=training.recall or 1.0,
                across_only=across,
                threads=threads,
                limit=spec.limits.max_pairs,
            ),
        )
    elif model.prior is None:
        model = replace(model, prior=1 / max(2, len(records)))
    rules: Sequence[BlockingRule] = training.sessions
    if not rules and not training.labels:
        rules = strict_rules(model)[:6]
    results = train_sessions(
        model,
        records,
        rules,
        across_only=across,
        threads=threads,
        most_pairs=training.em_pairs,
        free_u=training.free_u,
        limit=spec.limits.max_pairs,
        plan=plan,
    )
    model = mean_of_sessions(model, results)
    behind = float(np.mean([r.prior * r.session.pairs for r in results])) if results else 0.0
    model = _learnt(model, spec, records, behind=behind, across=across)
    if settle:
        limits = spec.limits
        found = blocking(
            records,
            model.blocking_rules,
            across_only=across,
            most_pairs=limits.max_pairs,
            block_limit=limits.block_limit,
        )
        total = possible_pairs(records, across_only=across)
        model = settle_prior(model, plan, union_patterns(plan, found, threads=threads), total=total)
    return model, tuple(result.session for result in results)


def _learnt(model: Model, spec: Spec, records: Records, *, behind: float, across: bool) -> Model:
    """The model with m from the spec's labels too, if it names any. behind: how many matches its m rests on."""
    if spec.training.labels is None:
        return model
    left, right = labelled_pairs(spec.locate(spec.training.labels), records, across_only=across)
    return with_labels(model, ComparePlan(records, model.comparisons), left, right, matches_behind=behind)


def _blocked(model: Model, records: Records, spec: Spec, *, across: bool) -> Blocking:
    most = spec.limits.max_pairs
    found = blocking(
        records,
        model.blocking_rules,
        across_only=across,
        most_pairs=most,
        block_limit=spec.limits.block_limit,
    )
    if sum(found.raw) > most:
        raise LimitError(
            what=f"the blocking rules together would compare up to {sum(found.raw):,} pairs, over {most:,}",
            where="blocking rules",
            mend="tighten a rule, or raise limits.max_pairs",
        )
    return found
