"""Signed tokens (JWS, RFC 7515): sign with a key of ours, read with the published keys of others.

Reading is strict, and in this order: three parts and a JSON header, an algorithm that was agreed, a key id
that is published once, a key that is of that algorithm, and only then the signature. joserfc does the
arithmetic; nothing in a token's header is followed (no `jwk`, `jku`, `x5u`), and `crit` is refused.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, cast

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from joinedup.errors import MissingExtraError

from .faults import IdentityFault, TokenCodes

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Claims: TypeAlias = "Mapping[str, Json]"
Jwk: TypeAlias = "Mapping[str, Json]"

LONGEST_TOKEN = 32_768
# Which kind of key each algorithm is made with. No algorithm with a shared secret, and never `none`.
KEY_TYPES: Mapping[str, tuple[str, str | None]] = {
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
}
# Below, a key can be broken; above, checking takes long enough to be misused.
RSA_BITS = range(2048, 8193)


class SigningKey(Protocol):
    """A private key of ours, wherever it is kept; what the key store hands out is one.

    id: what `kid` will say. public: SubjectPublicKeyInfo in DER. sign: RS256, or ES256 as r and s.
    """

    @property
    def id(self) -> str: ...
    @property
    def public(self) -> bytes | None: ...
    def sign(self, data: bytes) -> bytes: ...


@dataclass(frozen=True)
class Token:
    """A token whose signature was checked. header and claims as they were written."""

    header: Claims
    claims: Claims = field(repr=False)


def algorithm_of(key: SigningKey) -> str:
    """RS256 for an RSA key, ES256 for one on P-256. ValueError for any other key."""
    public = load_der_public_key(key.public or b"")
    if isinstance(public, rsa.RSAPublicKey):
        return "RS256"
    if isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        return "ES256"
    raise ValueError("tokens are signed with RSA or P-256 keys")


def sign(claims: Claims, *, key: SigningKey, header: Claims | None = None) -> str:
    """A compact JWS over the claims, with `alg` and `kid` of the key; header adds to it or replaces."""
    told = {"alg": algorithm_of(key), "kid": key.id, "typ": "JWT", **(header or {})}
    parts = b".".join((_encode(_json(told)), _encode(_json(claims))))
    return (parts + b"." + _encode(key.sign(parts))).decode("ascii")


def public_jwk(key: SigningKey) -> dict[str, Json]:
    """The public half of a key as a JWK with `kid`, `use` and `alg` (RFC 7517)."""
    public = load_der_public_key(key.public or b"")
    about: dict[str, Json] = {"kid": key.id, "use": "sig", "alg": algorithm_of(key)}
    if isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        return {"kty": "RSA", **about, "n": _number(numbers.n), "e": _number(numbers.e)}
    assert isinstance(public, ec.EllipticCurvePublicKey)  # algorithm_of refused the rest
    point = public.public_numbers()
    return {"kty": "EC", **about, "crv": "P-256", "x": _number(point.x, 32), "y": _number(point.y, 32)}


def key_set(document: Json) -> tuple[Jwk, ...]:
    """The keys of a JWKS document. ValueError where it is not one."""
    keys = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(keys, list) or not keys or not all(isinstance(key, Mapping) for key in keys):
        raise ValueError("a key set has a list of keys")
    return tuple(cast("Jwk", key) for key in keys)


def header_of(text: str, *, codes: TokenCodes) -> Claims:
    """A token's header, of which nothing is proved yet."""
    return _parts(text, codes)[0]


def claims_unproved(text: str, *, codes: TokenCodes) -> Claims:
    """A token's claims, of which nothing is proved yet: for finding who must prove them."""
    return _parts(text, codes)[1]


def read(
    text: str,
    *,
    keys: Sequence[Jwk],
    algorithms: Collection[str],
    codes: TokenCodes,
    key_must_say: bool = False,
) -> Token:
    """The token, once its signature is proved by the one key that its header names.

    algorithms: those agreed with the issuer. key_must_say: also refuse a key that does not name its own
    algorithm (One Login's do; Entra's do not). A key that names one is held to it in any case.

    Raises IdentityFault: malformed, bad_algorithm, unknown_key or bad_signature of the codes.
    """
    header, claims = _parts(text, codes)
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in algorithms or algorithm not in KEY_TYPES:
        raise IdentityFault(codes.bad_algorithm, what="the token's algorithm is not one that was agreed")
    named = [key for key in keys if isinstance(kid, str) and key.get("kid") == kid]
    if len(named) != 1:
        raise IdentityFault(codes.unknown_key, what="the token's key is not among the published keys")
    jwk = named[0]
    kind, curve = KEY_TYPES[algorithm]
    said = jwk.get("alg")
    if jwk.get("kty") != kind or (curve and jwk.get("crv") != curve) or jwk.get("use", "sig") != "sig":
        raise IdentityFault(codes.bad_algorithm, what="the token's algorithm does not suit its key")
    if said != algorithm and (said is not None or key_must_say):
        raise IdentityFault(codes.bad_algorithm, what="the token's algorithm is not that of its key")
    if not _is_signed(text, jwk=jwk, algorithm=algorithm):
        raise IdentityFault(codes.bad_signature, what="the token's signature is not that of its key")
    return Token(header=header, claims=claims)


def half_hash(text: str) -> str:
    """The left half of the SHA-256 of a text, in base64url: `at_hash` of OpenID Connect Core 3.1.3.6."""
    return _encode(hashlib.sha256(text.encode("ascii", "replace")).digest()[:16]).decode("ascii")


def _is_signed(text: str, *, jwk: Jwk, algorithm: str) -> bool:
    try:
        from joserfc import jws
        from joserfc.errors import JoseError
        from joserfc.jwk import ECKey, RSAKey
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            what="what checks signatures is not installed", where="joserfc", mend="install joinedup[web]"
        ) from error
    # Only the numbers of the key: `key_ops`, `x5c` and the like are not ours to judge.
    members = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y")}[str(jwk["kty"])]
    numbers = {name: str(jwk.get(name, "")) for name in members}
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    try:
        if jwk["kty"] == "RSA" and not _is_sized(numbers["n"]):
            return False
        key = (RSAKey if jwk["kty"] == "RSA" else ECKey).import_key(numbers)  # type: ignore[arg-type]  # a plain dict of text
        jws.deserialize_compact(text, key, registry=registry)
    except (JoseError, ValueError):
        return False
    return True


def _is_sized(modulus: str) -> bool:
    return int.from_bytes(_decode(modulus), "big").bit_length() in RSA_BITS


def _parts(text: str, codes: TokenCodes) -> tuple[Claims, Claims]:
    fault = IdentityFault(codes.malformed, what="the token is not a signed token")
    if len(text) > LONGEST_TOKEN or text.count(".") != 2 or not text.isascii():
        raise fault
    try:
        header, claims = (json.loads(_decode(part)) for part in text.split(".")[:2])
        # JSON may hold half a surrogate pair, which is no text: it could be neither compared nor stored.
        json.dumps([header, claims], ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise fault from error
    if not isinstance(header, dict) or not isinstance(claims, dict) or "crit" in header:
        raise fault
    return header, claims


def _json(value: Claims) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _decode(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _number(value: int, size: int | None = None) -> str:
    return _encode(value.to_bytes(size or (value.bit_length() + 7) // 8, "big")).decode("ascii")
