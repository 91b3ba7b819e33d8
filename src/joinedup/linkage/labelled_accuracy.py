"""Precision and recall by threshold, of a job's pairs against the labels that its spec names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from joinedup.linkage.accuracy import CURVE_POINTS, count_true_pairs
from joinedup.linkage.decisions import constraints, read_decisions
from joinedup.linkage.encode import Int32, Records
from joinedup.linkage.kept import KeptPairs, PairColumns
from joinedup.linkage.labels import is_decision_file, labelled_clusters
from joinedup.linkage.run import AccuracyPoint

_STEPS = 8  # to a bit
_Flags = npt.NDArray[np.bool_]


class PairLabels:
    """What a file of labels says of pairs of a job's records: clusters of records, or decided pairs."""

    def __init__(self, path: Path, records: Records, *, across_only: bool) -> None:
        self._source = records.source if across_only else None
        self._clusters: Int32 | None = None
        if is_decision_file(path):
            decided = constraints(
                read_decisions(path),
                source_names=records.source_names,
                source=records.source,
                ids=records.ids,
            )
            same, different = (self._kept(*ends) for ends in (decided.same, decided.different))
            keys = np.concatenate([_keys(*same), _keys(*different)])
            order = np.argsort(keys, kind="stable")
            self._decided, self._is_same = keys[order], (np.arange(len(keys)) < len(same[0]))[order]
            self.true, self.different = len(same[0]), len(different[0])
        else:
            self._clusters = labelled_clusters(path, records)
            self.true = count_true_pairs(self._clusters, source=self._source)
            self.different = -1  # all the others of the records that it knows
        self.is_decided = self._clusters is None

    def of(self, pairs: PairColumns) -> tuple[_Flags, _Flags]:
        """Which of the pairs are labelled, and which are labelled as one person."""
        if self._clusters is not None:
            left, right = self._clusters[pairs.left], self._clusters[pairs.right]
            known = (left >= 0) & (right >= 0)
            if self._source is not None:
                known &= self._source[pairs.left] != self._source[pairs.right]
            return known, known & (left == right)
        keys = _keys(pairs.left, pairs.right)
        at = np.minimum(np.searchsorted(self._decided, keys), max(0, len(self._decided) - 1))
        known = self._decided[at] == keys if len(self._decided) else np.zeros(len(keys), bool)
        return known, known & self._is_same[at] if len(self._decided) else known

    def _kept(self, left: npt.NDArray[np.integer], right: npt.NDArray[np.integer]) -> tuple[Int32, Int32]:
        if self._source is not None:
            across = self._source[left] != self._source[right]
            left, right = left[across], right[across]
        return left.astype(np.int32), right.astype(np.int32)


def labelled_accuracy(
    path: str | Path,
    records: Records,
    pairs: KeptPairs,
    *,
    threshold: float,
    across_only: bool,
    learnt_from: bool,
) -> tuple[tuple[AccuracyPoint, ...], str]:
    """Return the points, highest threshold first and always with the run's own, and what they rest on in words.

    Steps are an eighth of a bit, thinned to 200 points. Pairs that were not kept count as not linked. No point where
    the labels tell no two different people, as precision then has no meaning, or no two records of one person.

    learnt_from: whether this run learnt m from the same labels.
    """
    labels = PairLabels(Path(path), records, across_only=across_only)
    if not labels.true or not labels.different:
        return (), ""
    seen: dict[int, list[int]] = {0: [0, 0]}
    for chunk in pairs.chunks():
        known, same = labels.of(chunk)
        # By steps from the threshold, so that what is linked is exactly what is counted at step 0.
        step = np.floor((chunk.weight[known] - threshold) * _STEPS).astype(np.int64)
        distinct, place = np.unique(step, return_inverse=True)
        right = np.bincount(place, weights=same[known], minlength=len(distinct))
        for number, count, true in zip(
            distinct.tolist(),
            np.bincount(place, minlength=len(distinct)).tolist(),
            right.tolist(),
            strict=True,
        ):
            total = seen.setdefault(number, [0, 0])
            total[0] += count
            total[1] += int(true)
    points, linked, correct = {}, 0, 0
    for number in sorted(seen, reverse=True):
        linked, correct = linked + seen[number][0], correct + seen[number][1]
        if linked:
            points[number] = AccuracyPoint(
                threshold + number / _STEPS,
                precision=correct / linked,
                recall=correct / labels.true,
                f1=2 * correct / (linked + labels.true),
            )
    every = list(points)
    chosen = (
        {every[i] for i in np.linspace(0, len(every) - 1, CURVE_POINTS - 1).round().astype(int)}
        if every
        else set()
    )
    kept = tuple(point for number, point in points.items() if number in chosen or number == 0)
    return kept, _basis(labels, learnt_from=learnt_from)


def _basis(labels: PairLabels, *, learnt_from: bool) -> str:
    if labels.is_decided:
        said = (
            f"Of the {labels.true + labels.different:,} pairs that a clerk decided alone ({labels.true:,} the same, "
            f"{labels.different:,} different), which may be harder than pairs are on the whole."
        )
    else:
        said = f"Of the records whose person the labels tell: {labels.true:,} pairs of them are one person."
    if learnt_from:
        return f"{said} The model learnt from these pairs, so the figures are optimistic."
    return f"{said} This run did not learn from them; if the model did before, the figures are optimistic."


def _keys(left: npt.NDArray[np.integer], right: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    return left.astype(np.int64) << 32 | right.astype(np.int64)
