"""Whether missed pairs were compared at all: the blocking rules of a run asked again about them alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from joinedup.errors import SourceError
from joinedup.linkage.block import group
from joinedup.linkage.encode import encode
from joinedup.linkage.estimate import rule_filters
from joinedup.linkage.model import load_model
from joinedup.linkage.prepare import ID, prepare
from joinedup.linkage.run_files import RunFiles
from joinedup.linkage.spec import Spec


def compared(run: RunFiles, spec: Spec, pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for each pair of record numbers (left < right) whether a blocking rule of the run's model finds it.

    Reads the spec's sources again and standardises them as the run did.

    Raises SourceError where they do not give the run's records.
    """
    model = load_model(run.directory / "model.json")
    prepared = prepare(spec, model)
    names = {name for rule in model.blocking_rules for name in rule.columns()}
    records = encode(prepared.tables, id_columns=dict.fromkeys(prepared.tables, ID), columns=sorted(names))
    if len(records) != len(run) or not records.ids.equals(run.record_id.cast(records.ids.type)):
        raise SourceError(
            what="the spec's sources do not give the records of the run",
            where=str(run.directory),
            mend="give the spec and the files that the run was made with, or leave --spec out",
        )
    left, right = pairs[:, 0].astype(np.int32), pairs[:, 1].astype(np.int32)
    found = np.zeros(len(pairs), bool)
    for rule, check in zip(model.blocking_rules, rule_filters(records, model.blocking_rules), strict=True):
        codes, _ = group(records, rule)
        same = (codes[left] >= 0) & (codes[left] == codes[right])
        if check is not None:
            at = np.flatnonzero(same)
            same[at] = check(left[at], right[at])
        found |= same
    return found
