"""A collection point's address as a QR code: a drawing for print, a picture for documents."""

from __future__ import annotations

import io

import segno

MOST_DAMAGE = "m"
"""Up to 15% of the code may be unreadable: a poster gets dirty."""
QUIET = 4
"""Modules of white around the code, as ISO/IEC 18004 wants them."""
PNG_SCALE = 16
"""Pixels of a module: some 600 pixels in all, which prints sharply at 5 cm."""


def qr_svg(address: str) -> bytes:
    """The code as SVG that takes any size."""
    out = io.BytesIO()
    segno.make(address, error=MOST_DAMAGE, micro=False).save(
        out, kind="svg", border=QUIET, omitsize=True, light="white", svgclass=None, lineclass=None
    )
    return out.getvalue()


def qr_png(address: str) -> bytes:
    """The code as PNG."""
    out = io.BytesIO()
    segno.make(address, error=MOST_DAMAGE, micro=False).save(out, kind="png", border=QUIET, scale=PNG_SCALE)
    return out.getvalue()
