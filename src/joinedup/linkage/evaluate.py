"""How good a finished run is, held against the truth.

The truth is a CSV or Parquet file with the columns source (an input's file stem; may be left out where the
run had one input), record_id and cluster: records of one cluster are one person. It may speak of more records
than the run had, or fewer; what it says nothing about is left out and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from joinedup.errors import SourceError
from joinedup.linkage.accuracy import (
    PairScores,
    Score,
    cluster_scores,
    count_true_pairs,
    pairwise_scores,
    scores_of_weights,
)
from joinedup.linkage.run import AccuracyPoint
from joinedup.linkage.run_files import RunFiles, open_run
from joinedup.linkage.text_table import read_text_table

EVALUATION_FILES = ("evaluation.json", "evaluation.html")  # in the run's folder

__all__ = [
    "EVALUATION_FILES",
    "Evaluation",
    "PairScores",
    "Score",
    "cluster_scores",
    "evaluate",
    "pairwise_scores",
]


@dataclass(frozen=True)
class Evaluation:
    """What a run found, against the truth.

    pairwise: pairs of at least the run's threshold. best: at the threshold with the highest F1. cluster: all
    pairs that the people imply. For a link job only pairs across sources count, in all three.
    blocking_recall: of all true pairs, the share that the run scored. records: those of the run.
    unknown_records: rows of the truth about a record that the run did not have. learnt_from_labels: the run was
    given labels, so that a truth that holds them flatters it.
    """

    pairwise: Score
    best: Score
    cluster: Score
    curve: tuple[AccuracyPoint, ...]
    blocking_recall: float
    across_only: bool
    records: int
    records_without_truth: int
    unknown_records: int
    scored_pairs: int
    pairs_without_truth: int
    true_pairs: int
    learnt_from_labels: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        out: dict[str, Any] = {
            name: getattr(self, name).as_dict() for name in ("pairwise", "best", "cluster")
        }
        for name in ("blocking_recall", "across_only", "records", "records_without_truth", "unknown_records"):
            out[name] = getattr(self, name)
        out |= {name: getattr(self, name) for name in ("scored_pairs", "pairs_without_truth", "true_pairs")}
        out["learnt_from_labels"] = self.learnt_from_labels
        out["curve"] = [vars(point) for point in self.curve]
        return out

    def notes(self) -> tuple[str, ...]:
        """What a reader of the figures should know, in sentences; often nothing."""
        said = []
        if self.across_only:
            said.append("Only pairs across sources count: the run linked, it did not deduplicate.")
        if self.records_without_truth:
            said.append(
                f"{self.records_without_truth:,} of {self.records:,} records have no truth; they and "
                f"{self.pairs_without_truth:,} scored pairs with them are left out."
            )
        if self.unknown_records:
            said.append(
                f"{self.unknown_records:,} rows of the truth name a record that the run did not have."
            )
        if not self.true_pairs:
            said.append("The truth holds no two records of one person: recall has no meaning here.")
        if self.learnt_from_labels:
            said.append(
                "The run learnt from labelled pairs: as far as they are of this truth, the figures are optimistic."
            )
        return tuple(said)


def evaluate(directory: str | Path, truth: str | Path) -> Evaluation:
    """Return how good the run in a directory is by the truth in a file.

    Raises SourceError where a file or column is missing, where the truth gives one record two clusters, or
    where it knows none of the run's records.
    """
    run = open_run(directory)
    clusters, unknown, _ = truth_of(run, Path(truth))
    weights, is_true, scored, without = [np.empty(0)], [np.empty(0, np.bool_)], 0, 0
    for batch in run.pairs():
        left, right = clusters[batch.left], clusters[batch.right]
        known = (left >= 0) & (right >= 0)
        without += int((~known).sum())
        if run.across_only:
            known &= run.source[batch.left] != run.source[batch.right]
        weights.append(batch.weight[known])
        is_true.append((left == right)[known])
        scored += len(known)
    pairs = scores_of_weights(
        np.concatenate(weights),
        np.concatenate(is_true),
        true_pairs=count_true_pairs(clusters, source=run.source_if_across),
        threshold=run.threshold,
    )
    pairwise = pairs.pairwise or Score(0, 0, pairs.true, run.threshold)
    return Evaluation(
        pairwise=pairwise,
        best=pairs.best or pairwise,
        cluster=cluster_scores(run.person, clusters, source=run.source_if_across),
        curve=pairs.curve,
        blocking_recall=pairs.blocking_recall,
        across_only=run.across_only,
        records=len(run),
        records_without_truth=int((clusters < 0).sum()),
        unknown_records=unknown,
        scored_pairs=scored,
        pairs_without_truth=without,
        true_pairs=pairs.true,
        learnt_from_labels=run.learnt_from_labels,
    )


def truth_of(run: RunFiles, path: Path) -> tuple[NDArray[np.int32], int, list[str]]:
    """The number of each record's true cluster, -1 where unknown; how many rows name no record of the run; and the
    clusters' own names by number.

    Raises SourceError as ``evaluate`` does.
    """
    several = len(run.sources) > 1
    required = ("source", "record_id", "cluster") if several else ("record_id", "cluster")
    columns = read_text_table(path, required=required, optional=("source",))
    ids, labels = columns["record_id"], pc.dictionary_encode(columns["cluster"])
    sources = columns.get("source", pa.array([*run.sources, ""][:1] * len(ids), pa.string()))
    cluster = np.asarray(pc.fill_null(labels.indices, -1).to_numpy(zero_copy_only=False), np.int32)
    row = run.find(sources, ids)
    useful = (row >= 0) & (cluster >= 0)
    if not useful.any():
        raise SourceError(
            what="no row of the truth is about a record of this run",
            where=f"{path}, run {run.directory}",
            mend=f"the run's sources are {', '.join(run.sources)}; record_id is the source's own id",
        )
    clusters = np.full(len(run), -1, np.int32)
    clusters[row[useful]] = cluster[useful]
    twice = np.flatnonzero(useful & (clusters[row] != cluster))
    if len(twice):
        raise SourceError(
            what="the truth gives one record two clusters",
            where=f"{path}, data row {int(twice[0]) + 1}",
            mend="leave one row for each record",
        )
    return clusters, int((row < 0).sum()), labels.dictionary.to_pylist()
