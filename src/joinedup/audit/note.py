"""Signed notes: text under one or more Ed25519 signatures, in the open format c2sp.org/signed-note.

Other people's tools read and verify them too, and may add a signature of their own beside ours.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from joinedup.audit.error import AuditError
from joinedup.audit.field import instant_text, is_instant, read_instant

_ED25519 = b"\x01"
_KEY_BYTES = 32
_MOST_SIGNATURES = 16
_MOST_BYTES = 64 * 1024
_NAME = re.compile(r"[^\s+]+")
_SIGNATURE_LINE = re.compile("— ([^\\s+]+) ([A-Za-z0-9+/]+={0,2})")


class Signer(Protocol):
    """Who signs a note. A key store may stand behind it, so that the private key never leaves the store."""

    @property
    def name(self) -> str:
        """The key's name: no spaces, no plus sign; the origin of what it signs."""
        ...

    @property
    def public(self) -> bytes:
        """The Ed25519 public key, 32 bytes."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of the message, 64 bytes."""
        ...


@dataclass(frozen=True)
class Ed25519Signer:
    """A signer that holds its private key, as 32 bytes of seed (RFC 8032), which no repr shows."""

    name: str
    seed: bytes = field(repr=False)

    @property
    def public(self) -> bytes:
        """The Ed25519 public key, 32 bytes."""
        return self._private().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of the message, 64 bytes."""
        return self._private().sign(message)

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True)
class NoteKey:
    """A public key that notes may be signed with, and from when until when what it signs is believed.

    public: 32 bytes. valid_from, valid_until: None for open ends; the latter is the first moment outside.
    Raises AuditError for a name or key that cannot be.
    """

    name: str
    public: bytes
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def __post_init__(self) -> None:
        if len(self.public) != _KEY_BYTES or _NAME.fullmatch(self.name) is None:
            raise AuditError(
                what="this is not a named Ed25519 public key",
                mend="a name has no spaces and no plus sign, and a key has 32 bytes",
            )

    @property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, tell a note's signatures apart."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    @property
    def verifier_key(self) -> str:
        """The key as text, as other tools take it: name, key id in hex, type and key in base64."""
        return f"{self.name}+{self.key_id.hex()}+{_base64(_ED25519 + self.public)}"

    def is_valid_at(self, at: datetime) -> bool:
        """Whether a signature that claims this moment is believed."""
        return (self.valid_from is None or self.valid_from <= at) and (
            self.valid_until is None or at < self.valid_until
        )


@dataclass(frozen=True)
class NoteSignature:
    """One signature line. key_id: four bytes."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    """text: what is signed, ending in a line break. signatures: in the note's order, not verified yet."""

    text: str
    signatures: tuple[NoteSignature, ...]


def key_of(
    signer: Signer, *, valid_from: datetime | None = None, valid_until: datetime | None = None
) -> NoteKey:
    """The public key of a signer."""
    return NoteKey(signer.name, signer.public, valid_from, valid_until)


def sign_note(text: str, signers: Sequence[Signer]) -> str:
    """Return the text under the signatures, in the signers' order.

    Raises AuditError where the text cannot be a note's, or nobody signs.
    """
    if not text.endswith("\n") or _has_controls(text):
        raise AuditError(
            what="this text cannot be signed as a note",
            mend="end it with a line break, without other control characters",
        )
    if not signers:
        raise AuditError(what="nobody signs the note", mend="give at least one signer")
    lines = [
        f"— {signer.name} {_base64(key_of(signer).key_id + signer.sign(text.encode()))}\n"
        for signer in signers
    ]
    return text + "\n" + "".join(lines)


def read_note(note: str) -> Note:
    """Take a note apart. Nothing is verified yet: its text is not to be believed.

    Raises AuditError where it is not a signed note.
    """
    text, gap, below = note.rpartition("\n\n")
    lines = below.removesuffix("\n").split("\n")
    if (
        not gap
        or not below.endswith("\n")
        or _has_controls(note)
        or len(lines) > _MOST_SIGNATURES
        or len(note.encode("utf-8", "surrogatepass")) > _MOST_BYTES
    ):
        raise _unreadable()
    return Note(text=text + "\n", signatures=tuple(_signature(line) for line in lines))


def verify_note(note: Note, keys: Iterable[NoteKey]) -> tuple[NoteKey, ...]:
    """Return those of the keys that have signed the note.

    Signatures of unknown keys are passed over. Validity in time is the caller's to ask: only the text says when.

    Raises AuditError where no known key has signed, or the signature of a known key does not hold.
    """
    known = {(key.name, key.key_id): key for key in keys}
    signed = []
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature.signature, note.text.encode())
        except (InvalidSignature, ValueError) as error:
            raise AuditError(
                what="a signature does not hold",
                where=f"key {key.name}+{key.key_id.hex()}",
                mend="the text is not what was signed; get the note again from where it is kept",
            ) from error
        signed.append(key)
    if not signed:
        raise AuditError(
            what="no known key has signed this",
            where=", ".join(f"{s.name}+{s.key_id.hex()}" for s in note.signatures),
            mend="give the public key of the record's keeper",
        )
    return tuple(signed)


def read_keys(text: str, *, where: str = "public keys") -> tuple[NoteKey, ...]:
    """Read public keys as text: one a line, its verifier key, then from when and until when (`-` where open).

    Empty lines and those that begin with # are passed over. Raises AuditError naming the line.
    """
    keys = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if words and not words[0].startswith("#"):
            keys.append(_key(words, f"{where}, line {number}"))
    if not keys:
        raise AuditError(what="there is no public key", where=where, mend="give one a line")
    return tuple(keys)


def keys_text(keys: Iterable[NoteKey]) -> str:
    """The keys as text that `read_keys` reads."""
    return "".join(
        f"{key.verifier_key} {_moment(key.valid_from)} {_moment(key.valid_until)}\n" for key in keys
    )


def strict_base64(text: str) -> bytes:
    """The bytes behind standard base64; ValueError where there is another way to write them."""
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if _base64(found) != text:
        raise ValueError("not the one way to write these bytes")
    return found


def _key(words: list[str], where: str) -> NoteKey:
    name, _, rest = words[0].partition("+")
    stated, _, encoded = rest.partition("+")
    moments = [*words[1:], "-", "-"][:2]
    try:
        kind_and_key = strict_base64(encoded)
        if kind_and_key[:1] != _ED25519 or len(words) > 3:
            raise ValueError("not an Ed25519 key")
        valid_from, valid_until = (None if word == "-" else _read_moment(word) for word in moments)
        key = NoteKey(name, kind_and_key[1:], valid_from, valid_until)
        if key.key_id.hex() != stated:
            raise ValueError("another key's id")
    except (ValueError, AuditError) as error:
        raise AuditError(
            what="this is not a public key",
            where=where,
            mend="write NAME+ID+BASE64, then from when and until when (- where open)",
        ) from error
    return key


def _signature(line: str) -> NoteSignature:
    found = _SIGNATURE_LINE.fullmatch(line)
    if found is None:
        raise _unreadable()
    try:
        blob = strict_base64(found[2])
    except ValueError as error:
        raise _unreadable() from error
    if len(blob) < 5:
        raise _unreadable()
    return NoteSignature(name=found[1], key_id=blob[:4], signature=blob[4:])


def _moment(at: datetime | None) -> str:
    return "-" if at is None else instant_text(at)


def _read_moment(word: str) -> datetime:
    if not is_instant(word):
        raise ValueError("not an instant")
    return read_instant(word)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _has_controls(text: str) -> bool:
    return any(character < " " and character != "\n" for character in text)


def _unreadable() -> AuditError:
    return AuditError(what="this is not a signed note", mend="get it again from where it is kept")
