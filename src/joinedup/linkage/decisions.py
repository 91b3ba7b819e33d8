"""What clerks decided about pairs of records: a file that a run obeys.

The file is a CSV in UTF-8 with the columns of ``COLUMNS``; see docs/reference/decisions.md. Errors name the
file, the row (its line, the header being line 1) and the column, and never an id.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from joinedup.errors import SourceError

COLUMNS = (
    "left_source",
    "left_id",
    "right_source",
    "right_id",
    "decision",
    "decided_by",
    "decided_on",
    "reason",
)
Int32 = NDArray[np.int32]
Place = tuple[str, str]  # source, id


class Verdict(StrEnum):
    """What a clerk says of two records."""

    SAME = "same"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Decision:
    """One clerk's word on two records. row: its line in the file."""

    left: Place
    right: Place
    verdict: Verdict
    decided_by: str
    decided_on: dt.date
    reason: str
    row: int


@dataclass(frozen=True)
class Constraints:
    """Decisions as pairs of record numbers, as ``cluster`` takes them, each pair once.

    unknown: decisions about a record that this run does not have; kept aside, not obeyed.
    """

    same: tuple[Int32, Int32]
    different: tuple[Int32, Int32]
    unknown: tuple[Decision, ...]

    def notes(self) -> tuple[str, ...]:
        """What to tell about decisions that could not be obeyed: their count and rows."""
        if not self.unknown:
            return ()
        rows = ", ".join(str(decision.row) for decision in self.unknown[:10])
        more = ", …" if len(self.unknown) > 10 else ""
        return (
            f"{len(self.unknown)} decisions name a record that the run does not have (rows {rows}{more})",
        )


def read_decisions(path: str | Path) -> tuple[Decision, ...]:
    """Return the decisions of a file in its order.

    Raises SourceError for a file, row or value that cannot be understood, and for decisions that contradict
    each other, directly or by way of other decisions.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            decisions = tuple(_decisions(csv.reader(file), path))
    except OSError as problem:
        raise SourceError(
            what=f"cannot be read: {problem.strerror}", where=str(path), mend="check the path"
        ) from None
    except (UnicodeDecodeError, csv.Error):
        raise SourceError(
            what="not a CSV file in UTF-8", where=str(path), mend="save it as CSV UTF-8"
        ) from None
    refuse_contradictions(decisions, where=str(path))
    return decisions


def _decisions(reader: Iterator[list[str]], path: Path) -> Iterator[Decision]:
    header = [name.strip() for name in next(reader, [])]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise SourceError(
            what=f"no column {', '.join(missing)}", where=str(path), mend=f"its header is {','.join(COLUMNS)}"
        )
    line = 1
    for cells in reader:
        line += 1 + sum(cell.count("\n") for cell in cells)  # a quoted cell may hold lines of its own
        row = line - sum(cell.count("\n") for cell in cells)
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise SourceError(
                what=f"{len(cells)} cells where the header has {len(header)}",
                where=f"{path}, row {row}",
                mend="put cells that hold a comma in double quotes",
            )
        told = dict(zip(header, cells, strict=True))
        if not any(told[column].strip() for column in COLUMNS[4:]):
            continue  # a pair of review.csv that nobody has decided yet
        yield _decision(told, path, row)


def _decision(cells: dict[str, str], path: Path, row: int) -> Decision:
    def wrong(column: str, what: str, mend: str) -> SourceError:
        return SourceError(what=what, where=f"{path}, row {row}, column '{column}'", mend=mend)

    cells |= {column: cells[column].strip() for column in COLUMNS[4:]}  # ids and sources stay as they are
    for column in COLUMNS[:-1]:
        if not cells[column].strip():
            raise wrong(column, "empty", "only 'reason' may be left empty")
    if cells["decision"] not in {verdict.value for verdict in Verdict}:
        raise wrong("decision", "neither 'same' nor 'different'", "write same or different")
    try:
        decided_on = dt.date.fromisoformat(cells["decided_on"])
    except ValueError:
        raise wrong("decided_on", "not a date", "write the day as YYYY-MM-DD") from None
    left, right = (cells["left_source"], cells["left_id"]), (cells["right_source"], cells["right_id"])
    if left == right:
        raise wrong("right_id", "a record is held against itself", "name two records, or remove the row")
    verdict = Verdict(cells["decision"])
    return Decision(left, right, verdict, cells["decided_by"], decided_on, cells["reason"], row)


def refuse_contradictions(decisions: Sequence[Decision], *, where: str) -> None:
    """Raise SourceError where records said to be different are the same by others, naming all rows."""
    neighbours: dict[Place, list[tuple[Place, int]]] = {}
    for decision in decisions:
        if decision.verdict is Verdict.SAME:
            neighbours.setdefault(decision.left, []).append((decision.right, decision.row))
            neighbours.setdefault(decision.right, []).append((decision.left, decision.row))
    group = _groups(neighbours)
    for decision in decisions:
        if decision.verdict is Verdict.DIFFERENT and decision.left in group:
            if group[decision.left] != group.get(decision.right):
                continue
            rows = sorted(_rows_between(neighbours, decision.left, decision.right))
            raise SourceError(
                what=f"decisions contradict each other: row {decision.row} says different, "
                f"row{'s' if len(rows) > 1 else ''} {', '.join(map(str, rows))} the same",
                where=where,
                mend="settle which holds and remove the other",
            )


def _groups(neighbours: dict[Place, list[tuple[Place, int]]]) -> dict[Place, int]:
    group: dict[Place, int] = {}
    for number, start in enumerate(neighbours):
        waiting = [start]
        while waiting:
            place = waiting.pop()
            if place not in group:
                group[place] = number
                waiting += [other for other, _ in neighbours[place]]
    return group


def _rows_between(neighbours: dict[Place, list[tuple[Place, int]]], start: Place, end: Place) -> list[int]:
    """The rows of a shortest chain of "same" decisions."""
    came: dict[Place, tuple[Place, int] | None] = {start: None}
    waiting = deque([start])
    while end not in came:
        place = waiting.popleft()
        for other, row in neighbours[place]:
            if other not in came:
                came[other] = (place, row)
                waiting.append(other)
    rows, at = [], came[end]
    while at is not None:
        rows.append(at[1])
        at = came[at[0]]
    return rows


def constraints(
    decisions: Sequence[Decision],
    *,
    source_names: Sequence[str],
    source: NDArray[np.integer],
    ids: pa.Array,
) -> Constraints:
    """Return decisions as pairs of record numbers.

    source_names: of the run. source: of each record, its place in source_names. ids: of each record, its
    source's own identifier as text.
    """
    number = _numbers(decisions, source_names, source, ids)
    pairs: dict[Verdict, dict[tuple[int, int], None]] = {verdict: {} for verdict in Verdict}
    unknown = []
    for decision in decisions:
        left, right = number.get(decision.left), number.get(decision.right)
        if left is None or right is None:
            unknown.append(decision)
        else:
            pairs[decision.verdict][min(left, right), max(left, right)] = None
    same, different = (_columns(list(pairs[verdict])) for verdict in (Verdict.SAME, Verdict.DIFFERENT))
    return Constraints(same=same, different=different, unknown=tuple(unknown))


def _numbers(
    decisions: Sequence[Decision], source_names: Sequence[str], source: NDArray[np.integer], ids: pa.Array
) -> dict[Place, int]:
    """The record number of each record that a decision names and the run has."""
    places = {place for decision in decisions for place in (decision.left, decision.right)}
    wanted = pa.array(sorted({identifier for _, identifier in places}), pa.string())
    if len(wanted) == 0:
        return {}
    at = pc.index_in(ids.cast(pa.string()), value_set=wanted)
    hits = np.flatnonzero(pc.is_valid(at).to_numpy(zero_copy_only=False))
    texts = ids.take(pa.array(hits)).cast(pa.string()).to_pylist()
    found = {}
    for record, identifier in zip(hits.tolist(), texts, strict=True):
        place = (source_names[int(source[record])], identifier)
        if place in places:
            found[place] = record
    return found


def _columns(pairs: list[tuple[int, int]]) -> tuple[Int32, Int32]:
    table = np.array(pairs, np.int32).reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()
