"""The public key that an administrator pastes for a machine client, as PEM or as JWK, brought to one form."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from joinedup.errors import UsageError

SMALLEST_RSA_BITS, LARGEST_RSA_BITS = 2048, 8192
LONGEST = 10_000
_MEND = "paste an RSA key of 2048 bits or more, or one on the curve P-256"


def public_key_from_text(text: str) -> dict[str, Any]:
    """Return the key as a JWK of nothing but kty, its numbers, `use` and `kid`.

    kid: the JWK's own, else its RFC 7638 thumbprint. Raises UsageError, in words for the person who pasted it: a
    private key (which must then be replaced), another kind of key, a weak one, or no key at all.
    """
    text = text.strip()
    if len(text) > LONGEST:
        raise _wrong("That is too long to be a public key")
    if "PRIVATE KEY" in text:
        raise _private()
    if text.startswith("{"):
        return _from_jwk(text)
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise _wrong("That is not a public key") from None
    return _jwk(key, kid="")


def thumbprint(jwk: dict[str, Any]) -> str:
    """SHA-256 over the key's required members (RFC 7638), in hex."""
    members = ("crv", "kty", "x", "y") if jwk["kty"] == "EC" else ("e", "kty", "n")
    text = json.dumps({name: jwk[name] for name in members}, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _from_jwk(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise _wrong("That is not a JWK: it cannot be read as JSON") from None
    keys = told.get("keys") if isinstance(told, dict) else None
    if isinstance(keys, list):
        if len(keys) != 1:
            raise _wrong("Paste one key, not a set of several")
        told = keys[0]
    if not isinstance(told, dict):
        raise _wrong("That is not a JWK")
    if told.keys() & {"d", "p", "q", "k"}:
        raise _private()
    try:
        if told.get("kty") == "RSA":
            key: Any = rsa.RSAPublicNumbers(e=_read(told["e"]), n=_read(told["n"])).public_key()
        elif told.get("kty") == "EC" and told.get("crv") == "P-256":
            curve = ec.SECP256R1()
            key = ec.EllipticCurvePublicNumbers(_read(told["x"]), _read(told["y"]), curve).public_key()
        else:
            raise _wrong("Keys of this kind are not taken")
    except (KeyError, ValueError, TypeError, AttributeError):
        raise _wrong("That is not a JWK of a public key") from None
    kid = told.get("kid", "")
    if not isinstance(kid, str) or len(kid) > 200:
        raise _wrong("The key's id (kid) is not a text of at most 200 characters")
    return _jwk(key, kid=kid)


def _jwk(key: object, *, kid: str) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPublicKey):
        if not SMALLEST_RSA_BITS <= key.key_size <= LARGEST_RSA_BITS:
            raise _wrong(f"An RSA key of {key.key_size} bits is not taken")
        numbers = key.public_numbers()
        jwk = {"kty": "RSA", "n": _written(numbers.n), "e": _written(numbers.e)}
    elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        point = key.public_numbers()
        jwk = {"kty": "EC", "crv": "P-256", "x": _written(point.x, 32), "y": _written(point.y, 32)}
    else:
        raise _wrong("Keys of this kind are not taken")
    own = base64.urlsafe_b64encode(bytes.fromhex(thumbprint(jwk))).decode().rstrip("=")
    return {**jwk, "use": "sig", "kid": kid or own}


def _read(text: str) -> int:
    return int.from_bytes(
        base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True), "big"
    )


def _written(number: int, size: int | None = None) -> str:
    octets = number.to_bytes(size or (number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def _private() -> UsageError:
    return UsageError(
        what="That is a private key, and must never leave its system",
        mend="make a new pair of keys there, since this one is known now, and paste the public key",
    )


def _wrong(what: str) -> UsageError:
    return UsageError(what=what, mend=_MEND)
