"""The linkage agreement: the one file that all parties of a private linkage hold, and that holds no key.

It says what is encoded, how, and how the encodings are hardened. Its digest stands in every encoded file, and
goes into every key: files of different agreements are refused, and would match nothing.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from joinedup.linkage.expression import Key
from joinedup.linkage.spec import FieldSpec, JobKind
from joinedup.linkage.toml_text import toml_text

FORMAT = "joinedup-private-linkage/1"


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
