"""Whether a record still holds: every event in its place, every writer without a gap, every checkpoint met.

The same check serves an export and a live database. It streams: what it keeps is the tree's edge, the chain's
value and one line a writer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any

from joinedup.audit.chain import Head, SequencedEvent, link
from joinedup.audit.checkpoint import Checkpoint, verify_checkpoint
from joinedup.audit.error import AuditError
from joinedup.audit.merkle import Frontier
from joinedup.audit.note import NoteKey
from joinedup.audit.record import NO_DIGEST, Receipt

MOST_PROBLEMS = 100
"""Told one by one; beyond that they are counted."""

_COMPARE = "compare with a backup or an older export; nobody can have changed this by using the service"
_NOTHING = NO_DIGEST.encode()

EVENTS_BETWEEN_PROGRESS = 10_000

Progress = Callable[[int, int], None]
"""Called now and then with events done and events in all; 0 where that is not known."""

_CODE = rb'"[a-z0-9_.:-]{1,100}"'
_VALUE = rb'(?:%s|[0-9]{1,9}|true|false|"[0-9-]{10}T[0-9:.]{15}Z"|\[(?:%s(?:,%s)*)?\])' % (
    _CODE,
    _CODE,
    _CODE,
)
_FIELD = rb'"[a-z_]+":' + _VALUE
_NAMED = rb'(?:null|[1-9][0-9]{0,8}|"(?:t_[0-9a-f]{32}|[0-9a-f-]{32,36})")'
_BODY = re.compile(
    rb'\{"actor":' + _NAMED + rb',"actor_kind":"[a-z]+","at":"[0-9-]{10}T[0-9:.]{15}Z",'
    rb'"event_id":"[0-9a-f]{32}","fields":\{(?:' + _FIELD + rb"(?:," + _FIELD + rb")*)?\},"
    rb'"kind":"[a-z_.]+","organisation":' + _NAMED + rb',"version":1,"writer":"([0-9a-f]{32})",'
    rb'"writer_previous":"([0-9a-f]{64})","writer_serial":([1-9][0-9]{0,17})\}'
)
"""An event's canonical bytes: nothing but ids, tokens, codes, numbers and digests can be written so."""


@dataclass(frozen=True)
class Problem:
    """what: what does not hold. where: the event, file or checkpoint. mend: what to do. sequence: where told."""

    what: str
    where: str
    mend: str
    sequence: int | None = None


@dataclass(frozen=True)
class VerifyReport:
    """What a verification found.

    ok: everything holds and a verified checkpoint stands behind it. events: how many were looked at.
    problems: in the order met, at most 100; problems_in_all: how many there were. first_bad_sequence: the
    first event that is wrong or missing; where only a checkpoint shows it, the first after the checkpoint
    before; None where no event can be named. checkpoints_verified: those signed by a known
    key whose root and chain value are this record's. events_sealed: up to which event the newest of them
    reaches; what comes after is held by the chain alone. keys_from_record: nobody gave keys, so those that
    came with the export were believed: it agrees with itself, which shows nothing about who made it.
    is_excerpt: these are one organisation's events with their proofs, under the checkpoint of `events_sealed`
    events; what stands between them in the record was not looked at. organisation: whose they are.
    """

    ok: bool
    events: int
    problems: tuple[Problem, ...]
    problems_in_all: int
    first_bad_sequence: int | None
    checkpoints: int
    checkpoints_verified: int
    events_sealed: int
    keys_from_record: bool = False
    is_excerpt: bool = False
    organisation: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values."""
        return asdict(self)


def verify_events(
    events: Iterable[SequencedEvent],
    checkpoints: Iterable[str],
    keys: Sequence[NoteKey],
    *,
    start: Head | None = None,
    receipts: Iterable[Receipt] = (),
    progress: Progress | None = None,
) -> VerifyReport:
    """Check the events of a live record, in the order of their sequence numbers.

    checkpoints: signed notes, best from where they are kept away from the database. start: where the record
    begins if older events were removed; a verified checkpoint must say the same. receipts: of events that must
    be there.
    """
    verification = Verification(keys, start=start, receipts=receipts)
    verification.take_checkpoints(checkpoints)
    for count, event in enumerate(events, start=1):
        verification.take(event.sequence, event.body, event.chain)
        if progress is not None and count % EVENTS_BETWEEN_PROGRESS == 0:
            progress(count, 0)
    return verification.report()


class Verification:
    """A check under way: `take_checkpoints` once, then each event in order, then `report`."""

    def __init__(
        self, keys: Sequence[NoteKey], *, start: Head | None = None, receipts: Iterable[Receipt] = ()
    ) -> None:
        begin = start or Head.start()
        if not begin.is_sound():
            raise AuditError(
                what="where the record is said to begin contradicts itself",
                where=f"after event {begin.size}",
                mend="take the standing from a checkpoint, or begin at the first event",
            )
        self._keys = keys
        self._partial = begin.size > 0
        self._frontier = Frontier.from_bytes(begin.frontier)
        self._size = begin.size
        self._chain: bytes | None = begin.chain
        self._computed: bytes | None = (
            None  # what the chain would be if only its value beside an event is wrong
        )
        self._writers: dict[
            bytes, tuple[int, bytes, int]
        ] = {}  # serial, digest in hex, where in the sequence
        self._expected = {bytes.fromhex(receipt.digest): receipt.event_id for receipt in receipts}
        self._waiting: list[Checkpoint] = []  # the smallest last
        self._next_checkpoint = -1
        self._events = self._checkpoints = self._held = self._sealed = 0
        self._problems: list[Problem] = []
        self._problems_in_all = 0
        self._first_bad: int | None = None
        self._located = False  # an event is known to be wrong, so the checkpoints after it cannot be met

    @property
    def position(self) -> int:
        """The sequence number of the event that was looked at last."""
        return self._size

    def take_checkpoints(self, notes: Iterable[str]) -> None:
        """Verify the signatures, and see that no two checkpoints contradict each other."""
        origin = None
        for note in notes:
            self._checkpoints += 1
            try:
                checkpoint, _ = verify_checkpoint(note, self._keys, origin=origin)
            except AuditError as error:
                self.complain(error.what, error.where or f"checkpoint {self._checkpoints}", error.mend)
                continue
            origin = checkpoint.origin
            self._waiting.append(checkpoint)
        self._waiting.sort(key=lambda each: (each.size, each.at), reverse=True)
        for later, earlier in pairwise(self._waiting):
            self._compare(earlier, later)
        sizes = {checkpoint.size for checkpoint in self._waiting}
        if self._partial and self._size not in sizes:
            self.complain(
                f"the record begins after event {self._size}, and no verified checkpoint says how it stood",
                f"event {self._size + 1}",
                "give a checkpoint of that size from where they are kept",
            )
        while self._waiting and self._waiting[-1].size < self._size:
            self._waiting.pop()  # of events that are no longer kept
        self._meet()

    def take(self, sequence: int, body: bytes, chain: bytes) -> None:
        """Look at the next event."""
        self._events += 1
        if sequence <= self._size:
            self._bad(sequence, "the event is there twice, or out of order")
            return
        if sequence != self._size + 1:
            missing = (
                f"{self._size + 1} to {sequence - 1}" if sequence - self._size > 2 else str(sequence - 1)
            )
            self._bad(self._size + 1, f"missing before event {sequence}: {missing}", where=f"event {missing}")
            self._chain = None
            self._located = True
        leaf = sha256(b"\x00" + body).digest()
        as_chained = self._chain is None or self._follow_chain(sequence, leaf, chain)
        self._size = sequence
        self._chain = chain
        self._frontier.append(leaf)
        found = _BODY.fullmatch(body)
        if found is None:
            self._bad(sequence, "this is not an event in its canonical form")
        else:
            self._follow_writer(sequence, leaf, *found.groups(), believed=as_chained)
        if self._expected:
            self._expected.pop(leaf, None)
        if sequence >= self._next_checkpoint >= 0:
            self._meet()

    def take_unreadable(self, where: str) -> None:
        """Something stands where the next event should, and cannot be read."""
        self._events += 1
        self._size += 1
        self._chain = self._computed = None
        self._located = True
        self._bad(
            self._size, "what stands here cannot be read as an event", where=f"{where}, event {self._size}"
        )

    def report(self, *, keys_from_record: bool = False) -> VerifyReport:
        """What was found, after the last event."""
        if self._waiting:
            self._bad(
                self._size + 1,
                f"the record ends after event {self._size}, and a checkpoint was signed at {self._waiting[0].size}",
                mend="events at the end are missing: restore them from a backup or a newer export",
            )
        for event_id in sorted(self._expected.values()):
            self.complain(
                "an event for which a receipt was given is not in the record",
                f"event id {event_id}",
                "it was lost, changed or taken out; ask what became of it",
            )
        if self._events and not self._held and not self._problems_in_all:
            self.complain(
                "no verified checkpoint stands behind this record",
                f"{self._events} events",
                "give a checkpoint and the keeper's public key",
            )
        return VerifyReport(
            ok=self._problems_in_all == 0,
            events=self._events,
            problems=tuple(self._problems),
            problems_in_all=self._problems_in_all,
            first_bad_sequence=self._first_bad,
            checkpoints=self._checkpoints,
            checkpoints_verified=self._held,
            events_sealed=self._sealed,
            keys_from_record=keys_from_record,
        )

    def complain(self, what: str, where: str, mend: str, *, sequence: int | None = None) -> None:
        """Add a problem; beyond MOST_PROBLEMS it is only counted."""
        self._problems_in_all += 1
        if sequence is not None and (self._first_bad is None or sequence < self._first_bad):
            self._first_bad = sequence
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(Problem(what=what, where=where, mend=mend, sequence=sequence))

    def _bad(self, sequence: int, what: str, *, where: str = "", mend: str = _COMPARE) -> None:
        self.complain(what, where or f"event {sequence}", mend, sequence=sequence)

    def _follow_chain(self, sequence: int, leaf: bytes, chain: bytes) -> bool:
        """Whether the event is what was chained."""
        linked = link(self._chain or b"", sequence, leaf)
        before, self._computed = self._computed, None
        # Where only the value beside the event before was altered, the chain goes on from the right one.
        if linked == chain or (before is not None and link(before, sequence, leaf) == chain):
            return True
        self._computed = linked
        self._located = True
        self._bad(sequence, "the event, or the chain's value beside it, is not what was chained")
        return False

    def _follow_writer(
        self,
        sequence: int,
        leaf: bytes,
        writer: bytes,
        previous: bytes,
        serial_text: bytes,
        *,
        believed: bool,
    ) -> None:
        """believed: the event is what was chained, so that what it quotes speaks about the event before it."""
        serial = int(serial_text)
        known = self._writers.get(writer)
        if known is None:
            if serial != 1 and not self._partial:
                self._bad(
                    sequence, f"the writer's first event here has number {serial}: those before are missing"
                )
            elif serial == 1 and previous != _NOTHING:
                self._bad(sequence, "the writer's first event quotes one before it")
        elif serial != known[0] + 1:
            self._bad(sequence, f"the writer's event {serial} follows its event {known[0]}")
        elif believed and previous != known[1]:
            self._bad(known[2], f"not the event that its writer remembers in event {sequence}")
        self._writers[writer] = (serial, leaf.hex().encode(), sequence)

    def _compare(self, earlier: Checkpoint, later: Checkpoint) -> None:
        where = f"checkpoints of {earlier.size} and {later.size} events"
        if earlier.size == later.size and (earlier.root, earlier.chain) != (later.root, later.chain):
            self.complain(
                "two checkpoints of the same size were signed over different records",
                where,
                "the record was forked: find out who was shown which",
                sequence=earlier.size or None,
            )
        elif earlier.at > later.at:
            self.complain(
                "the larger checkpoint was signed before the smaller one",
                where,
                "the record was set back, as by restoring a backup, and went on; ask what was lost",
            )

    def _meet(self) -> None:
        """Hold the record against each checkpoint that it has reached."""
        while self._waiting and self._waiting[-1].size <= self._size:
            checkpoint = self._waiting.pop()
            if checkpoint.size == self._size and self._agrees(checkpoint):
                self._held += 1
                self._sealed = checkpoint.size
            elif not self._located:
                first, self._located = self._sealed + 1, True
                self._bad(
                    first,
                    f"the record is not what was signed in the checkpoint of {checkpoint.size} events",
                    where=f"events {first} to {checkpoint.size}",
                )
        self._next_checkpoint = self._waiting[-1].size if self._waiting else -1

    def _agrees(self, checkpoint: Checkpoint) -> bool:
        return checkpoint.root == self._frontier.root() and checkpoint.chain == self._chain
