"""Address lines and towns: one case, no punctuation, street words written out.

A line is cut after its last token with a digit ("flat 2, 14" | "station rd"): the two halves repeat far more
often than the whole, and each distinct half is looked at once.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.people.data_file import rows_of
from joinedup.people.distinct import NO_REASON, Distinct, Verdict, judge_each, merged, reason_place
from joinedup.people.kernels import folded_words, word_table
from joinedup.people.kinds import FieldOptions
from joinedup.people.name_key import mend_encoding, words_of
from joinedup.values.byte_column import DIGITS, ByteColumn, Mask, byte_set
from joinedup.values.judged import FieldStatus, Judged, invalid, valid

_SEPARATORS = byte_set(" ,\t\n\r")
_DIRECTIONS = frozenset({"north", "south", "east", "west", "upper", "lower", "n", "s", "e", "w"})


@cache
def street_words() -> dict[str, tuple[str, str]]:
    """Abbreviations in addresses, each with its full word and where it holds (any, last, first)."""
    return {row["written"]: (row["standard"], row["where"]) for row in rows_of("street_words")}


def standard_words(words: list[str]) -> list[str]:
    """Folded words of an address with the abbreviations written out, each where it may stand.

    >>> standard_words(["st", "johns", "st"])
    ['st', 'johns', 'street']
    """
    known = street_words()
    last = len(words) - 1
    if last > 0 and words[last] in _DIRECTIONS:
        last -= 1
    out = []
    for place, word in enumerate(words):
        full, where = known.get(word, (word, "any"))
        here = (
            where == "any" or (where == "last" and place == last > 0) or (where == "first" and place < last)
        )
        out.append(full if here else word)
    return out


def judge_address_line(text: str) -> Judged:
    """Judge one line of an address; the value is in lower case, without punctuation.

    >>> judge_address_line("Flat 2, 14 STATION RD.").value
    'flat 2 14 station road'
    """
    whole = mend_encoding(text)
    cut = _cut(whole)
    halves = [" ".join(standard_words(words_of(half))) for half in (whole[:cut], whole[cut:])]
    value = " ".join(half for half in halves if half)
    return valid(value) if value else invalid("wrong_characters")


def _cut(text: str) -> int:
    """Where the token with the last ASCII digit ends; 0 if there is no digit."""
    place = max((text.rfind(digit) for digit in "0123456789"), default=-1)
    if place < 0:
        return 0
    ends = [end for end in (text.find(mark, place) for mark in " ,\t\n\r") if end >= 0]
    return min(ends, default=len(text))


def judge_address_lines(found: Distinct, options: FieldOptions) -> Verdict:
    """Address lines: those without abbreviations all at once, the others by their halves."""
    texts, done = folded_words(found.texts, unless=_abbreviations())
    rows, rest = np.flatnonzero(done), np.flatnonzero(~done)
    if not len(rest):
        return _lines(texts)
    parts = [(rows, _lines(texts.take(pa.array(rows))))]
    parts.append((rest, _lines(_by_halves(found.texts.take(pa.array(rest))))))
    return merged(len(texts), [part for part in parts if len(part[0])])


def _lines(values: pa.Array) -> Verdict:
    empty = np.asarray(pc.equal(pc.binary_length(values), 0))
    if empty.any():
        values = pc.if_else(pa.array(empty), pa.scalar(None, pa.string()), values)
    status = np.where(empty, FieldStatus.INVALID, FieldStatus.VALID).astype(np.uint8)
    reasons = np.where(empty, reason_place("wrong_characters"), NO_REASON).astype(np.int16)
    return Verdict(values, status, reasons)


@cache
def _abbreviations() -> Mask:
    return word_table(list(street_words()))


def _by_halves(texts: pa.Array) -> pa.Array:
    odd = ~ByteColumn.of(texts).is_ascii()
    if odd.any():
        repaired = [mend_encoding(text) for text in texts.filter(pa.array(odd)).to_pylist()]
        texts = pc.replace_with_mask(texts, pa.array(odd), pa.array(repaired, pa.string()))
    column = ByteColumn.of(texts)
    starts, ends = column.starts[:-1], column.starts[1:]
    digits = np.flatnonzero(DIGITS[column.data])
    separators = np.append(np.flatnonzero(_SEPARATORS[column.data]), len(column.data))
    before = np.searchsorted(digits, ends) - 1
    last = np.where(before >= 0, digits[np.maximum(before, 0)] if len(digits) else -1, -1)
    has_digit = last >= starts
    after = separators[np.searchsorted(separators, np.maximum(last, 0))]
    cut = np.where(has_digit, np.minimum(after, ends), starts)
    heads = _standard_halves(column.between(starts, cut))
    tails = _standard_halves(column.between(cut, ends))
    return pc.utf8_trim_whitespace(pc.binary_join_element_wise(heads, tails, " "))


def _standard_halves(halves: pa.Array) -> pa.Array:
    encoded = halves.dictionary_encode()
    standard = [" ".join(standard_words(words_of(half))) for half in encoded.dictionary.to_pylist()]
    return pa.array(standard, pa.string()).take(encoded.indices)


def judge_towns(found: Distinct, options: FieldOptions) -> Verdict:
    """Towns, each distinct one once; there are few."""
    return judge_each(found.texts.to_pylist(), judge_town)


def judge_town(text: str) -> Judged:
    """Judge one town; the value is in lower case, without punctuation, "saint" as "st".

    >>> judge_town("Saint Albans").value, judge_town("Stoke-on-Trent").value
    ('st albans', 'stoke on trent')
    """
    words = ["st" if word == "saint" else word for word in words_of(mend_encoding(text))]
    value = " ".join(words)
    return valid(value) if any(character.isalpha() for character in value) else invalid("no_letters")
