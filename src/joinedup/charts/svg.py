"""The few SVG marks every chart is drawn with, escaped and with stable number formatting.

Marks carry a class (the page's style sheet colours it for both themes) and the light colour as a plain
attribute, so that a picture saved on its own still looks right.
"""

from __future__ import annotations

import html
import re

from .palette import LIGHT

ID = "\x00"
"""Stands in drawings where the picture's own id belongs; no escaped text can hold it."""

FONT_SIZE = 15.0
SMALL_SIZE = 13.0

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def escape(value: object) -> str:
    """Text made safe for HTML and XML content and attributes; what XML cannot hold becomes U+FFFD."""
    return html.escape(_ILLEGAL.sub("\ufffd", str(value)), quote=True)


def number(value: float) -> str:
    """A coordinate with at most two decimals, written the same on every machine.

    >>> number(3.0), number(1 / 3), number(-0.001)
    ('3', '0.33', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def rect(
    x: float, y: float, width: float, height: float, *, name: str, tip: str = "", hatched: bool = False
) -> str:
    """A filled rectangle; ``tip`` is shown on hover, ``hatched`` lays stripes over it."""
    place = (
        f'x="{number(x)}" y="{number(y)}" width="{number(max(width, 0))}" height="{number(max(height, 0))}"'
    )
    inside = f"<title>{escape(tip)}</title>" if tip else ""
    mark = f'<rect {place} class="fill-{name}" fill="{_light(name)}">{inside}</rect>'
    if hatched:
        mark += f'<rect {place} fill="url(#{ID}-hatch)" pointer-events="none"/>'
    return mark


def line(x1: float, y1: float, x2: float, y2: float, *, name: str, width: float = 1, dash: str = "") -> str:
    """A straight line in the colour called ``name``."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}" '
        f'class="stroke-{name}" stroke="{_light(name)}" stroke-width="{number(width)}"{dashed}/>'
    )


def polyline(points: list[tuple[float, float]], *, name: str, width: float = 2, dash: str = "") -> str:
    """A line through the points, in order."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    where = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return (
        f'<polyline points="{where}" class="stroke-{name}" stroke="{_light(name)}" fill="none" '
        f'stroke-width="{number(width)}" stroke-linejoin="round"{dashed}/>'
    )


def marker(x: float, y: float, *, shape: int, name: str, size: float = 4.5, tip: str = "") -> str:
    """A point drawn as circle, square, triangle, diamond, upside-down triangle or bar, by ``shape``."""
    s = size
    inside = f"<title>{escape(tip)}</title>" if tip else ""
    paint = (
        f'class="fill-{name} stroke-ground" fill="{_light(name)}" stroke="{LIGHT["ground"]}" stroke-width="1"'
    )
    if shape % 6 == 0:
        return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(s)}" {paint}>{inside}</circle>'
    corners = (
        [(-s, -s), (s, -s), (s, s), (-s, s)],
        [(0, -1.25 * s), (1.15 * s, s), (-1.15 * s, s)],
        [(0, -1.35 * s), (1.35 * s, 0), (0, 1.35 * s), (-1.35 * s, 0)],
        [(0, 1.25 * s), (1.15 * s, -s), (-1.15 * s, -s)],
        [(-0.5 * s, -1.3 * s), (0.5 * s, -1.3 * s), (0.5 * s, 1.3 * s), (-0.5 * s, 1.3 * s)],
    )[shape % 6 - 1]
    where = " ".join(f"{number(x + dx)},{number(y + dy)}" for dx, dy in corners)
    return f'<polygon points="{where}" {paint}>{inside}</polygon>'


def text(
    x: float,
    y: float,
    words: object,
    *,
    anchor: str = "start",
    name: str = "ink",
    size: float = FONT_SIZE,
    bold: bool = False,
    turned: bool = False,
    halo: bool = False,
) -> str:
    """Words with their baseline at ``y``; ``turned`` reads upwards (vertical axis titles).

    halo: a rim in the page's colour, for words that cross lines.
    """
    weight = ' font-weight="700"' if bold else ""
    turn = f' transform="rotate(-90 {number(x)} {number(y)})"' if turned else ""
    rim, rimmed = "", ""
    if halo:
        rim = f' stroke="{LIGHT["ground"]}" stroke-width="4" stroke-linejoin="round" paint-order="stroke"'
        rimmed = " stroke-ground"
    return (
        f'<text x="{number(x)}" y="{number(y)}" text-anchor="{anchor}" font-size="{number(size)}" '
        f'class="fill-{name}{rimmed}" fill="{_light(name)}"{weight}{turn}{rim}>{escape(words)}</text>'
    )


def hatch_pattern() -> str:
    """The stripes that tell a second kind of bar from the first without colour."""
    return (
        f'<defs><pattern id="{ID}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="2.4" height="6" class="fill-ground" '
        f'fill="{LIGHT["ground"]}"/></pattern></defs>'
    )


def text_width(words: str, size: float = FONT_SIZE) -> float:
    """About how wide the words are in Arial, in the same unit as ``size``; errs on the wide side."""
    return size * sum(_letter_width(letter) for letter in words)


def shorten(words: str, room: float, size: float = FONT_SIZE) -> str:
    """The words, cut with an ellipsis where they would be wider than ``room``."""
    words = " ".join(words.split())
    if text_width(words, size) <= room:
        return words
    kept = words
    while kept and text_width(kept + "…", size) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _letter_width(letter: str) -> float:
    if letter in "ijlI.,:;'|!()[]":
        return 0.3
    if letter in "ftr -–/":
        return 0.36
    if letter in "mwMW%@…":
        return 0.88
    if ord(letter) > 0x2E80:
        return 1.0
    return 0.7 if letter.isupper() else 0.56


def _light(name: str) -> str:
    return LIGHT.get(name, LIGHT["ink"])
