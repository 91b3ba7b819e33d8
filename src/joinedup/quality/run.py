"""Measure a dataset: one pass over its batches, then dimensions, rules, issues, trend and drift."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.errors import LimitError, ModelError, UsageError
from joinedup.people import FieldKind, Meaning, find_meanings
from joinedup.sources import Reading, one_of_columns, read

from .column import SKETCHED, ColumnProfile, column_profile
from .distinct_count import DistinctCount, HashCounter
from .history import drift, read_history
from .kernels import join_hashes
from .measure import RuleResult, ranked_issues
from .result import QualityResult, dimension_scores
from .rows import AccuracyMeter, RuleMeter
from .rules import Dimension, Rule, RuleSet, load_rules
from .suggest import suggest_rules
from .tally import ColumnTally, Needs, as_text
from .validity import CHECKED, ValidityTally

log = logging.getLogger(__name__)

_SAMPLE_ROWS = 20_000
_REFERENCE_ROWS = 2_000_000
EXACT_LIMIT = 1 << 23
_EXACT_BYTES = 256 << 20
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

    def known() -> _Known:
        meanings = _dated(find_meanings(sample), on) if sample.num_columns else {}
        return _known(reading.schema, meanings, rule_set, reference, on, validate, exact_limit)

    with ThreadPoolExecutor(max_workers=1) as beside:  # the reading stays with this thread: SQLite demands it
        pass_over = _Pass(reading.schema, beside.submit(known), exact_limit)
        pass_over.run(batches, threads=threads)
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


@dataclass(frozen=True)
class _Known:
    """What is known once the columns' meanings are: of each column, and the meters of the rules."""

    meanings: Mapping[str, Meaning]
    validity: Mapping[str, ValidityTally]
    rules: tuple[Rule, ...]
    meters: Mapping[str, RuleMeter]
    accuracy: AccuracyMeter | None

    @property
    def identifiers(self) -> set[str]:
        """The columns that number the records."""
        return {name for name, meaning in self.meanings.items() if meaning.kind is FieldKind.IDENTIFIER}

    def of_column(self, name: str) -> Needs:
        """What the column's tally needs to know when values leave it."""
        validity = self.validity.get(name)
        return Needs(self.meanings[name].kind in SKETCHED, validity.add if validity is not None else None)


def _known(
    schema: pa.Schema,
    meanings: Mapping[str, Meaning],
    rule_set: RuleSet | None,
    reference: str | Path | Reading | None,
    on: date,
    validate: bool,
    exact_limit: int,
) -> _Known:
    every = rule_set.rules if rule_set is not None else ()
    meters = {
        rule.id: RuleMeter(
            rule,
            columns=schema.names,
            meanings=meanings,
            on=on,
            listed=_listed(rule, rule_set),
            exact_limit=exact_limit,
        )
        for rule in every
        if rule.metric != "matches_reference"
    }
    checked = {name: m for name, m in meanings.items() if validate and m.kind in CHECKED}
    return _Known(
        meanings,
        {name: ValidityTally(meaning) for name, meaning in checked.items()},
        every,
        meters,
        _accuracy(every, rule_set, reference, schema, meanings),
    )


class _Pass:
    """One pass: the tallies of all columns, of whole rows, and of the rules.

    Counting begins while the columns' meanings are still being found out.
    """

    def __init__(self, schema: pa.Schema, known: Future[_Known], exact_limit: int) -> None:
        self.rows = 0
        self._schema = schema
        self._finding = known
        self._tallies = {
            name: ColumnTally(exact_limit=exact_limit, needs=partial(self._needs, name))
            for name in schema.names
        }
        self._all_rows, self._but_ids = HashCounter(exact_limit), HashCounter(exact_limit)
        self._jobs: Mapping[str, Future[tuple[Hashes, int]]] = {}
        self._held: Mapping[
            str, int
        ] = {}  # bytes that each column held for exactness after the batch waited for
        self._leaving: frozenset[str] = frozenset()  # columns that give exactness up with the next batch

    @property
    def _known(self) -> _Known:
        return self._finding.result()

    def _needs(self, name: str) -> Needs:
        return self._known.of_column(name)

    def run(self, batches: Iterator[pa.RecordBatch], *, threads: int) -> None:
        """Read to the end; columns are counted side by side, batch after batch."""
        with ThreadPoolExecutor(max_workers=max(threads, 1)) as pool:
            waiting: deque[_Waiting] = deque()  # a second batch begins while the first one's last columns end
            counting: Future[None] | None = None
            for batch in batches:
                waiting.append(self._start(batch, pool))
                if len(waiting) > 1:
                    counting = waiting.popleft()(counting)
            while waiting:
                counting = waiting.popleft()(counting)
            if counting is not None:
                counting.result()
            for name in self._too_large(self._held):
                self._give_up(name)
            rows = [pool.submit(counter.result) for counter in (self._all_rows, self._but_ids)]
            list(pool.map(ColumnTally.finish, self._tallies.values()))
            for job in rows:
                job.result()  # counting settles a counter: `row_counts` finds it in order

    def columns(self) -> tuple[ColumnProfile, ...]:
        """The profile of each column, in the table's order."""
        made, known = [], self._known
        for name in self._schema.names:
            validity = known.validity[name].result() if name in known.validity else None
            made.append(
                column_profile(
                    self._tallies[name],
                    name=name,
                    stored_type=str(self._schema.field(name).type),
                    meaning=known.meanings[name],
                    validity=validity,
                )
            )
        return tuple(made)

    def rule_results(self, columns: tuple[ColumnProfile, ...]) -> tuple[RuleResult, ...]:
        """What each rule measured, in the file's order."""
        known = self._known
        accurate = known.accuracy.results() if known.accuracy is not None else {}
        missing = "No authoritative sample was given, so accuracy is not known."
        made = []
        for rule in known.rules:
            if rule.id in known.meters:
                made.append(known.meters[rule.id].result())
            elif rule.id in accurate:
                made.append(accurate[rule.id])
            else:
                note = missing if known.accuracy is None else "The sample has no such column."
                made.append(RuleResult(rule, None, note=note))
        if not known.rules:
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
            n: pool.submit(self._count_column, n, batch.column(at), self._jobs.get(n), n in self._leaving)
            for at, n in enumerate(batch.schema.names)
        }
        self._jobs = jobs
        self._leaving = frozenset()
        self.rows += batch.num_rows

        def wait(before: Future[None] | None) -> Future[None]:
            counted = {name: job.result() for name, job in jobs.items()}
            hashes = {name: found for name, (found, _) in counted.items()}
            self._held = {name: held for name, (_, held) in counted.items()}
            if before is not None:
                before.result()
            for meter in self._known.meters.values():
                meter.update(batch, hashes)
            if self._known.accuracy is not None:
                self._known.accuracy.update(batch)
            self._leaving |= self._too_large(self._held)
            return pool.submit(self._count_rows, hashes, batch.num_rows)

        return wait

    def _count_column(
        self, name: str, column: pa.Array, before: Future[tuple[Hashes, int]] | None, leaving: bool
    ) -> tuple[Hashes, int]:
        """Count a batch of one column after the batch before; return its hashes and the bytes it now holds."""
        if before is not None:
            before.result()
        if leaving:
            self._give_up(name)
        tally = self._tallies[name]
        hashes = tally.update(column)
        return hashes, 0 if tally.counter is None else tally.counter.held_bytes

    def _give_up(self, name: str) -> None:
        counter = self._tallies[name].counter
        if counter is not None:
            counter.give_up()

    def _count_rows(self, hashes: Mapping[str, Hashes], rows: int) -> None:
        joined = np.zeros(rows, np.uint64)
        identifiers = self._known.identifiers
        for at, (name, column) in enumerate(hashes.items()):
            if name not in identifiers:
                join_hashes(joined, column, at + 1)
        self._but_ids.add(joined, skip_nulls=False)
        whole = joined.copy() if identifiers else joined
        for at, (name, column) in enumerate(hashes.items()):
            if name in identifiers:
                join_hashes(whole, column, at + 1)
        self._all_rows.add(whole, skip_nulls=False)

    def _too_large(self, held: Mapping[str, int]) -> frozenset[str]:
        """The columns whose exact counts must become estimates, as all together hold too much (identifiers last).

        held: bytes by column. It is told of a batch that is done while the next one is under way, and obeyed by
        the one after that, so that the answer never depends on which thread was first.
        """
        total = sum(held.values()) + self._all_rows.held_bytes + self._but_ids.held_bytes
        keep_last = {FieldKind.IDENTIFIER, FieldKind.NINO, FieldKind.NHS_NUMBER, FieldKind.UPN, FieldKind.UTR}
        chosen: set[str] = set()
        for name in sorted(held, key=lambda n: (self._known.meanings[n].kind in keep_last, -held[n])):
            if total <= _EXACT_BYTES or not held[name]:
                continue
            total -= held[name]
            chosen.add(name)
        return frozenset(chosen)


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
            mend=f"use {one_of_columns(table.column_names)}",
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
