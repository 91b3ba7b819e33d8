"""Tables for measuring linkage: one to deduplicate, or two to link, with the truth apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from joinedup.people.county.draw import BoolArray, IntArray, generator, happens, pick
from joinedup.people.county.observe import Habits, Seen, iso_dates, observe
from joinedup.people.county.population import Population, population_blocks

# Shares of people with one, two … records: about 65 in 100 records have a partner.
RECORDS_A_PERSON = np.array([0.62, 0.175, 0.10, 0.055, 0.03, 0.02])
# The chance to be on any list at all: public lists hold fewer children.
CHILD_COVERED, ADULT_COVERED, COVERED = 0.5, 0.97, 0.87  # the last: of all people, at least
# Of all people in two linked sources: in both, only in the left one, only in the right one.
IN_BOTH, IN_ONE = 0.44, 0.28


@dataclass(frozen=True)
class LinkageTable:
    """records: record_id (int64), first_name, surname, date_of_birth (YYYY-MM-DD), gender, postcode, email
    and town, all text, missing is null, in no order. clusters: the person of each row, the truth."""

    records: pa.Table
    clusters: IntArray

    def truth(self) -> pa.Table:
        """record_id and cluster, one row a record."""
        return pa.table({"record_id": self.records["record_id"], "cluster": self.clusters})


def linkage_table(*, records: int, seed: int, habits: Habits | None = None) -> LinkageTable:
    """A table to deduplicate, of exactly so many records about somewhat more than half as many people."""
    return _gathered(table_drawing(records=records, seed=seed, habits=habits))


def linkage_pair(
    *, records_each: int, seed: int, habits: Habits | None = None
) -> tuple[LinkageTable, LinkageTable]:
    """Two tables to link, in neither of which a person is met twice. The clusters are common to both."""
    left, right = pair_drawings(records_each=records_each, seed=seed, habits=habits)
    return _gathered(left), _gathered(right)


@dataclass(frozen=True)
class Drawing:
    """A table before it is put in its random order. parts: its rows, with the person of each, part by part, of
    which the first `records` count; drawn as they are asked for, once. order: the row that stands at each place.
    """

    records: int
    parts: Iterator[tuple[pa.RecordBatch, IntArray]]
    order: IntArray


def table_drawing(*, records: int, seed: int, habits: Habits | None = None) -> Drawing:
    """What ``linkage_table`` is made of."""
    mean = float((np.arange(1, len(RECORDS_A_PERSON) + 1) * RECORDS_A_PERSON).sum())
    people = int(records / mean / COVERED * 1.01) + 100

    def parts() -> Iterator[tuple[pa.RecordBatch, IntArray]]:
        for part, block in enumerate(population_blocks(people=people, seed=seed)):
            rng = generator(seed, "table", part)
            counts = 1 + pick(rng, RECORDS_A_PERSON, len(block))
            rows = np.repeat(np.arange(len(block)), np.where(_covered(block, rng), counts, 0))
            yield _columns(observe(block, rows, habits=habits or Habits(), rng=rng)), block.person[rows]

    return Drawing(records, parts(), generator(seed, "table order").permutation(records))


def pair_drawings(*, records_each: int, seed: int, habits: Habits | None = None) -> tuple[Drawing, Drawing]:
    """What ``linkage_pair`` is made of."""
    people = int(records_each / (IN_BOTH + IN_ONE) / COVERED * 1.01) + 100

    def parts(side: int) -> Iterator[tuple[pa.RecordBatch, IntArray]]:
        for part, block in enumerate(population_blocks(people=people, seed=seed)):
            rng = generator(seed, "sides", part)
            covered, place = _covered(block, rng), rng.random(len(block))
            in_left = place < IN_BOTH + IN_ONE
            rows = np.flatnonzero(covered & (in_left if side == 0 else (place < IN_BOTH) | ~in_left))
            seen = observe(block, rows, habits=habits or Habits(), rng=generator(seed, f"side {side}", part))
            yield _columns(seen), block.person[rows]

    left, right = (
        Drawing(records_each, parts(side), generator(seed, f"order {side}").permutation(records_each))
        for side in (0, 1)
    )
    return left, right


def _covered(block: Population, rng: np.random.Generator) -> BoolArray:
    return happens(rng, np.where(block.age < 16, CHILD_COVERED, ADULT_COVERED), len(block))


def _columns(seen: Seen) -> pa.RecordBatch:
    columns = {
        "first_name": seen.first_name,
        "surname": seen.surname,
        "date_of_birth": iso_dates(seen.born),
        "gender": seen.gender,
        "postcode": seen.postcode,
        "email": seen.email,
        "town": seen.town,
    }
    return pa.RecordBatch.from_pydict({name: column.cast(pa.string()) for name, column in columns.items()})


def _gathered(drawing: Drawing) -> LinkageTable:
    """The first `records` rows in random order, numbered from 1 in that order."""
    parts = list(drawing.parts)
    clusters = np.concatenate([people for _, people in parts])
    if len(clusters) < drawing.records:
        raise AssertionError("too few records were drawn")
    names, columns = ["record_id"], [pa.array(np.arange(1, drawing.records + 1))]
    for name in parts[0][0].schema.names:
        column = pa.chunked_array([batch[name] for batch, _ in parts])
        columns.append(column.combine_chunks().take(pa.array(drawing.order)))
        names.append(name)
    return LinkageTable(records=pa.table(columns, names=names), clusters=clusters[drawing.order])
