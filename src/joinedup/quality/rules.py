"""Rules: what good data mean for a use, in a TOML file that people can read and edit.

A rule has the parts of the Data quality issues framework (data quality action plan guide, November 2025):
purpose, importance, requirement, dimension, measurement (metric), target and performance bands; and, of
our own, an optional condition for the rows it is about (`where`), a tolerance and a severity.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from joinedup.errors import ModelError, SourceError
from joinedup.people import FieldKind


class Dimension(StrEnum):
    """The six dimensions of the Government Data Quality Framework (2020)."""

    COMPLETENESS = "completeness"
    UNIQUENESS = "uniqueness"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    VALIDITY = "validity"
    ACCURACY = "accuracy"


class Importance(StrEnum):
    """How much a rule matters for the purpose; it weighs and ranks."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def weight(self) -> int:
        """4 for critical down to 1 for low."""
        return {"critical": 4, "high": 3, "medium": 2, "low": 1}[self.value]


METRICS: Mapping[str, tuple[Dimension, tuple[str, ...], str]] = {
    "present": (Dimension.COMPLETENESS, (), "share of records with {field} filled in"),
    "rows": (Dimension.COMPLETENESS, ("min",), "whether at least {min} records arrived"),
    "unique": (Dimension.UNIQUENESS, (), "1 − surplus repeats of {field} ÷ records that have it"),
    "valid": (Dimension.VALIDITY, ("kind",), "share of values of {field} that are valid as {kind}"),
    "pattern": (Dimension.VALIDITY, ("pattern",), "share of values of {field} that have the agreed form"),
    "one_of": (Dimension.VALIDITY, ("values",), "share of values of {field} from the agreed list"),
    "range": (Dimension.VALIDITY, (), "share of values of {field} within the agreed range"),
    "length": (Dimension.VALIDITY, (), "share of values of {field} of the agreed length"),
    "compare": (
        Dimension.CONSISTENCY,
        ("relation", "other"),
        "share of records where {field} {relation} {other}",
    ),
    "implies": (Dimension.CONSISTENCY, ("then",), "share of the records in question that meet the condition"),
    "listed": (
        Dimension.CONSISTENCY,
        ("file", "column"),
        "share of values of {field} found in the other dataset",
    ),
    "within_days": (Dimension.TIMELINESS, ("days",), "share of records whose {field} is within {days} days"),
    "newest": (Dimension.TIMELINESS, ("days",), "whether the newest {field} is within {days} days"),
    "matches_reference": (
        Dimension.ACCURACY,
        (),
        "share of sampled records whose {field} agrees with the source",
    ),
}
"""Each metric with its dimension, the settings it needs, and what is measured in words."""

_RELATIONS = ("<", "<=", "=", ">=", ">", "!=")
_OPTIONAL = {"range": {"min", "max"}, "length": {"min", "max"}, "within_days": {"since"}, "rows": {"max"}}
_KNOWN = {
    "id",
    "field",
    "fields",
    "purpose",
    "importance",
    "requirement",
    "dimension",
    "metric",
    "target",
    "tolerance",
    "severity",
    "bands",
    "where",
    "with",
}


@dataclass(frozen=True)
class Condition:
    """What a row must meet: ``field`` is, is not, is one of, is present, is absent, is above, is below."""

    field: str
    test: str
    value: Any = None


@dataclass(frozen=True)
class Rule:
    """One requirement with how it is measured and how good is good enough.

    target: the share (0 to 1) from which the rule is met. tolerance: how far below still counts as near.
    severity: "fail" stops a pipeline, "warn" only tells. bands: (name, least share), best first.
    """

    id: str
    metric: str
    fields: tuple[str, ...]
    target: float
    dimension: Dimension
    importance: Importance = Importance.MEDIUM
    purpose: str = ""
    requirement: str = ""
    tolerance: float = 0.0
    severity: str = "fail"
    bands: tuple[tuple[str, float], ...] = ()
    where: tuple[Condition, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def measurement(self) -> str:
        """What is measured, in words."""
        words = {k: str(v) for k, v in self.settings.items()}
        text = METRICS[self.metric][2].format_map({"field": " + ".join(self.fields), **words})
        return text + (" (of the records it is about)" if self.where else "")


@dataclass(frozen=True)
class RuleSet:
    """The rules of one dataset and who stands behind them; ``key`` names a record in a reference sample."""

    rules: tuple[Rule, ...]
    dataset: str = ""
    purpose: str = ""
    owner: str = ""
    key: str = ""
    folder: Path = Path(".")


def load_rules(path: str | Path) -> RuleSet:
    """Read a rules file. Raises SourceError if it cannot be read, ModelError naming what cannot be."""
    place = Path(path)
    try:
        content = tomllib.loads(place.read_text("utf-8"))
    except OSError as error:
        raise SourceError(
            what="the rules file cannot be read", where=str(path), mend="check the path"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(
            what=f"not a TOML file: {error}", where=str(path), mend="see the rules reference"
        ) from error
    return rules_from(content, where=place.name, folder=place.parent)


def rules_from(content: Mapping[str, Any], *, where: str = "rules", folder: Path = Path(".")) -> RuleSet:
    """The rules in a parsed file."""
    unknown = set(content) - {"dataset", "rule"}
    if unknown:
        raise _wrong(f"unknown part {sorted(unknown)[0]!r}", where, "use [dataset] and [[rule]]")
    head = content.get("dataset", {})
    found = content.get("rule", [])
    if not isinstance(head, dict) or not isinstance(found, list):
        raise _wrong("[dataset] must be a table and [[rule]] a list", where, "see the rules reference")
    odd = set(head) - {"name", "purpose", "owner", "key"}
    if odd:
        raise _wrong(
            f"unknown setting {sorted(odd)[0]!r}", f"{where}, [dataset]", "use name, purpose, owner, key"
        )
    rules = tuple(_rule(entry, f"{where}, rule {at}") for at, entry in enumerate(found, 1))
    names = [r.id for r in rules]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise _wrong(f"two rules are called {twice[0]!r}", where, "give each rule its own id")
    return RuleSet(
        rules,
        str(head.get("name", "")),
        str(head.get("purpose", "")),
        str(head.get("owner", "")),
        str(head.get("key", "")),
        folder,
    )


def _rule(entry: Any, where: str) -> Rule:
    if not isinstance(entry, dict):
        raise _wrong("a rule must be a table", where, "write [[rule]]")
    where = f"{where} ({entry['id']!r})" if "id" in entry else where
    unknown = set(entry) - _KNOWN
    if unknown:
        raise _wrong(f"unknown setting {sorted(unknown)[0]!r}", where, "see the rules reference")
    metric = str(entry.get("metric", ""))
    if metric not in METRICS:
        raise _wrong(f"unknown metric {metric!r}", where, f"use one of {', '.join(METRICS)}")
    natural, needed, _ = METRICS[metric]
    settings = entry.get("with", {})
    _check_settings(metric, settings, needed, where)
    fields = entry.get("fields", [entry["field"]] if "field" in entry else [])
    if not isinstance(fields, list) or not all(isinstance(f, str) for f in fields):
        raise _wrong("fields must be a list of names", where, 'write fields = ["surname", "date_of_birth"]')
    if not fields and metric not in {"rows", "implies"}:
        raise _wrong("no field is named", where, 'write field = "surname"')
    rule = Rule(
        id=str(entry.get("id") or f"{'-'.join(fields) or 'dataset'}-{metric}"),
        metric=metric,
        fields=tuple(fields),
        target=_share(entry.get("target"), "target", where),
        dimension=_choice(Dimension, entry.get("dimension", natural.value), "dimension", where),
        importance=_choice(Importance, entry.get("importance", "medium"), "importance", where),
        purpose=str(entry.get("purpose", "")),
        requirement=str(entry.get("requirement", "")),
        tolerance=_share(entry.get("tolerance", 0.0), "tolerance", where),
        severity=str(entry.get("severity", "fail")),
        bands=_bands(entry.get("bands", {}), where),
        where=_conditions(entry.get("where", []), where),
        settings=settings | ({"then": _conditions(settings["then"], where)} if "then" in settings else {}),
    )
    if rule.severity not in {"fail", "warn"}:
        raise _wrong(f"unknown severity {rule.severity!r}", where, 'use "fail" or "warn"')
    return rule


def _check_settings(metric: str, settings: Any, needed: Sequence[str], where: str) -> None:
    if not isinstance(settings, dict):
        raise _wrong("'with' must be a table", where, "write [rule.with]")
    for name in needed:
        if name not in settings:
            raise _wrong(f"the metric {metric!r} needs {name!r}", where, f"add {name} under [rule.with]")
    odd = set(settings) - set(needed) - _OPTIONAL.get(metric, set())
    if odd:
        raise _wrong(
            f"{metric!r} has no setting {sorted(odd)[0]!r}", where, "remove it or choose another metric"
        )
    if metric == "pattern":
        try:
            re.compile(settings["pattern"])
        except (re.error, TypeError) as error:
            raise _wrong("the pattern is not a regular expression", where, str(error)) from error
    if metric == "compare" and settings["relation"] not in _RELATIONS:
        raise _wrong("unknown relation", where, f"use one of {' '.join(_RELATIONS)}")
    if metric == "valid":
        _choice(FieldKind, settings["kind"], "kind", where)
    if metric in {"range", "length"} and not set(settings) & {"min", "max"}:
        raise _wrong(f"{metric!r} needs min or max", where, "add one under [rule.with]")
    if "values" in settings and not isinstance(settings["values"], list):
        raise _wrong("values must be a list", where, 'write values = ["F", "M"]')
    for name in ("days",):
        if name in settings and not (isinstance(settings[name], int) and settings[name] >= 0):
            raise _wrong(f"{name} must be a whole number from 0", where, f"write {name} = 30")


def _conditions(entries: Any, where: str) -> tuple[Condition, ...]:
    listed = [entries] if isinstance(entries, dict) else entries
    if not isinstance(listed, list):
        raise _wrong(
            "a condition must be a table", where, 'write where = [{ field = "status", is = "open" }]'
        )
    made = []
    for entry in listed:
        tests = {"is", "is_not", "one_of", "present", "above", "below"}
        used = [name for name in entry if name in tests] if isinstance(entry, dict) else []
        if len(used) != 1 or set(entry) - {"field", used[0]} or "field" not in entry:
            raise _wrong(
                "a condition needs a field and one test", where, f"use one of {', '.join(sorted(tests))}"
            )
        made.append(Condition(str(entry["field"]), used[0], entry[used[0]]))
    return tuple(made)


def _bands(entry: Any, where: str) -> tuple[tuple[str, float], ...]:
    if not isinstance(entry, dict):
        raise _wrong("bands must be a table", where, "write bands = { good = 0.98, fair = 0.95 }")
    pairs = [(str(name), _share(least, f"band {name!r}", where)) for name, least in entry.items()]
    return tuple(sorted(pairs, key=lambda pair: -pair[1]))


def _share(value: Any, name: str, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise _wrong(f"{name} must be between 0 and 1", where, f"write {name} = 0.98 for 98%")
    return float(value)


def _choice(kind: type[Any], value: Any, name: str, where: str) -> Any:
    known = [member.value for member in kind]
    if value not in known:
        raise _wrong(f"unknown {name} {value!r}", where, f"use one of {', '.join(known)}")
    return kind(value)


def _wrong(what: str, where: str, mend: str) -> ModelError:
    return ModelError(what=what, where=where, mend=mend)
