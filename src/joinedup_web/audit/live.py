"""The live record read in order and verified, while deeds and sequencing go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from joinedup.audit import (
    CHAIN_START,
    AuditError,
    Frontier,
    Receipt,
    SequencedEvent,
    VerifyReport,
    read_checkpoint,
)
from joinedup.audit.record import digest_of_bytes
from joinedup.audit.verify import Verification
from joinedup_web.audit import checkpoints
from joinedup_web.audit.keys import public_keys
from joinedup_web.audit.models import Block, Checkpoint, Event, Head, Sequenced, WriterStanding
from joinedup_web.audit.rows import COLUMNS, body_of
from joinedup_web.audit.sequence import BLOCK, locked_head
from joinedup_web.audit.turn import write_turn

CHUNK = 2000
Row = tuple[int, bytes, bytes, bytes, str, int]
"""Sequence, body, digest beside it, chain, writer, serial."""
LATE = timedelta(seconds=10)
_COMPARE = "compare with a backup or an older export; nobody can have changed this by using the service"


def events_in_order(*, after: int = 0, upto: int | None = None) -> Iterator[SequencedEvent]:
    """The record's events from the database, in order, a chunk at a time; their bytes made anew from the columns."""
    for sequence, body, _, chain, *_ in _rows(after, upto):
        yield SequencedEvent(sequence, body, chain)


def body_rows(*, upto: int, organisation: UUID) -> Iterator[tuple[int, bytes]]:
    """Sequence numbers and canonical bytes of one organisation's events, in order."""
    rows = Sequenced.objects.filter(sequence__lte=upto, event__organisation=organisation)
    for sequence, body, *_ in _chunks(rows, 0):
        yield sequence, body


def verify_live(*, receipts: Sequence[Receipt] = ()) -> VerifyReport:
    """Check the whole record in the database against itself, its checkpoints here and carried off, and its writers.

    Everything that depends on an event's columns, order or presence is found; so is what was altered in the
    tables that sequencing remembers by, and an event that stands in the table and was kept out of the record.
    Only the last few events are read with sequencing held up.
    """
    head = Head.objects.filter(id=1).first()
    found = Verification(public_keys(head.origin) if head is not None else (), receipts=receipts)
    kept = list(Checkpoint.objects.order_by("size").values_list("size", "note"))
    carried = [note for folder in checkpoints.folders() for note in checkpoints.carried(folder)]
    found.take_checkpoints(dict.fromkeys([*(note for _, note in kept), *carried]))
    for stated, note in kept:
        _check_checkpoint(found, stated, note)
    follower = _Follower(found)
    while head is not None and head.size - follower.frontier.size > CHUNK:
        before = follower.frontier.size
        follower.follow(head.size)
        if follower.frontier.size == before:
            break  # the head claims more than there is
        head.refresh_from_db()
    if head is not None:
        with write_turn(), transaction.atomic():
            head = locked_head()
            follower.follow(None)
            _check_head(found, head, follower)
            _check_writers(found, follower.writers)
    _check_left_out(found)
    return found.report()


@dataclass
class _Follower:
    """Goes through the events once, and builds anew what sequencing remembers."""

    found: Verification
    frontier: Frontier = field(default_factory=Frontier)
    chain: bytes = CHAIN_START
    last: int = 0
    writers: dict[str, tuple[int, str]] = field(default_factory=dict)
    block: Frontier = field(default_factory=Frontier)

    def follow(self, upto: int | None) -> None:
        """Go on up to an event, or to the end."""
        for sequence, body, digest, chain, writer, serial in _rows(self.last, upto):
            self.found.take(sequence, body, chain)
            leaf = digest_of_bytes(body)
            if digest != leaf:
                _bad(self.found, "the digest kept beside the event is not the event's", sequence)
            self.frontier.append(leaf)
            self.block.append(leaf)
            self.writers[writer] = (serial, leaf.hex())
            self.last, self.chain = sequence, chain
            if self.block.size == BLOCK:
                self._close_block(sequence)

    def _close_block(self, sequence: int) -> None:
        root = (
            Block.objects.filter(index=self.frontier.size // BLOCK - 1).values_list("root", flat=True).first()
        )
        if root is None or bytes(root) != self.block.root():
            _bad(self.found, "the root kept for its block of the Merkle tree is not the block's", sequence)
        self.block = Frontier()


def _check_checkpoint(found: Verification, stated: int, note: str) -> None:
    try:
        same = read_checkpoint(note).size == stated
    except AuditError:
        return  # told by take_checkpoints
    if not same:
        found.complain(
            "a checkpoint is kept under another size than it states", f"checkpoint {stated}", _COMPARE
        )


def _check_head(found: Verification, head: Head, follower: _Follower) -> None:
    size = follower.frontier.size
    if head.size != size:
        found.complain(f"the head says {head.size} events, and there are {size}", "head", _COMPARE)
    elif bytes(head.frontier) != follower.frontier.to_bytes() or bytes(head.chain) != follower.chain:
        found.complain("the head is not that of these events", "head", _COMPARE)


def _check_writers(found: Verification, writers: dict[str, tuple[int, str]]) -> None:
    kept = {row.writer: (row.serial, row.digest) for row in WriterStanding.objects.iterator()}
    wrong = sorted({name for name, _ in kept.items() ^ writers.items()})
    if wrong:
        what = f"what is remembered of {len(wrong)} writers is not their last event"
        found.complain(what, f"writer {wrong[0]}", _COMPARE)


def _check_left_out(found: Verification) -> None:
    """Events that were committed just now may wait; any other must have its place."""
    late = timezone.now() - LATE
    out = Event.objects.filter(sequenced__isnull=True).filter(Q(pending__isnull=True) | Q(at__lt=late))
    for number, waits in out.values_list("number", "pending__event_id")[:100]:
        what = "an event still waits to be sequenced" if waits else "an event was kept out of the record"
        found.complain(what, f"row {number} of the events' table", _COMPARE)


def _bad(found: Verification, what: str, sequence: int) -> None:
    found.complain(what, f"event {sequence}", _COMPARE, sequence=sequence)


def _rows(after: int, upto: int | None) -> Iterator[Row]:
    rows = Sequenced.objects.all() if upto is None else Sequenced.objects.filter(sequence__lte=upto)
    return _chunks(rows, after)


def _chunks(rows: QuerySet[Sequenced], after: int) -> Iterator[Row]:
    """Chunks by key, so that no cursor stays open for the minutes that a large record takes."""
    columns = ("sequence", "digest", "chain", *(f"event__{name}" for name in COLUMNS))
    while True:
        chunk = list(rows.filter(sequence__gt=after).order_by("sequence").values_list(*columns)[:CHUNK])
        for sequence, digest, chain, *event in chunk:
            yield sequence, body_of(tuple(event)), bytes(digest), bytes(chain), event[7], event[8]
        if len(chunk) < CHUNK:
            return
        after = chunk[-1][0]
