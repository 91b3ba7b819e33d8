"""A Splink model as ours: the settings or model JSON that Splink 4 and 5 write, trained or not.

Weights come out the same as Splink's on the same pairs: levels, m and u, term-frequency adjustments, blocking
rules and the prior are taken over; what our language cannot say is refused by name, never approximated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joinedup.errors import ModelError
from joinedup.linkage.expression import Equal, Key, Otherwise
from joinedup.linkage.model import BlockingRule, Comparison, Level, Model
from joinedup.linkage.splink_levels import condition_from_sql, rule_from_sql
from joinedup.linkage.sql_condition import SqlError

_SMALLEST = 1e-300  # Splink 5's own floor for m and u
_SHOWN = 200
# What a refused piece was meant to be, by what marks its SQL.
_NAMED = {
    r"\bradians\b": "a distance in kilometres, not as Splink writes it for DuckDB (DistanceInKMLevel)",
    r"\blist_transform\b": "arrays compared by another measure (PairwiseStringDistanceFunctionLevel)",
    r"strptime\(.*%-?[IpTjzZ]": "a time in a form that is not read (AbsoluteTimeDifferenceLevel)",
}


def model_from_splink(source: Mapping[str, Any] | str | Path) -> Model:
    """Return the model that a Splink settings or model JSON describes.

    source: the parsed JSON, or the path of the file. Levels that Splink did not train while it trained others
    get the values that Splink itself falls back to when it loads the file; a model with none trained stays
    untrained. Term frequencies are not in the file: they come from the data, as in Splink.

    Raises ModelError naming the comparison, the level and its SQL (or the blocking rule) that cannot be said
    in our language, and what to do about it.
    """
    where = "Splink model"
    if not isinstance(source, Mapping):
        where = str(source)
        source = _read(Path(source))
    comparisons = source.get("comparisons")
    if not isinstance(comparisons, list) or not comparisons:
        raise ModelError(what="no 'comparisons'", where=where, mend="give the JSON of save_model_to_json")
    trained = any(
        isinstance(level, dict)
        and (_is_number(level.get("m_probability")) or _is_number(level.get("u_probability")))
        for item in comparisons
        if isinstance(item, dict)
        for level in item.get("comparison_levels") or ()
    )
    taken: list[Comparison] = []
    for number, item in enumerate(comparisons, 1):
        found = _comparison(item, f"{where}, comparison {number}", trained=trained)
        same = [c.name for c in taken if c.name == found.name or c.name.startswith(f"{found.name} (")]
        taken.append(Comparison(f"{found.name} ({len(same) + 1})", found.levels) if same else found)
    rules = source.get("blocking_rules_to_generate_predictions") or []
    if not isinstance(rules, list):
        raise ModelError(what="the blocking rules are not a list", where=where, mend="save the model again")
    prior = source.get("probability_two_random_records_match")
    if prior is not None and not (_is_number(prior) and 0 < prior < 1):
        raise ModelError(what=f"the prior is {prior!r}", where=where, mend="it must lie between 0 and 1")
    return Model(
        comparisons=tuple(taken),
        blocking_rules=tuple(_rule(rule, f"{where}, blocking rule {i + 1}") for i, rule in enumerate(rules)),
        prior=prior,
    )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ModelError(
            what="the Splink model cannot be read", where=str(path), mend=str(problem.strerror)
        ) from None
    except (ValueError, RecursionError):
        raise ModelError(what="not valid JSON", where=str(path), mend="save the model again") from None
    if not isinstance(data, dict):
        raise ModelError(
            what="not a Splink model", where=str(path), mend="give the JSON of save_model_to_json"
        )
    return data


def _comparison(item: object, where: str, *, trained: bool) -> Comparison:
    if not isinstance(item, dict) or not isinstance(item.get("comparison_levels"), list):
        raise ModelError(what="no 'comparison_levels'", where=where, mend="save the model again")
    name = item.get("output_column_name")
    if name:
        where = f"{where} '{name}'"
    items = item["comparison_levels"]
    if not items or not all(isinstance(level, dict) for level in items):
        raise ModelError(what="its levels are not tables", where=where, mend="save the model again")
    counted = [level for level in items if not level.get("is_null_level")]
    if len(counted) < 2:
        raise ModelError(
            what="fewer than two levels besides the null one", where=where, mend="add an ELSE level"
        )
    defaults = dict(zip(map(id, counted), _splink_defaults(len(counted)), strict=True))
    levels = tuple(_level(level, where, defaults.get(id(level)) if trained else None) for level in items)
    ends = [isinstance(level.when, Otherwise) for level in levels]
    if not ends[-1] or any(ends[:-1]):
        raise ModelError(what="its last level is not ELSE", where=where, mend="add the ElseLevel in Splink")
    _check_term_frequencies(items, levels, where)
    columns = sorted(Comparison("", levels).columns())
    return Comparison(name=str(name or "_".join(columns)), levels=levels)


def _level(item: Mapping[str, Any], where: str, default: tuple[float, float] | None) -> Level:
    sql = item.get("sql_condition")
    label = str(item.get("label_for_charts") or sql)
    here = f"{where}, level '{label}'"
    if not isinstance(sql, str) or not sql.strip():
        raise ModelError(what="a level has no 'sql_condition'", where=here, mend="save the model again")
    try:
        condition = condition_from_sql(sql)
    except SqlError as problem:
        known = next((name for sign, name in _NAMED.items() if re.search(sign, sql, re.IGNORECASE)), None)
        raise ModelError(
            what=f"this level cannot be imported: {known or problem}. Its SQL: {_short(sql)}",
            where=here,
            mend="replace the level by one of Splink's comparison library that docs/how-to/"
            "import-a-splink-model.md lists, or write the model in our own language",
        ) from None
    missing = bool(item.get("is_null_level"))
    m, u = (
        (None, None)
        if missing
        else (
            _probability(item.get(f"{name}_probability"), name, here, default[i] if default else None)
            for i, name in enumerate("mu")
        )
    )
    key, weight, minimum = _term_frequency(item, here)
    adjusts = key is not None and weight != 0 and not missing and not isinstance(condition, Otherwise)
    return Level(
        when=condition,
        label=label,
        m=m,
        u=u,
        missing=missing,
        term_frequency=key if adjusts else None,
        term_frequency_weight=weight if adjusts else 1.0,
        term_frequency_minimum=minimum if adjusts else 0.0,
        fixed_m=bool(item.get("fix_m_probability")),
        fixed_u=bool(item.get("fix_u_probability")),
    )


def _term_frequency(item: Mapping[str, Any], where: str) -> tuple[Key | None, float, float]:
    column = item.get("tf_adjustment_column")
    numbers = []
    for name, default in (("tf_adjustment_weight", 1.0), ("tf_minimum_u_value", 0.0)):
        value = item.get(name)
        if value is not None and not _is_number(value):
            raise ModelError(what=f"'{name}' is {value!r}", where=where, mend="give a number")
        numbers.append(default if value is None else float(value))
    if not column:
        return None, 1.0, 0.0
    name = str(column)
    if len(name) > 1 and name[0] == name[-1] and name[0] in '"`':
        name = name[1:-1].replace(name[0] * 2, name[0])
    return Key(column=name), numbers[0], numbers[1]


def _check_term_frequencies(items: list[Any], levels: tuple[Level, ...], where: str) -> None:
    """Splink starts from the u of the column's exact-match level, unless told to use the level's own."""
    for item, level in zip(items, levels, strict=True):
        if level.term_frequency is None:
            continue
        exact = next((other for other in levels if other.when == Equal(level.term_frequency)), None)
        own = bool(item.get("disable_tf_exact_match_detection"))
        here = f"{where}, level '{level.label}'"
        if own and exact is not None and exact is not level:
            raise ModelError(
                what="its term frequencies start from its own u although the column has an exact-match level",
                where=here,
                mend="take disable_tf_exact_match_detection off the level",
            )
        if not own and exact is None:
            raise ModelError(
                what=f"term frequencies of '{level.term_frequency}' without an exact-match level on it",
                where=here,
                mend="add that level, as Splink itself demands, or take the adjustment off",
            )


def _probability(value: object, name: str, where: str, default: float | None) -> float | None:
    if value is None or isinstance(value, str):  # Splink says in words that a level was not observed
        return default
    if not _is_number(value) or not 0 <= float(str(value)) <= 1 + 1e-9:
        raise ModelError(
            what=f"{name} probability is {value!r}", where=where, mend="it must lie between 0 and 1"
        )
    return min(max(float(str(value)), _SMALLEST), 1.0)


def _splink_defaults(count: int) -> list[tuple[float, float]]:
    """The m and u that Splink assumes for levels without any, most alike first.

    m is 0.95 for the first level and shared evenly by the others; weights run evenly from -5 bits for the
    last level to 3 for the second, and are 10 for the first (Splink's starting values).
    """
    rest = 0.05 / (count - 1)
    steps = [-5.0] if count == 2 else [-5 + 8 * i / (count - 2) for i in range(count - 1)]
    weights = [10.0, *reversed(steps)]
    shares = [0.95] + [rest] * (count - 1)
    return [(m, m / 2**weight) for m, weight in zip(shares, weights, strict=True)]


def _rule(item: object, where: str) -> BlockingRule:
    sql = item.get("blocking_rule") if isinstance(item, dict) else item
    if not isinstance(sql, str) or not sql.strip():
        raise ModelError(what="a blocking rule without SQL", where=where, mend="save the model again")
    mend = "use block_on(…) with columns, substr, lower and the like, joined with AND"
    if isinstance(item, dict) and item.get("arrays_to_explode"):
        raise ModelError(
            what=f"arrays to explode: {_short(sql)}",
            where=where,
            mend="give one value a row, or leave the rule out",
        )
    try:
        keys, condition = rule_from_sql(sql)
    except SqlError as problem:
        raise ModelError(
            what=f"this rule cannot be imported: {problem}. Its SQL: {_short(sql)}", where=where, mend=mend
        ) from None
    return BlockingRule(on=keys, where=condition)


def _short(sql: str) -> str:
    text = " ".join(sql.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
