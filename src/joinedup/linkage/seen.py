"""What a run saw of its data, without a value of it: kept beside the model, so that drift can be told later.

For each field: how much is missing, invalid or mended by source; the shares of its values' hashes over at most 64
buckets, of the letters they end with, and of their forms (letters as A, digits as 9). For each comparison: the
levels that likely matches fall into. For the pairs: how their weights spread, and what the model expects.

Disclosure: a bucket holds at least fifty records on average, mixes all values whose hash falls into it, and its
share is rounded to a thousandth; a form or ending borne by fewer than fifty records is told as one of "others".
So no rare value can be read, or tested for, from the file. It is no formal guarantee (differential privacy) and
needs none: it holds no more than a chart of shares does. Treat it as the model itself is treated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from joinedup.errors import SourceError
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.encode import Codes, Records, as_plain_text, order_hashes
from joinedup.linkage.expected import sceptical_chance
from joinedup.linkage.kept import KeptPairs
from joinedup.linkage.model import Model
from joinedup.linkage.run import FieldCount, Run, SourceCount

FORMAT = "joinedup-training/1"
NAME = "training.json"
MOST_RECORDS = 50_000  # of a source, looked at for the values; evenly spread
MOST_PATTERNS = 1 << 20  # up to so many possible ones, they are counted without sorting
MOST_BUCKETS = 64
FEWEST = 50  # records in a bucket on average, and behind a form or an ending that is told
LEAST_TOLD = 0.005  # the least share of a form or an ending that is told
OTHERS = "others"
BANDS = (0.0, 2.0, 5.0, 10.0, 15.0)  # bits above the threshold at which a further band of links begins
NEAR = 3.0  # bits on either side of the threshold that count as doubtful


@dataclass(frozen=True)
class FieldSeen:
    """A field of one source. filled: records with a value, of those looked at. buckets, endings, forms: shares."""

    filled: int
    buckets: tuple[float, ...]
    endings: Mapping[str, float]
    forms: Mapping[str, float]


@dataclass(frozen=True)
class StandingSeen:
    """A field of one source. The four counts add up to its records."""

    valid: int
    mended: int
    invalid: int
    missing: int

    @property
    def records(self) -> int:
        """All four together."""
        return self.valid + self.mended + self.invalid + self.missing


@dataclass(frozen=True)
class PairsSeen:
    """links: pairs at or above the threshold; near: pairs within NEAR bits of it. bands: shares of the links by
    BANDS. matches: expected among the kept pairs. levels: for each comparison, the level's label and the share of
    the expected matches in it. precision, recall: as the model expects them."""

    links: int
    near: int
    bands: tuple[float, ...]
    matches: float
    levels: Mapping[str, Mapping[str, float]]
    precision: float | None
    recall: float | None


@dataclass(frozen=True)
class SourceSeen:
    """One source: how its fields stood as they were read, and what is in them as they are compared."""

    standing: Mapping[str, StandingSeen]
    fields: Mapping[str, FieldSeen]


@dataclass(frozen=True)
class Seen:
    """What one run saw. people: found. pairs: None for an extract by itself."""

    records: int
    people: int
    sources: Mapping[str, SourceSeen]
    pairs: PairsSeen | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Training:
    """The content of training.json. run: what this run saw. trained_on: what the model was trained on; None where that
    is not known. here: whether this run trained it, so that both are the same."""

    run: Seen
    trained_on: Seen | None
    here: bool

    def as_json(self) -> str:
        """The text of training.json."""
        told = None if self.here or self.trained_on is None else self.trained_on.as_dict()
        document = {"format": FORMAT, "here": self.here, "run": self.run.as_dict(), "trained_on": told}
        return json.dumps(document, indent=1) + "\n"


def seen(run: Run, records: Records, model: Model, plan: ComparePlan, pairs: KeptPairs) -> Seen:
    """Return what a run saw, from its parts as they are just before the files are written."""
    return Seen(
        records=len(records),
        people=run.counts.get("people", len(records)),
        sources=sources_seen(run.sources, records),
        pairs=_pairs_seen(run, model, plan, pairs),
    )


def sources_seen(counts: tuple[SourceCount, ...], records: Records) -> dict[str, SourceSeen]:
    """Return what each source looked like. counts: how its fields stood after standardising."""
    out = {}
    for number, name in enumerate(records.source_names):
        mine = np.flatnonzero(records.source == number)
        mine = mine[:: max(1, -(-len(mine) // MOST_RECORDS))]
        standing = next((source.fields for source in counts if source.name == name), ())
        fields = {
            field: seen
            for field, codes in records.columns.items()
            if (seen := field_seen(codes, mine)).filled
        }
        out[name] = SourceSeen({count.field: _standing(count) for count in standing}, fields)
    return out


def _standing(count: FieldCount) -> StandingSeen:
    return StandingSeen(count.valid, count.mended, count.invalid, count.missing)


def field_seen(codes: Codes, rows: NDArray[np.integer]) -> FieldSeen:
    """Return the shares of a field's values over buckets, endings and forms, among some of the records."""
    taken = codes.codes[rows]
    taken = taken[taken >= 0]
    code, place = np.unique(taken, return_inverse=True)
    often = np.bincount(place, minlength=len(code)).astype(np.float64)
    values = codes.values.take(pa.array(code)).cast(pa.string())
    count = len(taken)
    size = 1 << int(np.log2(max(1, min(MOST_BUCKETS, count // FEWEST))))
    buckets: tuple[float, ...] = ()
    if count >= 4 * FEWEST:
        bucket = (order_hashes(values, "drift") % np.uint64(size)).astype(np.int64)
        buckets = tuple(_rounded(np.bincount(bucket, weights=often, minlength=size) / count))
    form = pc.replace_substring_regex(values, r"[0-9]", "9")
    form = pc.replace_substring_regex(form, r"\pL[\pL\pM]*", "A")
    form = pc.replace_substring_regex(form, r"[^A9 \-/.@+,'()]", "?")
    last = pc.utf8_slice_codeunits(pc.utf8_lower(values), -1)
    return FieldSeen(count, buckets, _shares(last, often), _shares(form, often))


def _shares(kinds: pa.Array, often: NDArray[np.float64]) -> dict[str, float]:
    """The share of each kind borne by FEWEST records and more, the others together."""
    coded = as_plain_text(kinds).dictionary_encode()
    counts = np.bincount(coded.indices.to_numpy(), weights=often, minlength=len(coded.dictionary))
    whole = max(1.0, float(often.sum()))
    told = {
        name: float(count)
        for name, count in sorted(zip(coded.dictionary.to_pylist(), counts.tolist(), strict=True))
        if count >= FEWEST and count / whole >= LEAST_TOLD
    }
    others = float(often.sum()) - sum(told.values())
    shares = {name: _rounded(np.array([count / whole]))[0] for name, count in told.items()}
    return shares | ({OTHERS: _rounded(np.array([others / whole]))[0]} if others else {})


def _rounded(shares: NDArray[np.float64]) -> list[float]:
    return [round(float(share), 3) for share in shares]


def _pairs_seen(run: Run, model: Model, plan: ComparePlan, pairs: KeptPairs) -> PairsSeen:
    threshold = run.threshold_weight or 0.0
    sums = [np.zeros(len(c.levels)) for c in model.comparisons]
    bands, near, links = np.zeros(len(BANDS), np.int64), 0, 0
    for chunk in pairs.chunks():
        chance = sceptical_chance(chunk, share=model.context_share)
        pattern, by_pattern = _summed(chunk.pattern, chance, plan.patterns)
        levels = plan.levels_of(pattern)
        for at, own in enumerate(sums):
            own += np.bincount(levels[:, at], weights=by_pattern, minlength=len(own))
        above = chunk.weight - threshold
        near += int((np.abs(above) <= NEAR).sum())
        links += int((above >= 0).sum())
        bands += np.bincount(
            np.searchsorted(BANDS, above[above >= 0], side="right") - 1, minlength=len(BANDS)
        )
    matches = float(sums[0].sum()) if sums else 0.0
    return PairsSeen(
        links=links,
        near=near,
        bands=tuple(_rounded(bands / max(1, links))),
        matches=round(matches, 1),
        levels={
            c.name: _by_label(
                [level.label or str(level.when) for level in c.levels], own / max(matches, 1e-9)
            )
            for c, own in zip(model.comparisons, sums, strict=True)
        },
        precision=None if run.precision is None else run.precision.value,
        recall=None if run.recall is None else run.recall.value,
    )


def _summed(
    patterns: NDArray[np.int64], chance: NDArray[np.float64], possible: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The patterns that occur, and the chances of each added up; without sorting where they are not too many."""
    if possible <= MOST_PATTERNS:
        sums = np.bincount(patterns, weights=chance, minlength=possible)
        found = np.flatnonzero(sums)
        return found, np.asarray(sums[found], np.float64)
    found, place = np.unique(patterns, return_inverse=True)
    return found, np.asarray(np.bincount(place, weights=chance, minlength=len(found)), np.float64)


def _by_label(labels: list[str], shares: NDArray[np.float64]) -> dict[str, float]:
    out: dict[str, float] = {}
    for label, share in zip(labels, shares.tolist(), strict=True):
        out[label] = round(out.get(label, 0.0) + share, 4)
    return out


def write_training(
    folder: Path,
    run: Run,
    records: Records,
    model: Model,
    plan: ComparePlan,
    pairs: KeptPairs,
    *,
    model_file: str | None,
    trained_here: bool,
) -> None:
    """Write training.json beside a run's model. model_file: where a given model was read from, if it was: what it was
    trained on is taken from the training.json beside it."""
    own = seen(run, records, model, plan, pairs)
    trained_on = own if trained_here else None
    if not trained_here and model_file is not None:
        beside = Path(model_file).parent / NAME
        if beside.is_file():
            trained_on = read_training(beside).trained_on
    (folder / NAME).write_text(Training(own, trained_on, trained_here).as_json(), encoding="utf-8")


def read_training(path: str | Path) -> Training:
    """Read training.json, or that of a run's directory; raises SourceError where there is none or it is not one."""
    path = Path(path)
    path = path / NAME if path.is_dir() else path
    mend = "run the linkage again with this version, which writes it"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise SourceError(what=f"cannot be read: {problem.strerror}", where=str(path), mend=mend) from None
    except ValueError:
        data = None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise SourceError(what="not what a run saw in training", where=str(path), mend=mend)
    own = _seen_from(data["run"])
    here = bool(data["here"])
    told = data["trained_on"]
    return Training(own, own if here else None if told is None else _seen_from(told), here)


def _seen_from(data: Mapping[str, Any]) -> Seen:
    return Seen(
        records=data["records"],
        people=data["people"],
        sources={
            source: SourceSeen(
                {name: StandingSeen(**count) for name, count in told["standing"].items()},
                {
                    name: FieldSeen(**{**field, "buckets": tuple(field["buckets"])})
                    for name, field in told["fields"].items()
                },
            )
            for source, told in data["sources"].items()
        },
        pairs=None
        if data["pairs"] is None
        else PairsSeen(**{**data["pairs"], "bands": tuple(data["pairs"]["bands"])}),
    )
