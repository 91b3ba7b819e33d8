"""Measure a dataset: one pass over its batches, then dimensions, rules, issues, trend and drift."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.errors import LimitError, ModelError, UsageError
from joinedup.people import FieldKind, Meaning, find_meanings
from joinedup.sources import Reading, read

from .column import SKETCHED, ColumnProfile, column_profile
from .distinct_count import DistinctCount, HashCounter
from .history import drift, read_history
from .kernels import join_hashes
from .measure import RuleResult, ranked_issues
from .result import QualityResult, dimension_scores
from .rows import AccuracyMeter, RuleMeter
from .rules import Dimension, Rule, RuleSet, load_rules
from .suggest import suggest_rules
from .tally import ColumnTally, as_text
from .validity import CHECKED, ValidityTally

log = logging.getLogger(__name__)

_SAMPLE_ROWS = 20_000
_READ_AHEAD = 6  # batches read while meanings are found
_REFERENCE_ROWS = 2_000_000
EXACT_LIMIT = 1 << 23
_EXACT_BYTES = 384 << 20
Hashes = npt.NDArray[np.uint64]
_Waiting = Callable[[Future[None] | None], Future[None]]


def profile(
    path_or_reading: str | Path | Reading,
    *,
    rules: str | Path | RuleSet | None = None,
    reference: str | Path | Reading | None = None,
    on: date,
    history: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    validate: bool = True,
    threads: int = 2,
    exact_limit: int = EXACT_LIMIT,
) -> QualityResult:
    """Measure a file or a Reading in one pass and bounded memory.

    rules: a rules file; without one the profile suggests some. reference: an authoritative sample, without
    which accuracy is "not measured". on: the date that ages are reckoned from. history: a folder or file
    of earlier runs. progress: called with (bytes done, bytes in all). validate: check the values of every
    UK field (names, dates, NINO, NHS number, postcode…). exact_limit: the most distinct values of a column
    that are counted exactly.

    Raises SourceError, ModelError (a rule that names no column), LimitError, UsageError.
    """
    started = time.perf_counter()
    reading = (
        path_or_reading if isinstance(path_or_reading, Reading) else read(path_or_reading, progress=progress)
    )
    rule_set = rules if isinstance(rules, RuleSet) else load_rules(rules) if rules is not None else None
    earlier = read_history(history, dataset=reading.name) if history is not None else ()
    batches, sample = _first_batches(reading)
    with ThreadPoolExecutor(max_workers=1) as beside:  # the reading stays with this thread: SQLite demands it
        finding = beside.submit(find_meanings, sample)
        ahead = deque(islice(batches, _READ_AHEAD))
        meanings = _dated(finding.result(), on) if sample.num_columns else {}
    pass_over = _Pass(reading.schema, meanings, rule_set, reference, on, validate, exact_limit)
    pass_over.run(_after(ahead, batches), threads=threads)
    columns = pass_over.columns()
    results = pass_over.rule_results(columns)
    rows_all, rows_but_ids = pass_over.row_counts()
    result = QualityResult(
        dataset=reading.name,
        on=on,
        rows=pass_over.rows,
        source=reading.report,
        columns=columns,
        different_rows=rows_all,
        different_but_identifiers=rows_but_ids,
        rules=rule_set,
        results=results,
        issues=ranked_issues(results),
        suggested=suggest_rules(columns),
        dimensions=dimension_scores(columns, results, pass_over.rows, rows_all),
        earlier=earlier,
        drift=drift([(c.name, c.kind, c.stored_type) for c in columns], earlier, rows=pass_over.rows),
        validated=validate,
        seconds=time.perf_counter() - started,
    )
    log.info("profiled %d rows of %d columns in %.1f s", result.rows, len(columns), result.seconds)
    return result


class _Pass:
    """One pass: the tallies of all columns, of whole rows, and of the rules."""

    def __init__(
        self,
        schema: pa.Schema,
        meanings: Mapping[str, Meaning],
        rule_set: RuleSet | None,
        reference: str | Path | Reading | None,
        on: date,
        validate: bool,
        exact_limit: int,
    ) -> None:
        self.rows = 0
        self._schema = schema
        self._meanings = meanings
        self._validity = {
            name: ValidityTally(meaning)
            for name, meaning in meanings.items()
            if validate and meaning.kind in CHECKED
        }
        self._tallies = {
            name: ColumnTally(
                exact_limit=exact_limit,
                sketched=meanings[name].kind in SKETCHED,
                on_retired=self._validity[name].add if name in self._validity else None,
            )
            for name in schema.names
        }
        self._all_rows, self._but_ids = HashCounter(exact_limit), HashCounter(exact_limit)
        self._identifiers = {n for n, m in meanings.items() if m.kind is FieldKind.IDENTIFIER}
        every = rule_set.rules if rule_set is not None else ()
        self._order = every
        plain = [r for r in every if r.metric != "matches_reference"]
        self._meters = {
            r.id: RuleMeter(
                r,
                columns=schema.names,
                meanings=meanings,
                on=on,
                listed=_listed(r, rule_set),
                exact_limit=exact_limit,
            )
            for r in plain
        }
        self._accuracy = _accuracy(every, rule_set, reference, schema, meanings)

    def run(self, batches: Iterator[pa.RecordBatch], *, threads: int) -> None:
        """Read to the end; columns are counted side by side, batch after batch."""
        with ThreadPoolExecutor(max_workers=max(threads, 1)) as pool:
            waiting = None
            counting: Future[None] | None = None
            for batch in batches:
                if waiting is not None:
                    counting = waiting(counting)
                waiting = self._start(batch, pool)
            if waiting is not None:
                counting = waiting(counting)
            if counting is not None:
                counting.result()
                self._keep_within_memory()
            rows = [pool.submit(counter.result) for counter in (self._all_rows, self._but_ids)]
            list(pool.map(ColumnTally.finish, self._tallies.values()))
            for job in rows:
                job.result()  # counting settles a counter: `row_counts` finds it in order

    def columns(self) -> tuple[ColumnProfile, ...]:
        """The profile of each column, in the table's order."""
        made = []
        for name in self._schema.names:
            validity = self._validity[name].result() if name in self._validity else None
            made.append(
                column_profile(
                    self._tallies[name],
                    name=name,
                    stored_type=str(self._schema.field(name).type),
                    meaning=self._meanings[name],
                    validity=validity,
                )
            )
        return tuple(made)

    def rule_results(self, columns: tuple[ColumnProfile, ...]) -> tuple[RuleResult, ...]:
        """What each rule measured, in the file's order."""
        accurate = self._accuracy.results() if self._accuracy is not None else {}
        missing = "No authoritative sample was given, so accuracy is not known."
        made = []
        for rule in self._order:
            if rule.id in self._meters:
                made.append(self._meters[rule.id].result())
            elif rule.id in accurate:
                made.append(accurate[rule.id])
            else:
                note = missing if self._accuracy is None else "The sample has no such column."
                made.append(RuleResult(rule, None, note=note))
        if not self._order:
            made += list(accurate.values())
        return tuple(made)

    def row_counts(self) -> tuple[DistinctCount, DistinctCount]:
        """How many different rows there are: in all, and when identifiers are left out."""
        return self._all_rows.result(), self._but_ids.result()

    def _start(self, batch: pa.RecordBatch, pool: ThreadPoolExecutor) -> _Waiting:
        """Count a batch's columns on the pool.

        The returned call waits for them, and for the rows of the batch before, given to it; it does what needs
        all columns and leaves the count of this batch's rows to the pool, beside the next batch's columns.
        """
        jobs = {
            n: pool.submit(self._tallies[n].update, batch.column(at))
            for at, n in enumerate(batch.schema.names)
        }
        self.rows += batch.num_rows

        def wait(before: Future[None] | None) -> Future[None]:
            hashes = {name: job.result() for name, job in jobs.items()}
            if before is not None:
                before.result()
            for meter in self._meters.values():
                meter.update(batch, hashes)
            if self._accuracy is not None:
                self._accuracy.update(batch)
            self._keep_within_memory()
            return pool.submit(self._count_rows, hashes, batch.num_rows)

        return wait

    def _count_rows(self, hashes: Mapping[str, Hashes], rows: int) -> None:
        joined = np.zeros(rows, np.uint64)
        for at, (name, column) in enumerate(hashes.items()):
            if name not in self._identifiers:
                join_hashes(joined, column, at + 1)
        self._but_ids.add(joined, skip_nulls=False)
        whole = joined.copy() if self._identifiers else joined
        for at, (name, column) in enumerate(hashes.items()):
            if name in self._identifiers:
                join_hashes(whole, column, at + 1)
        self._all_rows.add(whole, skip_nulls=False)

    def _keep_within_memory(self) -> None:
        """When exact counts hold too much, the least needed become estimates (identifiers last)."""
        held = [(n, t.counter) for n, t in self._tallies.items() if t.counter is not None and t.counter.exact]
        total = sum(c.held_bytes for _, c in held) + self._all_rows.held_bytes + self._but_ids.held_bytes
        if total <= _EXACT_BYTES:
            return
        keep_last = {FieldKind.IDENTIFIER, FieldKind.NINO, FieldKind.NHS_NUMBER, FieldKind.UPN, FieldKind.UTR}
        for _, counter in sorted(
            held, key=lambda p: (self._meanings[p[0]].kind in keep_last, -p[1].held_bytes)
        ):
            if total <= _EXACT_BYTES:
                return
            total -= counter.held_bytes
            counter.give_up()


def _first_batches(reading: Reading) -> tuple[Iterator[pa.RecordBatch], pa.Table]:
    """All batches, and the first rows as a table to find meanings in."""
    stream = reading.batches()
    held, rows = [], 0
    for batch in stream:
        held.append(batch)
        rows += batch.num_rows
        if rows >= _SAMPLE_ROWS:
            break
    sample = pa.Table.from_batches(held, reading.schema)

    def again() -> Iterator[pa.RecordBatch]:
        while held:
            yield held.pop(0)
        yield from stream

    return again(), sample.slice(0, _SAMPLE_ROWS)


def _after(ahead: deque[pa.RecordBatch], rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches read ahead, each let go once it is taken, and then the rest."""
    while ahead:
        yield ahead.popleft()
    yield from rest


def _dated(meanings: Mapping[str, Meaning], on: date) -> dict[str, Meaning]:
    """Meanings whose options know the date, so that births in the future are invalid."""
    return {
        name: m if m.options.on is not None else replace(m, options=replace(m.options, on=on))
        for name, m in meanings.items()
    }


def _listed(rule: Rule, rule_set: RuleSet | None) -> pa.Array | None:
    if rule.metric != "listed" or rule_set is None:
        return None
    table = read(rule_set.folder / str(rule.settings["file"])).table()
    name = str(rule.settings["column"])
    if name not in table.column_names:
        raise ModelError(
            what=f"the listed file has no column {name!r}",
            where=f"rule {rule.id!r}",
            mend=f"use one of {', '.join(table.column_names)}",
        )
    return as_text(table.column(name).combine_chunks()).drop_null().unique()


def _accuracy(
    rules: tuple[Rule, ...],
    rule_set: RuleSet | None,
    reference: str | Path | Reading | None,
    schema: pa.Schema,
    meanings: Mapping[str, Meaning],
) -> AccuracyMeter | None:
    if reference is None:
        return None
    reading = reference if isinstance(reference, Reading) else read(reference)
    sample = reading.table()
    if sample.num_rows > _REFERENCE_ROWS:
        raise LimitError(
            what=f"the reference sample has {sample.num_rows:,} records",
            where=reading.name,
            mend=f"give a sample of at most {_REFERENCE_ROWS:,}",
        )
    common = [n for n in schema.names if n in sample.column_names]
    key = rule_set.key if rule_set is not None and rule_set.key else ""
    if not key:
        key = next((n for n in common if meanings[n].kind is FieldKind.IDENTIFIER), "")
    if key not in common:
        raise UsageError(
            what="no column names a record in both the data and the reference sample",
            where=reading.name,
            mend='set key = "…" under [dataset] in the rules file',
        )
    from_rules = [r for r in rules if r.metric == "matches_reference"]
    made = from_rules or accuracy_rules([n for n in common if n != key])
    return AccuracyMeter([r for r in made if r.fields[0] in common], sample=sample, key=key)


def accuracy_rules(fields: list[str]) -> list[Rule]:
    """A rule for each field that a reference sample can speak about."""
    return [
        Rule(
            id=f"{name}-matches_reference",
            metric="matches_reference",
            fields=(name,),
            target=0.95,
            dimension=Dimension.ACCURACY,
            requirement=f"{name} should agree with the authoritative source",
            tolerance=0.02,
            severity="warn",
        )
        for name in fields
    ]
