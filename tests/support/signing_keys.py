"""Private keys for tests, made once a run: RSA takes a tenth of a second each."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass(frozen=True)
class TestKey:
    """A key as tokens are signed with: id, public half, sign."""

    __test__ = False

    id: str
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, data: bytes) -> bytes:
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@cache
def rsa_key(name: str, *, bits: int = 2048) -> TestKey:
    """An RSA key of that name; the same each time it is asked for."""
    return TestKey(id=name, private=rsa.generate_private_key(public_exponent=65537, key_size=bits))


@cache
def ec_key(name: str, *, curve: type[ec.EllipticCurve] = ec.SECP256R1) -> TestKey:
    """An elliptic-curve key of that name; the same each time it is asked for."""
    return TestKey(id=name, private=ec.generate_private_key(curve()))
