"""Evidence from the live record: proofs, and its export with everything to check it by."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from joinedup.audit import (
    AuditError,
    Export,
    NoteKey,
    consistency_proof,
    inclusion_proof,
    read_checkpoint,
    root,
    write_export,
)
from joinedup_web.audit.keys import public_keys
from joinedup_web.audit.live import events_in_order
from joinedup_web.audit.models import Block, Checkpoint, Head, Sequenced
from joinedup_web.audit.sequence import BLOCK


def prove_inclusion(sequence: int, *, size: int | None = None) -> dict[str, Any]:
    """Return the proof that an event is in the record that a checkpoint signed, as plain values.

    size: of the checkpoint; without it the smallest that has the event. Raises AuditError where none has it.
    """
    row = Checkpoint.objects.filter(size__gte=sequence if size is None else size).order_by("size").first()
    if row is None or (size is not None and row.size != size) or sequence > row.size:
        raise AuditError(
            what="no checkpoint holds this event yet",
            where=f"event {sequence}",
            mend="wait some minutes until one is signed",
        )
    (event,) = events_in_order(after=sequence - 1, upto=sequence)
    leaf, kept = leaves(), subtrees(row.size)
    proof = inclusion_proof(leaf, index=sequence - 1, size=row.size, kept=kept)
    return {
        "what": "inclusion proof (RFC 6962)",
        "event": event.body.decode("ascii"),
        "sequence": sequence,
        "leaf_index": sequence - 1,
        "tree_size": row.size,
        "leaf_hash": base64_text(event.digest),
        "root_hash": base64_text(root(leaf, row.size, kept=kept)),
        "proof": [base64_text(part) for part in proof],
        "checkpoint": row.note,
        "public_keys": _keys(row.note),
    }


def prove_consistency(first: int, second: int) -> dict[str, Any]:
    """Return the proof that the record of one checkpoint is the beginning of another's, as plain values."""
    notes = dict(Checkpoint.objects.filter(size__in=(first, second)).values_list("size", "note"))
    if first not in notes or second not in notes:
        raise AuditError(what="there is no checkpoint of that size", mend="choose two from the list")
    proof = consistency_proof(leaves(), first=first, second=second, kept=subtrees(second))
    return {
        "what": "consistency proof (RFC 6962)",
        "first_size": first,
        "second_size": second,
        "proof": [base64_text(part) for part in proof],
        "first_checkpoint": notes[first],
        "second_checkpoint": notes[second],
        "public_keys": _keys(notes[second]),
    }


def export_to(folder: Path, *, upto: int | None = None) -> Export:
    """Write the record from its start as files that `joinedup audit verify` checks anywhere.

    upto: the last event; without it all. Raises AuditError where the folder holds something already.
    """
    head = Head.objects.get(id=1)
    notes = [
        note
        for size, note in Checkpoint.objects.order_by("size").values_list("size", "note")
        if upto is None or size <= upto
    ]
    return write_export(folder, events_in_order(upto=upto), notes, public_keys(head.origin))


def _keys(note: str) -> list[str]:
    keys: tuple[NoteKey, ...] = public_keys(read_checkpoint(note).origin)
    return [key.verifier_key for key in keys]


def leaves() -> Callable[[int], bytes]:
    """Looks leaf hashes up by number, a block at a time."""

    @lru_cache(maxsize=64)
    def block_of(block: int) -> list[bytes]:
        rows = Sequenced.objects.filter(sequence__gt=block * BLOCK, sequence__lte=(block + 1) * BLOCK)
        return [bytes(digest) for digest in rows.order_by("sequence").values_list("digest", flat=True)]

    def leaf(index: int) -> bytes:
        return block_of(index // BLOCK)[index % BLOCK]

    return leaf


def subtrees(size: int) -> Callable[[int, int], bytes | None]:
    """Looks complete subtrees up by level and index."""
    level_of_block = BLOCK.bit_length() - 1
    known = {row.index: bytes(row.root) for row in Block.objects.filter(index__lt=size // BLOCK).iterator()}

    def kept(level: int, index: int) -> bytes | None:
        return known.get(index) if level == level_of_block else None

    return kept


def base64_text(octets: bytes) -> str:
    """Bytes in base64."""
    return base64.b64encode(octets).decode("ascii")
