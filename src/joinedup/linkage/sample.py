"""A sample of pairs for clerks to label, where there is no truth.

The scored pairs of a run are divided into strata by how far their weight stands from the threshold and by
where their ends went (apart, or together in a person of few or many records). Every stratum gives some pairs,
more where it is large or the model unsure. ``evaluate_sample`` makes precision and recall of the labels.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from joinedup.errors import UsageError
from joinedup.linkage.run_files import RunFiles, open_run

BANDS = (-10.0, -5.0, -2.0, 0.0, 2.0, 5.0, 10.0)  # bits above the threshold; 0 parts linked from not
SIZES = (3, 6)  # records in a person: a couple, a few, many
ENDS = ("left_source", "left_id", "right_source", "right_id")
FIXED = ("label", "stratum", "stratum_pairs", "inclusion_probability", "linked", "joined", "near")
_BAND_NAMES = (
    "more than 10 bits below", "5 to 10 bits below", "2 to 5 bits below", "up to 2 bits below",
    "up to 2 bits above", "2 to 5 bits above", "5 to 10 bits above", "10 bits above and more",
)  # fmt: skip
_STATE_NAMES = ("apart", "a person of 2", "a person of 3 to 5", "a person of 6 and more")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


@dataclass(frozen=True)
class SampleStratum:
    """Pairs of about one weight and fate. linked: of at least the threshold. joined: ends in one person."""

    name: str
    pairs: int
    drawn: int
    linked: bool
    joined: bool
    near: bool


@dataclass(frozen=True)
class SampleDrawn:
    """Where the sample was written, how many pairs it holds, and its strata from far below to far above."""

    path: Path
    pairs: int
    strata: tuple[SampleStratum, ...]


@dataclass(frozen=True)
class SampleRows:
    """Pairs drawn from a run, in an order of chance: the ends of each, and its place in ``strata``."""

    pairs: tuple[tuple[tuple[str, str], tuple[str, str]], ...]
    stratum: tuple[int, ...]
    strata: tuple[SampleStratum, ...]


def draw_pairs(directory: str | Path, *, size: int = 400, seed: int = 1) -> SampleRows:
    """Draw pairs of a run for labelling, as ``sample`` does, and write nothing. See there for the errors."""
    run = open_run(directory)
    drawn = _drawn(run, size=size, seed=seed)
    picked = _picked(run, drawn.rows)
    place = {stratum: number for number, stratum in enumerate(drawn.strata)}
    ends = [
        ((picked[ENDS[0]][at], picked[ENDS[1]][at]), (picked[ENDS[2]][at], picked[ENDS[3]][at]))
        for at in drawn.order.tolist()
    ]
    numbers = [place[int(drawn.stratum[at])] for at in drawn.order.tolist()]
    return SampleRows(tuple(ends), tuple(numbers), tuple(drawn.strata.values()))


@dataclass(frozen=True)
class _Drawn:
    """rows: of the run's pairs, ascending. order: a permutation of them. stratum: of each row."""

    rows: NDArray[np.int64]
    order: NDArray[np.int64]
    stratum: NDArray[np.uint8]
    strata: dict[int, SampleStratum]


def sample(
    directory: str | Path,
    *,
    size: int = 400,
    seed: int = 1,
    tables: Mapping[str, pa.Table] | None = None,
    id_columns: Mapping[str, str] | None = None,
) -> SampleDrawn:
    """Draw pairs of a run for labelling and write them as sample.csv into its directory.

    size: how many pairs; all of them where the run has no more. The same seed draws the same pairs.
    tables, id_columns: the sources, by name, to set their fields side by side; without them the file holds
    ids alone. Cells that a spreadsheet would run as a formula begin with an apostrophe.

    Raises UsageError where the size gives no two pairs to each stratum, or the run has no pairs.
    """
    run = open_run(directory)
    drawn = _drawn(run, size=size, seed=seed)
    picked = _picked(run, drawn.rows)
    sides = _side_by_side(picked, tables or {}, id_columns or {})
    path = run.directory / "sample.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file)
        write.writerow(["pair", *ENDS, *sides, *FIXED])
        for number, at in enumerate(drawn.order.tolist(), 1):
            s = drawn.strata[int(drawn.stratum[at])]
            ends = [picked[name][at] for name in ENDS]
            fields = [_harmless(column[at]) for column in sides.values()]
            facts = ["yes" if fact else "no" for fact in (s.linked, s.joined, s.near)]
            share = f"{s.drawn / s.pairs:.9g}"
            write.writerow([number, *map(_harmless, ends), *fields, "", s.name, s.pairs, share, *facts])
    return SampleDrawn(path, len(drawn.rows), tuple(drawn.strata.values()))


def _drawn(run: RunFiles, *, size: int, seed: int) -> _Drawn:
    stratum, expected = strata_of_pairs(run)
    counts = np.bincount(stratum, minlength=len(expected))
    if not len(stratum):
        raise UsageError(
            what="the run has no scored pairs", where=str(run.directory), mend="loosen its blocking rules"
        )
    used = np.flatnonzero(counts)
    if size < min(len(stratum), 2 * len(used)):
        raise UsageError(
            what=f"{size} pairs are too few for {len(used)} strata", mend=f"draw at least {2 * len(used)}"
        )
    shares = expected[used] / counts[used]
    given = dict(zip(used.tolist(), _allocated(counts[used], shares, size), strict=True))
    generator = np.random.default_rng(seed)
    chosen = [
        np.flatnonzero(stratum == s)[np.sort(generator.choice(counts[s], n, replace=False))]
        for s, n in given.items()
    ]
    rows = np.sort(np.concatenate(chosen))
    strata = {s: described_stratum(s, int(counts[s]), n) for s, n in given.items()}
    return _Drawn(rows, generator.permutation(len(rows)), stratum[rows], strata)


def strata_of_pairs(run: RunFiles) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return the stratum of each pair in file order, and the matches that the model expects in each stratum."""
    sizes = np.bincount(run.person, minlength=1)
    expected = np.zeros((len(BANDS) + 1) * len(_STATE_NAMES))
    parts = [np.empty(0, np.uint8)]
    for batch in run.pairs(["match_probability"]):
        band = np.searchsorted(BANDS, batch.weight - run.threshold, side="right")
        left = run.person[batch.left]
        together = left == run.person[batch.right]
        state = np.where(together, 1 + np.searchsorted(SIZES, sizes[left], side="right"), 0)
        part = (band * len(_STATE_NAMES) + state).astype(np.uint8)
        probability = batch.rows.column("match_probability").cast(pa.float64()).to_numpy()
        expected += np.bincount(part, weights=np.nan_to_num(probability), minlength=len(expected))
        parts.append(part)
    return np.concatenate(parts), expected


def described_stratum(stratum: int, pairs: int, drawn: int) -> SampleStratum:
    """Return what a stratum's number stands for."""
    band, state = divmod(stratum, len(_STATE_NAMES))
    name = f"{_BAND_NAMES[band]}, {_STATE_NAMES[state]}"
    linked = band >= len(BANDS) // 2 + 1
    return SampleStratum(name, pairs, drawn, linked=linked, joined=state > 0, near=band > 0)


def _allocated(counts: NDArray[np.int64], shares: NDArray[np.float64], size: int) -> list[int]:
    """How many pairs each stratum gives: by the root of its size and by how unsure the model is of it.

    The root lies between equal parts, which say most of each stratum, and Neyman's (1934), which say most of
    the total but trust the model for it.
    """
    size = min(size, int(counts.sum()))
    given = np.minimum(counts, 2)
    wish = np.sqrt(counts * np.maximum(shares * (1 - shares), 0.02))
    while (left := size - int(given.sum())) > 0:
        open_ = np.where(given < counts, wish, 0.0)
        part = np.minimum(np.floor(left * open_ / open_.sum()).astype(np.int64), counts - given)
        if not part.any():  # less than one each: one more for those that are furthest behind their wish
            behind = np.where(given < counts, open_ / (given + 1), -1.0)
            part = np.zeros(len(counts), np.int64)
            part[np.argsort(-behind, kind="stable")[: min(left, int((given < counts).sum()))]] = 1
        given = given + part
    return [int(n) for n in given]


def _picked(run: RunFiles, rows: NDArray[np.int64]) -> dict[str, list[str]]:
    """The ends of the chosen rows of pairs.parquet, in file order."""
    out: dict[str, list[str]] = {name: [] for name in ENDS}
    begin = 0
    for batch in run.pairs():
        inside = rows[(rows >= begin) & (rows < begin + len(batch.left))] - begin
        begin += len(batch.left)
        chosen = batch.rows.select(list(ENDS)).take(pa.array(inside))
        for name in ENDS:
            out[name] += chosen.column(name).cast(pa.string()).to_pylist()
    return out


def _side_by_side(
    picked: Mapping[str, Sequence[str]], tables: Mapping[str, pa.Table], id_columns: Mapping[str, str]
) -> dict[str, list[str]]:
    """Columns left_x and right_x for each field x of the sources, the id columns left out."""
    fields = dict.fromkeys(
        name for source, table in tables.items() for name in table.column_names if name != id_columns[source]
    )
    out: dict[str, list[str]] = {}
    found = {side: _rows_of(picked, side, tables, id_columns) for side in ("left", "right")}
    for field in fields:
        for side, rows in found.items():
            out[f"{side}_{field}"] = [str(row.get(field, "")) for row in rows]
    return out


def _rows_of(
    picked: Mapping[str, Sequence[str]],
    side: str,
    tables: Mapping[str, pa.Table],
    id_columns: Mapping[str, str],
) -> list[dict[str, str]]:
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for source, table in tables.items():
        pairs = zip(picked[f"{side}_source"], picked[f"{side}_id"], strict=True)
        wanted = pa.array(sorted({identifier for own, identifier in pairs if own == source}), pa.string())
        ids = table.column(id_columns[source]).cast(pa.string())
        chosen = table.filter(pc.is_in(ids, value_set=wanted))
        for row in chosen.to_pylist():
            texts = {name: "" if value is None else str(value) for name, value in row.items()}
            rows[source, texts[id_columns[source]]] = texts
    places = zip(picked[f"{side}_source"], picked[f"{side}_id"], strict=True)
    return [rows.get(place, {}) for place in places]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
