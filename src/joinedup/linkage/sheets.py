"""Which sheets of a workbook are records of people."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from joinedup.errors import SourceError
from joinedup.linkage.spec import Source
from joinedup.people import FieldKind, find_meanings
from joinedup.sources import ReadOptions, read, sheets_beside, tables_in

_ABOUT_ANYTHING = (
    FieldKind.IDENTIFIER,
    FieldKind.CATEGORY,
    FieldKind.TEXT,
    FieldKind.NUMBER,
    FieldKind.DATE,
    FieldKind.UNKNOWN,
)


def with_sheets(source: Source) -> Source:
    """The source with every sheet of its workbook that has the columns of the best one, in their order.

    The best sheet is that with the most columns about a person, the first of equals. A workbook of one filled
    sheet, a sheet that is named (``book.xlsx#Sheet``) and any other kind of file are left as they are.
    """
    if not sheets_beside(source.path):
        return source
    found: dict[str, tuple[int, frozenset[str]]] = {}
    unread = []
    for name in tables_in(source.path):
        try:
            reading = read(source.path, options=ReadOptions(table=name))
        except SourceError as problem:
            if "empty" not in problem.what:
                unread.append(name)
            continue
        start = pa.Table.from_batches([next(iter(reading.batches()))], reading.schema)
        told = sum(meaning.kind not in _ABOUT_ANYTHING for meaning in find_meanings(start).values())
        found[name] = (told, frozenset(reading.schema.names))
    best = max(found, key=lambda name: found[name][0])
    alike = tuple(name for name, (_, columns) in found.items() if columns >= found[best][1])
    unread += [name for name in found if name not in alike]
    return replace(source, tables=alike, not_read=tuple(unread))
