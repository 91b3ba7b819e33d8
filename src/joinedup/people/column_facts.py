"""What the values of one column look like, measured on a sample spread evenly over its rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.people.data_file import rows_of
from joinedup.people.date_reading import Reading, read_date
from joinedup.people.distinct import text_column
from joinedup.people.email import judge_email
from joinedup.people.kinds import FieldKind
from joinedup.people.missing import missing_words
from joinedup.people.name_key import titles, words_of
from joinedup.people.phone import judge_phone
from joinedup.people.sex import sex_words
from joinedup.values.judged import FieldStatus, Judged
from joinedup.values.nhs_number import judge_nhs_number
from joinedup.values.nino import judge_nino
from joinedup.values.postcode import judge_postcode
from joinedup.values.upn import judge_upn
from joinedup.values.utr import judge_utr

# Kinds that values can prove: a check digit, or a form that little else has.
_PROOFS: dict[FieldKind, Callable[[str], Judged]] = {
    FieldKind.NHS_NUMBER: judge_nhs_number,
    FieldKind.UPN: judge_upn,
    FieldKind.UTR: judge_utr,
    FieldKind.NINO: judge_nino,
    FieldKind.POSTCODE: judge_postcode,
    FieldKind.EMAIL: judge_email,
    FieldKind.PHONE: judge_phone,
}
_ANY = 1 << 62
# How many digits a text in ASCII has, at least and at most, if it passes; the others need not be judged.
_DIGITS_NEEDED: dict[FieldKind, tuple[int, int]] = {
    FieldKind.NHS_NUMBER: (10, _ANY),
    FieldKind.UPN: (11, _ANY),
    FieldKind.UTR: (10, _ANY),
    FieldKind.NINO: (6, 6),
    FieldKind.POSTCODE: (1, 6),
    FieldKind.EMAIL: (0, _ANY),
    FieldKind.PHONE: (1, _ANY),
}
_FAIR_MENDS = frozenset({"spacing", "punctuation", "decimal_tail", "letter_suffix_removed"})
_MOST_JUDGED = 1000
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-/.:#]*", re.ASCII)
_NUMBER = re.compile(r"[-+£]?[\d,]*\.?\d+(e[+-]?\d+)?", re.ASCII | re.I)
_STREET_WORDS = """street road avenue lane close drive court crescent gardens way place terrace grove hill
square park walk st rd ave ln cl dr ct cres gdns mews rise view flat house green row"""
_STREETS = frozenset(_STREET_WORDS.split())


@dataclass(frozen=True)
class ColumnFacts:
    """Shares are of the sampled rows that hold a value, 0 to 1.

    unique: no value of the whole column occurs twice. distinct_share: distinct of filled, whole column.
    proofs: share of rows that pass as each provable kind. titled: share that begin with a person's title, which the
    shares of words leave out. dates: share readable as dates; year_span: years
    between the 5th and 95th percentile of them.
    """

    rows: int
    filled: int
    distinct: int
    unique: bool
    distinct_share: float
    sampled: int
    judged: int
    proofs: dict[FieldKind, float] = field(default_factory=dict)
    dates: float = 0.0
    serials: float = 0.0
    year_span: int = 0
    latest_year: int = 0
    sexes: float = 0.0
    sex_codes_only: bool = False
    digits: float = 0.0
    numbers: float = 0.0
    decimals: float = 0.0
    letters: float = 0.0
    codes: float = 0.0
    commas: float = 0.0
    titled: float = 0.0
    words: float = 0.0
    first_names: float = 0.0
    surnames: float = 0.0
    last_word_surnames: float = 0.0
    towns: float = 0.0
    streets: float = 0.0
    length: float = 0.0
    same_length: float = 0.0
    rising: bool = False


@cache
def _known(kind: str) -> frozenset[str]:
    return frozenset(row["word"] for row in rows_of("name_words") if row["kind"] == kind)


def column_facts(column: pa.ChunkedArray, *, sample_rows: int) -> ColumnFacts:
    """Measure one column. Cost follows `sample_rows`, but for counting distinct values."""
    rows = len(column)
    step = max(1, rows // max(1, sample_rows))
    sample = column.take(pa.array(np.arange(0, rows, step))) if step > 1 else column
    everything = text_column(column)
    counted = everything.dictionary_encode() if not pa.types.is_dictionary(everything.type) else everything
    filled = rows - counted.null_count
    distinct = len(counted.dictionary)
    texts = [text for text in text_column(sample).to_pylist() if text is not None]
    absent = missing_words(FieldKind.UNKNOWN)
    texts = [text for text in map(str.strip, texts) if text and text.lower() not in absent]
    facts = ColumnFacts(
        rows=rows,
        filled=filled,
        distinct=distinct,
        unique=filled > 0 and distinct == filled,
        distinct_share=distinct / filled if filled else 0.0,
        sampled=len(texts),
        judged=0,
    )
    return _with_values(facts, texts) if texts else facts


def _with_values(facts: ColumnFacts, texts: list[str]) -> ColumnFacts:
    counts: dict[str, int] = Counter(texts)  # in the order in which they come
    if len(counts) > _MOST_JUDGED:  # evenly over the distinct values in the order they come
        step = len(counts) // _MOST_JUDGED
        counts = dict(list(counts.items())[::step])
    total = sum(counts.values())

    def share(test: Callable[[str], bool]) -> float:
        return sum(count for text, count in counts.items() if test(text)) / total

    everything = {text: words_of(text) for text in counts}
    title = {word for word, when in titles("before").items() if when == "always"}
    # A title stands in the way of the name behind it.
    words = {
        text: found[1:] if len(found) > 1 and found[0] in title else found
        for text, found in everything.items()
    }
    digits = {text: sum(map(str.isdigit, text)) for text in counts}
    readings = {text: read_date(text) for text in counts}
    years = _years(readings, counts)
    lengths = sorted(len(text) for text, count in counts.items() for _ in range(min(count, 50)))
    middle = lengths[len(lengths) // 2]
    first, last, town = _known("first_name"), _known("surname"), _known("town")
    sexes = sex_words()
    return ColumnFacts(
        rows=facts.rows,
        filled=facts.filled,
        distinct=facts.distinct,
        unique=facts.unique,
        distinct_share=facts.distinct_share,
        sampled=facts.sampled,
        judged=len(counts),
        proofs={
            kind: sum(count for text, count in counts.items() if passes(kind, text, digits=digits[text]))
            / total
            for kind in _PROOFS
        },
        dates=share(lambda text: bool(readings[text].dates)),
        serials=share(lambda text: _is_birth_serial(readings[text])),
        year_span=years[int(len(years) * 0.95)] - years[int(len(years) * 0.05)] if years else 0,
        latest_year=years[int(len(years) * 0.99)] if years else 0,
        sexes=share(lambda text: text.lower() in sexes),
        sex_codes_only=all(text.isdigit() for text in counts),
        digits=share(lambda text: text.isascii() and text.isdigit()),
        numbers=share(lambda text: _NUMBER.fullmatch(text) is not None),
        decimals=share(lambda text: "." in text and _NUMBER.fullmatch(text) is not None),
        letters=share(lambda text: not any(c.isdigit() for c in text) and any(c.isalpha() for c in text)),
        codes=share(lambda text: _CODE.fullmatch(text) is not None and any(c.isdigit() for c in text)),
        commas=share(lambda text: "," in text),
        titled=share(lambda text: len(words[text]) < len(everything[text])),
        words=sum(len(words[text]) * count for text, count in counts.items()) / total,
        first_names=share(lambda text: bool(words[text]) and words[text][0] in first),
        surnames=share(lambda text: bool(words[text]) and words[text][0] in last),
        last_word_surnames=share(lambda text: len(words[text]) > 1 and words[text][-1] in last),
        towns=share(lambda text: bool(words[text]) and words[text][0] in town),
        streets=share(lambda text: any(word in _STREETS for word in words[text][1:])),
        length=float(middle),
        same_length=sum(length == middle for length in lengths) / len(lengths),
        rising=_is_rising(texts),
    )


def passes(kind: FieldKind, text: str, *, digits: int) -> bool:
    """Whether a text shows by itself that it is of a kind that values can prove. digits: how many it has."""
    least, most = _DIGITS_NEEDED[kind]
    if text.isascii() and (not least <= digits <= most or (kind is FieldKind.EMAIL and "@" not in text)):
        return False
    return is_proof(kind, text)


def is_proof(kind: FieldKind, text: str) -> bool:
    """The same by judging it."""
    judged = _PROOFS[kind](text)
    if judged.status == FieldStatus.VALID:
        return judged.reason != "unissued_range"
    return judged.status == FieldStatus.MENDED and judged.reason in _FAIR_MENDS


def _years(readings: dict[str, Reading], counts: dict[str, int]) -> list[int]:
    found = []
    for text, reading in readings.items():
        for parts in list(reading.dates.values())[:1]:
            year = parts[0] + (1900 if reading.two_digit else 0)
            found.extend([year] * min(counts[text], 50))
    return sorted(found)


def _is_birth_serial(reading: Reading) -> bool:
    """A spreadsheet's day number from 1910 to 2035."""
    return reading.serial is not None and 3654 <= reading.serial <= 49_675


def _is_rising(texts: list[str]) -> bool:
    """Whether whole numbers come in rising order, as row numbers do."""
    if len(texts) < 3 or not all(text.isascii() and text.isdigit() and len(text) < 18 for text in texts):
        return False
    numbers = [int(text) for text in texts]
    return all(after > before for before, after in pairwise(numbers))


def sample_of(column: pa.ChunkedArray, rows: int) -> pa.Array:
    """At most about `rows` values, evenly over the column."""
    step = max(1, len(column) // max(1, rows))
    return pc.take(text_column(column), pa.array(np.arange(0, len(column), step)))
