"""Fields with no rules of their own: identifiers as they are, free text, categories, numbers."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.people.distinct import NO_REASON, Distinct, Verdict, verdict_of, with_rest
from joinedup.people.kernels import plain_numbers
from joinedup.people.kinds import FieldOptions
from joinedup.values.judged import FieldStatus, Judged, invalid, valid

_NUMBER = re.compile(
    r"[+-]?(?P<whole>\d{1,3}(,\d{3})+|\d+)?(?P<fraction>\.\d+)?(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE
)


def judge_identifiers(found: Distinct, options: FieldOptions) -> Verdict:
    """Every text is valid as written, without outer spaces; case is kept."""
    return _all_valid(pc.utf8_trim_whitespace(found.texts))


def judge_texts(found: Distinct, options: FieldOptions) -> Verdict:
    """Every text is valid; case and runs of spaces do not count."""
    texts = pc.utf8_trim_whitespace(found.texts)
    return _all_valid(pc.utf8_lower(pc.replace_substring_regex(texts, r"\s+", " ")))


def judge_numbers(found: Distinct, options: FieldOptions) -> Verdict:
    """Numbers in plain writing: no thousands commas, no '.0', no plus sign, no currency sign."""
    written, done = plain_numbers(found.texts)
    rows = np.flatnonzero(done)
    plain = verdict_of(written.take(pa.array(rows)), FieldStatus.VALID, None)
    return with_rest(found.texts, [(rows, plain)], judge_number)


def judge_number(text: str) -> Judged:
    """Judge one number; the value has no plus or currency sign, thousands commas or outer zeros.

    >>> judge_number("£1,250.50").value, judge_number("1.2.3").reason
    ('1250.5', 'not_a_number')
    """
    bare = text.strip().removeprefix("£").strip()
    shape = _NUMBER.fullmatch(bare)
    if shape is None or not (shape.group("whole") or shape.group("fraction")):
        return invalid("not_a_number")
    plain = bare.replace(",", "").lower()
    if "e" in plain:
        plain = repr(float(plain))
    sign = "-" if plain.startswith("-") else ""
    whole, _, fraction = plain.lstrip("+-").partition(".")
    fraction = fraction if "e" in fraction else fraction.rstrip("0")
    whole = whole.lstrip("0") or "0"
    number = f"{whole}.{fraction}" if fraction else whole
    return valid(number if number == "0" else sign + number)


def _all_valid(values: pa.Array) -> Verdict:
    length = len(values)
    return Verdict(values, np.full(length, FieldStatus.VALID, np.uint8), np.full(length, NO_REASON, np.int16))
