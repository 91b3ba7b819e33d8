"""Checkpoints: the standing of the whole record, signed and carried off the database.

A checkpoint is a signed note as c2sp.org/tlog-checkpoint lays it down: origin, size and root of the Merkle
tree, then two extension lines of ours, the hash chain's value and the time of signing. Kept where the keepers of
the database cannot reach, it holds them to everything that came before it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from joinedup.audit.chain import Head
from joinedup.audit.error import AuditError
from joinedup.audit.field import instant_text, is_hex, is_instant, read_instant
from joinedup.audit.merkle import HASH_BYTES
from joinedup.audit.note import NoteKey, Signer, read_note, sign_note, strict_base64, verify_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class Checkpoint:
    """origin: whose record it is, as example.gov.uk/joinedup. size: events. root, chain: 32 bytes each. at: UTC."""

    origin: str
    size: int
    root: bytes
    chain: bytes
    at: datetime

    @property
    def text(self) -> str:
        """What is signed."""
        root = base64.b64encode(self.root).decode("ascii")
        return f"{self.origin}\n{self.size}\n{root}\nchain {self.chain.hex()}\ntime {instant_text(self.at)}\n"


def checkpoint_of(head: Head, *, origin: str, at: datetime) -> Checkpoint:
    """The checkpoint of a standing, still to be signed."""
    return Checkpoint(origin=origin, size=head.size, root=head.root, chain=head.chain, at=at)


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[Signer]) -> str:
    """Return the signed note. While a key is being changed, the old and the new one both sign.

    Raises AuditError where nobody signs, or a signer bears another name than the origin.
    """
    if any(signer.name != checkpoint.origin for signer in signers):
        raise AuditError(
            what="a signer bears another name than the record's origin",
            where=checkpoint.origin,
            mend="name the record's keys for its origin",
        )
    return sign_note(checkpoint.text, signers)


def read_checkpoint(note: str) -> Checkpoint:
    """Read a checkpoint without verifying it: it is not to be believed yet.

    Raises AuditError where it is not a checkpoint of ours, to the letter.
    """
    text = read_note(note).text
    lines = text.removesuffix("\n").split("\n")
    try:
        origin, size, root, chain, time = lines
        head, tail = strict_base64(root), chain.removeprefix("chain ")
        moment = time.removeprefix("time ")
        if not (_SIZE.fullmatch(size) and len(head) == HASH_BYTES and is_hex(tail, digits=64)):
            raise ValueError("not a tree head")
        if not is_instant(moment):
            raise ValueError("not a time")
        checkpoint = Checkpoint(origin, int(size), head, bytes.fromhex(tail), read_instant(moment))
        if not origin or checkpoint.text != text:
            raise ValueError("not to the letter")
    except ValueError as error:
        raise AuditError(
            what="this is not a checkpoint of an audit record",
            mend="give the whole note, from its origin to its signatures",
        ) from error
    return checkpoint


def verify_checkpoint(
    note: str, keys: Iterable[NoteKey], *, origin: str | None = None
) -> tuple[Checkpoint, tuple[NoteKey, ...]]:
    """Return the checkpoint and the known keys that have signed it and were valid at its time.

    origin: whose record it must be, where that is known.

    Raises AuditError where it is no checkpoint, is another record's, carries a signature of a known key that
    does not hold, or has none of a known key that was valid at its time.
    """
    checkpoint = read_checkpoint(note)
    where = f"checkpoint of {checkpoint.size} events"
    if origin is not None and checkpoint.origin != origin:
        raise AuditError(
            what="the checkpoint is another record's", where=where, mend="give those of one record"
        )
    named = [key for key in keys if key.name == checkpoint.origin]
    signed = verify_note(read_note(note), named)
    valid = tuple(key for key in signed if key.is_valid_at(checkpoint.at))
    if not valid:
        raise AuditError(
            what="the key that signed was not valid at the time that the checkpoint states",
            where=where,
            mend="find out who signed with a key that was not in use",
        )
    return checkpoint, valid
