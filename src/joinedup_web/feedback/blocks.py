"""Marks by which more of the same is held back: keyed digests, from which neither words nor sender can be found."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import connection
from django.db.models import F

from joinedup.ports.keys import KeyPurpose, KeyState
from joinedup_web.audit.keys import key_store
from joinedup_web.feedback.models import Block, BlockKind

SENDERS_KEPT = timedelta(days=7)
LEAST_LETTERS = 12
"""Shorter texts ("no", "thank you") are not blocked: too many people write them."""


def sender_mark(service_id: UUID, address: str) -> str:
    """What Response.sender_mark keeps of a network address: the same for one service alone; empty for none."""
    return _marks("sender", service_id, address)[0] if address else ""


def text_mark(service_id: UUID, masked: Iterable[str]) -> str:
    """The mark of masked texts, whatever their case, spacing and punctuation; empty where they say too little."""
    marks = _text_marks(service_id, masked)
    return marks[0] if marks else ""


def block_for(service_id: UUID, *, masked: Iterable[str], sender: str = "", on: datetime) -> str:
    """Why a response that arrives is held back: "blocked_text", "blocked_sender", or empty where no block meets it.

    masked: its texts after masking. sender: its sender_mark. One small query for services that block nothing, which is
    most; a block that meets it counts it. For the deed that keeps a response.
    """
    if not _any_block(service_id, on):
        return ""
    marks = _text_marks(service_id, masked)
    if sender:
        marks = [*marks, sender]
    if not marks:
        return ""
    found = Block.objects.filter(service_id=service_id, mark__in=marks, lifted_at=None, until__gt=on).first()
    if found is None:
        return ""
    Block.objects.filter(id=found.id).update(held=F("held") + 1)
    return "blocked_text" if found.kind == BlockKind.TEXT else "blocked_sender"


def _any_block(service_id: UUID, on: datetime) -> bool:
    """Whether a service blocks anything: a statement as it stands, since every response asks it."""
    table = connection.ops.quote_name(Block._meta.db_table)
    service = Block._meta.pk.get_db_prep_value(service_id, connection)
    until = connection.ops.adapt_datetimefield_value(on)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {table} WHERE service_id = %s AND lifted_at IS NULL AND until > %s LIMIT 1",  # noqa: S608 - a name of our own
            [service, until],
        )
        return cursor.fetchone() is not None


def _text_marks(service_id: UUID, masked: Iterable[str]) -> list[str]:
    told = (unicodedata.normalize("NFKC", text).casefold() for text in masked)
    words = "\n".join(sorted("".join(filter(str.isalnum, text)) for text in told)).strip()
    return _marks("text", service_id, words) if len(words) >= LEAST_LETTERS else []


def _marks(kind: str, service_id: UUID, text: str) -> list[str]:
    """Under the current key first, then under earlier ones, so that a new key does not end every block."""
    octets = "\0".join(("feedback-block", kind, str(service_id), text)).encode()
    keys = [
        key
        for key in key_store().all(KeyPurpose.SUBJECT_TOKENS)
        if key.state in (KeyState.CURRENT, KeyState.PREVIOUS)
    ]
    keys.sort(key=lambda key: key.state is not KeyState.CURRENT)
    return [hmac.new(key.secret(), octets, sha256).hexdigest() for key in keys]
