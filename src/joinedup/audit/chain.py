"""The hash chain over sequenced events, and the standing of the whole record after so many of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from joinedup.audit.error import AuditError
from joinedup.audit.merkle import HASH_BYTES, Frontier
from joinedup.audit.record import AuditEvent, canonical_bytes, digest_of_bytes, read_event

CHAIN_START = bytes(HASH_BYTES)
"""What the first event is chained to."""


def link(previous: bytes, sequence: int, event_digest: bytes) -> bytes:
    """The chain's value after an event: SHA-256 of a two byte, the value before, the sequence number, the digest.

    sequence: from 1, eight bytes, big end first. The leading byte keeps it apart from the tree's hashes.
    """
    return sha256(b"\x02" + previous + sequence.to_bytes(8, "big") + event_digest).digest()


@dataclass(frozen=True)
class SequencedEvent:
    """An event in its place. sequence: from 1, without a gap. body: its canonical bytes. chain: after it."""

    sequence: int
    body: bytes
    chain: bytes

    @property
    def digest(self) -> bytes:
        """The event's digest, which is its leaf in the Merkle tree."""
        return digest_of_bytes(self.body)

    @property
    def event(self) -> AuditEvent:
        """The event itself; raises AuditError where the body is not one."""
        return read_event(self.body)


@dataclass(frozen=True)
class Head:
    """How the record stands after `size` events: what a database keeps in one row to go on sequencing.

    chain: the chain's value. frontier: the Merkle tree's edge, as bytes.
    """

    size: int
    chain: bytes
    frontier: bytes

    @classmethod
    def start(cls) -> Head:
        """The standing before the first event."""
        return cls(size=0, chain=CHAIN_START, frontier=Frontier().to_bytes())

    def is_sound(self) -> bool:
        """Whether its parts agree with each other; that they are true, only a checkpoint can say."""
        if self.size == 0:
            return self == Head.start()
        return len(self.chain) == HASH_BYTES and Frontier.from_bytes(self.frontier).size == self.size

    @property
    def root(self) -> bytes:
        """The Merkle tree's root."""
        return Frontier.from_bytes(self.frontier).root()


def sequence_events(
    head: Head, events: Iterable[AuditEvent | bytes]
) -> tuple[Head, tuple[SequencedEvent, ...]]:
    """Return the new standing, and the events in their places after `head`, in the order they are given.

    events: committed and not yet sequenced, as events or their canonical bytes. One writer's must keep the
    order of their serials; between writers any order will do.

    Raises AuditError where the head contradicts itself.
    """
    if not head.is_sound():
        raise AuditError(
            what="the head of the audit record contradicts itself",
            where=f"after event {head.size}",
            mend="verify the record, and build the head anew from it",
        )
    frontier = Frontier.from_bytes(head.frontier)
    size, chain, placed = head.size, head.chain, []
    for event in events:
        body = event if isinstance(event, bytes) else canonical_bytes(event)
        leaf = digest_of_bytes(body)
        size += 1
        chain = link(chain, size, leaf)
        frontier.append(leaf)
        placed.append(SequencedEvent(sequence=size, body=body, chain=chain))
    return Head(size=size, chain=chain, frontier=frontier.to_bytes()), tuple(placed)
