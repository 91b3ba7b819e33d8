"""Subject tokens on the website: people in the audit record, whose salts can be erased.

A token stays the same for as long as its salt is kept, also over a rotation of the key, so that a person's events
can be listed; without the salt nobody can tell any more whose they are.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from joinedup.audit.subject import SALT_BYTES, subject_reference, subject_token
from joinedup.ports.keys import KeyPurpose, KeyState
from joinedup_web.audit.keys import key_store
from joinedup_web.audit.models import ForgottenSalt, SubjectSalt

SECONDS_REMEMBERED = 30.0
"""How long a process goes on using a token without looking whether its salt is still there."""

_MOST_REMEMBERED = 50_000
_remembered: dict[tuple[str, str], tuple[float, str]] = {}


def token_of(kind: str, identifier: UUID | str) -> str:
    """Return a subject's token; one met for the first time gets a salt, in the transaction under way."""
    asked = (kind, str(identifier))
    known = _remembered.get(asked)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    token = known_token(kind, identifier)
    if token is None:
        key = _keys()[0]
        reference = subject_reference(key, *asked)
        made = SubjectSalt(reference=reference, salt=secrets.token_bytes(SALT_BYTES))
        SubjectSalt.objects.bulk_create([made], ignore_conflicts=True)  # another may have been quicker
        salt = SubjectSalt.objects.get(reference=reference).salt
        token = subject_token(key, *asked, salt=bytes(salt))
    transaction.on_commit(lambda: _remember(asked, token))  # a salt that is rolled back must not live on here
    return token


def known_token(kind: str, identifier: UUID | str) -> str | None:
    """A subject's token where they were met and not forgotten; nothing is kept by asking."""
    asked = (kind, str(identifier))
    keys = {subject_reference(key, *asked): key for key in _keys()}
    row = SubjectSalt.objects.filter(reference__in=keys).first()
    return None if row is None else subject_token(keys[row.reference], *asked, salt=bytes(row.salt))


def known_tokens(kind: str, identifiers: Iterable[str]) -> dict[str, str]:
    """Identifiers by their tokens, of those that were met and not forgotten. One query."""
    keys = _keys()
    asked = {subject_reference(key, kind, each): (key, each) for each in identifiers for key in keys}
    rows = SubjectSalt.objects.filter(reference__in=asked) if len(asked) < 500 else SubjectSalt.objects.all()
    return {
        subject_token(key, kind, each, salt=bytes(row.salt)): each
        for row in rows
        if row.reference in asked
        for key, each in [asked[row.reference]]
    }


def forget(kind: str, identifier: UUID | str) -> bool:
    """Make a subject's events unlinkable; whether there was a salt.

    Other processes notice within SECONDS_REMEMBERED; what they record until then is unlinkable, too.
    """
    asked = (kind, str(identifier))
    references = [subject_reference(key, *asked) for key in _keys()]
    with transaction.atomic():
        rows = SubjectSalt.objects.filter(reference__in=references)
        digests = [_digest(row) for row in rows]
        rows.delete()
        _keep_forgotten(digests)
    _remembered.pop(asked, None)
    return bool(digests)


def forgotten() -> list[str]:
    """Digests of the salts that were deleted; they tell nothing about whom. Keep them away from the backups."""
    return sorted(ForgottenSalt.objects.values_list("digest", flat=True))


def forget_again(digests: Iterable[str] = ()) -> int:
    """After a restored backup: delete every salt that was deleted before; return how many had come back.

    digests: what `forgotten` returned, kept away from the backup.
    """
    with transaction.atomic():
        _keep_forgotten(digests)
        gone = set(forgotten())
        back = [row.reference for row in SubjectSalt.objects.iterator() if _digest(row) in gone]
        SubjectSalt.objects.filter(reference__in=back).delete()
    _remembered.clear()
    return len(back)


def _keep_forgotten(digests: Iterable[str]) -> None:
    now = timezone.now()
    ForgottenSalt.objects.bulk_create(
        [ForgottenSalt(digest=digest, at=now) for digest in digests], ignore_conflicts=True
    )


def _digest(row: SubjectSalt) -> str:
    return sha256(bytes(row.salt)).hexdigest()


def _remember(asked: tuple[str, str], token: str) -> None:
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    _remembered[asked] = (time.monotonic() + SECONDS_REMEMBERED, token)


def _keys() -> list[bytes]:
    """The current key first, then earlier ones under which salts may lie."""
    return [
        key.secret()
        for key in sorted(
            key_store().all(KeyPurpose.SUBJECT_TOKENS), key=lambda key: key.state is not KeyState.CURRENT
        )
        if key.state in (KeyState.CURRENT, KeyState.PREVIOUS)
    ]
