"""An extract of one source, read and standardised as the frame says: ready to be held against the index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.errors import SourceError
from joinedup.linkage.encode import as_plain_text
from joinedup.linkage.index.frame import Frame
from joinedup.linkage.index.shares import text_hashes
from joinedup.linkage.prepare import ID, SourceRead, standardise_source
from joinedup.linkage.spec import Source, Spec

_NO_ID = "no identifier"
_FEW = 3


@dataclass(frozen=True)
class Extract:
    """Records of one source. ids: text, each once. fields: ``frame.columns``, standardised text. written: the same
    fields as the source writes them. digests: of all that, a hash a record, so that what has not changed is
    seen. aside: rows that could not be read or have no identifier (file, row, column, reason, raw), or None;
    rows_aside: how many.
    """

    ids: pa.Array
    fields: pa.Table
    written: pa.Table
    digests: npt.NDArray[np.uint64]
    aside: pa.Table | None
    rows_aside: int

    def __len__(self) -> int:
        return len(self.ids)

    def taken(self, rows: npt.NDArray[np.int64]) -> Extract:
        """These records alone."""
        at = pa.array(rows)
        return Extract(
            self.ids.take(at),
            self.fields.take(at),
            self.written.take(at),
            self.digests[rows],
            self.aside,
            self.rows_aside,
        )


def read_extract(frame: Frame, path: str | Path, source: str) -> Extract:
    """Read a file of a source of the index.

    Raises SourceError for a source that the index does not have, a file that cannot be read, a column that is
    not there, and identifiers that are given twice.
    """
    own = replace(frame.sources[frame.source_number(source)], path=str(path))
    read = standardise_source(as_spec(frame), own, frame.model)
    return as_extract(frame, read)


def as_spec(frame: Frame) -> Spec:
    """The frame as a job whose model is trained."""
    return Spec(kind=frame.kind, sources=frame.sources, fields=frame.fields, clusters=frame.clusters)


def as_extract(frame: Frame, read: SourceRead) -> Extract:
    """A source that has been read, with its records that have no identifier kept aside."""
    source, table, aside = read.source, read.table, read.aside
    assert source.id is not None
    rows_aside = 0 if aside is None else int(pc.count_distinct(aside["row"]).as_py())
    ids = as_plain_text(table.column(ID))
    written = written_fields(source, read.raw)
    rows = _row_numbers(len(ids), aside)
    if ids.null_count:
        lacking = np.flatnonzero(pc.is_null(ids).to_numpy(zero_copy_only=False))
        aside = _with_rows_aside(aside, lacking, source)
        rows_aside += len(lacking)
        have = pa.array(np.flatnonzero(pc.is_valid(ids).to_numpy(zero_copy_only=False)))
        table, ids, written = table.take(have), ids.take(have), written.take(have)
        rows = rows[have.to_numpy()]
    if pc.count_distinct(ids).as_py() < len(ids):
        raise SourceError(
            what=_repeated(ids, rows),
            where=f"{source.name}, column '{source.id}'",
            mend="give each record its own, and add the extract again",
        )
    nothing = pa.nulls(len(ids), pa.string())
    have_columns = table.column_names
    fields = pa.table(
        {
            n: as_plain_text(table.column(n), compared=True) if n in have_columns else nothing
            for n in frame.columns
        }
    )
    return Extract(ids, fields, written, digests_of(fields, written), aside, rows_aside)


def _row_numbers(good: int, aside: pa.Table | None) -> npt.NDArray[np.int64]:
    """The row of each good record in its file, counted from 1: the numbers that those kept aside leave free."""
    taken = np.zeros(0, np.int64)
    if aside is not None and pc.count_distinct(aside["file"]).as_py() == 1:
        taken = np.unique(pc.drop_null(aside["row"]).to_numpy().astype(np.int64))
    return np.setdiff1d(np.arange(1, good + len(taken) + 1), taken)[:good]


def _repeated(ids: pa.Array, rows: npt.NDArray[np.int64]) -> str:
    """How many identifiers are given more than once, and the rows of the first; never the identifiers themselves."""
    codes = ids.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    of_repeated = np.flatnonzero(np.bincount(codes)[codes] > 1)
    order = of_repeated[np.argsort(codes[of_repeated], kind="stable")]
    groups = np.split(rows[order], np.flatnonzero(np.diff(codes[order])) + 1)
    shown = ["rows " + " and ".join(map(str, group[:_FEW].tolist())) for group in groups[:_FEW]]
    told = "1 identifier is" if len(groups) == 1 else f"{len(groups):,} identifiers are"
    return f"{told} given more than once: {'; '.join(shown)}{'; …' if len(groups) > _FEW else ''}"


def written_fields(source: Source, raw: pa.Table) -> pa.Table:
    """Our fields as the source writes them: its columns as text, joined with a space where several make one."""
    columns: dict[str, pa.Array] = {}
    for name, parts in source.fields.items():
        texts = [as_plain_text(raw.column(part)) for part in parts]
        if len(texts) > 1:
            joined = pc.binary_join_element_wise(*texts, " ", null_handling="replace", null_replacement="")
            joined = pc.utf8_trim_whitespace(pc.replace_substring_regex(joined, r"\s+", " "))
            texts = [pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)]
        columns[name] = texts[0]
    return pa.table(columns)


def digests_of(fields: pa.Table, written: pa.Table) -> npt.NDArray[np.uint64]:
    """One hash a record of all that is known of it (two unlike records share one once in 2**64)."""
    out = np.full(fields.num_rows, np.uint64(0x9E3779B97F4A7C15))
    for prefix, table in (("", fields), ("written ", written)):
        for name in sorted(table.column_names):
            encoded = as_plain_text(table.column(name)).dictionary_encode()
            codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
            own = np.append(text_hashes(encoded.dictionary), np.uint64(0x2545F4914F6CDD1D))
            salt = text_hashes(pa.array([prefix + name], pa.string()))[0]
            present = codes >= 0  # a column that is new to a source, and empty, changes nothing
            mixed = (out[present] ^ own[codes[present]]) * np.uint64(0xBF58476D1CE4E5B9) + salt
            out[present] = mixed ^ (mixed >> np.uint64(31))
    return out


def _with_rows_aside(aside: pa.Table | None, rows: npt.NDArray[np.int64], source: Source) -> pa.Table:
    """Rows without identifiers beside those that could not be read; row: counted among the good ones from 1."""
    kind = pa.schema(
        [
            ("file", pa.string()),
            ("row", pa.int64()),
            ("column", pa.string()),
            ("reason", pa.string()),
            ("raw", pa.string()),
        ]
    )
    table = pa.table(
        {
            "file": pa.array([Path(source.path).name] * len(rows), pa.string()),
            "row": pa.array(rows + 1),
            "column": pa.array([source.id] * len(rows), pa.string()),
            "reason": pa.array([_NO_ID] * len(rows), pa.string()),
            "raw": pa.nulls(len(rows), pa.string()),
        },
        schema=kind,
    )
    return table if aside is None else pa.concat_tables([aside, table], promote_options="permissive")


def counts_of_reasons(aside: pa.Table | None) -> Mapping[str, int]:
    """How many rows were kept aside for each reason."""
    if aside is None or not aside.num_rows:
        return {}
    counted = pc.value_counts(aside["reason"].combine_chunks()).to_pylist()
    return {item["values"]: item["counts"] for item in counted}
