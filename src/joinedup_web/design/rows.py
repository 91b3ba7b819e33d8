"""Where the rows of a list come from: a query of the database, an Arrow table, or a plain sequence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.utils import timezone


class Rows(Protocol):
    """What a list asks of its rows. Each method returns new rows and leaves the old ones as they were."""

    def search(self, fields: Sequence[str], words: str) -> Rows:
        """Those where any field holds the words, whatever their case."""

    def among(self, field: str, values: Sequence[Any]) -> Rows:
        """Those whose field is one of the values."""

    def between(self, field: str, first: date | None, last: date | None) -> Rows:
        """Those whose field lies on or between two days."""

    def sort(self, fields: Sequence[str], *, descending: bool) -> Rows:
        """The same rows in order; missing values come last, and equal ones always fall the same way."""

    def count(self, limit: int | None = None) -> int:
        """How many there are, counted up to a limit plus one."""

    def slice(self, start: int, stop: int, *, total: int | None = None) -> list[Any]:
        """Some of them. total: how many there are, where known: what lies near the end is reached from there."""

    def all(self) -> Iterator[Any]:
        """Each of them, a few thousand in memory at a time."""


class QueryRows:
    """Rows of a query. The page is found by its keys first, so that far pages do not carry whole rows along.

    count_by_key: count in the order of the keys: where another table is asked about every row, by the key, its pages
    are then read one after the other and not at random. An index must hold what is filtered by, after the key.
    """

    def __init__(self, query: QuerySet[Any], *, count_by_key: bool = False) -> None:
        self._query, self._count_by_key = query, count_by_key

    def _of(self, query: QuerySet[Any]) -> QueryRows:
        return QueryRows(query, count_by_key=self._count_by_key)

    def search(self, fields: Sequence[str], words: str) -> QueryRows:
        """Every word must occur in some field."""
        query = self._query
        for word in words.split():
            anywhere = Q()
            for field in fields:
                anywhere |= Q(**{f"{field}__icontains": word})
            query = query.filter(anywhere)
        return self._of(query)

    def among(self, field: str, values: Sequence[Any]) -> QueryRows:
        return self._of(self._query.filter(**{f"{field}__in": list(values)}))

    def between(self, field: str, first: date | None, last: date | None) -> QueryRows:
        """Days are London days where the field holds moments."""
        moments = _holds_moments(self._query, field)
        query = self._query
        if first is not None:
            query = query.filter(**{f"{field}__gte": _midnight(first) if moments else first})
        if last is not None:
            after = last + timedelta(days=1)
            query = query.filter(**{f"{field}__lt": _midnight(after) if moments else after})
        return self._of(query)

    def sort(self, fields: Sequence[str], *, descending: bool) -> QueryRows:
        orders = [_order(self._query, field, descending=descending) for field in fields]
        return self._of(self._query.order_by(*orders, "-pk" if descending else "pk"))

    def count(self, limit: int | None = None) -> int:
        query = self._query.order_by("pk") if self._count_by_key else self._query.order_by()
        if not query.query.values_select and not query.query.distinct:
            query = query.values("pk")  # what is worked out for each row is not worked out for all of them
        return (query if limit is None else query[: limit + 1]).count()

    def slice(self, start: int, stop: int, *, total: int | None = None) -> list[Any]:
        if start == 0 or self._query.query.values_select or self._query.query.distinct:
            return list(self._query[start:stop])
        keys = list(self._keys(start, stop, total=total))
        found = {row.pk: row for row in self._query.order_by().filter(pk__in=keys)}
        return [found[key] for key in keys if key in found]

    def _keys(self, start: int, stop: int, *, total: int | None) -> Iterable[Any]:
        """Of every row that is passed over the database asks whether it belongs, so the shorter way is taken."""
        keys = self._query.values_list("pk", flat=True)
        if total is None or start <= total // 2 or not self._query.ordered:
            return keys[start:stop]
        return reversed(keys.reverse()[max(0, total - stop) : max(0, total - start)])

    def all(self) -> Iterator[Any]:
        return iter(self._query.iterator(chunk_size=2000))


class TableRows:
    """Rows of an Arrow table; each is a dict by column name."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def search(self, fields: Sequence[str], words: str) -> TableRows:
        table = self._table
        for word in words.split():
            hits = None
            for field in fields:
                text = table.column(field).cast(pa.string())
                found = pc.fill_null(pc.match_substring(text, word, ignore_case=True), False)
                hits = found if hits is None else pc.or_(hits, found)
            table = table if hits is None else table.filter(hits)
        return TableRows(table)

    def among(self, field: str, values: Sequence[Any]) -> TableRows:
        column = self._table.column(field)
        return TableRows(self._table.filter(pc.is_in(column, value_set=pa.array(values).cast(column.type))))

    def between(self, field: str, first: date | None, last: date | None) -> TableRows:
        table = self._table
        if first is not None:
            table = table.filter(pc.greater_equal(table.column(field).cast(pa.date32()), pa.scalar(first)))
        if last is not None:
            table = table.filter(pc.less_equal(table.column(field).cast(pa.date32()), pa.scalar(last)))
        return TableRows(table)

    def sort(self, fields: Sequence[str], *, descending: bool) -> TableRows:
        place = "__place"  # Arrow's sort may swap equal rows, which would move them between pages
        numbered = self._table.append_column(place, pa.array(range(self._table.num_rows), pa.int64()))
        how = "descending" if descending else "ascending"
        keys = [(field, how) for field in fields] + [(place, how)]
        order = pc.sort_indices(numbered, sort_keys=keys)  # missing values last, whatever the order
        return TableRows(self._table.take(order))

    def count(self, limit: int | None = None) -> int:
        return self._table.num_rows if limit is None else min(self._table.num_rows, limit + 1)

    def slice(self, start: int, stop: int, *, total: int | None = None) -> list[Any]:
        return self._table.slice(start, stop - start).to_pylist()

    def all(self) -> Iterator[Any]:
        for batch in self._table.to_batches(max_chunksize=2000):
            yield from batch.to_pylist()


Source = QuerySet[Any] | QueryRows | pa.Table | Sequence[dict[str, Any]]
"""What a list may be made of."""


def rows_of(source: Source) -> Rows:
    """Return the rows of a query, a table, or a sequence of dicts with the same keys."""
    if isinstance(source, QueryRows):
        return source
    if isinstance(source, QuerySet):
        return QueryRows(source)
    if isinstance(source, pa.Table):
        return TableRows(source)
    return TableRows(pa.Table.from_pylist(list(source)))


def _order(query: QuerySet[Any], field: str, *, descending: bool) -> str | OrderBy:
    """An order that is the same on SQLite and PostgreSQL; a plain one where nothing can be missing (indexes)."""
    flip = field.startswith("-")
    name = field.removeprefix("-")
    down = descending is not flip
    known = {own.name: own for own in query.model._meta.get_fields()}
    if name in known and not getattr(known[name], "null", True):
        return f"-{name}" if down else name
    expression = F(name)
    return expression.desc(nulls_last=True) if down else expression.asc(nulls_last=True)


def _holds_moments(query: QuerySet[Any], field: str) -> bool:
    names = {own.name: own for own in query.model._meta.get_fields()}
    own = names.get(field)
    return own is not None and own.get_internal_type() == "DateTimeField"  # type: ignore[union-attr]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
