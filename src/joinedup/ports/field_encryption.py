"""Single values encrypted, so that the database alone tells nothing; and one person's made unreadable.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce: rotate before 2^32 values under one key. The
envelope is text, `ju1.<key id>.<base64url of nonce, ciphertext and tag>`. The key id and the context
(say which table, column and row) are authenticated with it: a value moved to another row does not open.

To be able to forget a person, give each a key of their own (`new_subject_key`) and keep it, wrapped, in a
table of its own. Deleting that row makes all that is encrypted for the person unreadable, in every
copy: crypto-shredding. So keep that table out of long-lived backups, or delete again after restoring.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from joinedup.ports import key_material
from joinedup.ports.key_errors import KeyStoreError
from joinedup.ports.keys import KeyPurpose, KeyStore, find_key

FORMAT = "ju1"
SUBJECT = "subject"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_PURPOSES = (KeyPurpose.FIELD_ENCRYPTION, KeyPurpose.BACKUP)


def encrypt(
    keys: KeyStore, plain: bytes, *, context: str, purpose: KeyPurpose = KeyPurpose.FIELD_ENCRYPTION
) -> str:
    """The envelope of a value under the current key."""
    key = keys.current(_encrypting(purpose))
    return _sealed(key.secret(), key.id, plain, context=context)


def decrypt(
    keys: KeyStore, envelope: str, *, context: str, purpose: KeyPurpose = KeyPurpose.FIELD_ENCRYPTION
) -> bytes:
    """The value. KeyStoreError: its key is retired, destroyed or unknown, or value and context do not fit."""
    key_id, body = _parts(envelope)
    return _opened(find_key(keys, _encrypting(purpose), key_id).secret(), key_id, body, context=context)


def is_under_current_key(
    keys: KeyStore, envelope: str, *, purpose: KeyPurpose = KeyPurpose.FIELD_ENCRYPTION
) -> bool:
    """Whether an envelope (or a wrapped subject key) has nothing to gain from being made anew."""
    return _parts(envelope)[0] == keys.current(purpose).id


def new_subject_key(keys: KeyStore, *, subject: str) -> str:
    """A key of one person's own, wrapped under the current key: to be kept in a row, and deleted to forget.

    subject: our own identifier of the person, which opening must name again.
    """
    secret = key_material.generate(key_material.Algorithm.AES_256_GCM)
    return encrypt(keys, secret, context=_subject_context(subject))


def open_subject_key(keys: KeyStore, wrapped: str, *, subject: str) -> SubjectKey:
    """The person's key, to use and let go. KeyStoreError as `decrypt`, also for another person's."""
    return SubjectKey(decrypt(keys, wrapped, context=_subject_context(subject)))


def rewrap_subject_key(keys: KeyStore, wrapped: str, *, subject: str) -> str:
    """The same key under the current key, after a rotation; what it encrypts is untouched."""
    secret = decrypt(keys, wrapped, context=_subject_context(subject))
    return encrypt(keys, secret, context=_subject_context(subject))


@dataclass(frozen=True)
class SubjectKey:
    """One person's key."""

    _secret: bytes = field(repr=False)

    def encrypt(self, plain: bytes, *, context: str) -> str:
        """The envelope; it names no person."""
        return _sealed(self._secret, SUBJECT, plain, context=context)

    def decrypt(self, envelope: str, *, context: str) -> bytes:
        """The value. KeyStoreError where it is another person's, moved or altered."""
        key_id, body = _parts(envelope)
        return _opened(self._secret, key_id, body, context=context)


def _encrypting(purpose: KeyPurpose) -> KeyPurpose:
    if purpose not in _PURPOSES:
        raise KeyStoreError(what="keys of this purpose encrypt nothing", where=purpose.value)
    return purpose


def _sealed(secret: bytes, key_id: str, plain: bytes, *, context: str) -> str:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    body = nonce + AESGCM(secret).encrypt(nonce, plain, _bound(key_id, context))
    return f"{FORMAT}.{key_id}.{base64.urlsafe_b64encode(body).decode().rstrip('=')}"


def _opened(secret: bytes, key_id: str, body: bytes, *, context: str) -> bytes:
    try:
        return AESGCM(secret).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], _bound(key_id, context))
    except InvalidTag:
        raise KeyStoreError(
            what="the value was altered, moved, or encrypted for something else", where=key_id
        ) from None


def _parts(envelope: str) -> tuple[str, bytes]:
    form, _, rest = envelope.partition(".")
    key_id, _, text = rest.partition(".")
    try:
        body = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        body = b""
    if form != FORMAT or not key_id or len(body) < _NONCE_BYTES + _TAG_BYTES:
        raise KeyStoreError(what="not an encrypted value")
    return key_id, body


def _bound(key_id: str, context: str) -> bytes:
    # The id holds no NUL, so no two pairs of id and context give the same bytes.
    return f"{FORMAT}\0{key_id}\0{context}".encode()


def _subject_context(subject: str) -> str:
    return f"subject key\0{subject}"
