"""Work on each distinct value once: a column to its distinct texts and back.

A kind of field gives a `Verdict` on distinct texts; `spread` makes a `StandardisedField` of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.people.kinds import StandardisedField, Standing
from joinedup.values.judged import FieldStatus, Judged
from joinedup.values.reasons import REASON_CODES, REASON_INDEX

NO_REASON = -1
_LARGE, _SAMPLED = 50_000, 4_000
Rows = npt.NDArray[np.int64]
_REASON_DICTIONARY = pa.array(REASON_CODES, pa.string())


@dataclass(frozen=True)
class Distinct:
    """codes: one position into `texts` a row, -1 where the row is null. counts: rows for each text.

    Where nearly every row differs the rows themselves serve, so a few texts may stand there twice.
    """

    codes: npt.NDArray[np.int32]
    texts: pa.Array

    def counts(self) -> npt.NDArray[np.int64]:
        """How many rows have each text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts)).astype(np.int64)


@dataclass
class Verdict:
    """What was found about distinct texts, filled in by parts; one entry a text.

    values: an array, or None while only `mended_values` are known. status: FieldStatus. reasons: positions
    into REASON_CODES, or NO_REASON.
    """

    values: pa.Array
    status: npt.NDArray[np.uint8]
    reasons: npt.NDArray[np.int16]
    notes: dict[str, str] = field(default_factory=dict)


def text_column(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The column as one string array; whole numbers stay whole, dates are ISO, bytes must be UTF-8."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
        if isinstance(column, pa.ChunkedArray):  # combine_chunks keeps the type it was given in old versions
            column = pa.concat_arrays(column.chunks)
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_dictionary(kind):
        return (
            column.dictionary_decode().cast(pa.string())
            if not pa.types.is_string(kind.value_type)
            else column
        )
    if pa.types.is_floating(kind):
        return _float_texts(column)
    if pa.types.is_timestamp(kind):
        dates = column.cast(pa.date32(), safe=False)
        return dates.cast(pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        texts = [None if value is None else value.decode("utf-8", "replace") for value in column.to_pylist()]
        return pa.array(texts, pa.string())
    if pa.types.is_null(kind):
        return pa.nulls(len(column), pa.string())
    if pa.types.is_nested(kind):
        return pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())
    return column.cast(pa.string())


def _float_texts(column: pa.Array) -> pa.Array:
    """Whole numbers without their '.0'; NaN is null."""
    numbers = np.asarray(column.fill_null(np.nan).cast(pa.float64()))
    whole = np.isfinite(numbers) & (np.floor(numbers) == numbers) & (np.abs(numbers) < 2**53)
    integers = pa.array(np.where(whole, numbers, 0).astype(np.int64)).cast(pa.string())
    others = column.cast(pa.string())
    nan = pa.array(np.isnan(numbers))
    return pc.if_else(nan, pa.scalar(None, pa.string()), pc.if_else(pa.array(whole), integers, others))


def distinct(column: pa.Array | pa.ChunkedArray) -> Distinct:
    """The column's distinct texts and a code for each row."""
    texts = text_column(column)
    if _nearly_all_differ(texts):
        filled = np.asarray(texts.is_valid(), np.bool_)
        codes = np.where(filled, np.cumsum(filled) - 1, -1).astype(np.int32)
        return Distinct(codes, texts.drop_null())
    encoded = texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()
    indices = encoded.indices
    codes = np.asarray(indices.fill_null(-1)).astype(np.int32, copy=False)
    dictionary = encoded.dictionary
    if dictionary.null_count:
        codes = np.where(np.asarray(dictionary.is_null())[codes] & (codes >= 0), -1, codes).astype(np.int32)
        dictionary = dictionary.fill_null("")
    return Distinct(codes, dictionary.cast(pa.string()))


def _nearly_all_differ(texts: pa.Array) -> bool:
    """Whether finding the distinct texts would cost more than it saves, judged on a few thousand rows.

    Of n rows drawn among D equally likely texts about n²/2D repeat another (the birthday problem), so D is
    at least half of all rows where no more than n²/rows repeat.
    """
    if len(texts) < _LARGE or pa.types.is_dictionary(texts.type):
        return False
    sample = texts.take(pa.array(np.arange(0, len(texts), len(texts) // _SAMPLED)))
    repeats = len(sample) - int(pc.count_distinct(sample, mode="all").as_py())
    return repeats <= len(sample) ** 2 / len(texts)


def blank_verdict(length: int) -> Verdict:
    """A verdict in which everything is INVALID and nothing is known yet."""
    return Verdict(
        values=pa.nulls(length, pa.string()),
        status=np.full(length, FieldStatus.INVALID, np.uint8),
        reasons=np.full(length, NO_REASON, np.int16),
    )


def reason_place(code: str | None) -> int:
    """The position stored for a reason's code."""
    return NO_REASON if code is None else REASON_INDEX[code]


def judge_each(texts: Iterable[str], judge: Callable[[str], Judged]) -> Verdict:
    """The verdict of a scalar function on each text."""
    judged = [judge(text) for text in texts]
    return Verdict(
        values=pa.array([one.value for one in judged], pa.string()),
        status=np.array([one.status for one in judged], np.uint8),
        reasons=np.array([reason_place(one.reason) for one in judged], np.int16),
    )


def merged(length: int, parts: list[tuple[npt.NDArray[np.int64], Verdict]]) -> Verdict:
    """One verdict from parts that together cover every position once."""
    if len(parts) == 1 and len(parts[0][0]) == length:
        rows, only = parts[0]
        if np.array_equal(rows, np.arange(length)):
            return only
    status = np.empty(length, np.uint8)
    reasons = np.empty(length, np.int16)
    place = np.empty(length, np.int64)
    start = 0
    notes: dict[str, str] = {}
    for rows, part in parts:
        status[rows], reasons[rows] = part.status, part.reasons
        place[rows] = np.arange(start, start + len(rows))
        start += len(rows)
        notes.update(part.notes)
    assert start == length
    values = pa.concat_arrays([part.values for _, part in parts]) if parts else pa.nulls(0, pa.string())
    return Verdict(values.take(pa.array(place)), status, reasons, notes)


def verdict_of(values: pa.Array, status: FieldStatus, reason: str | None) -> Verdict:
    """The same status and reason for every one of the values."""
    length = len(values)
    place = NO_REASON if reason is None else reason_place(reason)
    return Verdict(values, np.full(length, status, np.uint8), np.full(length, place, np.int16))


def with_rest(texts: pa.Array, parts: list[tuple[Rows, Verdict]], judge: Callable[[str], Judged]) -> Verdict:
    """The parts already judged, and each text in none of them judged alone."""
    rest = np.ones(len(texts), np.bool_)
    for rows, _ in parts:
        rest[rows] = False
    left = np.flatnonzero(rest)
    if len(left):
        parts = [*parts, (left, judge_each(texts.take(pa.array(left)).to_pylist(), judge))]
    return merged(len(texts), [part for part in parts if len(part[0])])


def spread(found: Distinct, verdict: Verdict) -> StandardisedField:
    """The verdict on distinct texts, for every row."""
    standing = spread_standing(found, verdict)
    if len(found.texts) == 0:
        values = pa.nulls(len(found.codes), verdict.values.type)
        if pa.types.is_string(values.type):
            values = values.dictionary_encode()
    else:
        null = found.codes < 0
        codes = np.where(null, 0, found.codes)
        values = _spread_values(verdict.values, codes, null if null.any() else None)
    return StandardisedField(values, standing.status, _reason_array(standing.reasons), verdict.notes)


def spread_standing(found: Distinct, verdict: Verdict) -> Standing:
    """How every row stands and why."""
    if len(found.texts) == 0:
        status = np.full(len(found.codes), FieldStatus.MISSING, np.uint8)
        return Standing(status, np.full(len(found.codes), REASON_INDEX["empty"], np.int16))
    null = found.codes < 0
    codes = np.where(null, 0, found.codes)
    status, reasons = verdict.status[codes], verdict.reasons[codes]
    if null.any():
        status[null] = FieldStatus.MISSING
        reasons[null] = REASON_INDEX["empty"]
    return Standing(status, reasons)


def _spread_values(
    values: pa.Array, codes: npt.NDArray[np.int32], null: npt.NDArray[np.bool_] | None
) -> pa.Array:
    if not pa.types.is_string(values.type):
        return values.take(pa.array(codes, mask=null))
    encoded = values.dictionary_encode()
    to_value = np.asarray(encoded.indices.fill_null(-1)).astype(np.int32, copy=False)
    indices = to_value[codes]
    mask = indices < 0
    if null is not None:
        mask |= null
    return pa.DictionaryArray.from_arrays(
        pa.array(indices, pa.int32(), mask=mask if mask.any() else None), encoded.dictionary
    )


def _reason_array(places: npt.NDArray[np.int16]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(places, pa.int16(), mask=places < 0), _REASON_DICTIONARY)
