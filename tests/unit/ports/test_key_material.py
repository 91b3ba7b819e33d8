"""Signatures and names of keys, held against published vectors and another library."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from joinedup.ports import key_material
from joinedup.ports.key_material import Algorithm

# RFC 8032, section 7.1, test 2: an Ed25519 secret, its public key, and the signature of the byte 0x72.
SECRET = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
SIGNATURE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
PKCS8_ED25519 = bytes.fromhex("302e020100300506032b657004220420")  # RFC 8410, section 7, before the secret
SPKI_ED25519 = bytes.fromhex("302a300506032b6570032100")
SIGNING = [algorithm for algorithm in Algorithm if algorithm.is_asymmetric]


def test_ed25519_signs_as_rfc_8032_shows():
    material = PKCS8_ED25519 + SECRET

    assert key_material.sign(Algorithm.ED25519, material, b"\x72").hex() == SIGNATURE
    assert key_material.public_half(Algorithm.ED25519, material) == SPKI_ED25519 + bytes.fromhex(PUBLIC)


@pytest.mark.parametrize(
    ("algorithm", "header", "kind"),
    [
        (Algorithm.ED25519, "EdDSA", OKPKey),
        (Algorithm.RSA_2048, "RS256", RSAKey),
        (Algorithm.EC_P256, "ES256", ECKey),
    ],
)
def test_signatures_are_those_of_jose(algorithm, header, kind):
    """Another library checks ours, and we check its."""
    material = key_material.generate(algorithm)
    public = key_material.public_half(algorithm, material)
    theirs = kind.import_key(key_material.private_pem(material))

    token = jws.serialize_compact({"alg": header}, b"payload", theirs, algorithms=[header])
    signed, _, encoded = token.rpartition(".")
    signature = key_material.sign(algorithm, material, signed.encode())
    ours = f"{signed}.{_b64(signature)}"

    checker = kind.import_key(key_material.public_pem(public))
    assert jws.deserialize_compact(ours, checker, algorithms=[header]).payload == b"payload"
    assert key_material.verify(algorithm, public, _unb64(encoded), signed.encode())


@pytest.mark.parametrize("algorithm", SIGNING)
def test_a_signature_altered_cut_or_of_another_text_does_not_hold(algorithm):
    material = key_material.generate(algorithm)
    public = key_material.public_half(algorithm, material)
    signature = key_material.sign(algorithm, material, b"text")
    altered = bytes([signature[0] ^ 1]) + signature[1:]

    assert key_material.verify(algorithm, public, signature, b"text")
    for wrong, text in ((altered, b"text"), (signature[:-1], b"text"), (b"", b"text"), (signature, b"texts")):
        assert not key_material.verify(algorithm, public, wrong, text)


def test_the_name_of_a_symmetric_key_is_an_hmac_and_not_its_hash():
    material = b"k" * 32

    named = key_material.fingerprint(Algorithm.HMAC_SHA256, material)

    expected = hmac.new(material, b"joinedup key idHMAC-SHA256", hashlib.sha256).hexdigest()[:16]
    assert named == expected != hashlib.sha256(material).hexdigest()[:16]


def test_a_public_half_alone_gives_the_same_name():
    material = key_material.generate(Algorithm.EC_P256)
    public = key_material.public_half(Algorithm.EC_P256, material)

    assert key_material.fingerprint_of_public(public) == key_material.fingerprint(Algorithm.EC_P256, material)


def test_weaker_or_other_keys_are_refused():
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    other = ec.generate_private_key(ec.SECP384R1())
    for algorithm, private in ((Algorithm.RSA_2048, weak), (Algorithm.EC_P256, other)):
        der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        with pytest.raises(ValueError, match="not a key for"):
            key_material.check_material(algorithm, der)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_an_rsa_key_from_outside_whose_numbers_do_not_fit_is_refused():
    der = bytearray(key_material.generate(Algorithm.RSA_2048))
    numbers = rsa_numbers(bytes(der))
    at = der.index(numbers.p.to_bytes(128, "big"))
    der[at + 60] ^= 2  # p is no longer a factor of n

    with pytest.raises(ValueError, match=r"."):
        key_material.read_material(Algorithm.RSA_2048, base64.b64encode(der).decode())


def rsa_numbers(der: bytes) -> rsa.RSAPrivateNumbers:
    return load_der_private_key(der, None).private_numbers()
