"""Standardise one column, or a table of them: comparable values, a status and a reason for every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.people import address, codes, dates, email, names, phone, plain, postcodes, sex
from joinedup.people.distinct import (
    Distinct,
    Verdict,
    blank_verdict,
    distinct,
    merged,
    reason_place,
    spread,
    spread_standing,
)
from joinedup.people.kinds import FieldKind, FieldOptions, StandardisedField, Standing
from joinedup.people.missing import missing_words
from joinedup.values.judged import FieldStatus

_Judge = Callable[[Distinct, FieldOptions], Verdict]

_JUDGES: dict[FieldKind, _Judge] = {
    FieldKind.FULL_NAME: names.judge_full_names,
    FieldKind.FIRST_NAME: names.judge_names,
    FieldKind.MIDDLE_NAME: names.judge_names,
    FieldKind.SURNAME: names.judge_surnames,
    FieldKind.DATE_OF_BIRTH: dates.judge_dates_of_birth,
    FieldKind.DATE: dates.judge_dates,
    FieldKind.SEX: sex.judge_sexes,
    FieldKind.NINO: codes.judge_ninos,
    FieldKind.NHS_NUMBER: codes.judge_nhs_numbers,
    FieldKind.UPN: codes.judge_upns,
    FieldKind.UTR: codes.judge_utrs,
    FieldKind.POSTCODE: postcodes.judge_postcodes,
    FieldKind.UPRN: codes.judge_uprns,
    FieldKind.PHONE: phone.judge_phones,
    FieldKind.EMAIL: email.judge_emails,
    FieldKind.ADDRESS_LINE: address.judge_address_lines,
    FieldKind.TOWN: address.judge_towns,
    FieldKind.IDENTIFIER: plain.judge_identifiers,
    FieldKind.CATEGORY: plain.judge_texts,
    FieldKind.TEXT: plain.judge_texts,
    FieldKind.NUMBER: plain.judge_numbers,
    FieldKind.UNKNOWN: plain.judge_identifiers,
}

# Kinds whose values are words after standardising, and so may have become a word for no value.
WORDY = frozenset(
    {FieldKind.FULL_NAME, FieldKind.FIRST_NAME, FieldKind.MIDDLE_NAME, FieldKind.SURNAME, FieldKind.SEX}
    | {FieldKind.ADDRESS_LINE, FieldKind.TOWN, FieldKind.CATEGORY, FieldKind.TEXT, FieldKind.NUMBER}
)


def standardise(
    column: pa.Array | pa.ChunkedArray, kind: FieldKind, *, options: FieldOptions | None = None
) -> StandardisedField:
    """The column's values in comparable form, each with how it stands and why.

    Any text is taken; nothing raises on what is written in a row. Each distinct value is looked at once.
    Names, addresses and towns come in lower case without accents (see `for_display`); identifiers in
    capitals without separators; postcodes with one space; telephone numbers as +44…; dates as date32.

    >>> field = standardise(pa.array(["QQ123456C", "ab 12 34 56 c", None]), FieldKind.NINO)
    >>> field.values.to_pylist(), field.reasons.to_pylist()
    ([None, 'AB123456C', None], ['prefix_not_used', None, 'empty'])
    """
    found = distinct(column)
    return spread(found, _verdict(found, kind, options or FieldOptions()))


def find_standing(
    column: pa.Array | pa.ChunkedArray, kind: FieldKind, *, options: FieldOptions | None = None
) -> Standing:
    """How every row of the column stands and why, as `standardise` would tell; quicker, for want of values.

    >>> find_standing(pa.array(["QQ123456C", "AB123456C"]), FieldKind.NINO).status.tolist()
    [2, 0]
    """
    found = distinct(column)
    return spread_standing(found, _verdict(found, kind, options or FieldOptions()))


def _verdict(found: Distinct, kind: FieldKind, chosen: FieldOptions) -> Verdict:
    """The verdict on every distinct text, those that stand for no value told apart."""
    if not len(found.texts):
        return _JUDGES[kind](found, chosen)
    absent = missing_texts(found.texts, kind, chosen)
    if not absent.any():
        return _still_present(_JUDGES[kind](found, chosen), kind, chosen)
    present_rows, absent_rows = np.flatnonzero(~absent), np.flatnonzero(absent)
    renumbered = np.full(len(absent) + 1, -1, np.int32)  # the last place serves code -1
    renumbered[present_rows] = np.arange(len(present_rows), dtype=np.int32)
    present = Distinct(renumbered[found.codes], found.texts.take(pa.array(present_rows)))
    verdict = _still_present(_JUDGES[kind](present, chosen), kind, chosen)
    nothing = blank_verdict(len(absent_rows))
    nothing.values = pa.nulls(len(absent_rows), verdict.values.type)
    nothing.status[:] = FieldStatus.MISSING
    empty = np.asarray(pc.equal(pc.binary_length(pc.utf8_trim_whitespace(found.texts.take(absent_rows))), 0))
    nothing.reasons[:] = np.where(empty, reason_place("empty"), reason_place("missing_word"))
    return merged(len(absent), [(present_rows, verdict), (absent_rows, nothing)])


def standardise_table(
    table: pa.Table,
    kinds: Mapping[str, FieldKind],
    *,
    options: Mapping[str, FieldOptions] | None = None,
    threads: int = 2,
) -> dict[str, StandardisedField]:
    """Standardise the named columns of a table, `threads` columns at a time; same result for any number.

    kinds: column name to kind; columns not named are left out. The answer keeps the order of `kinds`.
    """
    chosen = options or {}

    def one(name: str) -> StandardisedField:
        return standardise(table.column(name), kinds[name], options=chosen.get(name))

    with ThreadPoolExecutor(max_workers=max(1, threads)) as pool:
        return dict(zip(kinds, pool.map(one, kinds), strict=True))


def _still_present(verdict: Verdict, kind: FieldKind, options: FieldOptions) -> Verdict:
    """The verdict, where a text that became a word for no value ("'null'." → "null") is MISSING too."""
    if kind not in WORDY:
        return verdict
    absent = missing_texts(verdict.values.fill_null("\x00"), kind, options)
    if absent.any():
        verdict.values = pc.if_else(pa.array(absent), pa.scalar(None, pa.string()), verdict.values)
        verdict.status[absent] = FieldStatus.MISSING
        verdict.reasons[absent] = reason_place("missing_word")
    return verdict


def missing_texts(
    texts: pa.Array, kind: FieldKind, options: FieldOptions
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which texts are empty or stand for no value; only short texts can."""
    words = missing_words(kind) | {word.strip().lower() for word in options.missing}
    longest = max(len(word.encode()) for word in words) + 8
    trimmed = pc.utf8_trim_whitespace(texts)
    short = np.asarray(pc.less_equal(pc.binary_length(trimmed), longest))
    candidates = trimmed if short.all() else trimmed.filter(pa.array(short))
    result = np.zeros(len(texts), np.bool_)
    wanted = pa.array(["", *sorted(words)], pa.string())
    result[short] = np.asarray(pc.is_in(pc.utf8_lower(candidates), value_set=wanted))
    return result
