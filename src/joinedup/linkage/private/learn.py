"""A model for encodings: where the levels of likeness lie, and what each is worth, learnt from encodings alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from joinedup.linkage.automatic import session_contexts
from joinedup.linkage.bit_text import bits_of_text
from joinedup.linkage.block import blocking
from joinedup.linkage.choose_comparisons import is_for_life
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.encode import Records
from joinedup.linkage.estimate import (
    EmResult,
    estimate_u,
    expectation_maximisation,
    possible_pairs,
    random_pairs,
    session_patterns,
)
from joinedup.linkage.expression import And, Key, Missing, Not
from joinedup.linkage.kernels import filters
from joinedup.linkage.model import BlockingRule, Comparison, Model, model_from_dict
from joinedup.linkage.private.agreement import Filter, LinkageAgreement, Token
from joinedup.linkage.run import Session
from joinedup.linkage.train import mean_of_sessions, settle_prior, union_patterns

U_PAIRS = 2_000_000
_STRANGERS = 50_000  # random pairs that show how alike strangers' filters are
_SESSION_PAIRS = 500_000
_START_PRIOR = 0.3
_ANCHOR = 10
# What a session saw of strangers is believed only where most of its pairs are strangers: a token of name and date of
# birth finds hardly any, and takes one person's worst-written records for them.
_MOSTLY_STRANGERS = 0.5


@dataclass(frozen=True)
class Learnt:
    """A trained model, the sessions behind it, and for each filter how alike strangers and repeats are (Dice)."""

    model: Model
    sessions: tuple[Session, ...]
    scale: dict[str, tuple[float, float]]


def learn(
    records: Records, agreement: LinkageAgreement, *, across_only: bool, seed: int, threads: int
) -> Learnt:
    """The model for linking these encodings: levels of Dice, their m and u by EM within each token's blocks."""
    scale = {
        f.name: _scale(records, f, agreement, seed=seed, across_only=across_only) for f in agreement.filters
    }
    comparisons = tuple(_comparison(f, agreement, *scale[f.name]) for f in agreement.filters)
    rules = tuple(BlockingRule((Key(column=token.name),)) for token in agreement.tokens)
    model = Model(comparisons, rules)
    plan = ComparePlan(records, comparisons)
    model = estimate_u(
        model,
        records,
        pairs=U_PAIRS,
        seed=seed,
        across_only=across_only,
        threads=threads,
        exact=True,
        plan=plan,
    )
    model = replace(model, prior=1 / max(2, len(records)))
    results = [
        result
        for token in agreement.tokens
        if (
            result := _session(
                model, plan, records, agreement, token, across_only=across_only, threads=threads
            )
        )
    ]
    useful = (
        [r for r in results if 0.2 <= r.prior <= 0.99] or [r for r in results if r.prior > 0.01] or results
    )
    model = mean_of_sessions(model, useful)
    families = [replace(r, rule=BlockingRule(r.rule.on)) for r in results if r.prior <= _MOSTLY_STRANGERS]
    model = replace(model, contexts=session_contexts(model, families))
    found = blocking(records, model.blocking_rules, across_only=across_only, threads=threads)
    total = possible_pairs(records, across_only=across_only)
    model = settle_prior(model, plan, union_patterns(plan, found, threads=threads), total=total)
    return Learnt(model, tuple(result.session for result in results), scale)


def _session(
    model: Model,
    plan: ComparePlan,
    records: Records,
    agreement: LinkageAgreement,
    token: Token,
    *,
    across_only: bool,
    threads: int,
) -> EmResult | None:
    """EM among the pairs that share a token, for the filters made of none of its fields."""
    settled = [f for f in agreement.filters if f.columns() & token.columns()]
    taught = [n for n, f in enumerate(agreement.filters) if f not in settled]
    if not taught:
        return None
    # A record with the token has these filters, so asking for them keeps all pairs; but a rule that reads them
    # is known to say nothing about them.
    parts = tuple(Not(Missing(Key(column=f.name))) for f in settled)
    where = And(parts) if len(parts) > 1 else parts[0] if parts else None
    rule = BlockingRule((Key(column=token.name),), where)
    counts = session_patterns(
        plan.only(taught),
        records,
        BlockingRule(rule.on),
        across_only=across_only,
        threads=threads,
        most_pairs=_SESSION_PAIRS,
    )
    if not counts.pairs:
        return None
    return expectation_maximisation(
        model,
        plan,
        counts,
        rule=rule,
        start_prior=_START_PRIOR,
        free_u=True,
        seldom=_seldom(agreement, model.comparisons),
        anchor=_ANCHOR,
    )


def _seldom(agreement: LinkageAgreement, comparisons: Sequence[Comparison]) -> dict[str, tuple[int, ...]]:
    """The last level of each filter of what a person keeps for life: one person's records are seldom so unlike."""
    found: dict[str, tuple[int, ...]] = {}
    for filter_, comparison in zip(agreement.filters, comparisons, strict=True):
        kinds = [agreement.fields[name].kind for name in filter_.columns()]
        if all(kind is not None and is_for_life(kind) for kind in kinds):
            found[comparison.name] = (len(comparison.levels) - 1,)
    return found


def _scale(
    records: Records, filter_: Filter, agreement: LinkageAgreement, *, seed: int, across_only: bool
) -> tuple[float, float]:
    """The mean Dice coefficient of strangers' filters, and the expected one of two encodings of one value."""
    codes = records.key(Key(column=filter_.name))
    words = bits_of_text(codes.values)
    counts = np.empty(len(words), np.int64)
    filters.bit_counts(words, counts)
    chance = agreement.hardening.flip(filter_)
    length = words.shape[1] * 64
    if chance == 0:
        alike = 1.0
    elif agreement.hardening.balance:
        alike = 1 - 2 * chance * (1 - chance)
    else:
        shown = float(counts.mean()) if len(counts) else length / 2
        true = (shown - length * chance) / (1 - 2 * chance)
        alike = (true * (1 - chance) ** 2 + (length - true) * chance**2) / max(1.0, shown)
    strangers = []
    for left, right in random_pairs(records, most=_STRANGERS, seed=seed, across_only=across_only):
        one, other = codes.codes[left], codes.codes[right]
        both = (one >= 0) & (other >= 0)
        out = np.empty(int(both.sum()), np.float64)
        filters.dice_values(one[both], other[both], words, counts, out)
        strangers.append(out)
    drawn = np.concatenate(strangers) if strangers else np.zeros(0)
    return float(drawn.mean()) if len(drawn) else 0.0, alike


def _comparison(filter_: Filter, agreement: LinkageAgreement, strangers: float, alike: float) -> Comparison:
    """Levels between as alike as strangers (0) and as two encodings of one value (1)."""
    name = str(Key(column=filter_.name))
    levels: list[dict[str, object]] = [{"when": f"missing({name})", "label": "missing", "missing": True}]
    if agreement.hardening.flip(filter_) == 0:
        levels.append({"when": f"equal({name})", "label": "the same", "term_frequency": name})
    for share in filter_.levels:
        least = round(min(1.0, max(0.001, strangers + (alike - strangers) * share)), 4)
        if all(least < float(str(lv["when"]).split()[-1]) for lv in levels if "dice" in str(lv["when"])):
            levels.append({"when": f"dice({name}) >= {least}", "label": f"alike ({share:g} and over)"})
    levels.append({"when": "otherwise", "label": "different"})
    rules = [{"on": [name]}]
    return model_from_dict(
        {"comparisons": [{"name": filter_.name, "levels": levels}], "blocking_rules": rules}
    ).comparisons[0]
