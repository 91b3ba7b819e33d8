"""Identifiers: what is already in order is checked all at once; the rest one distinct text at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.people.distinct import Distinct, Rows, Verdict, reason_place, verdict_of, with_rest
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

_SEPARATORS, _SPACE = byte_set(" -"), byte_set(" ")
_CODE_BYTES = DIGITS | CAPITALS


def judge_ninos(found: Distinct, options: FieldOptions) -> Verdict:
    """National Insurance numbers: nine capitals and digits."""
    column = _bare(found.texts)
    rows = _of_width(column, 9, _CODE_BYTES)
    return with_rest(found.texts, [_passed(column, rows, 9, ninos_possible)], judge_nino)


def judge_nhs_numbers(found: Distinct, options: FieldOptions) -> Verdict:
    """NHS numbers: ten digits."""
    column = _bare(found.texts)
    rows = _of_width(column, 10, DIGITS)
    passed = _passed(column, rows, 10, _nhs_without_caution)
    judge = partial(judge_nhs_number, zero_eight=options.zero_eight is not False)
    return _zero_eight_believed(with_rest(found.texts, [passed], judge), found, options)


def judge_utrs(found: Distinct, options: FieldOptions) -> Verdict:
    """Unique taxpayer references: ten digits."""
    column = _bare(found.texts)
    rows = _of_width(column, 10, DIGITS)
    passed = _passed(column, rows, 10, lambda matrix: utrs_agree(matrix) & ~_repeated(matrix))
    judge = partial(judge_utr, zero_eight=options.zero_eight is not False)
    return _zero_eight_believed(with_rest(found.texts, [passed], judge), found, options)


def judge_upns(found: Distinct, options: FieldOptions) -> Verdict:
    """Unique pupil numbers: a letter and twelve digits."""
    column = _bare(found.texts)
    rows = _of_width(column, 13, _CODE_BYTES)
    passed = _passed(column, rows, 13, lambda matrix: DIGITS[matrix[:, 1:]].all(axis=1) & upns_agree(matrix))
    judge = partial(judge_upn, zero_eight=options.zero_eight is not False)
    return _zero_eight_believed(with_rest(found.texts, [passed], judge), found, options)


def judge_uprns(found: Distinct, options: FieldOptions) -> Verdict:
    """Unique property reference numbers: one to twelve digits, no leading zero."""
    column = ByteColumn.of(found.texts)
    lengths = column.lengths
    rows = np.flatnonzero((lengths >= 1) & (lengths <= 12) & column.only(DIGITS))
    begins, sizes = column.starts[rows], lengths[rows]
    first, middle, last = (column.data[begins + place] for place in (0 * sizes, sizes // 2, sizes - 1))
    perhaps_repeated = (first == middle) & (first == last)  # one digit over and over: left to the careful way
    rows = rows[(first != ord("0")) & ~perhaps_repeated]
    verdict = verdict_of(found.texts.take(pa.array(rows)), FieldStatus.VALID, None)
    return with_rest(found.texts, [(rows, verdict)], judge_uprn)


def judge_postcodes(found: Distinct, options: FieldOptions) -> Verdict:
    """Postcodes: those written "LS1 4DY" are valid, those without the space have it put in."""
    column = ByteColumn.of(found.texts).translated(UPPER)
    lengths = column.lengths
    in_order, spaces = column.only(_CODE_BYTES | _SPACE), column.counts(_SPACE)
    parts: list[tuple[Rows, Verdict]] = []
    for outward in (2, 3, 4):
        for gap in (1, 0):
            rows = np.flatnonzero(in_order & (lengths == outward + 3 + gap) & (spaces == gap))
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


def _of_width(column: ByteColumn, width: int, wanted: Mask) -> Rows:
    """Rows of that many bytes, all of them in the table `wanted`."""
    return np.flatnonzero((column.lengths == width) & column.only(wanted))


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


def _zero_eight_believed(verdict: Verdict, found: Distinct, options: FieldOptions) -> Verdict:
    """The verdict, with exchanges of 0 and 8 undone where the column does not bear them out.

    One number's check digit proves little: there are some two places to try, at odds of 1 in 11 (or 23) each.
    A column of scanned numbers shows it by most of its failures being explained so.
    """
    if options.zero_eight is not None:
        return verdict
    exchanged = verdict.reasons == reason_place("ocr_zero_eight")
    if not exchanged.any():
        return verdict
    failed = np.isin(verdict.reasons, [reason_place("check_digit"), reason_place("check_digit_ambiguous")])
    counts = found.counts()
    explained, unexplained = int(counts[exchanged].sum()), int(counts[failed].sum())
    if explained >= unexplained:
        return verdict
    verdict.values = pc.if_else(pa.array(exchanged), pa.scalar(None, pa.string()), verdict.values)
    verdict.status[exchanged] = FieldStatus.INVALID
    verdict.reasons[exchanged] = reason_place("check_digit")
    verdict.notes["zero_eight"] = (
        f"not exchanged: it explains {explained} of {explained + unexplained} failing numbers"
    )
    return verdict
