"""One-use secrets for links and codes: made from the system's randomness, kept as digests alone."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field

from django.utils.crypto import salted_hmac


@dataclass(frozen=True)
class NewToken:
    """text: for the link, told once. digest: what is kept."""

    text: str = field(repr=False)
    digest: str


def new_token() -> NewToken:
    """Return 256 random bits as text that fits in a link."""
    text = secrets.token_urlsafe(32)
    return NewToken(text, digest_of(text))


def digest_of(text: str) -> str:
    """SHA-256 in hex. Fit for random tokens; passwords need Argon2."""
    return hashlib.sha256(text.encode()).hexdigest()


def new_recovery_codes(count: int = 10) -> list[str]:
    """Return codes of 80 random bits each, as four groups of four letters and digits: abcd-efgh-2345-wxyz."""
    return [_grouped(base64.b32encode(secrets.token_bytes(10)).decode().lower()) for _ in range(count)]


def recovery_digest(code: str) -> str:
    """The digest of a recovery code, whatever its case, spaces and hyphens, and with 0, 1 and 8 read as o, l, b."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return digest_of(plain.translate(str.maketrans("018", "olb")))


def keyed_digest(kind: str, value: str) -> str:
    """HMAC-SHA256 of a value that could be guessed (an address, an e-mail), under the site's secret key."""
    return salted_hmac(f"joinedup.accounts.{kind}", value, algorithm="sha256").hexdigest()


def _grouped(text: str) -> str:
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))
