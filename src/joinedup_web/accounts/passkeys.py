"""Passkeys (WebAuthn level 2): what the browser is asked, and whether its answer holds.

User verification is always required, so that a passkey is two factors in one: the device, and a PIN, finger or
face. Attestation is not asked for: it would tell us which make of device somebody has.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import webauthn
from django.conf import settings
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from joinedup_web.accounts.models import Passkey, StaffUser


@dataclass(frozen=True)
class Asked:
    """options: JSON for the browser. challenge: base64url, kept in the session until the answer, then dropped."""

    options: str
    challenge: str


@dataclass(frozen=True)
class MadePasskey:
    """A new credential that was proved."""

    credential_id: str
    public_key: bytes
    sign_count: int
    is_backed_up: bool


class BadPasskey(Exception):
    """The browser's answer does not hold. What exactly was wrong is for no page and no log."""


def are_possible() -> bool:
    """Whether this site can have passkeys: they belong to a host name, never to a bare IP address."""
    try:
        ipaddress.ip_address(_host())
    except ValueError:
        return True
    return False


def ask_for_new(user: StaffUser, *, held: Iterable[Passkey]) -> Asked:
    """What to give navigator.credentials.create(). held: passkeys that the same device need not make again."""
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=settings.JOINEDUP.service_name,
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[_descriptor(passkey) for passkey in held],
    )
    return Asked(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))


def ask_to_prove(held: Iterable[Passkey] = ()) -> Asked:
    """What to give navigator.credentials.get(). held: empty to let the person choose among their accounts."""
    options = webauthn.generate_authentication_options(
        rp_id=_host(),
        allow_credentials=[_descriptor(passkey) for passkey in held],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Asked(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))


def check_new(answer: str, *, challenge: str) -> MadePasskey:
    """Return the credential that was made. Raises BadPasskey."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(),
            expected_origin=_origin(),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as problem:
        raise BadPasskey from problem
    return MadePasskey(
        bytes_to_base64url(made.credential_id),
        made.credential_public_key,
        made.sign_count,
        made.credential_backed_up,
    )


def credential_of(answer: str) -> str:
    """The id of the credential that an answer claims to come from. Raises BadPasskey."""
    try:
        return bytes_to_base64url(webauthn.helpers.parse_authentication_credential_json(answer).raw_id)
    except (WebAuthnException, ValueError, KeyError, TypeError) as problem:
        raise BadPasskey from problem


def check_proof(answer: str, *, challenge: str, passkey: Passkey) -> int:
    """Return the new count of signatures. Raises BadPasskey, also where the count went back (a copied key)."""
    try:
        proof = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(),
            expected_origin=_origin(),
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as problem:
        raise BadPasskey from problem
    return proof.new_sign_count


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id))


def _host() -> str:
    return urlsplit(settings.JOINEDUP.url).hostname or ""


def _origin() -> str:
    return str(settings.JOINEDUP.url)
