"""What a field of a person can be, and the choices its standardising leaves open."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.values.judged import FieldStatus


class FieldKind(StrEnum):
    """What the values of a column mean."""

    FULL_NAME = "full_name"
    FIRST_NAME = "first_name"
    MIDDLE_NAME = "middle_name"
    SURNAME = "surname"
    DATE_OF_BIRTH = "date_of_birth"
    SEX = "sex"
    NINO = "nino"
    NHS_NUMBER = "nhs_number"
    UPN = "upn"
    UTR = "utr"
    POSTCODE = "postcode"
    UPRN = "uprn"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS_LINE = "address_line"
    TOWN = "town"
    IDENTIFIER = "identifier"
    CATEGORY = "category"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class FieldOptions:
    """Choices that the values alone cannot settle.

    date_order: "dmy", "mdy" or "ymd" for dates written in numbers; "open": the column is known not to tell, and
        what can be read two ways is ambiguous; None: found out over the whole column.
    on: the date to judge on: dates of birth after it are invalid, and two-digit years are read as the
        latest year not after it. None: no such judgement is made.
    pivot: two-digit years above it are 19xx, the others 20xx; overrules `on` for the century.
    missing: further words (any case) that stand for no value in this column.
    zero_eight: whether one exchange of 0 and 8 is tried where a check digit fails. True and False: always,
        never. None: only where it explains at least half of the column's failing numbers, as in scanned
        forms; of plain typing mistakes it "explains" about one in six by chance, each another wrong number.
    keep_placeholders: keep dates such as 1900-01-01 with a caution; False makes them MISSING.
    region: two-letter country in which a telephone number without its country code is read.
    short_serials: whether four digits are a spreadsheet's day number, not a year, in a column of dates; None: found
        out over the whole column.
    """

    date_order: str | None = None
    on: date | None = None
    pivot: int | None = None
    missing: tuple[str, ...] = ()
    zero_eight: bool | None = None
    keep_placeholders: bool = True
    region: str = "GB"
    short_serials: bool | None = None


@dataclass(frozen=True)
class Standing:
    """How each row of a column stands: FieldStatus, and its reason's place in REASON_CODES, -1 for none."""

    status: npt.NDArray[np.uint8]
    reasons: npt.NDArray[np.int16]


@dataclass(frozen=True)
class StandardisedField:
    """A column after standardising; everything has one entry a row, in the rows' order.

    values: comparable values; null where INVALID or MISSING. Text is a dictionary array whose dictionary
        holds no value twice; dates are date32.
    status: one `FieldStatus` a row.
    reasons: a reason's code a row. Null where VALID without remark; a VALID row with a reason carries a
        caution (`suspicious`).
    notes: what was found out about the column as a whole, such as the order of its dates.
    """

    values: pa.Array
    status: npt.NDArray[np.uint8]
    reasons: pa.DictionaryArray
    notes: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.status)

    @cached_property
    def counts(self) -> dict[FieldStatus, int]:
        """How many rows have each status; they add up to the number of rows."""
        found = np.bincount(self.status, minlength=len(FieldStatus))
        return {status: int(found[status]) for status in FieldStatus}

    @cached_property
    def suspicious(self) -> npt.NDArray[np.bool_]:
        """Rows that are valid but carry a caution."""
        has_reason = np.asarray(self.reasons.indices.is_valid(), np.bool_)
        result: npt.NDArray[np.bool_] = (self.status == FieldStatus.VALID) & has_reason
        return result

    def reason_counts(self) -> dict[str, int]:
        """How many rows carry each reason, most frequent first; equal counts by code."""
        indices = self.reasons.indices.drop_null().to_numpy(zero_copy_only=False)
        codes = self.reasons.dictionary.to_pylist()
        found = np.bincount(indices, minlength=len(codes))
        pairs = [(codes[place], int(count)) for place, count in enumerate(found) if count]
        return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))
