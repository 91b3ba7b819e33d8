"""Without configuration: which blocking rules, by an explicit estimate of what each costs and what it finds.

Rules are pairs and triples of keys of different fields (and single keys of strong fields). On a sample of the
records all affordable ones are run together and weighed with a first model; the pairs that look like matches are
the reference. Rules are then taken greedily: most further reference pairs for the comparisons they cost.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from joinedup.linkage.block import Blocking, blocking, count_pairs, group
from joinedup.linkage.encode import Codes, Int32, Records
from joinedup.linkage.expression import Key
from joinedup.linkage.model import BlockingRule

_SAMPLE = 60_000
_TRIPLES = 1_000  # combinations of three keys that are counted; with many fields there are tens of thousands
_LISTED = 6_000_000  # pairs of the sample that are listed to weigh the rules; the dearest rules go first


@dataclass(frozen=True)
class Candidate:
    """A rule that could be used. cost: the pairs that it finds among all records (estimated from the sample)."""

    rule: BlockingRule
    cost: float


@dataclass(frozen=True)
class RuleChoice:
    """The rules taken, in order. gains: the share of the reference weight that each added; cost: pairs of each.

    recall: the share of the reference that they find together; the reference holds only what the affordable
    rules found in the sample, so the truth is somewhat lower.
    """

    rules: tuple[BlockingRule, ...]
    gains: tuple[float, ...]
    costs: tuple[float, ...]
    recall: float
    considered: int


def sample_records(records: Records, *, most: int = _SAMPLE) -> Records:
    """An even sample of the records (the first of each source in their own random order); all, if few."""
    if len(records) <= most:
        return records
    share = most / len(records)
    keep = np.concatenate(
        [
            np.flatnonzero(records.source == s)[: math.ceil(share * int((records.source == s).sum()))]
            for s in range(len(records.source_names))
        ]
    )
    columns = {name: Codes(codes.codes[keep], codes.values) for name, codes in records.columns.items()}
    return Records(records.source_names, records.source[keep], records.ids.take(keep), columns)


def candidate_rules(
    keys: Mapping[str, tuple[Key, ...]],
    sample: Records,
    *,
    records: int,
    across_only: bool,
    most_per_record: float,
) -> list[Candidate]:
    """All rules of one to three keys whose cost is bearable, cheapest first.

    keys: what each field may be blocked on, strict to loose. most_per_record: pairs a record at the most.
    """
    scale = (records / max(1, len(sample))) ** 2
    found: list[Candidate] = []
    fields = [(name, key) for name, own in keys.items() for key in own]
    bearable: set[frozenset[Key]] = set()
    triples = 0
    for size in (1, 2, 3):
        for combination in itertools.combinations(fields, size):
            names = {name for name, _ in combination}
            own = tuple(key for _, key in combination)
            if len(names) < size or any(frozenset(own) > smaller for smaller in bearable):
                continue  # one key a field; and a key more cannot find more than a rule that is bearable already
            triples += size == 3
            if triples > _TRIPLES:
                break
            rule = BlockingRule(on=own)
            codes, count = group(sample, rule)
            cost = count_pairs(sample, codes, count, across_only=across_only) * scale
            if cost <= most_per_record * records:
                bearable.add(frozenset(own))
                if cost > 0:
                    found.append(Candidate(rule, cost))
    found.sort(key=lambda c: (c.cost, str(c.rule)))
    listed = np.cumsum([c.cost / scale for c in found])
    return [c for c, total in zip(found, listed, strict=True) if total <= _LISTED or c is found[0]]


def union_of(candidates: Sequence[Candidate], sample: Records, *, across_only: bool) -> Blocking:
    """All candidate rules over the sample, to list the pairs that any of them finds."""
    return blocking(sample, [c.rule for c in candidates], across_only=across_only)


def choose_rules(
    candidates: Sequence[Candidate],
    sample: Records,
    left: Int32,
    right: Int32,
    weight: npt.NDArray[np.float64],
    *,
    budget: float,
    least_gain: float = 0.0005,
    most_rules: int = 24,
) -> RuleChoice:
    """Take rules greedily by gain for cost until the budget is spent or no rule adds ``least_gain``.

    left, right: reference pairs of the sample; weight: the probability that each is a match.
    """
    total = float(weight.sum())
    if not candidates or total <= 0:
        return RuleChoice((), (), (), 0.0, len(candidates))
    keys = tuple(dict.fromkeys(key for c in candidates for key in c.rule.on))
    agrees = {}
    for key in keys:
        codes = sample.key(key).codes
        agrees[key] = (codes[left] == codes[right]) & (codes[left] >= 0)
    hits = [np.logical_and.reduce([agrees[key] for key in c.rule.on]) for c in candidates]
    open_pairs = weight.copy()
    taken: list[int] = []
    gains: list[float] = []
    spent = 0.0
    while len(taken) < most_rules:
        best, best_value, best_gain = -1, 0.0, 0.0
        for i, candidate in enumerate(candidates):
            if i in taken or spent + candidate.cost > budget:
                continue
            gain = float(open_pairs[hits[i]].sum()) / total
            value = gain / (candidate.cost + 0.002 * budget)
            if gain >= least_gain and value > best_value:
                best, best_value, best_gain = i, value, gain
        if best < 0:
            break
        taken.append(best)
        gains.append(best_gain)
        spent += candidates[best].cost
        open_pairs[hits[best]] = 0.0
    recall = 1 - float(open_pairs.sum()) / total
    return RuleChoice(
        tuple(candidates[i].rule for i in taken),
        tuple(gains),
        tuple(candidates[i].cost for i in taken),
        recall,
        len(candidates),
    )
