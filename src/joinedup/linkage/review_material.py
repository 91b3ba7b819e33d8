"""What a clerk needs to decide on a run's doubtful pairs: each record as its source wrote it, and the explanation.

This reads the run's directory and its sources again; nothing of it is kept in the run record or the report.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from joinedup.errors import SourceError
from joinedup.linkage.encode import as_plain_text
from joinedup.linkage.explain import Part, Step, explain_pair, match_probability
from joinedup.linkage.model import Model, load_model
from joinedup.linkage.prepare import read_source
from joinedup.linkage.spec import Spec

Place = tuple[str, str]


@dataclass(frozen=True)
class ReviewMaterial:
    """One pair to review. weight: bits. why: reasons, in words. values: column -> what each record says, in the
    columns' order, the left record's columns first. steps: how the weight adds up."""

    left: Place
    right: Place
    weight: float
    probability: float
    why: tuple[str, ...]
    left_values: Mapping[str, str | None]
    right_values: Mapping[str, str | None]
    steps: tuple[Step, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "left": list(self.left),
            "right": list(self.right),
            "weight": self.weight,
            "probability": self.probability,
            "why": list(self.why),
            "left_values": dict(self.left_values),
            "right_values": dict(self.right_values),
            "steps": [
                {"part": s.part.value, "label": s.label, "found": s.found, "bits": s.bits} for s in self.steps
            ],
        }


def review_material(directory: str | Path, spec: Spec) -> tuple[ReviewMaterial, ...]:
    """Return the pairs of a run's review.csv, in its order, with values and explanation.

    spec: of the run, with the id column of each source (a run without configuration writes it as spec.toml).

    Raises SourceError where a source cannot be read any more. A record that its source no longer has comes
    without values.
    """
    directory = Path(directory)
    rows = _rows(directory / "review.csv")
    pairs = [(_left(row), _right(row)) for row in rows]
    why = [tuple(reason for reason in row["why"].split("; ") if reason) for row in rows]
    weights = [float(row["match_weight"]) for row in rows]
    return _material(directory, spec, pairs, why, weights)


def pair_material(
    directory: str | Path, spec: Spec, pairs: Sequence[tuple[Place, Place]]
) -> tuple[ReviewMaterial, ...]:
    """Return any pairs that a run scored as clerks need them, in the order given, without a reason in ``why``.

    See ``review_material`` for the rest. Raises SourceError also where the run did not keep one of the pairs.
    """
    return _material(Path(directory), spec, pairs, [()] * len(pairs), None)


def _material(
    directory: Path,
    spec: Spec,
    pairs: Sequence[tuple[Place, Place]],
    why: Sequence[tuple[str, ...]],
    weights: Sequence[float] | None,
) -> tuple[ReviewMaterial, ...]:
    """weights: of the pairs; None: those of pairs.parquet, in which every pair must then be."""
    values = _values(spec, {place for pair in pairs for place in pair})
    model = load_model(directory / "model.json")
    kept = _kept(directory / "pairs.parquet", set(pairs), model)
    made = []
    for number, (left, right) in enumerate(pairs):
        found = kept.get((left, right)) or kept.get((right, left))
        if weights is None and found is None:
            raise SourceError(
                what="a pair is not among those the run kept",
                where=str(directory / "pairs.parquet"),
                mend="draw the sample of this run again",
            )
        weight = weights[number] if weights is not None else (found or (0.0, []))[0]
        made.append(
            ReviewMaterial(
                left=left,
                right=right,
                weight=weight,
                probability=match_probability(weight),
                why=why[number],
                left_values=values.get(left, {}),
                right_values=values.get(right, {}),
                steps=steps_of(model, found[1], weight) if found is not None else (),
            )
        )
    return tuple(made)


def steps_of(model: Model, levels: Sequence[int], weight: float) -> tuple[Step, ...]:
    """The prior and each level; what rarity and context change is the rest, so the steps add up to the weight."""
    steps = explain_pair(model, levels).steps
    rest = weight - sum(step.bits for step in steps)
    if abs(rest) < 0.005:
        return steps
    words = "shared values are rare" if rest > 0 else "pairs that agree so are often family or namesakes"
    return (*steps, Step(Part.CONTEXT, "rarity and context", words, rest))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _left(row: Mapping[str, str]) -> Place:
    return row["left_source"], row["left_id"]


def _right(row: Mapping[str, str]) -> Place:
    return row["right_source"], row["right_id"]


def _values(spec: Spec, places: Iterable[Place]) -> dict[Place, dict[str, str | None]]:
    found: dict[Place, dict[str, str | None]] = {}
    for source in spec.sources:
        wanted = sorted({identifier for name, identifier in places if name == source.name})
        if not wanted:
            continue
        table = read_source(spec, replace(source, fields={}))  # all columns, not those compared alone
        if source.id is not None:
            ids = as_plain_text(table.column(source.id))
        else:
            ids = pa.array([str(number) for number in range(1, table.num_rows + 1)], pa.string())
        at = pc.index_in(ids, value_set=pa.array(wanted, ids.type))
        rows = pc.indices_nonzero(pc.is_valid(at))
        part = table.take(rows)
        names = ids.take(rows).to_pylist()
        columns = {name: as_plain_text(part.column(name)).to_pylist() for name in part.column_names}
        for number, identifier in enumerate(names):
            found[source.name, str(identifier)] = {name: cells[number] for name, cells in columns.items()}
    return found


def _kept(
    path: Path, wanted: set[tuple[Place, Place]], model: Model
) -> dict[tuple[Place, Place], tuple[float, list[int]]]:
    """Weight and levels of the wanted pairs, read group by group so that a large file is never held whole."""
    names = [f"level_{comparison.name}" for comparison in model.comparisons]
    ids = pa.array(sorted({place[1] for pair in wanted for place in pair}), pa.string())
    found: dict[tuple[Place, Place], tuple[float, list[int]]] = {}
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=1 << 17):
            table = pa.Table.from_batches([batch])
            keep = pc.and_(
                pc.is_in(table["left_id"], value_set=ids), pc.is_in(table["right_id"], value_set=ids)
            )
            for row in table.filter(keep).to_pylist():
                pair = (row["left_source"], row["left_id"]), (row["right_source"], row["right_id"])
                if pair in wanted or pair[::-1] in wanted:
                    found[pair] = float(row["match_weight"]), [int(row[name]) for name in names]
    return found


def write_review_material(path: str | Path, pairs: Iterable[ReviewMaterial]) -> int:
    """Write pairs as JSON Lines; return how many. The file holds people's data: keep it as the sources are kept."""
    count = 0
    with Path(path).open("w", encoding="utf-8") as file:
        for pair in pairs:
            file.write(json.dumps(pair.as_dict(), ensure_ascii=False) + "\n")
            count += 1
    return count
