"""Zero configuration: from fields to a trained model with blocking rules, by measured cost and recall.

The steps, each on at most a sample of the records: u from random pairs; which fields follow others among
different people; EM sessions on pairs of whole fields; all bearable blocking rules run together on the sample and
weighed; the rules that find most for their cost. Nothing is tuned to a data set: the constants below are ratios
and budgets.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from joinedup.errors import ModelError
from joinedup.linkage.block import count_pairs, group
from joinedup.linkage.choose_comparisons import (
    Field,
    blocking_keys,
    choose_comparisons,
    is_for_life,
    most_telling,
    seldom_levels,
    tells_namesakes,
)
from joinedup.linkage.choose_rules import RuleChoice, candidate_rules, choose_rules, sample_records, union_of
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.encode import Records
from joinedup.linkage.estimate import EmResult, estimate_u, possible_pairs
from joinedup.linkage.exchanged_names import ExchangedNames, exchanged_names
from joinedup.linkage.expression import Key, parse_key
from joinedup.linkage.model import BlockingRule, Comparison, Context, Model
from joinedup.linkage.run import Advice, Session
from joinedup.linkage.score import Scorer, survey
from joinedup.linkage.train import (
    mean_of_sessions,
    settle_prior,
    strict_rules,
    train_sessions,
)
from joinedup.people import FieldKind

log = logging.getLogger(__name__)

U_PAIRS = 4_000_000
SESSION_PAIRS = 500_000
LISTED_PER_RECORD = 25  # candidate pairs a record that one rule may cost at the most
BUDGET_PER_RECORD = 40  # candidate pairs a record for all rules together
LARGE = 500_000  # beyond this many records the budget a record is cut down
_ANCHOR = 10  # what a session saw of families is believed at once: contexts and followers live of it
_SETTLED = 0.9  # a field follows another that leaves it agreeing this often among different people
_FOREIGN = 500  # a context is believed if at least so many of its pairs are different people
_FEWEST_MATCHES = 2  # a session that expects fewer has seen none to learn from
_FEWEST_PAIRS = 100  # sessions of fewer pairs together are no proof that nobody is there twice
_LEAST_SAME = 0.1  # of one person's pairs of records, at least so many have the same date of birth, and so on
_LEAST_MEAN_WEIGHT = 0.0


@dataclass(frozen=True)
class Automatic:
    """What zero configuration chose.

    follows: field -> the field whose comparison judges it. nobody: there was enough to learn from, but nothing in
    it looks like two records of one person, so nobody is to be linked.
    """

    model: Model
    sessions: tuple[Session, ...]
    choice: RuleChoice
    follows: dict[str, str]
    least_mean_weight: float
    warnings: tuple[Advice, ...]
    nobody: bool = False


def choose_model(
    fields: Sequence[Field], records: Records, *, across_only: bool, seed: int, threads: int
) -> Automatic:
    """Choose comparisons, train them, choose blocking rules and a threshold.

    Raises ModelError where fewer than two fields tell anybody apart.
    """
    fields = [field for field in fields if field.compared]
    given = len(fields)
    fields = most_telling(fields, records)
    alone = choose_comparisons(fields, records)
    if len(records) < 2:
        raise ModelError(
            what="there is only one record",
            where="zero configuration",
            mend="give the records to link it with",
        )
    if len(alone) < 2:
        known = "no field tells" if not alone else f"only '{alone[0].name}' tells"
        raise ModelError(
            what=f"{known} these {len(records):,} records apart; at least two fields must",
            where="zero configuration",
            mend="give more fields, or write a model (docs/reference/spec.md)",
        )
    sample = sample_records(records)
    exchanged = _exchanged(fields, records)
    keys = blocking_keys(fields, records, exchanged=exchanged)
    follows = followers(
        alone,
        records,
        sample,
        seldom=seldom_levels(fields, alone),
        across_only=across_only,
        seed=seed,
        threads=threads,
    )
    own = {field.name for field in fields if is_for_life(field.kind)}
    follows = {name: leader for name, leader in follows.items() if name not in own}
    model = _untrained(choose_comparisons(fields, records, follows=follows, exchanged=exchanged))
    model = estimate_u(
        model, records, pairs=U_PAIRS, seed=seed, across_only=across_only, threads=threads, exact=True
    )
    model = replace(model, prior=1 / max(2, len(records)))
    seldom = seldom_levels(fields, model.comparisons)
    tried = _sessions(model, sample, seldom=seldom, across_only=across_only, threads=threads)
    results = [result for result in tried if _finds_people(result, model, seldom)]
    nobody = not results and sum(result.session.pairs for result in tried) >= _FEWEST_PAIRS
    model, warnings = _with_m(model, results, nobody=nobody)
    if not tells_namesakes(fields) and not nobody:
        warnings = (
            *warnings,
            Advice(
                "no date of birth, personal number, phone or e-mail was found: people of one name at one address look "
                "like one, and who has moved looks like a namesake, so true recall may be much lower than expected",
                "add such a field if any source holds it; have a sample of pairs decided",
                "identity",
            ),
        )
    if len(fields) < given:
        warnings = (
            *warnings,
            Advice(
                f"{given - len(fields)} fields that tell least about people were left out",
                "name the fields to compare in a spec if others matter",
                "fields",
            ),
        )
    plan = ComparePlan(sample, model.comparisons)
    total = possible_pairs(sample, across_only=across_only)
    candidates = candidate_rules(
        keys, sample, records=len(records), across_only=across_only, most_per_record=LISTED_PER_RECORD
    )
    if not candidates:
        raise ModelError(
            what="no blocking rule is bearable: every one finds too many pairs, or none",
            where="zero configuration",
            mend="give fields that tell people apart, or write a model",
        )
    union = union_of(candidates, sample, across_only=across_only)
    model = replace(model, contexts=session_contexts(model, results))
    # A match has about as much evidence as there are pairs to the record; 8 bits less is worth another look.
    counts, left, right, patterns = survey(
        model, sample, union, plan, least_evidence=np.log2(total / len(sample)) - 8, threads=threads
    )
    model = settle_prior(model, plan, counts, total=total)
    scorer = Scorer(model, sample, plan)
    weights = scorer(left, right, patterns)
    weights += scorer.adjustment(left, right, patterns, weights)
    probability = 1 / (1 + np.exp2(-np.clip(weights, -60, 60)))
    budget = BUDGET_PER_RECORD * len(records) * min(1.0, (LARGE / len(records)) ** 0.5)
    choice = choose_rules(candidates, sample, left, right, probability, budget=budget)
    if not choice.rules:
        choice = RuleChoice((candidates[0].rule,), (0.0,), (candidates[0].cost,), 0.0, len(candidates))
        warnings = (
            *warnings,
            Advice(
                "hardly any pair looks like a match",
                "check that the sources hold the same people",
                "blocking",
            ),
        )
    if choice.recall < 0.9:
        warnings = (
            *warnings,
            Advice(
                f"the affordable rules find about {choice.recall:.0%} of likely matches",
                "add blocking rules by hand if time allows",
                "blocking",
            ),
        )
    return Automatic(
        replace(model, blocking_rules=choice.rules),
        tuple(result.session for result in tried),
        choice,
        follows,
        _LEAST_MEAN_WEIGHT,
        warnings,
        nobody=nobody,
    )


def _exchanged(fields: Sequence[Field], records: Records) -> ExchangedNames | None:
    """The first name and surname, where the records give them either way round."""
    named = {field.kind: field.name for field in reversed(fields)}
    if FieldKind.FIRST_NAME not in named or FieldKind.SURNAME not in named:
        return None
    return exchanged_names(
        records,
        first_name=named[FieldKind.FIRST_NAME],
        surname=named[FieldKind.SURNAME],
        telling=[field.name for field in fields if tells_namesakes([field])],
    )


def followers(
    comparisons: Sequence[Comparison],
    records: Records,
    sample: Records,
    *,
    seldom: Mapping[str, Sequence[int]],
    across_only: bool,
    seed: int,
    threads: int,
) -> dict[str, str]:
    """Fields that another all but settles among different people: field -> that other one.

    Measured as u of agreement among the non-matches of the pairs that agree on the other (EM with u free).
    """
    small = sample_records(sample, most=20_000)
    model = _untrained(comparisons)
    model = estimate_u(
        model, records, pairs=1_000_000, seed=seed, across_only=across_only, threads=threads, exact=True
    )
    model = replace(model, prior=1 / max(2, len(records)))
    rules = []
    for comparison in comparisons:
        rule = BlockingRule((parse_key(_quoted(comparison.name)),))
        codes, size = group(small, rule)
        if 300 <= count_pairs(small, codes, size, across_only=across_only) <= 200 * len(small):
            rules.append(rule)
    results = train_sessions(
        model,
        small,
        rules,
        across_only=across_only,
        threads=threads,
        most_pairs=300_000,
        free_u=True,
        seldom=seldom,
        anchor=_ANCHOR,
    )
    found: dict[str, tuple[float, str]] = {}
    for rule, result in zip(rules, results, strict=True):
        for place, comparison in enumerate(model.comparisons):
            shares = result.u[place]
            if shares is None or result.prior >= 0.9:
                continue
            first = next(i for i, level in enumerate(comparison.levels) if not level.missing)
            usual = comparison.levels[first].u or 0.0
            best = found.get(comparison.name, (_SETTLED, ""))
            leader = str(rule.on[0].column)
            # Of leaders that settle it all but equally, the one that more records have.
            filled = float((records.columns[leader].codes >= 0).mean())
            settles = round(shares[first], 1) + filled / 100
            if shares[first] >= _SETTLED and settles >= best[0] and usual <= 0.6:
                found[comparison.name] = (settles, leader)
    leaders = {name: leader for name, (_, leader) in found.items()}
    return {name: root for name in leaders if (root := _root(name, leaders)) != name}


def session_contexts(model: Model, results: Sequence[EmResult]) -> tuple[Context, ...]:
    """The sessions' own views of their pairs, where enough different people were among them to know."""
    found = []
    for result in results:
        if result.session.pairs * (1 - result.prior) < _FOREIGN or not 0.0005 <= result.prior <= 0.9995:
            continue
        weights = {}
        for comparison, m, u in zip(model.comparisons, result.m, result.u, strict=True):
            if m is not None and u is not None:
                weights[comparison.name] = tuple(
                    0.0 if level.missing else float(np.log2(a / b))
                    for level, a, b in zip(comparison.levels, m, u, strict=True)
                )
        found.append(Context(result.rule.on, result.prior, weights))
    return tuple(found)


def _root(name: str, leaders: Mapping[str, str]) -> str:
    """The end of the chain of who follows whom; of a circle, its first name, which then leads."""
    seen = [name]
    while seen[-1] in leaders:
        leader = leaders[seen[-1]]
        if leader in seen:
            return min(seen[seen.index(leader) :])
        seen.append(leader)
    return seen[-1]


def _quoted(name: str) -> str:
    return str(Key(column=name))


def _untrained(comparisons: Sequence[Comparison]) -> Model:
    return Model(tuple(comparisons), (BlockingRule((parse_key(_quoted(comparisons[0].name)),)),))


def _sessions(
    model: Model, sample: Records, *, seldom: Mapping[str, Sequence[int]], across_only: bool, threads: int
) -> list[EmResult]:
    """EM on every pair of whole fields that finds enough pairs and not too many, rarest first."""
    sized = []
    for rule in strict_rules(model):
        codes, size = group(sample, rule)
        pairs = count_pairs(sample, codes, size, across_only=across_only)
        if min(200, len(sample) // 10) <= pairs <= 50 * len(sample):
            sized.append((pairs, str(rule), rule))
    rules = [rule for _, _, rule in sorted(sized)]
    return train_sessions(
        model,
        sample,
        rules,
        across_only=across_only,
        threads=threads,
        most_pairs=SESSION_PAIRS,
        free_u=True,
        seldom=seldom,
        anchor=_ANCHOR,
    )


def _finds_people(result: EmResult, model: Model, seldom: Mapping[str, Sequence[int]]) -> bool:
    """Whether what a session takes for matches agree in what a person keeps for life as one person's records do."""
    if result.prior * result.session.pairs < _FEWEST_MATCHES:
        return False
    for comparison, m in zip(model.comparisons, result.m, strict=True):
        if m is not None and comparison.name in seldom:
            same = sum(m[i] for i, level in enumerate(comparison.levels) if level.label == "the same")
            if same < _LEAST_SAME:
                return False
    return True


def _with_m(model: Model, results: Sequence[EmResult], *, nobody: bool) -> tuple[Model, tuple[Advice, ...]]:
    """m as the mean of the sessions in which matches are neither lost among chance pairs nor all there is."""
    if nobody:
        advice = Advice(
            "nobody was linked: no group of alike pairs agrees as the records of one person do",
            "if you know of people who are there twice, label some pairs, or write a model",
            "training",
        )
        return mean_of_sessions(model, ()), (advice,)
    warnings = []
    useful = (
        [r for r in results if 0.2 <= r.prior <= 0.99]
        or [r for r in results if r.prior > 0.01]
        or list(results)
    )
    if not useful:
        warnings.append(
            Advice(
                "no two fields find enough pairs to learn from: the weights are first guesses",
                "treat the links as leads, or have a sample of pairs decided",
                "training",
            )
        )
    model = _without_ghosts(mean_of_sessions(model, useful), useful)
    trained = {name for r in useful for name in r.session.trained}
    for comparison in model.comparisons:
        if useful and comparison.name not in trained:
            warnings.append(
                Advice(
                    f"nothing could be learned of '{comparison.name}'",
                    "its weights are first guesses; leave it out or give m by hand",
                    "training",
                )
            )
    return model, tuple(warnings)


def _without_ghosts(model: Model, results: Sequence[EmResult]) -> Model:
    """Levels that neither matches nor random pairs show say nothing, instead of the ratio of two floors."""
    matches = [r.prior * r.session.pairs for r in results]
    behind = float(np.mean(matches)) if matches else 0.0
    for number, comparison in enumerate(model.comparisons):
        counted = sum(1 for level in comparison.levels if not level.missing)
        unseen = 2 / (counted * (behind + 1))
        levels = [
            replace(level, m=level.u)
            if not level.missing and level.m and level.u and level.m <= unseen and level.u <= 1 / U_PAIRS
            else level
            for level in comparison.levels
        ]
        model = model.with_levels(number, levels)
    return model
