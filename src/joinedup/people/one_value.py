"""Standardise one value at a time, for answers while somebody waits: the same as ``standardise`` of a column of one.

The judging functions, their data and their words are those of the columns; only the way to them is shorter.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from joinedup.errors import UsageError
from joinedup.people import address, dates, email, full_name, name_key, phone, plain, sex
from joinedup.people.date_reading import read_date
from joinedup.people.kinds import FieldKind, FieldOptions
from joinedup.people.missing import missing_words
from joinedup.people.standardise import WORDY
from joinedup.values import arrow_text
from joinedup.values.judged import Judged, missing, valid
from joinedup.values.nhs_number import judge_nhs_number
from joinedup.values.nino import judge_nino
from joinedup.values.postcode import judge_postcode
from joinedup.values.upn import judge_upn
from joinedup.values.uprn import judge_uprn
from joinedup.values.utr import judge_utr

OneJudge = Callable[[str], Judged]

_REMEMBERED = 1 << 13  # texts a field, of those that were asked last
_LONGEST_REMEMBERED = 64  # characters


def judge_one(text: str | None, kind: FieldKind, *, options: FieldOptions | None = None) -> Judged:
    """The value in comparable form (dates as ISO text), how it stands and why.

    >>> judge_one("ab 12 34 56 c", FieldKind.NINO).value, judge_one("n/a", FieldKind.SURNAME).reason
    ('AB123456C', 'missing_word')
    """
    return missing("empty") if text is None else one_judge(kind, options)(text)


def one_judge(kind: FieldKind, options: FieldOptions | None = None) -> OneJudge:
    """The judge of one kind of field under these options; it remembers the texts that it judged last."""
    return _one_judge(kind, options or FieldOptions())


@lru_cache(maxsize=256)
def _one_judge(kind: FieldKind, options: FieldOptions) -> OneJudge:
    judge = _judge(kind, options)
    words = missing_words(kind) | {word.strip().lower() for word in options.missing}
    longest = max(len(word.encode()) for word in words) + 8
    wordy = kind in WORDY

    def is_missing(text: str) -> bool:
        bare = arrow_text.trimmed(text)
        if not bare:
            return True
        short = len(bare) <= longest and (bare.isascii() or len(bare.encode()) <= longest)
        return short and arrow_text.lower(bare) in words

    def whole(text: str) -> Judged:
        if is_missing(text):
            return missing("missing_word" if arrow_text.trimmed(text) else "empty")
        judged = judge(text)
        if wordy and judged.value is not None and is_missing(judged.value):
            return missing("missing_word")
        return judged

    remembered = lru_cache(maxsize=_REMEMBERED)(whole)
    return lambda text: remembered(text) if len(text) <= _LONGEST_REMEMBERED else whole(text)


def _judge(kind: FieldKind, options: FieldOptions) -> OneJudge:
    exchange = options.zero_eight is not False  # of one value, one exchange explains all that fail
    judges: dict[FieldKind, OneJudge] = {
        FieldKind.FULL_NAME: full_name.judge_full_name,
        FieldKind.FIRST_NAME: _judge_name,
        FieldKind.MIDDLE_NAME: _judge_name,
        FieldKind.SURNAME: _judge_surname,
        FieldKind.DATE_OF_BIRTH: lambda text: _judge_date(text, options, birth=True),
        FieldKind.DATE: lambda text: _judge_date(text, options, birth=False),
        FieldKind.SEX: sex.judge_sex,
        FieldKind.NINO: judge_nino,
        FieldKind.NHS_NUMBER: lambda text: judge_nhs_number(text, zero_eight=exchange),
        FieldKind.UPN: lambda text: judge_upn(text, zero_eight=exchange),
        FieldKind.UTR: lambda text: judge_utr(text, zero_eight=exchange),
        FieldKind.POSTCODE: judge_postcode,
        FieldKind.UPRN: judge_uprn,
        FieldKind.PHONE: lambda text: phone.judge_phone(text, region=options.region),
        FieldKind.EMAIL: email.judge_email,
        FieldKind.ADDRESS_LINE: address.judge_address_line,
        FieldKind.TOWN: address.judge_town,
        FieldKind.IDENTIFIER: _judge_identifier,
        FieldKind.CATEGORY: _judge_text,
        FieldKind.TEXT: _judge_text,
        FieldKind.NUMBER: plain.judge_number,
        FieldKind.UNKNOWN: _judge_identifier,
    }
    return judges[kind]


def _judge_name(text: str) -> Judged:
    if len(text) >= 2 and text.isascii() and text.isalpha():  # one plain word: nothing to mend
        return valid(text.lower())
    return name_key.judge_name(text)


def _judge_surname(text: str) -> Judged:
    if len(text) >= 2 and text.isascii() and text.isalpha():
        return valid(text.lower())
    return name_key.judge_name(text, surname=True)


def _judge_identifier(text: str) -> Judged:
    return valid(arrow_text.trimmed(text))


def _judge_text(text: str) -> Judged:
    return valid(arrow_text.lower(arrow_text.single_spaced(arrow_text.trimmed(text))))


def _judge_date(text: str, options: FieldOptions, *, birth: bool) -> Judged:
    """A column of one date is read in the order that this date itself tells, if it does."""
    reading = read_date(text)
    order = options.date_order
    if order not in (None, dates.OPEN, *dates.ORDERS):
        raise UsageError(what=f"date order {order!r} is not known", mend="give one of dmy, mdy, ymd, or none")
    if order == dates.OPEN:
        order = None
    elif order is None and len(reading.dates) == 1 and "" not in reading.dates:
        order = next(iter(reading.dates))
    serials = options.short_serials
    if serials is None:
        serials = reading.serial is not None and reading.serial >= 10_000
    day, status, reason = dates.settle(reading, order, options, serials=serials, birth=birth)
    return Judged(None if day is None else date.fromordinal(day).isoformat(), status, reason)
