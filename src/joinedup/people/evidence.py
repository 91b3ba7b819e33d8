"""What a part of a column says of the column as a whole, so that parts read apart are read alike.

A column's order of day and month, whether four digits are a day's number, and whether an 8 stands for a 0 are
judged over the whole column (`FieldOptions`). Where no one process sees the whole, each part gives its evidence;
evidence adds up, and settles the options by which every part is then standardised as the whole would be.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from joinedup.people.date_reading import read_date
from joinedup.people.dates import OPEN, order_votes, serial_lengths, told_order
from joinedup.people.distinct import distinct, reason_place
from joinedup.people.kinds import FieldKind, FieldOptions
from joinedup.people.standardise import find_standing, missing_texts

DATES = frozenset({FieldKind.DATE_OF_BIRTH, FieldKind.DATE})
CHECKED = frozenset({FieldKind.NHS_NUMBER, FieldKind.UPN, FieldKind.UTR})


@dataclass(frozen=True)
class Evidence:
    """Rows that speak for each order of a date's parts, and that could be read by several; rows with a number of
    five digits and of four; rows whose check digit an exchange of 0 and 8 explains, and that it does not."""

    orders: dict[str, int] = field(default_factory=dict)
    several: int = 0
    five: int = 0
    four: int = 0
    explained: int = 0
    unexplained: int = 0

    def __add__(self, other: Evidence) -> Evidence:
        return Evidence(
            dict(Counter(self.orders) + Counter(other.orders)),
            self.several + other.several,
            self.five + other.five,
            self.four + other.four,
            self.explained + other.explained,
            self.unexplained + other.unexplained,
        )


def needs_evidence(kind: FieldKind, options: FieldOptions) -> bool:
    """Whether standardising a column of this kind asks something of the column as a whole."""
    if kind in DATES:
        return options.date_order is None or options.short_serials is None
    return kind in CHECKED and options.zero_eight is None


def evidence(column: pa.Array | pa.ChunkedArray, kind: FieldKind, options: FieldOptions) -> Evidence:
    """What these rows say of their whole column; nothing for a kind that asks nothing of it."""
    if kind in DATES:
        found = distinct(column)
        if not len(found.texts):
            return Evidence()
        present = ~missing_texts(found.texts, kind, options)
        readings = [read_date(text) for text in found.texts.filter(pa.array(present)).to_pylist()]
        counts = found.counts()[present].tolist()
        orders, several = order_votes(readings, counts)
        five, four = serial_lengths(readings, counts)
        return Evidence(dict(orders), several, five, four)
    if kind in CHECKED:
        reasons = find_standing(column, kind, options=replace(options, zero_eight=True)).reasons
        wrong = [reason_place("check_digit"), reason_place("check_digit_ambiguous")]
        return Evidence(
            explained=int((reasons == reason_place("ocr_zero_eight")).sum()),
            unexplained=int(np.isin(reasons, wrong).sum()),
        )
    return Evidence()


def settled(options: FieldOptions, kind: FieldKind, found: Evidence) -> FieldOptions:
    """The options by which any part of the column is standardised as the whole column would be."""
    if kind in DATES:
        order = options.date_order or told_order(found.orders, found.several)[0] or OPEN
        serials = found.five > found.four if options.short_serials is None else options.short_serials
        return replace(options, date_order=order, short_serials=serials)
    if kind in CHECKED and options.zero_eight is None:
        return replace(options, zero_eight=found.explained >= found.unexplained)
    return options
