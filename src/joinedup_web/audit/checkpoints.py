"""Checkpoints: signed now and then, kept in the database, and carried off it as files that nobody overwrites.

Whoever can change the database cannot change what was carried away, so the folder (or the second one) should be
on storage that this machine may add to and not alter.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Subquery
from django.utils import timezone

from joinedup.audit import Head as Standing
from joinedup.audit import checkpoint_of, read_checkpoint, sign_checkpoint
from joinedup_web.audit.keys import checkpoint_signer
from joinedup_web.audit.models import Checkpoint, Head
from joinedup_web.audit.sequence import ABOUT_CHECKPOINTS, locked_head
from joinedup_web.audit.turn import write_turn
from joinedup_web.audit.write import draft, insert, new_writer, number
from joinedup_web.gate.actor import SYSTEM

EVENTS_BETWEEN = 10_000
TIME_BETWEEN = timedelta(minutes=5)
"""A checkpoint is signed after so many events, or after this time where there are new ones at all."""

LATE = timedelta(seconds=30)


def folders() -> tuple[Path, ...]:
    """Where checkpoints are carried to: the site's folder, and a second one where the settings name it."""
    second = settings.JOINEDUP.checkpoints
    return (settings.SITE_DIR / "checkpoints", *((second,) if second else ()))


def sign_if_due(*, at_once: bool = False) -> int | None:
    """Sign a checkpoint of the record as it stands where one is due; return its size, else None.

    at_once: also where the last one is recent; without new events there is nothing to sign.
    """
    head = Head.objects.filter(id=1).first()
    if head is None or head.unsealed == 0:
        return None
    now = timezone.now()
    last = Checkpoint.objects.first()
    if last is not None and not at_once and head.unsealed < EVENTS_BETWEEN:
        since = now - read_checkpoint(last.note).at
        if timedelta(0) <= since < TIME_BETWEEN:
            return None
    standing = Standing(head.size, bytes(head.chain), bytes(head.frontier))
    checkpoint = checkpoint_of(standing, origin=head.origin, at=now)
    signer = checkpoint_signer(head.origin)
    note = sign_checkpoint(checkpoint, [signer])  # may ask a far-off key store, so before the transaction
    with write_turn(), transaction.atomic():
        row = locked_head()
        if Checkpoint.objects.filter(size__gte=checkpoint.size).exists():
            return None  # another process was quicker
        Checkpoint.objects.bulk_create([Checkpoint(size=checkpoint.size, note=note)])
        row.unsealed -= head.unsealed
        row.save(update_fields=["unsealed"])
        event = draft(
            kind=ABOUT_CHECKPOINTS,
            at=now,
            by=SYSTEM,
            organisation=None,
            fields={
                "size": checkpoint.size,
                "root": checkpoint.root.hex(),
                "key": _fingerprint(signer.public),
            },
        )
        _, numbered = number(new_writer(), [event])
        insert(numbered.events)
    return checkpoint.size


def carry_off() -> int:
    """Write every checkpoint that is newer than a folder's newest as a file of its own; return how many.

    A file that is there is never written again. Raises OSError where a folder cannot be written.
    """
    written = 0
    for folder in folders():
        newer = Checkpoint.objects.filter(size__gt=largest_in(folder)).order_by("size")
        for row in newer.iterator(chunk_size=100):
            file = folder / name_of(row.size)
            file.parent.mkdir(parents=True, exist_ok=True)
            _write(file, row.note)
            written += 1
    return written


def name_of(size: int) -> str:
    """The file of a checkpoint, in a subfolder for each million events; names sort as sizes do."""
    return f"{size // 1_000_000:09d}/{size:015d}.checkpoint"


def carried(folder: Path) -> Iterator[str]:
    """The notes in a folder, by size."""
    for file in sorted(folder.glob("*/*.checkpoint")):
        yield file.read_text(encoding="utf-8")


def largest_in(folder: Path) -> int:
    """The size of the largest checkpoint in a folder; 0 where there is none."""
    for part in sorted(folder.glob("[0-9]*"), reverse=True):
        if files := list(part.glob("*.checkpoint")):
            return int(max(files).stem)
    return 0


def problem() -> str | None:
    """What is wrong with the checkpoints that were carried off, in words; None where nothing is."""
    newest_note = Subquery(Checkpoint.objects.order_by("-size").values("note")[:1])
    size, note = Head.objects.annotate(note=newest_note).values_list("size", "note").first() or (0, None)
    newest = read_checkpoint(note) if note else None
    for folder in folders():
        largest = largest_in(folder)
        if largest > size:
            return "a checkpoint that was carried off has more events than the record"
        if newest is None or largest >= newest.size:
            continue
        if timezone.now() - newest.at > LATE:
            return "checkpoints cannot be carried off to their folder"
    return None


def _write(file: Path, note: str) -> None:
    """Whole or not at all, on the disk before this returns, and never over another."""
    draft_file = file.with_name(f".{file.name}.{os.getpid()}")
    with open(draft_file, "w", encoding="utf-8") as out:
        out.write(note)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft_file, file)
    except FileExistsError:
        pass
    finally:
        draft_file.unlink()
    handle = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _fingerprint(public: bytes) -> str:
    return sha256(public).hexdigest()
