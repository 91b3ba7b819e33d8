"""Giving committed events their places: number, hash chain and Merkle tree move on together, in one transaction.

Whatever is interrupted leaves no trace, and two that sequence at once cannot both succeed: the head's row is
locked, and a place is given once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from joinedup.audit import Frontier, SequencedEvent, sequence_events
from joinedup.audit import Head as Standing
from joinedup.audit.field import LARGEST_COUNT
from joinedup.audit.record import NO_DIGEST, digest_of_bytes
from joinedup_web.audit.models import Block, Event, Head, Sequenced, WriterStanding
from joinedup_web.audit.rows import COLUMNS, body_of
from joinedup_web.audit.turn import write_turn
from joinedup_web.audit.write import draft, insert, new_writer, number
from joinedup_web.gate.actor import SYSTEM

BLOCK = 256
MOST_EVENTS = 1000
"""How many events one transaction sequences, so that deeds wait some tens of milliseconds at most."""

GAP_SECONDS = 1.0
"""How long an event is held back when one of its writer's before it is lacking, ere that is called a gap."""

ABOUT_CHECKPOINTS = "checkpoint.signed"


@dataclass(frozen=True)
class Gap:
    """Events of a writer that are missing before the one found. Serials; equal where one was exchanged."""

    writer: str
    expected: int
    found: int


@dataclass
class Admitted:
    """Events that may be placed now, in order: their row numbers, bytes and kinds; where their writers stand after
    them; and the gaps before them."""

    numbers: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    writers: dict[str, tuple[int, str]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)


_first_seen: dict[str, float] = {}


def sequence_once(limit: int = MOST_EVENTS) -> int:
    """Sequence up to `limit` waiting events; return how many got a place.

    What takes time is done before the turn to write, from a head that must still stand when it comes.
    """
    seen = Head.objects.filter(id=1).first()  # before the rest
    waiting = list(
        Event.objects.filter(pending__isnull=False).order_by("number").values_list("number", *COLUMNS)[:limit]
    )
    if not waiting:
        return 0
    found = _admitted(waiting)
    if not found.numbers:
        return 0
    before = Standing.start() if seen is None else _standing(seen)
    after, placed = sequence_events(before, found.bodies)
    with write_turn(), transaction.atomic():
        head = locked_head()
        if _standing(head) != before:
            return 0  # another leader was quicker; look again
        _place(found.numbers, placed)
        _keep_blocks(before.size, placed)
        WriterStanding.objects.bulk_create(
            [WriterStanding(writer=writer, serial=n, digest=d) for writer, (n, d) in found.writers.items()],
            update_conflicts=True,
            unique_fields=["writer"],
            update_fields=["serial", "digest"],
        )
        head.size, head.chain, head.frontier = after.size, after.chain, after.frontier
        head.unsealed += sum(kind != ABOUT_CHECKPOINTS for kind in found.kinds)
        head.save(update_fields=["size", "chain", "frontier", "unsealed"])
        _record_gaps(found.gaps)
    for writer in found.writers:
        _first_seen.pop(writer, None)
    return len(found.numbers)


def _standing(head: Head) -> Standing:
    return Standing(head.size, bytes(head.chain), bytes(head.frontier))


def locked_head() -> Head:
    """The head's row, locked until the transaction ends; made with the first event, and its origin for good."""
    row = Head.objects.select_for_update().filter(id=1).first()
    if row is not None:
        return row
    start = Standing.start()
    host = settings.JOINEDUP.url.partition("://")[2].partition("/")[0]
    Head.objects.bulk_create(
        [Head(id=1, origin=f"{host}/joinedup", size=0, chain=start.chain, frontier=start.frontier)],
        ignore_conflicts=True,
    )
    return Head.objects.select_for_update().get(id=1)


def _admitted(waiting: Sequence[tuple[Any, ...]]) -> Admitted:
    """Which of the waiting events may be placed now.

    A writer commits one event after another, so an event without the one before it tells that that is gone. It
    is held back for GAP_SECONDS all the same, and then placed with an alarm: nothing is ever left out.
    """
    names = {row[8] for row in waiting}
    standings = {
        row.writer: (row.serial, row.digest) for row in WriterStanding.objects.filter(writer__in=names)
    }
    found = Admitted()
    held: set[str] = set()
    for event, *columns in waiting:
        writer, serial, previous = columns[7:10]
        if writer in held:
            continue
        last, digest = found.writers.get(writer) or standings.get(writer) or (0, NO_DIGEST)
        if (serial, previous) != (last + 1, digest):
            since = _first_seen.setdefault(writer, time.monotonic())
            if time.monotonic() - since < GAP_SECONDS:
                held.add(writer)
                continue
            found.gaps.append(Gap(writer, last + 1, serial))
        body = body_of(tuple(columns))
        found.writers[writer] = (serial, digest_of_bytes(body).hex())
        found.numbers.append(event)
        found.bodies.append(body)
        found.kinds.append(columns[1])
    return found


def _place(numbers: Sequence[int], placed: Sequence[SequencedEvent]) -> None:
    """Insert the places, then take the events from the waiting list, as plain statements: others wait meanwhile."""
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        rows = [
            (each.sequence, event, each.digest, each.chain)
            for event, each in zip(numbers, placed, strict=True)
        ]
        insert_sql = "INSERT INTO audit_sequenced (sequence, event_id, digest, chain) VALUES "
        if sqlite:
            cursor.executemany(f"{insert_sql} (%s, %s, %s, %s)", rows)
            cursor.executemany(
                "DELETE FROM audit_pending WHERE event_id = %s", [(event,) for event in numbers]
            )
            return
        places = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
        cursor.execute(insert_sql + places, [value for row in rows for value in row])
        cursor.execute("DELETE FROM audit_pending WHERE event_id = ANY(%s)", [list(numbers)])


def _keep_blocks(size: int, placed: Sequence[SequencedEvent]) -> None:
    """Keep the Merkle root of every 256 events that are now complete."""
    first = size - size % BLOCK
    leaves = [
        bytes(digest)
        for digest in Sequenced.objects.filter(sequence__gt=first, sequence__lte=size)
        .order_by("sequence")
        .values_list("digest", flat=True)
    ]
    leaves += [each.digest for each in placed]
    made = []
    for start in range(0, len(leaves) - len(leaves) % BLOCK, BLOCK):
        frontier = Frontier()
        for leaf in leaves[start : start + BLOCK]:
            frontier.append(leaf)
        made.append(Block(index=(first + start) // BLOCK, root=frontier.root()))
    Block.objects.bulk_create(made)


def _record_gaps(gaps: Sequence[Gap]) -> None:
    drafts = [
        draft(
            kind="audit.gap_found",
            at=timezone.now(),
            by=SYSTEM,
            organisation=None,
            fields={
                "writer": gap.writer,
                "expected": min(gap.expected, LARGEST_COUNT),
                "found": min(gap.found, LARGEST_COUNT),
            },
        )
        for gap in gaps
    ]
    _, numbered = number(new_writer(), drafts)
    insert(numbered.events)
