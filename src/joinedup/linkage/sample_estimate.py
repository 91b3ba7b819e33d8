"""Precision and recall from a labelled sample, with intervals.

Each stratum's share of true matches counts for all its pairs. Limits: Wilson's in each stratum, carried to
totals and ratios by MOVER (see ``intervals``). Recall is of the true matches among the pairs that the run
kept in pairs.parquet: matches that blocking never compared are not in it, unless its recall is given.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from joinedup.errors import SourceError
from joinedup.linkage.intervals import Interval, Stratum, ratio, total
from joinedup.linkage.sample import SampleStratum
from joinedup.linkage.text_table import read_text_table

COLUMNS = ("label", "stratum", "stratum_pairs", "linked", "joined", "near")
LABELS = ("same", "different", "unsure")


@dataclass(frozen=True)
class EstimatedScore:
    """Precision, recall and F1 with their intervals.

    near_recall: recall if pairs more than ten bits below the threshold are taken for no matches, as the model
    says; they are so many that a sample alone can hardly rule out a few matches among them.
    """

    precision: Interval
    recall: Interval
    near_recall: Interval
    f1: Interval


@dataclass(frozen=True)
class SampleEvaluation:
    """What the labels say. pairwise: of pairs at or above the threshold. people: of pairs in one person.

    labelled: pairs called same or different. unlabelled: those left empty or unsure; their stratum's other
    labels stand for them. basis: how the figures were made and what they are of, in words.
    """

    pairwise: EstimatedScore
    people: EstimatedScore
    labelled: int
    unlabelled: int
    confidence: float
    basis: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class _Labelled:
    stratum: Stratum
    linked: bool
    joined: bool
    near: bool


def evaluate_sample(
    path: str | Path, *, confidence: float = 0.95, blocking_recall: float | None = None
) -> SampleEvaluation:
    """Return precision and recall from a labelled sample.csv.

    blocking_recall: the share of all true matches that were compared, if known; recall is then of them all.

    Raises SourceError for a label that is none of same, different, unsure or empty (with its row), and where
    a stratum has no label at all.
    """
    path = Path(path)
    return _evaluation(*_read(path), confidence=confidence, blocking_recall=blocking_recall)


def evaluate_labels(
    strata: Sequence[SampleStratum],
    labels: Iterable[tuple[int, str]],
    *,
    confidence: float = 0.95,
    blocking_recall: float | None = None,
) -> SampleEvaluation:
    """Return precision and recall from labels kept elsewhere: of each drawn pair its place in ``strata`` and its
    label, empty where it has none yet.

    Raises SourceError where a stratum has no label at all. See ``evaluate_sample`` for the rest.
    """
    tallies = [[0, 0, 0] for _ in strata]
    for number, label in labels:
        tallies[number][LABELS.index(label) if label else 2] += 1
    made = []
    for stratum, (same, different, _) in zip(strata, tallies, strict=True):
        if same + different == 0:
            raise SourceError(
                what=f"no pair of the stratum '{stratum.name}' is labelled",
                where="the sample",
                mend="label at least one",
            )
        own = Stratum(stratum.pairs, same + different, same)
        made.append(_Labelled(own, stratum.linked, stratum.joined, stratum.near))
    unlabelled = sum(tally[2] for tally in tallies)
    labelled = sum(map(sum, tallies)) - unlabelled
    return _evaluation(made, labelled, unlabelled, confidence=confidence, blocking_recall=blocking_recall)


def _evaluation(
    strata: Sequence[_Labelled],
    labelled: int,
    unlabelled: int,
    *,
    confidence: float,
    blocking_recall: float | None,
) -> SampleEvaluation:
    reach = 1.0 if blocking_recall is None else blocking_recall
    of_what = (
        "of the pairs that the run kept"
        if blocking_recall is None
        else f"blocking recall {reach:.3f} included"
    )
    return SampleEvaluation(
        pairwise=_score(strata, [s.linked for s in strata], confidence=confidence, reach=reach),
        people=_score(strata, [s.joined for s in strata], confidence=confidence, reach=reach),
        labelled=labelled,
        unlabelled=unlabelled,
        confidence=confidence,
        basis=f"stratified estimate from {labelled} labelled pairs; {confidence:.0%} intervals: Wilson in "
        f"each stratum, MOVER over strata; recall {of_what}",
    )


def _score(
    strata: Sequence[_Labelled], chosen: Sequence[bool], *, confidence: float, reach: float
) -> EstimatedScore:
    found = [s.stratum for s, inside in zip(strata, chosen, strict=True) if inside]
    lost = [s.stratum for s, inside in zip(strata, chosen, strict=True) if not inside]
    near = [s.stratum for s, inside in zip(strata, chosen, strict=True) if not inside and s.near]
    linked = sum(stratum.pairs for stratum in found)
    correct, missed = total(found, confidence=confidence), total(lost, confidence=confidence)
    precision = ratio(correct, Interval(linked, linked, linked)) if linked else Interval(0.0, 0.0, 0.0)
    # F1 = 2 correct / (linked + correct + missed), missed matches counted beyond blocking too.
    recall = _part(missed, correct, reach)
    beyond = 1 / reach - 1
    others = Interval(
        *(linked + m + beyond * (correct.value + m) for m in (missed.value, missed.low, missed.high))
    )
    against = ratio(others, correct)
    f1 = Interval(*(2 / (1 + x) for x in (against.value, against.high, against.low)))
    return EstimatedScore(
        precision=Interval(precision.value, precision.low, min(1.0, precision.high)),
        recall=recall,
        near_recall=_part(total(near, confidence=confidence), correct, reach),
        f1=f1 if correct.value else Interval(0.0, 0.0, min(1.0, f1.high)),
    )


def _part(missed: Interval, correct: Interval, reach: float) -> Interval:
    """correct / (correct + missed), by way of the ratio of two independent totals."""
    if correct.value == 0 and missed.value == 0:
        return Interval(0.0, 0.0, reach)
    odds = ratio(missed, correct)
    value, low, high = (0.0 if math.isinf(x) else reach / (1 + x) for x in (odds.value, odds.high, odds.low))
    return Interval(value, low, high)


def _read(path: Path) -> tuple[list[_Labelled], int, int]:
    columns = read_text_table(path, required=COLUMNS)
    rows = list(zip(*(columns[name].to_pylist() for name in COLUMNS), strict=True))
    tallies: dict[str, list[int]] = {}
    facts: dict[str, tuple[int, bool, bool, bool]] = {}
    for number, (label, name, pairs, *yes) in enumerate(rows, 2):
        said = (label or "").strip().lower()
        if said and said not in LABELS:
            raise SourceError(
                what="not a label",
                where=f"{path}, row {number}, column 'label'",
                mend=f"use {', '.join(LABELS)}",
            )
        if name is None or not (pairs or "").isdigit() or any(word not in ("yes", "no") for word in yes):
            raise SourceError(
                what="its stratum cannot be read",
                where=f"{path}, row {number}",
                mend="change nothing but 'label'; draw the sample again",
            )
        fact = (int(pairs), *(word == "yes" for word in yes))
        if facts.setdefault(name, fact) != fact:
            raise SourceError(
                what="its stratum differs from the rows before",
                where=f"{path}, row {number}",
                mend="draw it again",
            )
        tally = tallies.setdefault(name, [0, 0, 0])
        tally[LABELS.index(said) if said else 2] += 1
    strata = []
    for name, (same, different, _) in tallies.items():
        if same + different == 0:
            raise SourceError(
                what=f"no pair of the stratum '{name}' is labelled",
                where=str(path),
                mend="label at least one",
            )
        pairs, linked, joined, near = facts[name]
        strata.append(_Labelled(Stratum(pairs, same + different, same), linked, joined, near))
    if not strata:
        raise SourceError(what="no rows", where=str(path), mend="draw a sample first")
    unlabelled = sum(tally[2] for tally in tallies.values())
    return strata, len(rows) - unlabelled, unlabelled
