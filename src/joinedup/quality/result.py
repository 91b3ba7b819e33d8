"""The result of a run: everything measured, as values, as JSON and as rows for a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from joinedup.sources import ReadReport

from .column import ColumnProfile
from .distinct_count import DistinctCount
from .history import Drift, Run
from .measure import RuleResult, Standing, share, uniqueness
from .rules import Dimension, Rule, RuleSet


@dataclass(frozen=True)
class DimensionScore:
    """One dimension over the whole dataset.

    measured: from rules, the mean of their shares weighed by importance; without rules, from the profile;
    None if nothing was measured. standing: the worst of its rules. worst: the rule furthest below target.
    unmeasured: rules of this dimension that could not be measured.
    """

    dimension: Dimension
    measured: float | None
    standing: Standing | None
    basis: str
    worst: str = ""
    unmeasured: int = 0


@dataclass(frozen=True)
class QualityResult:
    """What a run found. results: one a rule, in the file's order; issues: those below target, worst first."""

    dataset: str
    on: date
    rows: int
    source: ReadReport
    columns: tuple[ColumnProfile, ...]
    different_rows: DistinctCount
    different_but_identifiers: DistinctCount
    rules: RuleSet | None
    results: tuple[RuleResult, ...]
    issues: tuple[RuleResult, ...]
    suggested: tuple[Rule, ...]
    dimensions: tuple[DimensionScore, ...]
    earlier: tuple[Run, ...]
    drift: Drift | None
    validated: bool
    seconds: float

    @property
    def duplicate_rows(self) -> int:
        """Rows that repeat an earlier row in every column."""
        return max(self.rows - self.different_rows.count, 0)

    @property
    def duplicates_but_identifiers(self) -> int:
        """Rows that repeat an earlier row in every column but the record's own id."""
        return max(self.rows - self.different_but_identifiers.count, 0)

    @property
    def failed(self) -> tuple[RuleResult, ...]:
        """Issues of severity "fail": what a pipeline should stop for."""
        return tuple(i for i in self.issues if i.rule.severity == "fail" and i.standing is Standing.BELOW)

    def measures(self) -> dict[str, float | None]:
        """Every measure by name, for the history: dimensions, rules, and each column's own."""
        told: dict[str, float | None] = {
            f"dimension:{d.dimension.value}": d.measured for d in self.dimensions
        }
        told |= {f"rule:{r.rule.id}": r.measured for r in self.results}
        for column in self.columns:
            told[f"completeness:{column.name}"] = column.completeness
            if column.validity is not None:
                told[f"validity:{column.name}"] = column.validity.share
        return {name: None if v is None else round(v, 9) for name, v in told.items()}

    def run(self) -> Run:
        """This run as a line of history."""
        columns = tuple((c.name, c.kind, c.stored_type) for c in self.columns)
        return Run(self.on.isoformat(), self.dataset, self.rows, self.measures(), columns)

    def summary_rows(self) -> list[tuple[str, str, str, str, str, str]]:
        """For a terminal, one row a column: name, meaning, type, complete, distinct, valid."""
        return [
            (
                c.name,
                c.kind.replace("_", " "),
                c.found_type,
                _percent(c.completeness),
                f"{'' if c.distinct_exact else '≈'}{c.distinct:,}",
                _percent(c.validity.share if c.validity else None),
            )
            for c in self.columns
        ]

    def as_dict(self) -> dict[str, Any]:
        """Everything for JSON; no value of a person's field is in it."""
        told = {
            "dataset": self.dataset,
            "on": self.on.isoformat(),
            "rows": self.rows,
            "source": self.source.describe(),
            "seconds": round(self.seconds, 3),
            "validated": self.validated,
            "duplicate_rows": self.duplicate_rows,
            "duplicate_rows_exact": self.different_rows.exact,
            "duplicate_rows_but_identifiers": self.duplicates_but_identifiers,
            "dimensions": [asdict(d) for d in self.dimensions],
            "columns": [c.as_dict() for c in self.columns],
            "rules": [_result_dict(r) for r in self.results],
            "issues": [r.rule.id for r in self.issues],
            "suggested_rules": [r.id for r in self.suggested],
            "drift": None if self.drift is None else asdict(self.drift),
            "trend": [{"on": r.on, "rows": r.rows, "measures": dict(r.measures)} for r in self.earlier],
        }
        return {name: _plain(value) for name, value in told.items()}


def dimension_scores(
    columns: Sequence[ColumnProfile], results: Sequence[RuleResult], rows: int, different: DistinctCount
) -> tuple[DimensionScore, ...]:
    """All six dimensions in the framework's order; what nobody measured says so."""
    profile = {
        Dimension.COMPLETENESS: share(sum(c.values for c in columns), rows * len(columns)),
        Dimension.UNIQUENESS: uniqueness(rows, different.count),
        Dimension.VALIDITY: _validity(columns),
    }
    basis = {
        Dimension.COMPLETENESS: "cells that are filled in, over all columns",
        Dimension.UNIQUENESS: "1 − repeated rows ÷ rows",
        Dimension.VALIDITY: "valid values ÷ values, over the fields whose kind is known",
    }
    made = []
    for dimension in Dimension:
        own = [r for r in results if r.rule.dimension is dimension]
        known = [(r, r.measured) for r in own if r.measured is not None]
        if known:
            weight = sum(r.rule.importance.weight for r, _ in known)
            mean = sum(m * r.rule.importance.weight for r, m in known) / weight
            worst = min(known, key=lambda pair: pair[1] - pair[0].rule.target)[0]
            text = f"{len(known)} rule{'s' * (len(known) > 1)}, weighed by importance"
            made.append(
                DimensionScore(
                    dimension,
                    mean,
                    worst.standing,
                    text,
                    worst.rule.id if worst.is_issue else "",
                    len(own) - len(known),
                )
            )
        elif profile.get(dimension) is not None and not own:
            made.append(DimensionScore(dimension, profile[dimension], None, basis[dimension]))
        else:
            text = "no rule could be measured" if own else _why_not(dimension)
            made.append(DimensionScore(dimension, None, Standing.NOT_MEASURED, text, "", len(own)))
    return tuple(made)


def _why_not(dimension: Dimension) -> str:
    return {
        Dimension.ACCURACY: "no authoritative sample was given",
        Dimension.TIMELINESS: "no rule says how recent the data must be",
        Dimension.CONSISTENCY: "no rule says what must agree",
    }.get(dimension, "nothing to measure")


def _validity(columns: Sequence[ColumnProfile]) -> float | None:
    judged = [c.validity for c in columns if c.validity is not None]
    good = sum(v.valid + v.mended for v in judged)
    return share(good, good + sum(v.invalid for v in judged))


def _result_dict(result: RuleResult) -> dict[str, Any]:
    rule = result.rule
    return {
        "id": rule.id,
        "fields": list(rule.fields),
        "purpose": rule.purpose,
        "importance": rule.importance.value,
        "requirement": rule.requirement,
        "dimension": rule.dimension.value,
        "metric": rule.metric,
        "measurement": rule.measurement,
        "target": rule.target,
        "tolerance": rule.tolerance,
        "severity": rule.severity,
        "measured": result.measured,
        "passed": result.passed,
        "total": result.total,
        "interval": None if result.interval is None else list(result.interval),
        "standing": result.standing.value,
        "band": result.band,
        "failing_rows": list(result.failing_rows),
        "note": result.note,
    }


def _percent(value: float | None) -> str:
    if value is None:
        return "–"
    return "100%" if value == 1 else f"{math.floor(value * 1000) / 10:.1f}%"


def _plain(value: Any) -> Any:
    """The same with enums as text, tuples as lists, and numbers JSON can hold."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, StrEnum) else value
