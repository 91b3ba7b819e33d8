"""One person's details as typed, made into what the compiled search reads: standardised, keyed and hashed.

The same answer as putting the details through a source's file, without a table on the way.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.errors import UsageError
from joinedup.linkage.expression import Key
from joinedup.linkage.index.frame import Frame, shares_of
from joinedup.linkage.index.plan import Need, Plan
from joinedup.linkage.index.shares import Shares
from joinedup.linkage.kernels import match as kernel
from joinedup.linkage.one_key import KeyReader, iso_day, iso_exchanged
from joinedup.linkage.prepare import forenames_parted
from joinedup.linkage.readings import members_of, number_of
from joinedup.people import FieldKind, split_name
from joinedup.people.missing import missing_words
from joinedup.people.one_value import OneJudge, one_judge
from joinedup.values.reasons import reason_words

Fields = dict[str, str | None]

MOST_CHARACTERS = 10_000  # of one detail
_FIRST, _MIDDLE, _SURNAME = (
    k.value for k in (FieldKind.FIRST_NAME, FieldKind.MIDDLE_NAME, FieldKind.SURNAME)
)
_FULL = FieldKind.FULL_NAME.value
_FORENAMES = re.compile(r"[\t\n\f\r ]*([^\t\n\f\r ]+)(?:[\t\n\f\r ]+([^\t\n\f\r ].*))?")


@dataclass(frozen=True)
class Asked:
    """A person's details for ``kernels.match.match_segment``.

    hashes: of each key's value (0: missing), then of texts that stand for one. data, offsets: those texts as
    UTF-8. numbers: each key's value as days and as a number. extra: where a key's further texts are. shares: log2
    of each adjustment's share.
    """

    hashes: npt.NDArray[np.uint64]
    data: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.float64]
    extra: npt.NDArray[np.int64]
    shares: npt.NDArray[np.float64]


class Asker:
    """Makes the details of a person into ``Asked``, under one frame."""

    def __init__(self, frame: Frame, plan: Plan) -> None:
        self._plan = plan
        self._judges = {name: _field_judge(frame, name) for name in frame.columns}
        self._parted = bool(forenames_parted(frame.model))
        first = frame.fields.get(_FIRST)
        self._parts_first = self._parted and first is not None and first.kind is FieldKind.FIRST_NAME
        self._full = {n for n, f in frame.fields.items() if f.kind is FieldKind.FULL_NAME and f.standardise}
        if not self._full and {_FIRST, _SURNAME} <= set(frame.columns) and _FULL not in frame.columns:
            self._full = {_FULL}  # a clerk may type a whole name
        self.names = tuple(dict.fromkeys([*frame.columns, *sorted(self._full)]))
        self._keys = KeyReader(plan.keys)
        stored = range(plan.stored)
        self._exchanged = [k for k in stored if Need.EXCHANGED in plan.needs[k]]
        self._sets = [
            (k, 1 if need is Need.NICKNAME else 3, need is Need.NICKNAME)
            for k in stored
            for need in (Need.NICKNAME, Need.OVERLAP)
            if need in plan.needs[k]
        ]
        self._numbers = [
            (k, column, function)
            for k in stored
            for need, column, function in ((Need.DAYS, 0, iso_day), (Need.NUMBER, 1, number_of))
            if need in plan.needs[k]
        ]
        self._shares = [_share_arrays(frame, rarity.key) for rarity in plan.rarities]
        place = {key: number for number, key in enumerate(plan.keys)}
        self._rare = [place[rarity.key] for rarity in plan.rarities]
        self._blank_numbers = np.full((max(1, plan.stored), 2), math.nan)
        self._blank_extra = np.full((max(1, plan.stored), 5), -1, np.int64)
        self._rules = [tuple(place[key] for key in rule.on) for rule in frame.model.blocking_rules]
        self._rule_texts = [str(rule) for rule in frame.model.blocking_rules]

    def fields(self, details: Mapping[str, str | None], *, unused: dict[str, str] | None = None) -> Fields:
        """The standardised fields of the details, as a source with just these fields would have them.

        unused: filled with each detail that could not be used, and why, in words.

        Raises UsageError for a field that the index does not have, and for details of which none can be used.
        """
        out: Fields = {}
        said: dict[str, str] = {} if unused is None else unused
        for name, text in details.items():
            self._check(name, text)
            if text is None or text == "":
                continue
            if name in self._full:
                out.update(_name_parts(text, details))
                continue
            if name == _FIRST and self._parts_first and _MIDDLE not in details:
                text, others = _forenames(text)
                if others is not None:
                    out[_MIDDLE] = one_judge(FieldKind.MIDDLE_NAME)(others).value
            judge = self._judges[name]
            if judge is None:
                out[name] = text
                continue
            judged = judge(text)
            out[name] = judged.value
            if judged.value is None and judged.reason is not None:
                said[name] = reason_words(judged.reason)
        if not any(out.values()):
            raise UsageError(
                what="none of the details can be used",
                where="; ".join(f"{name}: {why}" for name, why in said.items()) or "nothing was given",
                mend=f"give some of: {', '.join(self.names)}",
            )
        return out

    def readings(self, fields: Fields, details: Mapping[str, str | None]) -> tuple[Fields, ...]:
        """The fields as ``fields`` has made them of the details; and, where a whole name is one word, which stands as
        a surname there, the same with it as a first name: some people have one name, written in either place."""
        word = fields.get(_SURNAME)
        of_whole = any(details.get(name) for name in self._full) and _SURNAME not in details
        if not of_whole or word is None or " " in word or fields.get(_FIRST) or _FIRST in details:
            return (fields,)
        return (fields, {**fields, _FIRST: word, _SURNAME: None})

    def _check(self, name: str, text: object) -> None:
        if name not in self.names:
            raise UsageError(
                what=f"the index has no field '{name}'",
                where="details",
                mend=f"use: {', '.join(self.names)}",
            )
        if text is None:
            return
        if not isinstance(text, str):
            raise UsageError(what="a detail is not text", where=name, mend="give it as it is written")
        if len(text) > MOST_CHARACTERS:
            raise UsageError(
                what=f"a detail of {len(text):,} characters",
                where=name,
                mend=f"give at most {MOST_CHARACTERS:,}",
            )
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise UsageError(what="a detail holds half a character", where=name, mend="send it as UTF-8 text")

    def asked(self, fields: Mapping[str, str | None]) -> Asked:
        """What the search reads; raises UsageError where no blocking rule can be looked up by these fields."""
        texts = [text or "" for text in self._keys(fields)]
        values = len(texts)
        numbers, extra = self._blank_numbers, self._blank_extra
        if self._numbers:
            numbers = numbers.copy()
            for key, column, function in self._numbers:
                if texts[key]:
                    numbers[key, column] = function(texts[key])
        if self._exchanged or self._sets:
            extra = extra.copy()
            for key in self._exchanged:
                exchanged = iso_exchanged(texts[key]) if texts[key] else None
                if exchanged is not None:
                    extra[key, 0] = len(texts)
                    texts.append(exchanged)
            for key, at, nicknames in self._sets:
                members = members_of(texts[key], nicknames=nicknames) if texts[key] else ()
                extra[key, at] = len(texts)
                texts += members
                extra[key, at + 1] = len(texts)
        encoded = [text.encode() for text in texts]
        data = np.frombuffer(b"".join(encoded) or b"\0", np.uint8)
        offsets = np.fromiter(accumulate(map(len, encoded), initial=0), np.int64, len(encoded) + 1)
        hashes = np.empty(len(texts), np.uint64)
        kernel.hash_asked(data, offsets, values, hashes)
        if not any(all(texts[key] for key in rule) for rule in self._rules):
            raise UsageError(
                what="these details are too few to look anybody up by",
                where="details",
                mend=f"give what one of these needs: {'; '.join(self._rule_texts)}",
            )
        shares = np.empty(len(self._rare), np.float64)
        for number, (key, (known, share)) in enumerate(zip(self._rare, self._shares, strict=True)):
            shares[number] = kernel.find_share(hashes[key], known, share)
        return Asked(hashes, data, offsets, numbers, extra, shares)


def _field_judge(frame: Frame, name: str) -> OneJudge | None:
    """How a field is standardised; None where it is taken as it is written."""
    spec = frame.fields.get(name)
    if spec is None or spec.kind is None or not spec.standardise:
        return None
    return one_judge(spec.kind, spec.field_options())


def _forenames(text: str) -> tuple[str, str | None]:
    """The first of several forenames, and the others, as ``prepare`` tells them apart."""
    found = _FORENAMES.fullmatch(text)
    return (text, None) if found is None else (found.group(1), found.group(2))


def _name_parts(text: str, details: Mapping[str, str | None]) -> Fields:
    if text.strip().lower() in missing_words(FieldKind.FULL_NAME):
        return {}
    parts = split_name(text)
    found = {_FIRST: parts.first_name, _MIDDLE: parts.middle_name, _SURNAME: parts.surname}
    return {name: part for name, part in found.items() if name not in details}


def _share_arrays(frame: Frame, key: Key) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.float64]]:
    """The frozen shares of a key's values: hashes, ascending, and shares."""
    given = frame.model.term_frequencies.get(str(key), {})
    table = (given if isinstance(given, Shares) else shares_of(given)).table()
    hashes, shares = (table.column(name).combine_chunks() for name in ("hash", "share"))
    return _whole(hashes).to_numpy(), _whole(shares).to_numpy()


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column if isinstance(column, pa.Array) else pa.concat_arrays(column.chunks)
