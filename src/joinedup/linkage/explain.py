"""Why: a pair's weight step by step, a model's levels, and what each blocking rule brought; in words too.

An explanation holds labels, probabilities and bits, and no value of any record.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from joinedup.errors import ModelError
from joinedup.linkage.model import Model
from joinedup.linkage.run import RuleCount


class Part(StrEnum):
    """What a step of a pair's weight comes from."""

    PRIOR = "prior"
    LEVEL = "level"
    RARITY = "rarity"
    CONTEXT = "context"


@dataclass(frozen=True)
class Step:
    """One addition to a pair's weight. label: the comparison. found: its level. bits: what it adds."""

    part: Part
    label: str
    found: str
    bits: float

    @property
    def in_words(self) -> str:
        """What it does to the odds of a match."""
        return f"{self.label}: {self.found}, {odds_in_words(self.bits)}"


@dataclass(frozen=True)
class Explanation:
    """A pair's weight as steps that add up to it. weight: bits. probability: 2^w / (1 + 2^w)."""

    steps: tuple[Step, ...]
    weight: float
    probability: float

    @property
    def in_words(self) -> str:
        """One sentence: how likely, what speaks most for a match and what most against."""
        counted = [step for step in self.steps if step.part is not Part.PRIOR]
        best = max(counted, key=lambda step: step.bits, default=None)
        worst = min(counted, key=lambda step: step.bits, default=None)
        words = f"{probability_in_words(self.probability)} the same person ({_signed(self.weight)} bits)."
        if best is not None and best.bits > 0:
            words += f" Most for it: {best.label} ({best.found}, {_signed(best.bits)})."
        if worst is not None and worst.bits < 0:
            words += f" Most against it: {worst.label} ({worst.found}, {_signed(worst.bits)})."
        return words

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        steps = [
            {"part": s.part.value, "label": s.label, "found": s.found, "bits": s.bits} for s in self.steps
        ]
        return {"weight": self.weight, "probability": self.probability, "steps": steps}


@dataclass(frozen=True)
class Example:
    """A pair worth showing. kind: 'certain', 'near the threshold', 'refused'… note: why it is shown.

    sources: of its two records. ids: their own identifiers; values: for a column, its value in both. A report
    shows ids and values only where it was asked to.
    """

    kind: str
    explanation: Explanation
    note: str = ""
    sources: tuple[str, str] = ("", "")
    ids: tuple[str, str] = ("", "")
    values: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class LevelRow:
    """One level of a model. weight: bits; None if not estimated. term_frequency: the key that adjusts it."""

    comparison: str
    label: str
    when: str
    m: float | None
    u: float | None
    weight: float | None
    missing: bool
    term_frequency: str | None


@dataclass(frozen=True)
class RuleRow:
    """One blocking rule. raw: its pairs; new: those no earlier rule had; share: of all; so_far: sum."""

    rule: str
    raw: int
    new: int
    share: float
    so_far: int


def match_probability(weight: float) -> float:
    """The chance of a match at a weight in bits: 2^w / (1 + 2^w), without overflow.

    >>> match_probability(0.0), round(match_probability(3.0), 4), match_probability(5000.0)
    (0.5, 0.8889, 1.0)
    """
    if weight >= 0:
        return 1 / (1 + math.exp2(-min(weight, 1000.0)))
    odds = math.exp2(max(weight, -1000.0))
    return odds / (1 + odds)


def explain_pair(
    model: Model,
    levels: Sequence[int],
    term_frequency_bits: Mapping[int, float] | None = None,
    *,
    context_bits: float = 0.0,
) -> Explanation:
    """Return the weight of one pair as steps: the prior, each comparison's level, each adjustment for rarity.

    levels: the level of each comparison, by number, in the model's order. term_frequency_bits: by comparison
    number, the bits that the rarity of the shared value adds (``Scorer.rarity_bits``). context_bits: what the
    model's contexts take from the weight (``Scorer.adjustment``), 0 or less.

    Raises ModelError where the levels do not fit the model, or the model is not trained.
    """
    if len(levels) != len(model.comparisons):
        raise ModelError(
            what=f"{len(levels)} levels for {len(model.comparisons)} comparisons",
            where="pair to explain",
            mend="give the level of each comparison",
        )
    adjustments = term_frequency_bits or {}
    steps = [Step(Part.PRIOR, "Before comparing", f"one pair in {_one_in(model.prior)}", model.prior_weight)]
    for number, (comparison, place) in enumerate(zip(model.comparisons, levels, strict=True)):
        if not 0 <= place < len(comparison.levels):
            raise ModelError(
                what=f"there is no level {place}",
                where=f"comparison '{comparison.name}'",
                mend="compare again",
            )
        level = comparison.levels[place]
        found = short_label(level.label, comparison.name)
        steps.append(Step(Part.LEVEL, comparison.name, found, level.weight))
        bits = adjustments.get(number, 0.0)
        if bits:
            steps.append(rarity_step(comparison.name, bits))
    if context_bits:
        steps.append(context_step(context_bits))
    weight = math.fsum(step.bits for step in steps)
    return Explanation(steps=tuple(steps), weight=weight, probability=match_probability(weight))


def rarity_step(comparison: str, bits: float) -> Step:
    """What the rarity of the value that a pair shares (or nearly shares) adds."""
    return Step(
        Part.RARITY, f"{comparison}, how rare", "a rare value" if bits > 0 else "a common value", bits
    )


def context_step(bits: float) -> Step:
    """What a model's contexts take."""
    return Step(Part.CONTEXT, "Pairs like this one", "often family or namesakes", bits)


def explain_pairs(
    model: Model,
    levels: Sequence[Sequence[int]],
    term_frequency_bits: Sequence[Mapping[int, float]] = (),
    *,
    context_bits: Sequence[float] = (),
) -> tuple[Explanation, ...]:
    """``explain_pair`` for many: one row of levels (and of adjustments, where any are given) a pair."""
    rarities = term_frequency_bits or [{}] * len(levels)
    contexts = context_bits or [0.0] * len(levels)
    return tuple(
        explain_pair(model, row, rarity, context_bits=context)
        for row, rarity, context in zip(levels, rarities, contexts, strict=True)
    )


def explain_model(model: Model) -> tuple[LevelRow, ...]:
    """Every level with its m, u and weight, in the model's order, trained or not."""
    return tuple(
        LevelRow(
            comparison=comparison.name,
            label=level.label,
            when=str(level.when),
            m=level.m,
            u=level.u,
            weight=level.weight if level.missing or (level.m and level.u) else None,
            missing=level.missing,
            term_frequency=str(level.term_frequency) if level.term_frequency else None,
        )
        for comparison in model.comparisons
        for level in comparison.levels
    )


def explain_blocking(rules: Sequence[RuleCount]) -> tuple[RuleRow, ...]:
    """What each rule brought, in order: all its pairs, the new ones, and how the total grew."""
    total = sum(rule.new for rule in rules)
    rows, so_far = [], 0
    for rule in rules:
        so_far += rule.new
        rows.append(RuleRow(rule.rule, rule.raw, rule.new, rule.new / total if total else 0.0, so_far))
    return tuple(rows)


def short_label(label: str, comparison: str) -> str:
    """A level's label without the name of its comparison, which stands beside it.

    >>> short_label("Jaro-Winkler distance of surname >= 0.92", "surname")
    'Jaro-Winkler >= 0.92'
    """
    name = re.escape(comparison)
    if re.fullmatch(rf"(transformed )?'?{name}'? is null", label, re.IGNORECASE):
        return "missing"
    return re.sub(rf"( distance)? (of|on) '?{name}'?(?=$|[\s,)])", "", label) or label


def odds_in_words(bits: float) -> str:
    """How much likelier a match becomes, for people.

    >>> odds_in_words(3.0), odds_in_words(-1.0), odds_in_words(0.0), odds_in_words(0.3)
    ('8 times likelier', 'half as likely', 'no evidence', '1.2 times likelier')
    """
    if abs(bits) < 0.05:
        return "no evidence"
    times = math.exp2(min(abs(bits), 60.0))
    if bits > 0:
        return f"{_rounded(times)} times likelier"
    return "half as likely" if abs(times - 2) < 0.1 else f"{_rounded(times)} times less likely"


def probability_in_words(probability: float) -> str:
    """A chance, in words that do not promise more than it says.

    >>> [probability_in_words(p) for p in (0.9999, 0.97, 0.6, 0.3, 0.0001)]
    ['Almost certainly', 'Very likely', 'More likely than not', 'Perhaps not', 'Almost certainly not']
    """
    for least, words in ((0.999, "Almost certainly"), (0.95, "Very likely"), (0.5, "More likely than not")):
        if probability >= least:
            return words
    return (
        "Perhaps not"
        if probability >= 0.05
        else ("Unlikely" if probability >= 0.001 else "Almost certainly not")
    )


def _signed(bits: float) -> str:
    text = f"{bits:+.1f}"
    return "0.0" if text in {"+0.0", "-0.0"} else text.replace("-", "−")


def _rounded(times: float) -> str:
    if times < 10:
        return f"{times:.1f}".removesuffix(".0")
    digits = 10 ** (int(math.log10(times)) - 1)
    return f"{round(times / digits) * digits:,}"


def _one_in(prior: float | None) -> str:
    return _rounded(1 / prior) if prior else "–"
