"""A column of postcodes judged at once: those in use, those that are none, and look-alikes.

Codes of five to seven capitals and digits, with or without their space, are split in an outward and an inward
part. There are few distinct outward parts, and `judge_postcode` is asked about each of them once, with an
inward part that is in order; what the code's own inward part adds is worked out for all rows at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.people.distinct import NO_REASON, Distinct, Rows, Verdict, reason_place, verdict_of, with_rest
from joinedup.people.kinds import FieldOptions
from joinedup.values.byte_column import (
    CAPITALS,
    DIGITS,
    UPPER,
    ByteColumn,
    Bytes,
    byte_set,
    strings_from_matrix,
)
from joinedup.values.judged import FieldStatus
from joinedup.values.look_alike import DIGIT_FOR, LETTERS_FOR, exchanges
from joinedup.values.postcode import INWARD_LETTERS, MOST_EXCHANGES, judge_postcode, postcodes_possible

_SPACE = byte_set(" ")
_CODE_BYTES = DIGITS | CAPITALS
_SOME_INWARD = "1AB"  # in order, and the inward part of no special postcode
_SPECIAL_INWARD = ("0AA", "1ZZ")  # GIR 0AA and the territories; they hold for few outward parts
_NONE, _CAREFUL = -1, -2


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
            status, reason = (FieldStatus.VALID, None) if gap else (FieldStatus.MENDED, "spacing")
            written = _written(matrix[good], outward)
            parts.append((rows[good], verdict_of(written, status, reason)))
            judged, verdict = _other_codes(matrix[~good], outward)
            parts.append((rows[~good][judged], verdict))
    return with_rest(found.texts, parts, judge_postcode)


@dataclass(frozen=True)
class _Outward:
    """Distinct outward parts judged with an inward part that is in order; one entry a part.

    exchanged: how many look-alikes were exchanged to read it, _NONE where it cannot be read, _CAREFUL where
    it takes `judge_postcode` to tell. reasons: as stored, why it cannot be read. readings: what it reads as.
    """

    exchanged: npt.NDArray[np.int64]
    reasons: npt.NDArray[np.int16]
    readings: Bytes


def _other_codes(matrix: Bytes, outward: int) -> tuple[Rows, Verdict]:
    """Which of the codes that are no geographic postcodes could be judged here, and the verdict on them."""
    packed = np.zeros(len(matrix), np.int64)
    for place in range(outward):
        packed = packed * 256 + matrix[:, place]
    _, first, which = np.unique(packed, return_index=True, return_inverse=True)
    known = _outward_parts(matrix[first][:, :outward])
    inward, inward_exchanged = _inward_readings(matrix[:, outward:])
    exchanged, reasons = known.exchanged[which], known.reasons[which]
    in_order, unreadable = inward_exchanged == 0, inward_exchanged == _NONE
    special = np.zeros(len(matrix), np.bool_)
    for text in _SPECIAL_INWARD:
        special |= (inward == np.frombuffer(text.encode(), np.uint8)).all(axis=1)
    forces = (matrix[:, :4] == np.frombuffer(b"BFPO", np.uint8)).all(axis=1)
    careful = forces | (exchanged == _CAREFUL) | (special & ~unreadable) | DIGITS[matrix].all(axis=1)
    # Codes of a special area and ambiguous readings; a plain outward part in order is a postcode already.
    careful |= in_order & (exchanged == 0)
    careful |= ~in_order & ~unreadable & (reasons == reason_place("position_ambiguous"))
    mended = ~unreadable & (exchanged >= 0) & (exchanged + inward_exchanged <= MOST_EXCHANGES)
    judged = np.flatnonzero(~careful)
    read = mended[judged]
    reason = np.where(in_order & (reasons != NO_REASON), reasons, reason_place("wrong_format"))[judged]
    reason[read] = reason_place("ocr_by_position")
    whole = np.concatenate([known.readings[which[judged]], inward[judged]], axis=1)
    values = _written(whole[read], outward).take(pa.array(np.cumsum(read) - 1, mask=~read))
    status = np.where(read, FieldStatus.MENDED, FieldStatus.INVALID).astype(np.uint8)
    return judged, Verdict(values, status, reason.astype(np.int16))


def _outward_parts(distinct: Bytes) -> _Outward:
    exchanged = np.full(len(distinct), _NONE, np.int64)
    reasons = np.full(len(distinct), NO_REASON, np.int16)
    readings = distinct.copy()
    for at, row in enumerate(distinct):
        exchanged[at], reason, reading = _outward_part(row.tobytes().decode("ascii"))
        reasons[at] = reason_place(reason)
        readings[at] = np.frombuffer(reading.encode(), np.uint8)
    return _Outward(exchanged, reasons, readings)


@lru_cache(maxsize=1 << 16)
def _outward_part(code: str) -> tuple[int, str | None, str]:
    """How many exchanges it takes to read an outward part, why it cannot be read, and what it reads as."""
    judged = judge_postcode(f"{code} {_SOME_INWARD}")
    if judged.value is None:
        return _NONE, judged.reason, code
    reading = judged.value.removesuffix(f" {_SOME_INWARD}")
    if judged.reason not in (None, "special_postcode", "ocr_by_position") or len(reading) != len(code):
        return _CAREFUL, None, code
    return exchanges(code, reading), None, reading


def _inward_readings(inward: Bytes) -> tuple[Bytes, npt.NDArray[np.int64]]:
    """The only reading that an inward part can have, and with how many exchanges; _NONE without one."""
    tables = (_inward_table(letters=False), _inward_table(letters=True), _inward_table(letters=True))
    readings = np.stack([table[inward[:, place]] for place, table in enumerate(tables)], axis=1)
    exchanged = (readings != inward).sum(axis=1)
    return readings, np.where((readings == 0).any(axis=1), _NONE, exchanged)


@cache
def _inward_table(*, letters: bool) -> Bytes:
    """What each byte is read as in an inward part's first place, or in its others; 0 where it cannot be."""
    wanted = INWARD_LETTERS if letters else "0123456789"
    table = np.zeros(256, np.uint8)
    for character in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        own_sort = character.isalpha() == letters
        others = LETTERS_FOR.get(character, "") if letters else DIGIT_FOR.get(character, "")
        readings = [one for one in (character if own_sort else others) if one in wanted]
        assert len(readings) <= 1
        table[ord(character)] = ord(readings[0]) if readings else 0
    return table


def _written(codes: Bytes, outward: int) -> pa.Array:
    return strings_from_matrix(np.insert(codes, outward, ord(" "), axis=1))
