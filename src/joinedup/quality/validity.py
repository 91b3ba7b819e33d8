"""Are the values of a UK field valid? Judged once a distinct value, whenever values leave the table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from joinedup.people import FieldKind, FieldStatus, Meaning, find_standing
from joinedup.values.reasons import REASON_CODES

from .tally import Retired

_BATCH = 1 << 16
_SAMPLE_ROWS = 20

CHECKED = frozenset(
    {
        FieldKind.FULL_NAME, FieldKind.FIRST_NAME, FieldKind.MIDDLE_NAME, FieldKind.SURNAME,
        FieldKind.DATE_OF_BIRTH, FieldKind.DATE, FieldKind.SEX, FieldKind.NINO, FieldKind.NHS_NUMBER,
        FieldKind.UPN, FieldKind.UTR, FieldKind.POSTCODE, FieldKind.UPRN, FieldKind.PHONE, FieldKind.EMAIL,
        FieldKind.ADDRESS_LINE, FieldKind.TOWN, FieldKind.NUMBER,
    }
)  # fmt: skip
"""Kinds whose validity can be judged from the value alone."""


@dataclass(frozen=True)
class Validity:
    """How the values of a field stand, in numbers of records.

    missing_words: values that stand for nothing ("not known"). reasons: why values were mended, invalid or
    doubtful. invalid_rows: the rows where the first few invalid values occur first.
    """

    kind: str
    valid: int
    mended: int
    invalid: int
    missing_words: int
    reasons: dict[str, int]
    invalid_rows: tuple[int, ...]

    @property
    def share(self) -> float | None:
        """Valid (or provably mended) values ÷ values that are not missing."""
        judged = self.valid + self.mended + self.invalid
        return (self.valid + self.mended) / judged if judged else None


class ValidityTally:
    """Takes in retired values and judges them, many at a time."""

    def __init__(self, meaning: Meaning) -> None:
        self._meaning = meaning
        self._waiting: list[Retired] = []
        self._held = 0
        self._status = np.zeros(len(FieldStatus), np.int64)
        self._reasons: Counter[str] = Counter()
        self._rows: list[int] = []

    def add(self, retired: Retired) -> None:
        """Keep these values for judgement."""
        self._waiting.append(retired)
        self._held += len(retired.texts)
        if self._held >= _BATCH:
            self._judge()

    def result(self) -> Validity:
        """What has been found over all values."""
        self._judge()
        count = {status: int(self._status[status]) for status in FieldStatus}
        reasons = dict(sorted(self._reasons.items(), key=lambda pair: (-pair[1], pair[0])))
        return Validity(
            self._meaning.kind.value,
            count[FieldStatus.VALID],
            count[FieldStatus.MENDED],
            count[FieldStatus.INVALID],
            count[FieldStatus.MISSING],
            reasons,
            tuple(sorted(self._rows)),
        )

    def _judge(self) -> None:
        if not self._held:
            return
        texts = pa.concat_arrays([r.texts for r in self._waiting])
        counts = np.concatenate([r.counts for r in self._waiting])
        first_rows = np.concatenate([r.first_rows for r in self._waiting])
        self._waiting, self._held = [], 0
        found = find_standing(texts, self._meaning.kind, options=self._meaning.options)
        self._status += np.bincount(found.status, counts, len(FieldStatus)).astype(np.int64)
        given = np.bincount(found.reasons + 1, counts, len(REASON_CODES) + 1)[1:].astype(np.int64)
        for place in np.flatnonzero(given):
            self._reasons[REASON_CODES[place]] += int(given[place])
        bad = np.sort(first_rows[found.status == FieldStatus.INVALID])[:_SAMPLE_ROWS]
        self._rows = sorted([*self._rows, *bad.tolist()])[:_SAMPLE_ROWS]
