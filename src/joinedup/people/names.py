"""Columns of names: plain ASCII words all at once, the rest one distinct name at a time."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.people.distinct import Distinct, Verdict, verdict_of, with_rest
from joinedup.people.full_name import judge_full_name
from joinedup.people.kinds import FieldOptions
from joinedup.people.name_key import JOINED_PARTICLES, judge_name, titles
from joinedup.values.byte_column import LOWER, ByteColumn, byte_set
from joinedup.values.judged import FieldStatus

_LETTERS = byte_set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def judge_names(found: Distinct, options: FieldOptions) -> Verdict:
    """First and middle names."""
    return _judge(found, surname=False)


def judge_surnames(found: Distinct, options: FieldOptions) -> Verdict:
    """Surnames, with Mac, Mc, O', D' and Fitz joined on."""
    return _judge(found, surname=True)


def judge_full_names(found: Distinct, options: FieldOptions) -> Verdict:
    """Whole names in one field, in spoken order; those of plain words, none with a meaning, all at once."""
    lowered = ByteColumn.of(found.texts).translated(LOWER)
    texts = lowered.to_arrow()
    plain = (lowered.lengths >= 2) & lowered.only(_LETTERS | byte_set(" "))
    rows = np.flatnonzero(plain)
    odd = pc.match_substring_regex(texts.take(pa.array(rows)), _odd_words())
    rows = rows[~np.asarray(odd, np.bool_)]
    parts = [(rows, verdict_of(texts.take(pa.array(rows)), FieldStatus.VALID, None))]
    return with_rest(found.texts, parts, judge_full_name)


@cache
def _odd_words() -> str:
    """A pattern for spaces out of place and for words that may be taken off or joined."""
    words = {*titles("before"), *titles("after"), *JOINED_PARTICLES, "nee", "formerly", "aka"}
    return rf"^ | $|  |(?:^| )(?:{'|'.join(sorted(words))})(?: |$)"


def _judge(found: Distinct, *, surname: bool) -> Verdict:
    column = ByteColumn.of(found.texts)
    rows = np.flatnonzero((column.lengths >= 2) & column.only(_LETTERS))
    plain = column.take(rows).translated(LOWER).to_arrow()
    parts = [(rows, verdict_of(plain, FieldStatus.VALID, None))]
    return with_rest(found.texts, parts, partial(judge_name, surname=surname))
