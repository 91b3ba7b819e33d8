"""Linkage errors by group where there is no truth: estimates from the pairs that clerks labelled.

A pair counts in a group if either of its records does. Each stratum of the sample is taken with as many pairs of the
group as the run kept there, so that the labels of a group stand for its own pairs. A stratum in which no pair of the
group was labelled counts as a single label, the one that is usual there: the interval is then wide, as it should be.
Recall is of the matches among the pairs that the run kept; what blocking never compared is in no sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from joinedup.errors import SourceError
from joinedup.linkage.accuracy import dense
from joinedup.linkage.fairness_groups import Known, Labels, named_grouping, usual_groupings
from joinedup.linkage.fairness_result import FEWEST, LEVEL, UNCLEAR
from joinedup.linkage.intervals import Interval
from joinedup.linkage.naming_traditions import naming_rules
from joinedup.linkage.run_files import RunFiles, open_run
from joinedup.linkage.sample import described_stratum, strata_of_pairs
from joinedup.linkage.sample_estimate import LABELS, evaluate_labels
from joinedup.linkage.text_table import read_text_table

FEWEST_LABELS = 30  # labelled pairs below which a group has no figure
_ENDS = ("left_source", "left_id", "right_source", "right_id")
Pair = tuple[str, str, str, str]


@dataclass(frozen=True)
class SampleGroup:
    """One group. precision and recall of the people, with 95% intervals; None below FEWEST_LABELS labels.
    unlike: whether chance hardly explains how its precision, or its recall, differs from the other groups'."""

    name: str
    people: int
    labelled: int
    precision: Interval | None
    recall: Interval | None
    unlike: tuple[str, ...]


@dataclass(frozen=True)
class SampleGrouping:
    """One division of the people. basis: where it comes from."""

    key: str
    title: str
    basis: str
    note: str
    groups: tuple[SampleGroup, ...]


@dataclass(frozen=True)
class SampleFairness:
    """What the labels say of each group, and what they cannot say."""

    groupings: tuple[SampleGrouping, ...]
    labelled: int
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"basis": "sample", **asdict(self)}

    def tables(self) -> list[tuple[str, list[tuple[str, int, str, str]]]]:
        """Title and rows (group, labels, precision, recall) of each division, in words."""
        return [
            (
                f"{grouping.title} ({grouping.basis})",
                [(g.name, g.labelled, _span(g.precision), _span(g.recall)) for g in grouping.groups],
            )
            for grouping in self.groupings
        ]


def fairness_of_sample(
    directory: str | Path,
    sample: str | Path,
    *,
    on: date,
    groups: Sequence[str] = (),
    names: str | Path | None = None,
) -> SampleFairness:
    """Return precision and recall by group from a labelled sample.csv of the run in a directory.

    Raises SourceError for a label that is none, or where the pairs are not the run's.
    """
    path = Path(sample)
    columns = read_text_table(path, required=(*_ENDS, "label"))
    labels = [(label or "").strip().lower() for label in columns["label"].to_pylist()]
    for row, label in enumerate(labels, 2):
        if label and label not in LABELS:
            raise SourceError(
                what="not a label",
                where=f"{path}, row {row}, column 'label'",
                mend=f"use {', '.join(LABELS)}",
            )
    ends = [
        (_bare(one), _bare(its_id), _bare(other), _bare(other_id))
        for one, its_id, other, other_id in zip(*(columns[n].to_pylist() for n in _ENDS), strict=True)
    ]
    return fairness_of_labels(directory, ends, labels, on=on, groups=groups, names=names)


def fairness_of_labels(
    directory: str | Path,
    pairs: Sequence[Pair],
    labels: Sequence[str],
    *,
    on: date,
    groups: Sequence[str] = (),
    names: str | Path | None = None,
) -> SampleFairness:
    """The same from labels kept elsewhere: of each drawn pair its ends, and same, different, unsure or nothing."""
    run = open_run(directory)
    person = dense(run.person.astype(np.int64))
    known = Known(run, person)
    drawn = _records(run, pairs)
    stratum, left, right = _kept(run)
    place = _places(left, right, drawn, len(run))
    labelled = [(int(at), label) for at, label in zip(place, labels, strict=True) if label in LABELS[:2]]
    if not labelled:
        raise SourceError(what="no pair is labelled", where=str(run.directory), mend="label some pairs first")
    divided = usual_groupings(known, on=on, rules=naming_rules(names))
    divided += [named_grouping(known, name) for name in groups if name not in {each.key for each in divided}]
    made = [_grouping(each, person, stratum, left, right, labelled) for each in divided]
    compared = sum(1 for grouping in made for group in grouping.groups if group.precision is not None)
    return SampleFairness(
        tuple(made),
        len(labelled),
        (
            f"Estimates from {len(labelled)} labelled pairs, with 95% intervals; a sample of this size shows only "
            "large differences, and none seen is no proof of equal treatment.",
            "Recall is of the pairs that the run kept: matches that were never compared are in no sample.",
            f"{compared} groups have at least {FEWEST_LABELS} labels. A group is called unlike the others only where "
            "chance hardly explains it, all groups taken together (Bonferroni).",
            "Groups are those of the people as the run found them: where it mixed two people, both count in one.",
        ),
    )


def _grouping(
    labels: Labels,
    person: NDArray[np.int64],
    stratum: NDArray[np.uint8],
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    labelled: Sequence[tuple[int, str]],
) -> SampleGrouping:
    of_record = labels.code[person]
    sizes = np.bincount(labels.code, minlength=len(labels.names))
    named = np.array([name not in UNCLEAR for name in labels.names])
    usable = [at for at in range(len(sizes)) if sizes[at] >= FEWEST]
    tests = 2 * max(1, sum(bool(named[at]) for at in usable))
    groups = []
    for at in usable:
        inside = (of_record[left] == at) | (of_record[right] == at)
        others = ~inside & named[of_record[left]] & named[of_record[right]]
        own = [(pair, label) for pair, label in labelled if inside[pair]]
        rest = [(pair, label) for pair, label in labelled if others[pair]]
        if len(own) < FEWEST_LABELS:
            groups.append(SampleGroup(labels.names[at], int(sizes[at]), len(own), None, None, ()))
            continue
        precision, recall = _scores(stratum, inside, own, labelled, 1 - LEVEL)
        unlike: list[str] = []
        if named[at] and len(rest) >= FEWEST_LABELS:
            wide = [_scores(stratum, members, told, labelled, 1 - LEVEL / tests)
                    for members, told in ((inside, own), (others, rest))]  # fmt: skip
            unlike = [
                word
                for word, one, other in zip(("precision", "recall"), *wide, strict=True)
                if _apart(one, other)
            ]
        groups.append(
            SampleGroup(labels.names[at], int(sizes[at]), len(own), precision, recall, tuple(unlike))
        )
    small = sum(1 for size in sizes if 0 < size < FEWEST)
    note = (
        f"{labels.note} {small} groups of fewer than {FEWEST} people are not shown.".strip()
        if small
        else labels.note
    )
    return SampleGrouping(labels.key, labels.title, labels.basis, note, tuple(groups))


def _scores(
    stratum: NDArray[np.uint8],
    members: NDArray[np.bool_],
    own: Sequence[tuple[int, str]],
    everybody: Sequence[tuple[int, str]],
    confidence: float,
) -> tuple[Interval, Interval]:
    """Precision and recall of the people over the pairs of a group."""
    pairs = np.bincount(stratum[members])
    used = np.flatnonzero(pairs).tolist()
    number = {each: at for at, each in enumerate(used)}
    told = [(number[int(stratum[pair])], label) for pair, label in own]
    for each in sorted(set(used) - {used[at] for at, _ in told}):
        usual = [label for pair, label in everybody if stratum[pair] == each]
        same = usual.count("same") * 2 > len(usual) if usual else described_stratum(each, 0, 0).linked
        told.append((number[each], "same" if same else "different"))
    strata = [described_stratum(each, int(pairs[each]), 0) for each in used]
    score = evaluate_labels(strata, told, confidence=confidence).people
    return score.precision, score.recall


def _apart(one: Interval, other: Interval) -> bool:
    """Whether the difference of two estimates, with its interval by MOVER, leaves 0 out."""
    gap = one.value - other.value
    low = gap - float(np.hypot(one.value - one.low, other.high - other.value))
    high = gap + float(np.hypot(one.high - one.value, other.value - other.low))
    return low > 0 or high < 0


def _records(run: RunFiles, pairs: Sequence[Pair]) -> NDArray[np.int64]:
    columns = [pa.array(column, pa.string()) for column in (zip(*pairs, strict=True) if pairs else ((),) * 4)]
    left, right = run.find(columns[0], columns[1]), run.find(columns[2], columns[3])
    return np.sort(np.stack([left, right], axis=1).astype(np.int64), axis=1)


def _kept(run: RunFiles) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]:
    """Of each pair that the run kept, its stratum and its two records."""
    stratum, _ = strata_of_pairs(run)
    lefts, rights = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    for batch in run.pairs():
        lefts.append(batch.left)
        rights.append(batch.right)
    return stratum, np.concatenate(lefts), np.concatenate(rights)


def _places(
    left: NDArray[np.int32], right: NDArray[np.int32], drawn: NDArray[np.int64], records: int
) -> NDArray[np.int64]:
    """Where each drawn pair stands among the kept ones; raises SourceError if one is not there."""
    keys = np.minimum(left, right).astype(np.int64) * records + np.maximum(left, right)
    order = np.argsort(keys, kind="stable")
    wanted = drawn[:, 0] * records + drawn[:, 1]
    at = np.minimum(np.searchsorted(keys[order], wanted), max(0, len(keys) - 1))
    if not len(keys) or bool((keys[order][at] != wanted).any()) or bool((drawn < 0).any()):
        raise SourceError(
            what="a pair of the sample is none that the run kept",
            where="the sample",
            mend="give the sample that was drawn from this run",
        )
    return order[at].astype(np.int64)


def _bare(text: str | None) -> str:
    """A cell without the apostrophe that keeps spreadsheets from running it."""
    text = text or ""
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@\t\r'") else text


def _span(found: Interval | None) -> str:
    return "too few labels" if found is None else f"{found.value:.1%} ({found.low:.1%} to {found.high:.1%})"
