"""How good finished runs are against the truth: Splink's output and ours, by the same arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from joinedup.linkage import evaluate
from joinedup.linkage.accuracy import cluster_scores, dense, pairwise_scores


@dataclass(frozen=True)
class Quality:
    """F1 of pairs at p >= 0.95 (or the threshold chosen), at the best threshold, and of the clusters' pairs."""

    chosen: float
    best: float
    clusters: float


def our_quality(results: Path, truth: Path) -> Quality:
    """Of a folder that `link` wrote."""
    found = evaluate(results, truth)
    return Quality(found.pairwise.f1, found.best.f1, found.cluster.f1)


def splink_quality(results: Path, truth: Path, *, link: bool, id_column: str = "record_id") -> Quality:
    """Of a folder that the Splink recipe wrote (pairs.parquet and clusters.parquet)."""
    known = pq.read_table(truth)
    names = _keys(known["source"] if link else None, known["record_id"])
    cluster = dense(known["cluster"].combine_chunks().dictionary_encode().indices.to_numpy())
    source = dense(known["source"].combine_chunks().dictionary_encode().indices.to_numpy()) if link else None
    pairs = pq.read_table(results / "pairs.parquet")
    left = _places(names, pairs, "source_dataset_l" if link else None, f"{id_column}_l")
    right = _places(names, pairs, "source_dataset_r" if link else None, f"{id_column}_r")
    weight = pairs["match_weight"].to_numpy()
    scored = pairwise_scores(left, right, weight, cluster, float(np.log2(0.95 / 0.05)), source=source)
    people = pq.read_table(results / "clusters.parquet")
    at = _places(names, people, "source_dataset" if link else None, id_column)
    person = np.empty(len(cluster), np.int64)
    person[at] = people["cluster_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    together = cluster_scores(person, cluster, source=source)
    assert scored.pairwise is not None
    assert scored.best is not None
    return Quality(scored.pairwise.f1, scored.best.f1, together.f1)


def _keys(source: pa.ChunkedArray | None, ids: pa.ChunkedArray) -> pa.Array:
    text = pc.cast(ids, pa.string())
    if source is not None:
        text = pc.binary_join_element_wise(pc.cast(source, pa.string()), text, ":")
    return text.combine_chunks()


def _places(names: pa.Array, table: pa.Table, source: str | None, ids: str) -> np.ndarray:
    keys = _keys(table[source] if source else None, table[ids])
    return pc.index_in(keys, names).to_numpy(zero_copy_only=False)
