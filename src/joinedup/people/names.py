"""Columns of names: plain ASCII words all at once, the rest one distinct name at a time."""

from __future__ import annotations

from functools import partial

import numpy as np

from joinedup.people.distinct import Distinct, Verdict, verdict_of, with_rest
from joinedup.people.full_name import judge_full_name
from joinedup.people.kinds import FieldOptions
from joinedup.people.name_key import judge_name
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
    """Whole names in one field, in spoken order."""
    return with_rest(found.texts, [], judge_full_name)


def _judge(found: Distinct, *, surname: bool) -> Verdict:
    column = ByteColumn.of(found.texts)
    rows = np.flatnonzero((column.lengths >= 2) & column.only(_LETTERS))
    plain = column.take(rows).translated(LOWER).to_arrow()
    parts = [(rows, verdict_of(plain, FieldStatus.VALID, None))]
    return with_rest(found.texts, parts, partial(judge_name, surname=surname))
