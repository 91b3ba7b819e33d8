"""The lock of the offline page: a fresh RSA key for each page, whose other half travels sealed under the site's keys.

Each answer is encrypted by AES-256-GCM (NIST SP 800-38D) with a key of its own, which RSA-OAEP with SHA-256 (RFC 8017)
wraps, as browsers have them in WebCrypto.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from joinedup.errors import JoinedupError, SourceError
from joinedup_web.identity.sealing import opened, sealed

MARK, FORMAT = "joinedup_offline", 1
BITS = 2048
MOST = 10_000
_OAEP = padding.OAEP(mgf=padding.MGF1(algorithm=hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
_MEND = "take the file from the page again, and do not change it"


@dataclass(frozen=True)
class OfflineAnswer:
    """One person's answers as the device kept them. problem: why it cannot be opened; the rest is then empty."""

    submission: UUID | None
    answers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    language: str = "en"
    at: datetime | None = None
    problem: str = ""


def new_lock(form_id: UUID, number: int) -> dict[str, str]:
    """Return what a page is given: `public` (SPKI, base64) and `sealed`, its other half for this site alone."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    kept = sealed(base64.b64encode(private).decode(), context=_context(form_id, number))
    return {"public": base64.b64encode(public).decode(), "sealed": kept}


def is_offline_file(content: bytes) -> bool:
    """Whether a file seems to be one of the offline page's."""
    return f'"{MARK}"'.encode() in content[:200]


def answers_in(content: bytes, *, form_id: UUID) -> tuple[int, Iterator[OfflineAnswer]]:
    """Return the version of the form that was asked, and the answers, opened one after the other.

    Raises SourceError for a file that is no such file, or another form's.
    """
    try:
        document = json.loads(content)
        locked, number = document["responses"], int(document["version"])
        if document[MARK] != FORMAT or document["form"] != str(form_id):
            raise SourceError(what="the file belongs to another form", mend="choose the form it was made for")
        private = base64.b64decode(opened(document["key"], context=_context(form_id, number)))
    except SourceError:
        raise
    except (ValueError, KeyError, TypeError, JoinedupError) as error:
        raise SourceError(
            what="this is no file of the offline page, or it was changed", mend=_MEND
        ) from error
    if not isinstance(locked, list) or len(locked) > MOST:
        raise SourceError(what=f"the file holds more than {MOST:,} answers", mend="take answers away oftener")
    key = serialization.load_der_private_key(private, password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return number, (_opened(each, key) for each in locked)


def _opened(kept: Any, key: rsa.RSAPrivateKey) -> OfflineAnswer:
    try:
        submission = UUID(kept["id"])
        own = key.decrypt(base64.b64decode(kept["key"]), _OAEP)
        plain = AESGCM(own).decrypt(
            base64.b64decode(kept["iv"]), base64.b64decode(kept["data"]), submission.bytes.hex().encode()
        )
        told = json.loads(plain)
        at = datetime.fromisoformat(told["at"])
        answers = dict(told["answers"])
    except (ValueError, KeyError, TypeError, AttributeError, InvalidTag, binascii.Error):
        return OfflineAnswer(None, problem="it cannot be opened: the file was changed, or cut off")
    language = "cy" if told.get("language") == "cy" else "en"
    return OfflineAnswer(submission, answers, language, at if at.tzinfo is not None else None)


def _context(form_id: UUID, number: int) -> str:
    return f"feedback.offline:{form_id}:{number}"
