"""Rules suggested from a profile, written as a file that people edit into their own."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from joinedup.people import FieldKind

from .column import ColumnProfile
from .rules import Dimension, Importance, Rule
from .validity import CHECKED

_KEYS = {"identifier", "nino", "nhs_number", "upn", "utr"}
_NAMES = {"full_name", "first_name", "surname", "date_of_birth"}


def suggest_rules(columns: Sequence[ColumnProfile]) -> tuple[Rule, ...]:
    """Rules that fit what was found: targets are round figures near it, never above what can be hoped for.

    They describe how the data are, not how they should be: a person decides that.
    """
    rules: list[Rule] = []
    for column in columns:
        if not column.values:
            continue
        weight = Importance.HIGH if column.kind in _KEYS | _NAMES else Importance.MEDIUM
        if (column.completeness or 0) >= 0.5:
            target = _round_target(column.completeness or 0.0)
            rules.append(_rule(column, "present", target, weight, f"{column.name} should be filled in"))
        if column.kind == "identifier" or (column.kind in _KEYS and (column.uniqueness or 0) > 0.9):
            high = Importance.CRITICAL if column.kind == "identifier" else Importance.MEDIUM
            target = 1.0 if column.kind == "identifier" else _round_target(column.uniqueness or 0.0)
            rules.append(_rule(column, "unique", target, high, f"{column.name} should not repeat"))
        if FieldKind(column.kind) in CHECKED:
            measured = column.validity.share if column.validity is not None else None
            target = 0.98 if measured is None else max(_round_target(measured), 0.9)
            text = f"{column.name} should be a valid {column.kind.replace('_', ' ')}"
            rules.append(_rule(column, "valid", target, weight, text, kind=column.kind))
        elif column.kind in {"category", "sex"} and not column.personal:
            values = [v.value for v in column.top if v.value is not None]
            if values and column.distinct <= len(values):
                text = f"{column.name} should come from the agreed list"
                rules.append(_rule(column, "one_of", 0.99, Importance.MEDIUM, text, values=values))
    births = [c.name for c in columns if c.kind == "date_of_birth"]
    for column in columns:
        if column.kind == "date" and births:
            text = f"{column.name} should not be before {births[0]}"
            rules.append(
                _rule(column, "compare", 0.99, Importance.MEDIUM, text, relation=">=", other=births[0])
            )
    return tuple(rules)


def rules_toml(rules: Sequence[Rule], *, dataset: str, purpose: str = "") -> str:
    """The rules as a file that `load_rules` reads back to the same rules."""
    lines = [
        "# Suggested from a profile: edit purpose, importance and targets to what your use needs.",
        "",
        "[dataset]",
        f"name = {_toml(dataset)}",
        f"purpose = {_toml(purpose)}",
        'owner = ""',
    ]
    for rule in rules:
        lines += ["", "[[rule]]", f"id = {_toml(rule.id)}"]
        if rule.fields:
            lines.append(f"fields = {_toml(list(rule.fields))}")
        lines += [
            f"purpose = {_toml(rule.purpose)}",
            f"importance = {_toml(rule.importance.value)}",
            f"requirement = {_toml(rule.requirement)}",
            f"dimension = {_toml(rule.dimension.value)}",
            f"metric = {_toml(rule.metric)}  # {_comment(rule.measurement)}",
            f"target = {rule.target}",
            f"tolerance = {rule.tolerance}",
            f"severity = {_toml(rule.severity)}",
        ]
        if rule.settings:
            pairs = ", ".join(f"{name} = {_toml(value)}" for name, value in rule.settings.items())
            lines.append(f"with = {{ {pairs} }}")
    return "\n".join(lines) + "\n"


def _rule(
    column: ColumnProfile,
    metric: str,
    target: float,
    importance: Importance,
    requirement: str,
    **settings: Any,
) -> Rule:
    dimension = {
        "present": Dimension.COMPLETENESS,
        "unique": Dimension.UNIQUENESS,
        "compare": Dimension.CONSISTENCY,
    }.get(metric, Dimension.VALIDITY)
    return Rule(
        id=f"{column.name}-{metric}",
        metric=metric,
        fields=(column.name,),
        target=target,
        dimension=dimension,
        importance=importance,
        requirement=requirement,
        tolerance=0.02,
        severity="fail" if importance is Importance.CRITICAL else "warn",
        settings=settings,
    )


def _round_target(measured: float) -> float:
    """The next round figure at or below: whole percents, and 0.99 upwards tenths of one."""
    steps = 1000 if measured >= 0.99 else 100
    return math.floor(measured * steps + 1e-9) / steps


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    # JSON strings are TOML basic strings, except that TOML also forbids a bare delete character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
