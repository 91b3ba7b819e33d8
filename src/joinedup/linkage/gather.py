"""A table from its batches as they come: text is numbered at once, so that the raw columns are never all held."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pyarrow as pa

_ENTRIES = 1 << 18  # texts that may wait beside a column's dictionary before they are put into it


def gathered(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    *,
    columns: Collection[str] | None = None,
    as_it_is: Collection[str] = (),
) -> pa.Table:
    """The rows of all batches, each text column as one dictionary array (without null or repeated entries).

    columns: those wanted, in the schema's order; None: all. as_it_is: columns of which nearly every value differs,
    such as identifiers, to be left as plain text.
    """
    names = [name for name in schema.names if columns is None or name in columns]
    texts = {n: _Texts() for n in names if pa.types.is_string(schema.field(n).type) and n not in as_it_is}
    plain: dict[str, list[pa.Array]] = {name: [] for name in names if name not in texts}
    for batch in batches:
        for name in names:
            column = batch.column(name)
            if name in texts:
                texts[name].add(column)
            else:
                plain[name].append(column)
    return pa.table(
        {
            name: texts[name].whole()
            if name in texts
            else pa.chunked_array(plain[name], type=schema.field(name).type)
            for name in names
        }
    )


class _Texts:
    """One column of text: numbered batch by batch, the batches' dictionaries made one now and then.

    They are made one whenever as many texts wait as are known, so each text is looked at a few times in all.
    """

    def __init__(self) -> None:
        self._chunks: list[pa.DictionaryArray] = []
        self._waiting = 0
        self._known = 0

    def add(self, column: pa.Array) -> None:
        chunk = column.dictionary_encode()
        self._chunks.append(chunk)
        self._waiting += len(chunk.dictionary)
        if self._waiting > max(self._known, _ENTRIES):
            self._chunks = [self._joined()]
            self._waiting, self._known = 0, len(self._chunks[0].dictionary)

    def whole(self) -> pa.DictionaryArray:
        return self._joined() if self._chunks else pa.array([], pa.string()).dictionary_encode()

    def _joined(self) -> pa.DictionaryArray:
        if len(self._chunks) == 1:
            return self._chunks[0]
        chunks = pa.chunked_array(self._chunks).unify_dictionaries().chunks
        self._chunks = []
        indices = pa.concat_arrays([chunk.indices for chunk in chunks])
        return pa.DictionaryArray.from_arrays(indices, chunks[0].dictionary)
