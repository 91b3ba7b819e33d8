"""Identifiers: what is already in order is checked all at once; the rest one distinct text at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.people.distinct import Distinct, Rows, Verdict, verdict_of, with_rest
from joinedup.people.kinds import FieldOptions
from joinedup.values.byte_column import (
    CAPITALS,
    DIGITS,
    UPPER,
    ByteColumn,
    Bytes,
    Mask,
    byte_set,
    strings_from_matrix,
)
from joinedup.values.judged import FieldStatus
from joinedup.values.nhs_number import judge_nhs_number, nhs_numbers_agree
from joinedup.values.nino import judge_nino, ninos_possible
from joinedup.values.postcode import judge_postcode, postcodes_possible
from joinedup.values.upn import judge_upn, upns_agree
from joinedup.values.uprn import judge_uprn
from joinedup.values.utr import judge_utr, utrs_agree

_SEPARATORS = byte_set(" -")
_CODE_BYTES = DIGITS | CAPITALS


def judge_ninos(found: Distinct, options: FieldOptions) -> Verdict:
    """National Insurance numbers: nine capitals and digits."""
    column = _bare(found.texts)
    rows = _of_width(column, 9, column.counts(_CODE_BYTES))
    return with_rest(found.texts, [_passed(column, rows, 9, ninos_possible)], judge_nino)


def judge_nhs_numbers(found: Distinct, options: FieldOptions) -> Verdict:
    """NHS numbers: ten digits."""
    column = _bare(found.texts)
    rows = _of_width(column, 10, column.counts(DIGITS))
    passed = _passed(column, rows, 10, _nhs_without_caution)
    return with_rest(found.texts, [passed], partial(judge_nhs_number, zero_eight=options.zero_eight))


def judge_utrs(found: Distinct, options: FieldOptions) -> Verdict:
    """Unique taxpayer references: ten digits."""
    column = _bare(found.texts)
    rows = _of_width(column, 10, column.counts(DIGITS))
    passed = _passed(column, rows, 10, lambda matrix: utrs_agree(matrix) & ~_repeated(matrix))
    return with_rest(found.texts, [passed], partial(judge_utr, zero_eight=options.zero_eight))


def judge_upns(found: Distinct, options: FieldOptions) -> Verdict:
    """Unique pupil numbers: a letter and twelve digits."""
    column = _bare(found.texts)
    rows = _of_width(column, 13, column.counts(_CODE_BYTES))
    passed = _passed(column, rows, 13, lambda matrix: DIGITS[matrix[:, 1:]].all(axis=1) & upns_agree(matrix))
    return with_rest(found.texts, [passed], partial(judge_upn, zero_eight=options.zero_eight))


def judge_uprns(found: Distinct, options: FieldOptions) -> Verdict:
    """Unique property reference numbers: one to twelve digits, no leading zero."""
    column = ByteColumn.of(found.texts)
    lengths = column.lengths
    rows = np.flatnonzero((lengths >= 1) & (lengths <= 12) & (column.counts(DIGITS) == lengths))
    first = column.data[column.starts[rows]] if len(rows) else np.zeros(0, np.uint8)
    rows = rows[first != ord("0")]
    if len(rows):  # one digit over and over is left to the careful way
        same = column.data == np.repeat(
            column.data[np.minimum(column.starts[:-1], len(column.data) - 1)], lengths
        )
        running = np.concatenate([[0], np.cumsum(same)])
        alike = np.diff(running[column.starts])
        rows = rows[alike[rows] != lengths[rows]]
    verdict = verdict_of(found.texts.take(pa.array(rows)), FieldStatus.VALID, None)
    return with_rest(found.texts, [(rows, verdict)], judge_uprn)


def judge_postcodes(found: Distinct, options: FieldOptions) -> Verdict:
    """Postcodes: those written "LS1 4DY" are valid, those without the space have it put in."""
    column = ByteColumn.of(found.texts).translated(UPPER)
    lengths = column.lengths
    code_bytes, spaces = column.counts(_CODE_BYTES), column.counts(byte_set(" "))
    parts: list[tuple[Rows, Verdict]] = []
    for outward in (2, 3, 4):
        for gap in (1, 0):
            rows = np.flatnonzero(
                (lengths == outward + 3 + gap) & (code_bytes == outward + 3) & (spaces == gap)
            )
            matrix = column.matrix(rows, outward + 3 + gap)
            if gap:
                right = matrix[:, outward] == ord(" ")
                rows, matrix = rows[right], matrix[right]
                matrix = np.delete(matrix, outward, axis=1)
            good = postcodes_possible(matrix, outward=outward)
            written = np.insert(matrix[good], outward, ord(" "), axis=1)
            status, reason = (FieldStatus.VALID, None) if gap else (FieldStatus.MENDED, "spacing")
            parts.append((rows[good], verdict_of(strings_from_matrix(written), status, reason)))
    return with_rest(found.texts, parts, judge_postcode)


def _bare(texts: pa.Array) -> ByteColumn:
    return ByteColumn.of(texts).without(_SEPARATORS).translated(UPPER)


def _of_width(column: ByteColumn, width: int, wanted: npt.NDArray[np.int64]) -> Rows:
    return np.flatnonzero((column.lengths == width) & (wanted == width))


def _passed(
    column: ByteColumn, rows: Rows, width: int, passes: Callable[[Bytes], Mask]
) -> tuple[Rows, Verdict]:
    matrix = column.matrix(rows, width)
    good = passes(matrix)
    return rows[good], verdict_of(strings_from_matrix(matrix[good]), FieldStatus.VALID, None)


def _nhs_without_caution(matrix: Bytes) -> Mask:
    first_two = (matrix[:, 0].astype(np.int32) - 48) * 10 + matrix[:, 1] - 48
    issued = ((first_two >= 1) & (first_two <= 49)) | ((first_two >= 60) & (first_two <= 79))
    return issued & nhs_numbers_agree(matrix) & ~_repeated(matrix)


def _repeated(matrix: Bytes) -> Mask:
    result: Mask = (matrix == matrix[:, :1]).all(axis=1)
    return result
