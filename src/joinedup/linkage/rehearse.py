"""A job of four made-up records, so that the compiled loops which a model needs are loaded while files are read.

Loading them takes as long as reading a large file does, on another core.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from joinedup.linkage.block import blocking
from joinedup.linkage.cluster import cluster
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.encode import encode
from joinedup.linkage.estimate import rule_filters
from joinedup.linkage.model import Model

_VALUES = ("1990-01-01", "1990-01-02", "1991-12-01", "1990-01-01")


def rehearse(model: Model, *, across_only: bool) -> None:
    """Go through encoding, blocking, comparing and clustering with the model; nothing comes of it."""
    columns = sorted(model.columns())
    table = pa.table({"id": ["1", "2", "3", "4"], **dict.fromkeys(columns, _VALUES)})
    halves = {"one": table.slice(0, 2), "two": table.slice(2)}
    records = encode(halves, id_columns=dict.fromkeys(halves, "id"), columns=columns, threads=1)
    found = blocking(records, model.blocking_rules, across_only=across_only, threads=1)
    plan = ComparePlan(records, model.comparisons)
    for _ in found.stream(
        lambda _, left, right: plan(left, right), rule_filters(records, found.rules), threads=1
    ):
        pass
    one, other = np.array([0, 1], np.int32), np.array([1, 2], np.int32)
    plan(one, other)
    cluster(one, other, np.ones(2), records=4, threshold=0.0)
