"""The linkage agreement: the one file that all parties of a private linkage hold, and that holds no key.

It says what is encoded, how, and how the encodings are hardened. Its digest stands in every encoded file, and
goes into every key: files of different agreements are refused, and would match nothing.
"""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from joinedup.errors import ModelError
from joinedup.linkage.entries import Entries
from joinedup.linkage.expression import Key, parse_key
from joinedup.linkage.spec import FieldSpec, JobKind
from joinedup.linkage.toml_text import toml_text
from joinedup.people.kinds import FieldKind

FORMAT = "joinedup-private-linkage/1"
_LENGTHS = tuple(2**power for power in range(6, 14))


class Cut(StrEnum):
    """How a value is cut into the pieces that set bits."""

    GRAMS = "grams"  # every q letters in a row, with marks before and after
    DATE = "date"  # an ISO date: each digit with its place; the year; the two others wherever they stand


@dataclass(frozen=True)
class Part:
    """One key in a filter. q: letters a gram (1 to 3). bits: how many bits each piece sets."""

    key: Key
    cut: Cut = Cut.GRAMS
    q: int = 2
    bits: int = 16


@dataclass(frozen=True)
class Filter:
    """One column of bits: a field alone, or several together.

    length: bits before folding, a power of two. mixed: whether a piece sets the same bits whichever part it is of, so
    that names given the wrong way round are alike; else each part has its own. salt: a key whose value goes into
    every piece, so that only records with the same salt can be alike; a record without one has no filter. levels:
    where alike filters are told apart, between 0 (as strangers' are) and 1 (as two encodings of one value).
    """

    name: str
    parts: tuple[Part, ...]
    length: int = 1024
    mixed: bool = False
    salt: Key | None = None
    levels: tuple[float, ...] = (0.9, 0.75, 0.6, 0.4)

    def columns(self) -> frozenset[str]:
        """The fields that it is made of (its salt aside)."""
        return frozenset(name for part in self.parts for name in part.key.columns())


@dataclass(frozen=True)
class Hardening:
    """fold: how often a filter is folded onto itself by exclusive or. balance: whether each bit's opposite is added
    and all are put in a secret order, so that every filter has as many bits set. epsilon: noise (BLIP): any one
    piece changes the chance of any filter by at most a factor of e to the epsilon; None: no noise.
    """

    fold: int = 0
    balance: bool = False
    epsilon: float | None = None

    def flip(self, filter_: Filter) -> float:
        """The chance with which each bit of a filter is turned over, in steps of 1/65536.

        A piece sets at most its ``bits``, so 1 / (1 + exp(epsilon / bits)) of the part with the most bits.
        """
        if self.epsilon is None:
            return 0.0
        most = max(part.bits for part in filter_.parts)
        return round(65536 / (1 + math.exp(min(700.0, self.epsilon / most)))) / 65536


@dataclass(frozen=True)
class Token:
    """An exact keyed token of several keys together, for blocking. least, most: a token that fewer or more records
    of one file have is left out there."""

    name: str
    on: tuple[Key, ...]
    least: int = 1
    most: int = 200

    def columns(self) -> frozenset[str]:
        """The fields that it is made of."""
        return frozenset(name for key in self.on for name in key.columns())


@dataclass(frozen=True)
class LinkageAgreement:
    """What all parties hold. name, version: which agreement this is. description: for people; nothing reads it."""

    name: str
    version: int
    fields: Mapping[str, FieldSpec]
    filters: tuple[Filter, ...]
    tokens: tuple[Token, ...]
    hardening: Hardening = Hardening()
    kind: JobKind = JobKind.LINK
    description: str = field(default="", compare=False)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for TOML or JSON; ``agreement_from_dict`` reads them back the same."""
        return {
            "format": FORMAT,
            "name": self.name,
            "version": self.version,
            "kind": self.kind.value,
            "description": self.description or None,
            "hardening": {
                "fold": self.hardening.fold,
                "balance": self.hardening.balance,
                "epsilon": self.hardening.epsilon,
            },
            "fields": {
                name: {"kind": spec.kind.value if spec.kind else None, **spec.options}
                for name, spec in self.fields.items()
            },
            "filters": [
                {
                    "name": f.name,
                    "length": f.length,
                    "mixed": f.mixed,
                    "salt": str(f.salt) if f.salt else None,
                    "levels": list(f.levels),
                    "parts": [
                        {"key": str(p.key), "cut": p.cut.value, "q": p.q, "bits": p.bits} for p in f.parts
                    ],
                }
                for f in self.filters
            ],
            "tokens": [
                {"name": t.name, "on": [str(k) for k in t.on], "least": t.least, "most": t.most}
                for t in self.tokens
            ],
        }

    @property
    def digest(self) -> str:
        """SHA-256 of everything that bears on the encoding, in hexadecimal; layout and remarks do not alter it."""
        said = self.as_dict()
        del said["description"]
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def as_toml(self) -> str:
        """The file's text."""
        return toml_text(self.as_dict())

    def columns(self) -> tuple[str, ...]:
        """Every field that anything here reads, in the order of ``fields``."""
        read = {c for f in self.filters for c in f.columns()} | {c for t in self.tokens for c in t.columns()}
        read |= {c for f in self.filters if f.salt for c in f.salt.columns()}
        return tuple(name for name in self.fields if name in read)


def load_agreement(path: str | Path) -> LinkageAgreement:
    """Read an agreement from a .toml or .json file; raises ModelError saying which entry is wrong."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        raise ModelError(
            what=f"not valid TOML or JSON: {problem}", where=str(path), mend="mend the syntax"
        ) from None
    return agreement_from_dict(data, where=str(path))


def agreement_from_dict(data: object, *, where: str = "agreement") -> LinkageAgreement:
    """Build an agreement from plain values; raises ModelError, naming the entry that is wrong."""
    top = Entries(data, where)
    form = top.text("format", FORMAT)
    if form != FORMAT:
        raise ModelError(what=f"format is '{form}'", where=where, mend=f"this version reads '{FORMAT}'")
    fields = _fields(top.table("fields"))
    known = tuple(fields)
    filters = tuple(
        _filter(Entries(item, f"{where}, filter {n + 1}"), known)
        for n, item in enumerate(top.items("filters"))
    )
    tokens = tuple(
        _token(Entries(item, f"{where}, token {n + 1}"), known) for n, item in enumerate(top.items("tokens"))
    )
    agreement = LinkageAgreement(
        name=top.text("name") or "",
        version=top.count("version", 1) or 1,
        fields=fields,
        filters=filters,
        tokens=tokens,
        hardening=_hardening(top.table("hardening")),
        kind=JobKind(top.one_of("kind", [k.value for k in JobKind], JobKind.LINK.value) or JobKind.LINK),
        description=top.text("description", "") or "",
    )
    top.finish()
    _check(agreement, where)
    return agreement


def _check(agreement: LinkageAgreement, where: str) -> None:
    if not agreement.name:
        raise ModelError(what="the agreement has no name", where=where, mend='name = "…"')
    if len(agreement.filters) < 2 or not agreement.tokens:
        raise ModelError(
            what="fewer than two filters, or no token",
            where=where,
            mend="the weights are learnt from what tokens leave open: give two filters and a token at least",
        )
    names = [f.name for f in agreement.filters] + [t.name for t in agreement.tokens]
    for name in names:
        if names.count(name) > 1 or not name.isidentifier() or name.startswith("_"):
            raise ModelError(
                what=f"'{name}' is no name of its own",
                where=where,
                mend="letters, digits and _, each name once",
            )
    for f in agreement.filters:
        if f.length >> agreement.hardening.fold < 64:
            raise ModelError(
                what=f"filter '{f.name}' is folded to fewer than 64 bits",
                where=where,
                mend="fold it less often",
            )


def _fields(entries: Entries) -> dict[str, FieldSpec]:
    found = {}
    for name in entries.names():
        inner = entries.table(name)
        kind = inner.one_of("kind", [k.value for k in FieldKind])
        options = {option: inner.raw(option) for option in inner.names() if option != "kind"}
        if kind is None:
            raise ModelError(what=f"field '{name}' has no kind", where=inner.where, mend='kind = "surname"')
        found[name] = FieldSpec(FieldKind(kind), True, options)
        found[name].field_options()
    return found


def _filter(entries: Entries, known: tuple[str, ...]) -> Filter:
    salt = entries.text("salt")
    length = entries.count("length", 1024) or 1024
    if length not in _LENGTHS:
        raise entries.wrong("length", f"one of {', '.join(map(str, _LENGTHS))}", "length = 1024")
    levels = entries.items("levels") or list(Filter.levels)
    if not all(isinstance(x, (int, float)) and 0 < x <= 1 for x in levels) or levels != sorted(levels)[::-1]:
        raise entries.wrong("levels", "falling numbers above 0 and at most 1", "levels = [0.9, 0.6]")
    parts = tuple(
        _part(Entries(item, f"{entries.where}, part {n + 1}"), known)
        for n, item in enumerate(entries.items("parts"))
    )
    name = entries.text("name") or ""
    mixed = entries.flag("mixed", False)
    entries.finish()
    if not parts:
        raise ModelError(
            what="a filter has no parts", where=entries.where, mend='parts = [{key = "surname"}]'
        )
    key = _key(salt, entries.where, known) if salt else None
    return Filter(name, parts, length, mixed, key, tuple(float(x) for x in levels))


def _part(entries: Entries, known: tuple[str, ...]) -> Part:
    key = entries.text("key") or ""
    cut = Cut(entries.one_of("cut", [c.value for c in Cut], Cut.GRAMS.value) or Cut.GRAMS)
    q, bits = entries.count("q", 2) or 2, entries.count("bits", 16) or 16
    entries.finish()
    if q > 3 or bits > 64:
        raise ModelError(what="q is over 3, or bits over 64", where=entries.where, mend="q = 2, bits = 16")
    return Part(_key(key, entries.where, known), cut, q, bits)


def _token(entries: Entries, known: tuple[str, ...]) -> Token:
    on = entries.texts("on")
    token = Token(
        name=entries.text("name") or "",
        on=tuple(_key(text, entries.where, known) for text in on),
        least=entries.count("least", 1) or 1,
        most=entries.count("most", 200) or 200,
    )
    entries.finish()
    if not on or token.most < token.least:
        raise ModelError(what="a token has no keys, or no room", where=entries.where, mend='on = ["surname"]')
    return token


def _key(text: str, where: str, known: tuple[str, ...]) -> Key:
    key = parse_key(text, where=where)
    for name in key.columns():
        if name not in known:
            raise ModelError(
                what=f"'{name}' is no field of the agreement", where=where, mend=f"use: {', '.join(known)}"
            )
    return key


def _hardening(entries: Entries) -> Hardening:
    found = Hardening(
        fold=entries.count("fold", 0, least=0) or 0,
        balance=entries.flag("balance", False),
        epsilon=entries.number("epsilon", None, above=0),
    )
    entries.finish()
    return found
