"""What a key is made of: making, naming, signing and verifying, by algorithm.

Randomness is the operating system's and is not an argument: a seed here would be a hole.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from enum import Enum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils


class Algorithm(Enum):
    """How a key works; symmetric secrets are random bytes."""

    ED25519 = "Ed25519"
    RSA_2048 = "RSA-2048"
    EC_P256 = "EC-P256"
    HMAC_SHA256 = "HMAC-SHA256"
    AES_256_GCM = "AES-256-GCM"
    RANDOM_512 = "random-512"

    @property
    def is_asymmetric(self) -> bool:
        """Whether it has a public half."""
        return self not in _SECRET_BYTES


_SECRET_BYTES = {Algorithm.HMAC_SHA256: 32, Algorithm.AES_256_GCM: 32, Algorithm.RANDOM_512: 64}
_ID_INFO = b"joinedup key id"
_P256_BYTES = 32

PrivateKey = ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def generate(algorithm: Algorithm) -> bytes:
    """A new secret: random bytes, or PKCS #8 in DER."""
    if algorithm in _SECRET_BYTES:
        return secrets.token_bytes(_SECRET_BYTES[algorithm])
    private: PrivateKey
    if algorithm is Algorithm.ED25519:
        private = ed25519.Ed25519PrivateKey.generate()
    elif algorithm is Algorithm.RSA_2048:
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    else:
        private = ec.generate_private_key(ec.SECP256R1())
    return _der(private)


def public_half(algorithm: Algorithm, material: bytes) -> bytes | None:
    """SubjectPublicKeyInfo in DER; None for a symmetric key."""
    if not algorithm.is_asymmetric:
        return None
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return _load(material).public_key().public_bytes(serialization.Encoding.DER, spki)


def fingerprint(algorithm: Algorithm, material: bytes) -> str:
    """16 hex digits that name the material and tell nothing of it: of the public half, or by HMAC."""
    public = public_half(algorithm, material)
    digest = (
        hashlib.sha256(public).digest()
        if public is not None
        else hmac.digest(material, _ID_INFO + algorithm.value.encode(), "sha256")
    )
    return digest[:8].hex()


def fingerprint_of_public(public: bytes) -> str:
    """The same name, from SubjectPublicKeyInfo alone."""
    return hashlib.sha256(public).digest()[:8].hex()


def read_material(algorithm: Algorithm, text: str) -> bytes:
    """The secret out of text: PEM (line breaks may be written as \\n) or base64, of either alphabet.

    Raises ValueError where it is not what the algorithm wants; its message holds none of the text.
    """
    if "-----BEGIN" in text:
        pem = text.replace("\\n", "\n").strip().encode()
        return check_material(algorithm, _der(_known(serialization.load_pem_private_key(pem, None))))
    try:
        plain = "".join(text.split()).translate(str.maketrans("-_", "+/"))
        material = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    if algorithm.is_asymmetric:
        return check_material(algorithm, _der(_known(serialization.load_der_private_key(material, None))))
    return check_material(algorithm, material)


def check_material(algorithm: Algorithm, material: bytes) -> bytes:
    """The same bytes. Raises ValueError where they are not a key of the algorithm."""
    if algorithm in _SECRET_BYTES:
        wanted = _SECRET_BYTES[algorithm]
        if len(material) != wanted:
            raise ValueError(f"{len(material)} bytes where {wanted} are wanted")
        return material
    if not _is_of(algorithm, _load(material)):
        raise ValueError(f"not a key for {algorithm.value}")
    return material


def sign(algorithm: Algorithm, material: bytes, data: bytes) -> bytes:
    """EdDSA (RFC 8032), RS256 or ES256 (RFC 7518, sections 3.3 and 3.4)."""
    private = _load(material)
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign(data)
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(data, padding.PKCS1v15(), hashes.SHA256())
    r, s = utils.decode_dss_signature(private.sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(_P256_BYTES, "big") + s.to_bytes(_P256_BYTES, "big")


def verify(algorithm: Algorithm, public: bytes, signature: bytes, data: bytes) -> bool:
    """Whether the signature holds; a signature of the wrong form does not."""
    key = serialization.load_der_public_key(public)
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey) and len(signature) == 2 * _P256_BYTES:
            r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
            key.verify(utils.encode_dss_signature(r, s), data, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def private_pem(material: bytes) -> bytes:
    """PKCS #8 in PEM, not encrypted."""
    form, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return _load(material).private_bytes(serialization.Encoding.PEM, form, bare)


def public_pem(public: bytes) -> bytes:
    """SubjectPublicKeyInfo in PEM."""
    key = serialization.load_der_public_key(public)
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _load(material: bytes) -> PrivateKey:
    # Proving RSA primes takes 40 ms. `read_material` has done it for keys that come from outside; those of our
    # own files and programs are held to the id that their public half gives.
    return _known(serialization.load_der_private_key(material, None, unsafe_skip_rsa_key_validation=True))


def _known(private: object) -> PrivateKey:
    if isinstance(private, ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return private
    raise ValueError("not a kind of key in use here")


def _is_of(algorithm: Algorithm, private: PrivateKey) -> bool:
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return algorithm is Algorithm.ED25519
    if isinstance(private, rsa.RSAPrivateKey):
        return algorithm is Algorithm.RSA_2048 and private.key_size >= 2048
    return algorithm is Algorithm.EC_P256 and isinstance(private.curve, ec.SECP256R1)


def _der(private: PrivateKey) -> bytes:
    form, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return private.private_bytes(serialization.Encoding.DER, form, bare)
