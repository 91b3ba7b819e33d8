"""A table from its batches as they come: text is numbered at once, so that the raw columns are never all held."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

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
                # A copy: the column of a batch may be a stretch of memory that holds the whole batch.
                plain[name].append(pa.concat_arrays([column, column.slice(0, 0)]))
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

    They are made one whenever as many texts wait as are known, so each text is looked at a few times in all. What is
    known keeps its number, so a batch is numbered anew once. Nothing of a batch itself is held on to.
    """

    def __init__(self) -> None:
        self._codes: list[npt.NDArray[np.int32]] = []
        self._known: pa.Array = pa.array([], pa.string())
        self._new: list[pa.Array] = []  # of the last batches, as many as there are of these

    def add(self, column: pa.Array) -> None:
        chunk = column.dictionary_encode()
        codes = pc.fill_null(chunk.indices, -1).to_numpy(zero_copy_only=False)
        self._codes.append(np.array(codes, np.int32))
        self._new.append(chunk.dictionary)
        if sum(map(len, self._new)) > max(len(self._known), _ENTRIES):
            self._settle()

    def whole(self) -> pa.DictionaryArray:
        self._settle()
        codes = np.concatenate(self._codes) if self._codes else np.empty(0, np.int32)
        self._codes = []
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), self._known)

    def _settle(self) -> None:
        """Put the new dictionaries into the one that is known."""
        encoded = pa.concat_arrays([self._known, *self._new]).dictionary_encode()
        number = encoded.indices.to_numpy()
        at, first = len(self._known), len(self._codes) - len(self._new)
        for place, texts in enumerate(self._new, first):
            mine = np.append(number[at : at + len(texts)], np.int32(-1))  # the last place serves code -1
            self._codes[place] = mine[self._codes[place]]
            at += len(texts)
        self._known, self._new = encoded.dictionary, []
