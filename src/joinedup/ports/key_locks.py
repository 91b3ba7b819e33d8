"""What opens a file of keys: a passphrase, a master key, or a recipient's private key.

A sealed document is JSON: how it was locked, with salts and costs, and the content under AES-256-GCM.
The header is authenticated with the content, so neither can be exchanged alone.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from joinedup.ports.key_errors import KeyLockError

FORMAT = "joinedup keys 1"
# What OWASP's password storage advice gives for scrypt: 128 MiB and about half a second.
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**17, 8, 1
SHORTEST_PASSPHRASE = 12
_NONCE_BYTES = 12

Header = Mapping[str, str | int]


class KeyLock(Protocol):
    """What seals and opens a document of keys."""

    kind: str

    def lock(self) -> tuple[Header, bytes]:
        """A header to write, and the 32-byte key that it leads to."""

    def unlock(self, header: Header) -> bytes:
        """The key that a header leads to. KeyLockError if this lock cannot know."""


class Passphrase:
    """A passphrase, stretched by scrypt. Derived once a salt, so a store may be read often."""

    kind = "passphrase"

    def __init__(self, text: str, *, n: int = SCRYPT_N) -> None:
        if len(text) < SHORTEST_PASSPHRASE:
            raise KeyLockError(
                what="the passphrase is too short", mend=f"use {SHORTEST_PASSPHRASE} characters or more"
            )
        self._text, self._n = text.encode(), n
        self._derived: dict[tuple[str, int], bytes] = {}

    def lock(self) -> tuple[Header, bytes]:
        """The salt already in use, or a new one."""
        if not self._derived:
            self._derive(_text(secrets.token_bytes(16)), self._n)
        (salt, n), key = next(reversed(self._derived.items()))
        return {"salt": salt, "n": n, "r": SCRYPT_R, "p": SCRYPT_P}, key

    def unlock(self, header: Header) -> bytes:
        """Costs are bounded, so a forged file cannot ask for all the memory."""
        n = header.get("n")
        if header.get("r") != SCRYPT_R or header.get("p") != SCRYPT_P or not isinstance(n, int):
            raise KeyLockError(what="the file's scrypt costs are not ones in use here")
        if n not in {2**power for power in range(10, 21)}:
            raise KeyLockError(what="the file's scrypt costs are not ones in use here")
        return self._derive(str(header.get("salt")), n)

    def _derive(self, salt: str, n: int) -> bytes:
        if (salt, n) not in self._derived:
            kdf = Scrypt(salt=_bytes(salt), length=32, n=n, r=SCRYPT_R, p=SCRYPT_P)
            self._derived[salt, n] = kdf.derive(self._text)
        return self._derived[salt, n]


class MasterKey:
    """32 random bytes that another keeper of secrets holds for us."""

    kind = "master key"

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32:
            raise KeyLockError(
                what="a master key has 32 bytes", mend="make one with: openssl rand -base64 32"
            )
        self._secret = secret

    def lock(self) -> tuple[Header, bytes]:
        """A new salt each time, so that no two documents share a key."""
        salt = secrets.token_bytes(16)
        return {"salt": _text(salt)}, _hkdf(self._secret, salt)

    def unlock(self, header: Header) -> bytes:
        """The key of the header's salt."""
        return _hkdf(self._secret, _bytes(str(header.get("salt"))))


class Recipient:
    """Whoever holds the private half of an X25519 key: this half can seal and cannot open."""

    kind = "recipient"

    def __init__(self, public: bytes) -> None:
        self._public = public

    def lock(self) -> tuple[Header, bytes]:
        """An ephemeral key agreed with the recipient's."""
        ephemeral = x25519.X25519PrivateKey.generate()
        sent = ephemeral.public_key().public_bytes_raw()
        shared = ephemeral.exchange(x25519.X25519PublicKey.from_public_bytes(self._public))
        return {"ephemeral": _text(sent)}, _hkdf(shared, sent + self._public)

    def unlock(self, header: Header) -> bytes:
        """Refused, always: that is what a recipient is for."""
        raise KeyLockError(
            what="a recipient's public key seals and cannot open", mend="give the recipient's private key"
        )


class RecipientKey(Recipient):
    """The private half, which opens what was sealed for the recipient."""

    def __init__(self, private: bytes) -> None:
        self._private = x25519.X25519PrivateKey.from_private_bytes(private)
        super().__init__(self._private.public_key().public_bytes_raw())

    def unlock(self, header: Header) -> bytes:
        """The key agreed with the header's ephemeral one."""
        sent = _bytes(str(header.get("ephemeral")))
        try:
            shared = self._private.exchange(x25519.X25519PublicKey.from_public_bytes(sent))
        except ValueError:
            raise KeyLockError(what="the file's header is damaged") from None
        return _hkdf(shared, sent + self._public)


def master_key_from_text(text: str) -> MasterKey:
    """The master key that base64 text holds. KeyLockError if it does not."""
    try:
        return MasterKey(_bytes("".join(text.split())))
    except ValueError:
        raise KeyLockError(what="the master key is not base64") from None


def new_recipient() -> tuple[bytes, bytes]:
    """A new recipient's private and public half, in PEM: the first is kept off the machine."""
    private = x25519.X25519PrivateKey.generate()
    pem = serialization.Encoding.PEM
    bare = serialization.NoEncryption()
    return (
        private.private_bytes(pem, serialization.PrivateFormat.PKCS8, bare),
        private.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo),
    )


def recipient_from_pem(pem: bytes) -> Recipient:
    """A Recipient from a public half, a RecipientKey from a private one. KeyLockError if it is neither."""
    try:
        if b"PRIVATE KEY" in pem:
            private = serialization.load_pem_private_key(pem, None)
            if isinstance(private, x25519.X25519PrivateKey):
                return RecipientKey(private.private_bytes_raw())
        else:
            public = serialization.load_pem_public_key(pem)
            if isinstance(public, x25519.X25519PublicKey):
                return Recipient(public.public_bytes_raw())
    except (ValueError, TypeError):
        pass  # not PEM, or under a password of its own: told below like every other misfit
    raise KeyLockError(
        what="not an X25519 key in PEM", mend="make one with: openssl genpkey -algorithm x25519"
    )


def seal(content: bytes, *, lock: KeyLock | None) -> bytes:
    """The document as bytes; without a lock it is readable by whoever can read the file."""
    if lock is None:
        header: dict[str, str | int] = {"format": FORMAT, "lock": "none"}
        return json.dumps({**header, "content": _text(content)}, indent=1).encode()
    made, key = lock.lock()
    header = {"format": FORMAT, "lock": lock.kind, **made}
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, content, _canonical(header))
    return json.dumps({**header, "content": _text(sealed)}, indent=1).encode()


def unseal(document: bytes, *, lock: KeyLock | None, where: str = "") -> bytes:
    """The content. KeyLockError: not such a document, another lock, altered, or the wrong passphrase.

    A lock refuses a document without one: else who can write the file could slip in keys of their own.
    """
    header, content = _parse(document, where=where)
    kind = header["lock"]
    if lock is None and kind == "none":
        return content
    if lock is None or kind != lock.kind:
        held = "nothing" if lock is None else f"a {lock.kind}"
        needs = "is not locked" if kind == "none" else f"is locked by a {kind}"
        raise KeyLockError(what=f"the file {needs}, and {held} was given to open it", where=where)
    try:
        plain = AESGCM(lock.unlock(header))
        return plain.decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], _canonical(header))
    except (InvalidTag, ValueError):
        raise KeyLockError(
            what=f"the {kind} is wrong, or the file was altered", where=where, mend=f"check the {kind}"
        ) from None


def locked_by(document: bytes, *, where: str = "") -> str | None:
    """The kind of lock that a document says it is under; None for none. KeyLockError if it is no document."""
    kind = str(_parse(document, where=where)[0]["lock"])
    return None if kind == "none" else kind


def _parse(document: bytes, *, where: str) -> tuple[dict[str, str | int], bytes]:
    try:
        read = json.loads(document)
        content = _bytes(read.pop("content"))
        if read["format"] != FORMAT or not isinstance(read["lock"], str):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeyLockError(what="not a file of keys, or a damaged one", where=where) from None
    return read, content


def _canonical(header: Header) -> bytes:
    return json.dumps(dict(header), sort_keys=True, separators=(",", ":")).encode()


def _hkdf(secret: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=FORMAT.encode()).derive(secret)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
