"""The values that a ledger takes and answers with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from joinedup.linkage.decisions import Place, Verdict

Int64 = NDArray[np.int64]
Named = tuple[str, str | None]  # source, and id unless it was erased


class EventKind(StrEnum):
    """What can happen to a person, or to a record's belonging to one."""

    CREATED = "created"  # the name is new
    JOINED = "joined"  # a record came into the index, and to this person
    LEFT = "left"  # a record of this person was taken out of the index
    MOVED = "moved"  # a record went from one person to another
    MERGED = "merged"  # the person's records went to another person; the name is retired
    SPLIT = "split"  # the person was parted from another, which goes on
    RETIRED = "retired"  # no record is left; the name rests
    REVIVED = "revived"  # a retired name is used again, by the same person


class Why(StrEnum):
    """What brought an event about."""

    LINK = "link"  # the strongest link between the two
    DECISION = "decision"
    ONE_TO_ONE = "one to one"
    CONTRADICTION = "contradiction"
    THIN = "thin evidence"
    REMOVED = "records removed"
    NO_LINK = "no link left"
    CAME_BACK = "records came back"
    PARTED = "parted again"
    CHANGED = "record changed"
    NEW = "new record"
    MERGE = "merge"
    SPLIT = "split"
    NONE = ""


@dataclass(frozen=True)
class Version:
    """One committed change. at: UTC. frame: number of the frame it was settled with. counts: see ``Settled``."""

    number: int
    at: dt.datetime
    kind: str
    by: str
    reason: str
    frame: int | None
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Settled:
    """What a change did. affected: records that were clustered anew. joined, left: records that came and went
    (a record that only changed does neither); moved: records that went from one person to another; the others
    count people."""

    affected: int = 0
    joined: int = 0
    left: int = 0
    moved: int = 0
    created: int = 0
    merged: int = 0
    split: int = 0
    retired: int = 0
    revived: int = 0


@dataclass(frozen=True)
class SourceRow:
    """A source, by its number in the ledger."""

    number: int
    name: str
    one_record_per_person: bool


@dataclass(frozen=True)
class Records:
    """Live records in the order of their numbers. digest: of the contents, as they were given."""

    number: Int64
    source: Int64
    ids: pa.Array
    digest: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True)
class Pairs:
    """Kept pairs by record numbers, left < right, in that order. pattern: -1 where none was given."""

    left: Int64
    right: Int64
    weight: NDArray[np.float64]
    pattern: Int64


@dataclass(frozen=True)
class Member:
    """A record of a person. since: the version in which it came to it."""

    number: int
    source: str
    id: str | None
    since: int


@dataclass(frozen=True)
class Person:
    """A person at some version; members by record number."""

    name: str
    version: int
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Event:
    """Something that happened to ``person``. number: of merges, splits, retirements and revivals, which can be
    named (``undo``); None for the others. other: the person on the other side. record: of joined, left, moved.
    left, right, weight: the link behind it. decision: the decision behind it. place, left_place, right_place:
    source and id of those records; the id is None where it was erased."""

    version: int
    kind: EventKind
    person: str
    other: str | None = None
    why: Why = Why.NONE
    number: int | None = None
    record: int | None = None
    left: int | None = None
    right: int | None = None
    weight: float | None = None
    decision: int | None = None
    place: Named | None = None
    left_place: Named | None = None
    right_place: Named | None = None


@dataclass(frozen=True)
class Held:
    """A decision of the ledger: every record of the one side against every record of the other. Usually one
    each; the undoing of a merge or split holds all records that were on its sides. "same" makes one person of
    all of them. made, withdrawn: versions. undoes: the number of an event."""

    number: int
    verdict: Verdict
    left: tuple[Place, ...]
    right: tuple[Place, ...]
    decided_by: str
    decided_on: dt.date
    reason: str
    made: int
    withdrawn: int | None = None
    withdrawn_by: str | None = None
    withdrawn_why: str | None = None
    undoes: int | None = None


@dataclass(frozen=True)
class Followed:
    """What became of a person. merged: (version, into whom) of each merge on the way from it to the last name.
    now: who holds the records that it last had and that are still there, with their number, most first."""

    name: str
    is_live: bool
    merged: tuple[tuple[int, str], ...]
    now: tuple[tuple[str, int], ...]


def person_name(number: int, width: int) -> str:
    """The name of a person by its number: P and at least ``width`` digits."""
    return f"P{number:0{width}d}"
