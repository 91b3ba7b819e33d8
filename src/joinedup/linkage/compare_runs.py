"""Two runs side by side: which records they join alike, and which people one makes of several of the other's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

Codes = NDArray[np.int64]
MOST_SHOWN = 20


@dataclass(frozen=True)
class RunDifference:
    """How two runs differ over the records that both have.

    shared: those records; only_first, only_second: records of one run alone. joined_both: pairs of shared records
    that both runs take for one person; joined_first, joined_second: that one alone does. same: people made of the
    same shared records. split: people of the first run whose records the second gives to several; merged: people
    of the second made of several of the first's. splits, merges: some of these, the largest first: a person's id,
    and the ids of those they became or came from.
    """

    shared: int
    only_first: int
    only_second: int
    joined_both: int
    joined_first: int
    joined_second: int
    same: int
    split: int
    merged: int
    splits: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())
    merges: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def difference_from_dict(told: Mapping[str, Any]) -> RunDifference:
    """Read back what `as_dict` gave."""
    values = dict(told)
    for name in ("splits", "merges"):
        values[name] = tuple((person, tuple(others)) for person, others in values[name])
    return RunDifference(**values)


def compare_people(first: Path, second: Path) -> RunDifference:
    """Compare two people.parquet (source, record_id, person_id); a record is known by its source and id."""
    one, other = _people(first), _people(second)
    at = pc.index_in(one["record"], value_set=other["record"])
    shared = np.asarray(at.is_valid())
    place = at.drop_null().to_numpy()
    a, a_names = _codes(one["person"].filter(pa.array(shared)))
    b, b_names = _codes(other["person"].take(pa.array(place)))
    cells, counts = np.unique(np.stack([a, b]), axis=1, return_counts=True)
    in_first = np.bincount(cells[0], minlength=len(a_names))  # how many of the other's people each is in
    in_second = np.bincount(cells[1], minlength=len(b_names))
    both = _pairs(counts)
    alone = (in_first[cells[0]] == 1) & (in_second[cells[1]] == 1)
    return RunDifference(
        shared=len(a),
        only_first=len(one) - len(a),
        only_second=len(other) - len(a),
        joined_both=both,
        joined_first=_pairs(np.bincount(a)) - both,
        joined_second=_pairs(np.bincount(b)) - both,
        same=int(alone.sum()),
        split=int((in_first > 1).sum()),
        merged=int((in_second > 1).sum()),
        splits=_shown(in_first, cells[0], cells[1], a_names, b_names),
        merges=_shown(in_second, cells[1], cells[0], b_names, a_names),
    )


def _people(path: Path) -> pa.Table:
    table = pq.read_table(path, columns=["source", "record_id", "person_id"])
    source, record = table["source"].cast(pa.string()), table["record_id"].cast(pa.string())
    key = pc.binary_join_element_wise(source, record, "\x1f").combine_chunks()
    return pa.table({"record": key, "person": table["person_id"].cast(pa.string())})


def _codes(values: pa.ChunkedArray | pa.Array) -> tuple[Codes, list[str]]:
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.array([], pa.string())
    coded = whole.dictionary_encode()
    return coded.indices.to_numpy().astype(np.int64), coded.dictionary.to_pylist()


def _pairs(sizes: NDArray[np.integer]) -> int:
    """How many pairs groups of these sizes hold."""
    sizes = sizes.astype(np.int64)
    return int((sizes * (sizes - 1) // 2).sum())


def _shown(
    parts: Codes, mine: Codes, theirs: Codes, names: list[str], other_names: list[str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    several = np.flatnonzero(parts > 1)
    chosen = several[np.lexsort((several, -parts[several]))][:MOST_SHOWN]
    return tuple(
        (names[person], tuple(sorted(other_names[one] for one in theirs[mine == person])))
        for person in chosen.tolist()
    )
