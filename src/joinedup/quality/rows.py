"""Rules measured row by row while batches go past: counts and the first failing row numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.errors import ModelError
from joinedup.people import FieldKind, FieldOptions, FieldStatus, Meaning, standardise
from joinedup.sources import one_of_columns

from .distinct_count import HashCounter
from .kernels import join_hashes
from .measure import RuleResult, share, uniqueness, wilson
from .rules import Condition, Rule
from .tally import as_text

SAMPLE_ROWS = 20
Mask = npt.NDArray[np.bool_]
_RELATION = {
    "<": pc.less,
    "<=": pc.less_equal,
    "=": pc.equal,
    ">=": pc.greater_equal,
    ">": pc.greater,
    "!=": pc.not_equal,
}


class RuleMeter:
    """Measures one rule over a stream of batches."""

    def __init__(
        self,
        rule: Rule,
        *,
        columns: Sequence[str],
        meanings: Mapping[str, Meaning],
        on: date,
        listed: pa.Array | None = None,
        exact_limit: int = 1 << 23,
    ) -> None:
        named = [
            *rule.fields,
            *(c.field for c in rule.where),
            *(c.field for c in rule.settings.get("then", ())),
        ]
        named += [str(rule.settings[n]) for n in ("other", "since") if n in rule.settings]
        for name in named:
            if name not in columns:
                raise ModelError(
                    what=f"there is no column {name!r}",
                    where=f"rule {rule.id!r}",
                    mend=f"use {one_of_columns(list(columns))}",
                )
        self.rule = rule
        self._meanings = meanings
        self._on = on
        self._listed = listed
        self._passed = self._total = 0
        self._newest: date | None = None
        self._rows = 0
        self._failing: list[int] = []
        self._hashes = HashCounter(exact_limit) if rule.metric == "unique" else None

    def update(self, batch: pa.RecordBatch, hashes: Mapping[str, npt.NDArray[np.uint64]]) -> None:
        """Measure a batch; ``hashes`` holds one hash a row for each column."""
        about = self._all(self.rule.where, batch)
        if self.rule.metric == "unique":
            self._update_unique(batch, about, hashes)
        elif self.rule.metric == "rows":
            self._total += int(about.sum())
        else:
            about, passed = self._judge(batch, about)
            self._total += int(about.sum())
            self._passed += int((about & passed).sum())
            if len(self._failing) < SAMPLE_ROWS:
                failed = np.flatnonzero(about & ~passed)[: SAMPLE_ROWS - len(self._failing)]
                self._failing += (failed + self._rows + 1).tolist()
        self._rows += batch.num_rows

    def result(self) -> RuleResult:
        """What was found, over all batches so far."""
        rule = self.rule
        if self._hashes is not None:
            found = self._hashes.result()
            note = (
                "" if found.exact else "The number of different values is an estimate (standard error 0.8%)."
            )
            measured = uniqueness(self._total, found.count)
            return RuleResult(rule, measured, min(found.count, self._total), self._total, note=note)
        if rule.metric == "rows":
            enough = rule.settings["min"] <= self._total <= rule.settings.get("max", self._total)
            return RuleResult(rule, float(enough), int(enough), 1, note=f"{self._total:,} records arrived.")
        if rule.metric == "newest":
            if self._newest is None:
                return RuleResult(rule, None, note="No date could be read.")
            age = (self._on - self._newest).days
            fresh = 0 <= age <= rule.settings["days"]
            return RuleResult(rule, float(fresh), int(fresh), 1, note=f"The newest is {age} days old.")
        note = "" if self._total else "No record is concerned."
        return RuleResult(
            rule,
            share(self._passed, self._total),
            self._passed,
            self._total,
            None,
            tuple(self._failing),
            note,
        )

    def _update_unique(
        self, batch: pa.RecordBatch, about: Mask, hashes: Mapping[str, npt.NDArray[np.uint64]]
    ) -> None:
        assert self._hashes is not None
        together = np.zeros(batch.num_rows, np.uint64)
        for at, name in enumerate(self.rule.fields):
            about = about & _present(batch.column(name))
            join_hashes(together, hashes[name], at + 1)
        self._total += int(about.sum())
        self._hashes.add(together[about], skip_nulls=False)

    def _judge(self, batch: pa.RecordBatch, about: Mask) -> tuple[Mask, Mask]:
        """Which rows the rule is about, and which of all rows pass."""
        rule, settings = self.rule, self.rule.settings
        if rule.metric == "implies":
            return about, self._all(settings["then"], batch)
        present = [_present(batch.column(name)) for name in rule.fields]
        if rule.metric == "present":
            return about, np.logical_and.reduce(present)
        about = about & np.logical_and.reduce(present)
        column = batch.column(rule.fields[0])
        match rule.metric:
            case "valid":
                passed = self._valid(column, rule.fields[0], FieldKind(settings["kind"]))
                status = self._status
                return about & (status != FieldStatus.MISSING), passed
            case "pattern":
                anchored = f"^(?:{settings['pattern']})$"
                return about, _true(pc.match_substring_regex(as_text(column), anchored))
            case "one_of":
                wanted = pa.array([str(v) for v in settings["values"]], pa.string())
                return about, _true(pc.is_in(as_text(column), value_set=wanted))
            case "listed":
                return about, _true(pc.is_in(as_text(column), value_set=self._listed))
            case "length":
                return about, _between(pc.utf8_length(as_text(column)), settings)
            case "range":
                return about, _between(self._comparable(column, rule.fields[0], settings), settings)
            case "compare":
                return self._compare(batch, about)
            case _:
                return self._dates(batch, about)

    def _valid(self, column: pa.Array, name: str, kind: FieldKind) -> Mask:
        meaning = self._meanings.get(name)
        options = (
            meaning.options if meaning is not None and meaning.kind is kind else FieldOptions(on=self._on)
        )
        self._status = standardise(column, kind, options=options).status
        return np.asarray((self._status == FieldStatus.VALID) | (self._status == FieldStatus.MENDED))

    def _compare(self, batch: pa.RecordBatch, about: Mask) -> tuple[Mask, Mask]:
        first, second = self.rule.fields[0], str(self.rule.settings["other"])
        left, right = batch.column(first), batch.column(second)
        about = about & _present(right)
        if self._is_date(first) or self._is_date(second):
            left, right = self._as_dates(left, first), self._as_dates(right, second)
        else:
            numbers = [_as_numbers(side) for side in (left, right)]
            chosen = np.asarray(numbers[0].is_valid()) & np.asarray(numbers[1].is_valid())
            as_numbers = bool(chosen[about].all())
            left, right = numbers if as_numbers else (as_text(left), as_text(right))
        comparable = about & np.asarray(left.is_valid()) & np.asarray(right.is_valid())
        return comparable, _true(_RELATION[self.rule.settings["relation"]](left, right))

    def _dates(self, batch: pa.RecordBatch, about: Mask) -> tuple[Mask, Mask]:
        name, settings = self.rule.fields[0], self.rule.settings
        dates = self._as_dates(batch.column(name), name)
        readable = about & np.asarray(dates.is_valid())
        if self.rule.metric == "newest":
            newest = pc.max(dates.filter(pa.array(readable))).as_py()
            if newest is not None:
                self._newest = newest if self._newest is None else max(self._newest, newest)
            return readable, readable
        days = np.asarray(dates.fill_null(0).cast(pa.int32())).astype(np.int64)
        if "since" in settings:
            since = self._as_dates(batch.column(str(settings["since"])), str(settings["since"]))
            readable &= np.asarray(since.is_valid())
            age = days - np.asarray(since.fill_null(0).cast(pa.int32())).astype(np.int64)
        else:
            age = (self._on - date(1970, 1, 1)).days - days
        return readable, np.asarray((age >= 0) & (age <= settings["days"]))

    def _comparable(self, column: pa.Array, name: str, settings: Mapping[str, object]) -> pa.Array:
        bounds = [settings[n] for n in ("min", "max") if n in settings]
        return self._as_dates(column, name) if isinstance(bounds[0], date) else _as_numbers(column)

    def _is_date(self, name: str) -> bool:
        meaning = self._meanings.get(name)
        return meaning is not None and meaning.kind in {FieldKind.DATE, FieldKind.DATE_OF_BIRTH}

    def _as_dates(self, column: pa.Array, name: str) -> pa.Array:
        if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
            return column.cast(pa.date32(), safe=False)
        meaning = self._meanings.get(name)
        options = meaning.options if meaning is not None else FieldOptions()
        values = standardise(column, FieldKind.DATE, options=options).values
        return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values

    def _all(self, conditions: Sequence[Condition], batch: pa.RecordBatch) -> Mask:
        met = np.ones(batch.num_rows, np.bool_)
        for condition in conditions:
            met &= _meets(batch.column(condition.field), condition)
        return met


class AccuracyMeter:
    """Compares fields with an authoritative sample, record by record, by key."""

    def __init__(self, rules: Sequence[Rule], *, sample: pa.Table, key: str) -> None:
        keys = as_text(sample.column(key).combine_chunks())
        once = {text: at for at, text in enumerate(keys.to_pylist()) if text is not None}
        self._rules = [r for r in rules if r.fields[0] in sample.column_names]
        self._keys = pa.array(list(once), pa.string())
        places = pa.array(list(once.values()), pa.int64())
        self._truth = {
            r.id: _plain_text(sample.column(r.fields[0]).combine_chunks().take(places)) for r in self._rules
        }
        self._key = key
        self._found = np.zeros(len(once), np.bool_)
        self._counts = {r.id: [0, 0] for r in self._rules}
        self._failing: dict[str, list[int]] = {r.id: [] for r in self._rules}
        self._rows = 0

    def update(self, batch: pa.RecordBatch) -> None:
        """Compare the batch's records that are in the sample."""
        place = pc.index_in(as_text(batch.column(self._key)), value_set=self._keys)
        rows = np.flatnonzero(np.asarray(place.is_valid()))
        if len(rows):
            chosen = place.take(pa.array(rows))
            self._found[np.asarray(chosen)] = True
            for rule in self._rules:
                ours = _plain_text(batch.column(rule.fields[0]).take(pa.array(rows)))
                theirs = self._truth[rule.id].take(chosen)
                both = np.asarray(ours.is_valid()) & np.asarray(theirs.is_valid())
                same = _true(pc.equal(ours, theirs)) & both
                self._counts[rule.id][0] += int(same.sum())
                self._counts[rule.id][1] += int(both.sum())
                kept = self._failing[rule.id]
                kept += (rows[both & ~same] + self._rows + 1).tolist()[: SAMPLE_ROWS - len(kept)]
        self._rows += batch.num_rows

    def results(self) -> dict[str, RuleResult]:
        """One result a rule, by its id, each with the Wilson interval of its share."""
        made = {}
        found, size = int(self._found.sum()), len(self._found)
        for rule in self._rules:
            same, both = self._counts[rule.id]
            note = f"{found:,} of {size:,} records of the sample were found; {both:,} could be compared."
            interval = wilson(same, both) if both else None
            failing = tuple(self._failing[rule.id])
            made[rule.id] = RuleResult(rule, share(same, both), same, both, interval, failing, note)
        return made


def _meets(column: pa.Array, condition: Condition) -> Mask:
    present = _present(column)
    match condition.test:
        case "present":
            return present if condition.value else ~present
        case "is":
            return _true(pc.equal(as_text(column), str(condition.value)))
        case "is_not":
            return ~_true(pc.equal(as_text(column), str(condition.value)))
        case "one_of":
            wanted = pa.array([str(v) for v in condition.value], pa.string())
            return _true(pc.is_in(as_text(column), value_set=wanted))
        case "above":
            return _true(pc.greater(_as_numbers(column), float(condition.value)))
        case _:
            return _true(pc.less(_as_numbers(column), float(condition.value)))


def _present(column: pa.Array) -> Mask:
    valid = np.asarray(column.is_valid())
    if pa.types.is_string(column.type):
        blank = _true(pc.equal(pc.binary_length(pc.utf8_trim_whitespace(column)), 0))
        return np.asarray(valid & ~blank)
    return valid


def _plain_text(column: pa.Array) -> pa.Array:
    """Text for comparison: case and runs of spaces do not count, blank is missing."""
    text = pc.utf8_lower(pc.utf8_trim_whitespace(pc.replace_substring_regex(as_text(column), r"\s+", " ")))
    return pc.if_else(pc.equal(pc.binary_length(text), 0), pa.scalar(None, pa.string()), text)


def _as_numbers(column: pa.Array) -> pa.Array:
    if not pa.types.is_string(column.type):
        is_number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
        return column.cast(pa.float64()) if is_number else pa.nulls(len(column), pa.float64())
    trimmed = pc.utf8_trim_whitespace(column)
    readable = pc.match_substring_regex(trimmed, r"^[+-]?[0-9]{1,300}(\.[0-9]{1,300})?$")
    unsigned = pc.replace_substring_regex(trimmed, r"^\+", "")
    return pc.if_else(readable, unsigned, pa.scalar(None, pa.string())).cast(pa.float64())


def _between(values: pa.Array, settings: Mapping[str, object]) -> Mask:
    met = np.ones(len(values), np.bool_)
    if "min" in settings:
        met &= _true(pc.greater_equal(values, pa.scalar(settings["min"])))
    if "max" in settings:
        met &= _true(pc.less_equal(values, pa.scalar(settings["max"])))
    return met


def _true(answers: pa.Array) -> Mask:
    return np.asarray(answers.fill_null(False)).astype(np.bool_)
