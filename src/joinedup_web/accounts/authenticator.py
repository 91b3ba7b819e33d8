"""Time-based one-time codes (RFC 6238): the secret, its QR code, and whether a code is right and new."""

from __future__ import annotations

import io
from datetime import datetime

import pyotp
import segno
from django.utils.crypto import constant_time_compare

STEP_SECONDS = 30
DRIFT_STEPS = 1  # a clock may be half a minute out, in either direction


def new_secret() -> str:
    """Return 160 random bits in base32, the length that RFC 4226 recommends."""
    return pyotp.random_base32()


def right_step(secret: str, code: str, *, at: datetime, after: int) -> int | None:
    """Return the step whose code this is; None where it is wrong, too old, or was used already.

    after: the step of the last code that was taken; codes up to it are refused, so none works twice.
    """
    given = "".join(letter for letter in code if letter.isdigit())
    made = pyotp.TOTP(secret)
    now = int(at.timestamp()) // STEP_SECONDS
    found = None
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if constant_time_compare(made.generate_otp(step), given) and step > after:
            found = step
    return found


def grouped(secret: str) -> str:
    """The secret in groups of four, for typing."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def qr_code_svg(secret: str, *, account: str, issuer: str) -> bytes:
    """Return an SVG file of the otpauth address, black on white with its quiet zone; no style attribute, no script."""
    address = pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", scale=5, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    return out.getvalue()
