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
    Places,
    byte_set,
    strings_from_matrix,
)
from joinedup.values.judged import FieldStatus
from joinedup.values.nhs_number import judge_nhs_number, nhs_number_caution, nhs_numbers_agree
from joinedup.values.nino import judge_nino, ninos_possible
from joinedup.values.upn import judge_upn, upns_agree
from joinedup.values.uprn import judge_uprn
from joinedup.values.utr import judge_utr, utrs_agree

_SEPARATORS = byte_set(" -")
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
    matrix = column.matrix(rows, 10)
    agree = nhs_numbers_agree(matrix)
    parts = _checked(rows, matrix, agree, nhs_numbers_agree, cautions=_nhs_cautions, options=options)
    judge = partial(judge_nhs_number, zero_eight=options.zero_eight is not False)
    return _zero_eight_believed(with_rest(found.texts, parts, judge), found, options)


def judge_utrs(found: Distinct, options: FieldOptions) -> Verdict:
    """Unique taxpayer references: ten digits."""
    column = _bare(found.texts)
    rows = _of_width(column, 10, DIGITS)
    matrix = column.matrix(rows, 10)
    parts = _checked(rows, matrix, utrs_agree(matrix), utrs_agree, cautions=None, options=options)
    judge = partial(judge_utr, zero_eight=options.zero_eight is not False)
    return _zero_eight_believed(with_rest(found.texts, parts, judge), found, options)


def judge_upns(found: Distinct, options: FieldOptions) -> Verdict:
    """Unique pupil numbers: a letter and twelve digits."""
    column = _bare(found.texts)
    rows = _of_width(column, 13, _CODE_BYTES)
    matrix = column.matrix(rows, 13)
    permanent = CAPITALS[matrix[:, 0]] & DIGITS[matrix[:, 1:]].all(axis=1)
    rows, matrix = rows[permanent], matrix[permanent]
    if options.zero_eight is False:  # what is said then of a wrong letter differs: left to the careful way
        agree = upns_agree(matrix)
        rows, matrix = rows[agree], matrix[agree]
    parts = _checked(rows, matrix, upns_agree(matrix), upns_agree, cautions=None, options=options)
    judge = partial(judge_upn, zero_eight=options.zero_eight is not False)
    return _zero_eight_believed(with_rest(found.texts, parts, judge), found, options)


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


def _checked(
    rows: Rows,
    matrix: Bytes,
    agree: Mask,
    agrees: Callable[[Bytes], Mask],
    *,
    cautions: Callable[[Bytes], Places] | None,
    options: FieldOptions,
) -> list[tuple[Rows, Verdict]]:
    """Verdicts on codes of one width that a check digit can tell: right, mended, wrong, or one digit repeated.

    agree: which of them are right; agrees says so of any matrix. cautions: the stored reasons of right ones.
    """
    repeated = _repeated(matrix)
    right, wrong = np.flatnonzero(agree & ~repeated), np.flatnonzero(~agree & ~repeated)
    told = verdict_of(strings_from_matrix(matrix[right]), FieldStatus.VALID, None)
    if cautions is not None:
        told.reasons[:] = cautions(matrix[right])
    nothing = pa.nulls(int(repeated.sum()), pa.string())
    return [
        (rows[right], told),
        (rows[repeated], verdict_of(nothing, FieldStatus.MISSING, "repeated_digit")),
        (rows[wrong], _by_one_exchange(matrix[wrong], agrees, allowed=options.zero_eight is not False)),
    ]


def _by_one_exchange(matrix: Bytes, agrees: Callable[[Bytes], Mask], *, allowed: bool) -> Verdict:
    """The verdict on codes whose check digit is wrong: MENDED where one exchange of 0 and 8 alone puts it right."""
    readings, found = matrix.copy(), np.zeros(len(matrix), np.int64)
    for place in range(matrix.shape[1] if allowed else 0):
        here = np.flatnonzero((matrix[:, place] == ord("0")) | (matrix[:, place] == ord("8")))
        swapped = matrix[here]
        swapped[:, place] ^= ord("0") ^ ord("8")
        right = agrees(swapped)
        readings[here[right]] = swapped[right]
        found[here[right]] += 1
    one = found == 1
    place_of = [reason_place(code) for code in ("check_digit", "ocr_zero_eight", "check_digit_ambiguous")]
    values = strings_from_matrix(readings[one]).take(pa.array(np.cumsum(one) - 1, mask=~one))
    status = np.where(one, FieldStatus.MENDED, FieldStatus.INVALID).astype(np.uint8)
    return Verdict(values, status, np.array(place_of, np.int16)[np.minimum(found, 2)])


def _nhs_cautions(matrix: Bytes) -> Places:
    """The stored reason of the caution that each right number deserves (see `nhs_number_caution`)."""
    digits = matrix[:, :3].astype(np.int64) - 48
    table = np.array([reason_place(nhs_number_caution(f"{first:03d}")) for first in range(1000)], np.int64)
    result: Places = table[digits[:, 0] * 100 + digits[:, 1] * 10 + digits[:, 2]]
    return result


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
