"""What belongs to a column as a whole, asked of all its parts on Spark before any is standardised."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from joinedup.engines.spark import gathered, joined_batches, map_batches, quoted
from joinedup.linkage.prepare import field_column
from joinedup.linkage.spec import FieldSpec, Source
from joinedup.people import Evidence, FieldKind, FieldOptions, evidence, needs_evidence, settled

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_ROWS = 100_000
_ANSWER = pa.schema([("field", pa.string()), ("found", pa.string())])


def settled_kinds(
    raw: DataFrame, source: Source, chosen: Mapping[str, tuple[str, ...]], kinds: Mapping[str, FieldSpec]
) -> dict[str, FieldSpec]:
    """The kinds of a source's fields, with the options that its columns as a whole call for (`people.evidence`).

    One pass over the columns concerned; none where nothing is asked of any.
    """
    asked = {
        name: (columns, kinds[name].kind, kinds[name].field_options())
        for name, columns in chosen.items()
        if name in kinds and kinds[name].standardise and _asks(kinds[name])
    }
    if not asked:
        return dict(kinds)
    wanted = dict.fromkeys(c for columns, _, _ in asked.values() for c in columns)
    answers = gathered(map_batches(raw.selectExpr(*map(quoted, wanted)), _Ask(asked), _ANSWER))
    found: dict[str, Evidence] = {}
    for row in answers.to_pylist():
        found[row["field"]] = found.get(row["field"], Evidence()) + Evidence(**json.loads(row["found"]))
    out = dict(kinds)
    for name, (_, kind, options) in asked.items():
        if kind is not None:
            out[name] = _with(kinds[name], options, settled(options, kind, found.get(name, Evidence())))
    return out


def _asks(spec: FieldSpec) -> bool:
    return spec.kind is not None and needs_evidence(spec.kind, spec.field_options())


def _with(spec: FieldSpec, before: FieldOptions, after: FieldOptions) -> FieldSpec:
    changed = {n: getattr(after, n) for n in vars(after) if getattr(after, n) != getattr(before, n)}
    return replace(spec, options={**spec.options, **changed})


@dataclass(frozen=True)
class _Ask:
    """The work of a partition: the evidence of each batch, as JSON."""

    asked: Mapping[str, tuple[tuple[str, ...], FieldKind | None, FieldOptions]]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        found: dict[str, Evidence] = {}
        for table in joined_batches(batches, rows=_ROWS):
            for name, (columns, kind, options) in self.asked.items():
                if kind is not None:
                    part = evidence(field_column(table, columns), kind, options)
                    found[name] = found.get(name, Evidence()) + part
        texts = [json.dumps(asdict(one)) for one in found.values()]
        yield pa.RecordBatch.from_arrays(
            [pa.array(list(found), pa.string()), pa.array(texts, pa.string())], schema=_ANSWER
        )
