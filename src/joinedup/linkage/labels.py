"""Learn m from pairs that are known to match: a clerk's decisions, or records with their true clusters."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.errors import SourceError
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.decisions import constraints, read_decisions
from joinedup.linkage.encode import Int32, Records
from joinedup.linkage.model import Model
from joinedup.linkage.patterns import PatternCounts, count_patterns
from joinedup.linkage.text_table import read_text_table

_MOST = 2_000_000  # labelled pairs that are looked at; more would not change m


def labelled_pairs(path: str | Path, records: Records, *, across_only: bool) -> tuple[Int32, Int32]:
    """Pairs of record numbers that the file says are one person, each once, left < right.

    The file is a decision file (the rows "same" count), or has the columns source, record_id and cluster (source
    may be left out with one source).

    Raises SourceError where it is neither, or where no pair of it is in this job.
    """
    path = Path(path)
    if is_decision_file(path):
        clerical = constraints(
            read_decisions(path), source_names=records.source_names, source=records.source, ids=records.ids
        )
        left, right = clerical.same
    else:
        left, right = _within_clusters(labelled_clusters(path, records))
    if across_only:
        across = records.source[left] != records.source[right]
        left, right = left[across], right[across]
    if not len(left):
        raise SourceError(
            what="no labelled pair is in this job",
            where=str(path),
            mend="record_id is the source's own id; source is its name in the spec",
        )
    return left[:_MOST], right[:_MOST]


def with_labels(
    model: Model, plan: ComparePlan, left: Int32, right: Int32, *, matches_behind: float = 0.0
) -> Model:
    """The model with each m learnt from labelled matches.

    matches_behind: how many matches the m that the model has already rests on (0: none, it is replaced). The two
    are averaged by what each rests on. One more match, spread over the levels, keeps a level that the labels do
    not show from being taken for impossible.
    """
    counts: PatternCounts = count_patterns([plan(left, right)], possible=plan.patterns)
    levels = plan.levels_of(counts.patterns)
    for number, comparison in enumerate(model.comparisons):
        counted = np.array([not level.missing for level in comparison.levels])
        seen = np.bincount(levels[:, number], weights=counts.counts, minlength=len(counted)) * counted
        seen = seen + counted / counted.sum()
        known: npt.NDArray[np.float64] = np.array([level.m or 0.0 for level in comparison.levels]) * counted
        if matches_behind and known.sum() > 0:
            seen = seen + matches_behind * known / known.sum()
        shares = seen / seen.sum()
        model = model.with_levels(
            number,
            [
                level if level.missing or level.fixed_m else replace(level, m=float(share))
                for level, share in zip(comparison.levels, shares, strict=True)
            ],
        )
    return model


def is_decision_file(path: Path) -> bool:
    """Whether it is a clerk's decisions about pairs; raises SourceError for a file that cannot be read."""
    if path.suffix.lower() != ".csv":
        return False
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return "decision" in next(csv.reader(file), [])
    except OSError as problem:
        raise SourceError(
            what="the labels cannot be read", where=str(path), mend=str(problem.strerror)
        ) from None
    except (UnicodeDecodeError, csv.Error):
        raise SourceError(what="not a UTF-8 CSV file", where=str(path), mend="save it as UTF-8 CSV") from None


def labelled_clusters(path: Path, records: Records) -> Int32:
    """The cluster of each record by a file of source, record_id and cluster, -1 where it is not named."""
    several = len(records.source_names) > 1
    required = ("source", "record_id", "cluster") if several else ("record_id", "cluster")
    columns = read_text_table(path, required=required, optional=("source",))
    cluster = pc.fill_null(pc.dictionary_encode(columns["cluster"]).indices, -1).to_numpy(
        zero_copy_only=False
    )
    out = np.full(len(records), -1, np.int32)
    for number, name in enumerate(records.source_names):
        own = np.flatnonzero(records.source == number)
        rows = np.arange(len(cluster))
        if "source" in columns:
            rows = np.flatnonzero(
                pc.fill_null(pc.equal(columns["source"], name), False).to_numpy(zero_copy_only=False)
            )
        at = pc.index_in(records.ids.take(pa.array(own)), value_set=columns["record_id"].take(pa.array(rows)))
        place = pc.fill_null(at, -1).to_numpy(zero_copy_only=False)
        out[own[place >= 0]] = cluster[rows[place[place >= 0]]]
    return out


def _within_clusters(cluster: Int32) -> tuple[Int32, Int32]:
    """Pairs of records of one cluster: neighbours at distance 1, 2, 3, … in an order by cluster, up to a limit."""
    order = np.argsort(cluster, kind="stable").astype(np.int32)
    order = order[cluster[order] >= 0]
    lefts, rights, total = [], [], 0
    for distance in range(1, len(order)):
        same = cluster[order[:-distance]] == cluster[order[distance:]]
        if not same.any():
            break
        one, other = order[:-distance][same], order[distance:][same]
        lefts.append(np.minimum(one, other))
        rights.append(np.maximum(one, other))
        total += len(one)
        if total >= _MOST:
            break
    if not lefts:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    return np.concatenate(lefts), np.concatenate(rights)
