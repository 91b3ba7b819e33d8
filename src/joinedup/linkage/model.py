"""A linkage model as data: comparisons made of levels, blocking rules and the prior.

The model is Fellegi and Sunter's (1969, "A theory for record linkage"): the weight of a pair is the prior's
plus, for each comparison, log2(m/u) of the level it falls in. It can be written as TOML or JSON, read back
the same, and holds everything that a later run needs to give the same weights.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from joinedup.errors import ModelError
from joinedup.linkage.expression import (
    Condition,
    Key,
    Missing,
    Or,
    Otherwise,
    keys_of,
    parse_condition,
    parse_key,
)

FORMAT = "joinedup-linkage-model/1"


@dataclass(frozen=True)
class Level:
    """One outcome of a comparison.

    when: what must hold (and did not hold for an earlier level). m, u: its chances among matches and among
    non-matches; None until estimated. term_frequency: the key whose rarity adjusts the weight, if any, by
    ``(u_exact / frequency) ** term_frequency_weight``; frequencies below term_frequency_minimum count as it.
    missing: the level says nothing about the pair (weight 0).
    """

    when: Condition
    label: str
    m: float | None = None
    u: float | None = None
    term_frequency: Key | None = None
    term_frequency_weight: float = 1.0
    term_frequency_minimum: float = 0.0
    missing: bool = False
    fixed_m: bool = False
    fixed_u: bool = False

    @property
    def weight(self) -> float:
        """log2(m/u) in bits; 0 for the missing level."""
        if self.missing:
            return 0.0
        if self.m is None or self.u is None:
            raise ModelError(
                what="a level has no m or u yet", where=f"level '{self.label}'", mend="train the model"
            )
        return match_weight(m=self.m, u=self.u)


def match_weight(*, m: float, u: float) -> float:
    """Return how strongly one comparison level speaks for a match, in bits.

    +3 makes a match eight times likelier, 0 says nothing, below 0 speaks against.

    m, u: how often the level occurs among matches and among non-matches; each above 0 and at most 1.

    Raises ModelError, naming the value that is out of range.

    >>> match_weight(m=0.8, u=0.1)
    3.0
    """
    for name, value in (("m", m), ("u", u)):
        if not 0 < value <= 1:
            raise ModelError(
                what=f"{name} probability is {value:g}", mend="give a number above 0 and at most 1"
            )
    return math.log2(m / u)


@dataclass(frozen=True)
class Comparison:
    """How one attribute is judged: levels in order, the first that holds counts."""

    name: str
    levels: tuple[Level, ...]

    def keys(self) -> tuple[Key, ...]:
        """Every key that its levels read, each once."""
        return tuple(dict.fromkeys(key for level in self.levels for key in keys_of(level.when)))

    def columns(self) -> frozenset[str]:
        """The columns that it depends on."""
        return frozenset(name for key in self.keys() for name in key.columns())


@dataclass(frozen=True)
class BlockingRule:
    """Lets through the pairs whose keys are all equal (and present), and for which ``where`` holds."""

    on: tuple[Key, ...]
    where: Condition | None = None

    def __str__(self) -> str:
        text = " + ".join(str(key) for key in self.on)
        return f"{text} where {self.where}" if self.where is not None else text

    def columns(self) -> frozenset[str]:
        """The columns that it reads."""
        keys = self.on + (keys_of(self.where) if self.where is not None else ())
        return frozenset(name for key in keys for name in key.columns())


@dataclass(frozen=True)
class Context:
    """What pairs that agree on some keys are like: their own odds and weights, as one training session saw them.

    People who share a surname and a postcode are often family, and agree on more by that alone. Weights that
    were estimated among such pairs know it. prior: the share of matches among pairs that agree on ``on``.
    weights: for each comparison that does not read those keys, the bits of each of its levels.
    """

    on: tuple[Key, ...]
    prior: float
    weights: Mapping[str, tuple[float, ...]]

    def __str__(self) -> str:
        return " + ".join(str(key) for key in self.on)


@dataclass(frozen=True)
class Model:
    """Comparisons, the rules that decide which pairs are compared, and the prior.

    prior: the chance that two records taken at random are the same person; None until estimated.
    term_frequencies: for a key, its values' shares, where they should come from the model and not the data.
    contexts: where a pair agrees on a context's keys and its weight there is lower, the pair's weight is lowered
    by ``context_share`` of the difference (to the lowest, where several apply). None: plain Fellegi-Sunter.
    """

    comparisons: tuple[Comparison, ...]
    blocking_rules: tuple[BlockingRule, ...]
    prior: float | None = None
    term_frequencies: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    contexts: tuple[Context, ...] = ()
    context_share: float = 0.5

    @property
    def prior_weight(self) -> float:
        """log2(p / (1 - p)) of the prior, in bits."""
        if self.prior is None or not 0 < self.prior < 1:
            raise ModelError(
                what="the model has no prior between 0 and 1", mend="train the model or give 'prior'"
            )
        return math.log2(self.prior / (1 - self.prior))

    @property
    def is_trained(self) -> bool:
        """Whether every level that counts has m and u, and the prior is known."""
        known = all(lv.missing or (lv.m and lv.u) for c in self.comparisons for lv in c.levels)
        return known and self.prior is not None

    def columns(self) -> tuple[str, ...]:
        """Every column that the model reads, sorted."""
        names: set[str] = set()
        for comparison in self.comparisons:
            names |= comparison.columns()
            names |= {c for lv in comparison.levels if lv.term_frequency for c in lv.term_frequency.columns()}
        for rule in self.blocking_rules:
            names |= rule.columns()
        names |= {column for context in self.contexts for key in context.on for column in key.columns()}
        return tuple(sorted(names))

    def with_levels(self, comparison: int, levels: Sequence[Level]) -> Model:
        """The same model with the levels of one comparison replaced."""
        changed = list(self.comparisons)
        changed[comparison] = replace(changed[comparison], levels=tuple(levels))
        return replace(self, comparisons=tuple(changed))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ``model_from_dict`` reads them back the same."""
        out: dict[str, Any] = {"format": FORMAT, "prior": self.prior}
        out["comparisons"] = [
            {"name": c.name, "levels": [_level_dict(level) for level in c.levels]} for c in self.comparisons
        ]
        out["blocking_rules"] = [rule_as_dict(rule) for rule in self.blocking_rules]
        if self.term_frequencies:
            out["term_frequencies"] = {k: dict(v) for k, v in self.term_frequencies.items()}
        if self.contexts:
            out["context_share"] = self.context_share
            out["contexts"] = [
                {
                    "on": [str(k) for k in c.on],
                    "prior": c.prior,
                    "weights": {n: list(w) for n, w in c.weights.items()},
                }
                for c in self.contexts
            ]
        return out


def rule_as_dict(rule: BlockingRule) -> dict[str, Any]:
    """A blocking rule as plain values."""
    out: dict[str, Any] = {"on": [str(key) for key in rule.on]}
    if rule.where is not None:
        out["where"] = str(rule.where)
    return out


def _level_dict(level: Level) -> dict[str, Any]:
    out: dict[str, Any] = {"when": str(level.when), "label": level.label}
    if level.m is not None:
        out["m"] = level.m
    if level.u is not None:
        out["u"] = level.u
    if level.missing:
        out["missing"] = True
    for name in ("fixed_m", "fixed_u"):
        if getattr(level, name):
            out[name] = True
    if level.term_frequency is not None:
        out["term_frequency"] = str(level.term_frequency)
        if level.term_frequency_weight != 1.0:
            out["term_frequency_weight"] = level.term_frequency_weight
        if level.term_frequency_minimum:
            out["term_frequency_minimum"] = level.term_frequency_minimum
    return out


def load_model(path: str | Path) -> Model:
    """Read a model from a .toml or .json file; raises ModelError saying which part is wrong."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    except OSError as problem:
        raise ModelError(
            what="the model file cannot be read", where=str(path), mend=str(problem.strerror)
        ) from None
    except (ValueError, RecursionError) as problem:
        raise ModelError(
            what=f"not valid TOML or JSON: {problem}", where=str(path), mend="mend the syntax"
        ) from None
    return model_from_dict(data, where=str(path))


def model_from_dict(data: Any, *, where: str = "model") -> Model:
    """Build a model from plain values; raises ModelError, naming the comparison and level that is wrong."""
    if not isinstance(data, dict):
        raise ModelError(
            what="a model is a table of names and values", where=where, mend="see docs/reference/model.md"
        )
    known = {
        "format",
        "prior",
        "comparisons",
        "blocking_rules",
        "term_frequencies",
        "contexts",
        "context_share",
    }
    for name in data:
        if name not in known:
            raise ModelError(
                what=f"unknown entry '{name}'", where=where, mend=f"use: {', '.join(sorted(known))}"
            )
    if data.get("format", FORMAT) != FORMAT:
        raise ModelError(
            what=f"format is '{data['format']}'", where=where, mend=f"this version reads '{FORMAT}'"
        )
    prior = data.get("prior")
    if prior is not None and not (_is_number(prior) and 0 < prior < 1):
        raise ModelError(what=f"prior is {prior!r}", where=where, mend="give a number between 0 and 1")
    comparisons = tuple(
        _comparison(item, f"{where}, comparison {i + 1}")
        for i, item in enumerate(_list(data, "comparisons", where))
    )
    names = [comparison.name for comparison in comparisons]
    for name in names:
        if names.count(name) > 1:
            raise ModelError(
                what=f"two comparisons are named '{name}'", where=where, mend="give each its own name"
            )
    rules = rules_from_list(_list(data, "blocking_rules", where), where=where)
    frequencies = data.get("term_frequencies", {})
    if not isinstance(frequencies, dict) or not all(isinstance(v, dict) for v in frequencies.values()):
        raise ModelError(
            what="'term_frequencies' is not a table of tables",
            where=where,
            mend="see docs/reference/model.md",
        )
    share = data.get("context_share", 0.5)
    if not (_is_number(share) and 0 <= share <= 1):
        raise ModelError(what=f"context_share is {share!r}", where=where, mend="give a number from 0 to 1")
    contexts = tuple(
        _context(item, comparisons, f"{where}, context {i + 1}")
        for i, item in enumerate(data.get("contexts", []))
    )
    return Model(
        comparisons=comparisons,
        blocking_rules=rules,
        prior=prior,
        term_frequencies=frequencies,
        contexts=contexts,
        context_share=share,
    )


def _context(item: Any, comparisons: Sequence[Comparison], where: str) -> Context:
    if (
        not isinstance(item, dict)
        or set(item) != {"on", "prior", "weights"}
        or not isinstance(item["weights"], dict)
    ):
        raise ModelError(
            what="a context needs 'on', 'prior' and 'weights'",
            where=where,
            mend="see docs/reference/model.md",
        )
    if not (_is_number(item["prior"]) and 0 < item["prior"] < 1):
        raise ModelError(
            what="its prior is not between 0 and 1", where=where, mend="give a number between 0 and 1"
        )
    sizes = {c.name: len(c.levels) for c in comparisons}
    for name, weights in item["weights"].items():
        if (
            not isinstance(weights, list)
            or len(weights) != sizes.get(name)
            or not all(map(_is_number, weights))
        ):
            raise ModelError(
                what=f"the weights of '{name}' do not fit a comparison of that name",
                where=where,
                mend="give one number for each of its levels",
            )
    on = rules_from_list([item["on"]], where=where)[0].on
    return Context(
        on, float(item["prior"]), {name: tuple(map(float, w)) for name, w in item["weights"].items()}
    )


def rules_from_list(items: Sequence[Any], *, where: str) -> tuple[BlockingRule, ...]:
    """Read blocking rules: ``{on = ["surname", "prefix(first_name, 1)"]}``, or a list of keys alone."""
    rules = []
    for i, item in enumerate(items):
        place = f"{where}, blocking rule {i + 1}"
        entry = {"on": item} if isinstance(item, (list, str)) else item
        if not isinstance(entry, dict) or not entry.get("on") or set(entry) - {"on", "where"}:
            raise ModelError(
                what="a blocking rule needs 'on' (and may have 'where')", where=place, mend='on = ["surname"]'
            )
        on = [entry["on"]] if isinstance(entry["on"], str) else entry["on"]
        condition = parse_condition(str(entry["where"]), where=place) if "where" in entry else None
        rules.append(BlockingRule(on=tuple(parse_key(str(k), where=place) for k in on), where=condition))
    return tuple(rules)


def _comparison(item: Any, where: str) -> Comparison:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise ModelError(what="a comparison needs a name", where=where, mend='name = "surname"')
    where = f"{where} '{item['name']}'"
    levels = tuple(_level(lv, f"{where}, level {i + 1}") for i, lv in enumerate(_list(item, "levels", where)))
    if len([lv for lv in levels if not lv.missing]) < 2:
        raise ModelError(
            what="fewer than two levels besides the missing one", where=where, mend="add a level 'otherwise'"
        )
    if not isinstance(levels[-1].when, Otherwise):
        raise ModelError(
            what="the last level is not 'otherwise'", where=where, mend='end with when = "otherwise"'
        )
    return Comparison(name=item["name"], levels=levels)


def _level(item: Any, where: str) -> Level:
    if not isinstance(item, dict) or not isinstance(item.get("when"), str):
        raise ModelError(what="a level needs 'when'", where=where, mend='when = "equal(surname)"')
    known = {
        "when",
        "label",
        "m",
        "u",
        "missing",
        "term_frequency",
        "term_frequency_weight",
        "term_frequency_minimum",
    }
    known |= {"fixed_m", "fixed_u"}
    for name in item:
        if name not in known:
            raise ModelError(
                what=f"unknown entry '{name}'", where=where, mend=f"use: {', '.join(sorted(known))}"
            )
    for name in ("m", "u"):
        value = item.get(name)
        if value is not None and not (_is_number(value) and 0 < value <= 1):
            raise ModelError(
                what=f"{name} probability is {value!r}",
                where=where,
                mend="give a number above 0 and at most 1",
            )
    condition = parse_condition(item["when"], where=where)
    missing_parts = condition.parts if isinstance(condition, Or) else (condition,)
    looks_missing = all(isinstance(part, Missing) for part in missing_parts)
    frequency = item.get("term_frequency")
    return Level(
        when=condition,
        label=str(item.get("label", item["when"])),
        m=item.get("m"),
        u=item.get("u"),
        missing=bool(item.get("missing", looks_missing)),
        term_frequency=parse_key(str(frequency), where=where) if frequency else None,
        term_frequency_weight=float(item.get("term_frequency_weight", 1.0)),
        term_frequency_minimum=float(item.get("term_frequency_minimum", 0.0)),
        fixed_m=bool(item.get("fixed_m", False)),
        fixed_u=bool(item.get("fixed_u", False)),
    )


def _list(data: Mapping[str, Any], name: str, where: str) -> list[Any]:
    value = data.get(name, [])
    if not isinstance(value, list) or not value:
        raise ModelError(
            what=f"'{name}' is empty or not a list", where=where, mend=f"add at least one to [[{name}]]"
        )
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
