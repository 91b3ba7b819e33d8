"""The colours of charts and pages, for light and dark grounds.

One source for both: the page's style sheet is made from it, and a test computes the WCAG 2.2 contrast of
every pair that is used (text at least 4.5:1, lines and shapes at least 3:1). No chart relies on colour
alone: series also differ in dash, marker or hatching, and states carry a sign and a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Status(Enum):
    """How a measured value stands; its sign and word are always shown beside the colour."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    UNKNOWN = "unknown"

    @property
    def sign(self) -> str:
        """A sign that can be told apart without colour."""
        return {"good": "✓", "warn": "!", "bad": "✕", "unknown": "?"}[self.value]

    @property
    def word(self) -> str:
        """The state in words."""
        return {
            "good": "meets target",
            "warn": "near target",
            "bad": "below target",
            "unknown": "not measured",
        }[self.value]


LIGHT: Mapping[str, str] = {
    "ground": "#ffffff",
    "panel": "#f3f4f5",
    "ink": "#0b0c0c",
    "muted": "#484f54",
    "rule": "#b1b4b6",
    "axis": "#6b7278",
    "accent": "#1a5fa0",
    "link": "#1a5a96",
    "focus": "#ffdd00",
    "series-1": "#12436d",
    "series-2": "#1f8f86",
    "series-3": "#801650",
    "series-4": "#c9500f",
    "series-5": "#5c6469",
    "series-6": "#7556b3",
    "good": "#00703c",
    "warn": "#a35200",
    "bad": "#c32b13",
    "unknown": "#505a5f",
}

DARK: Mapping[str, str] = {
    "ground": "#111415",
    "panel": "#1d2123",
    "ink": "#f5f6f6",
    "muted": "#bcc2c6",
    "rule": "#4c5358",
    "axis": "#8f979c",
    "accent": "#6eb0ea",
    "link": "#86bff2",
    "focus": "#ffdd00",
    "series-1": "#6eb0ea",
    "series-2": "#5fcfc4",
    "series-3": "#f08cc0",
    "series-4": "#ff9d5c",
    "series-5": "#bcc2c6",
    "series-6": "#bda4ee",
    "good": "#57cf93",
    "warn": "#ffb85c",
    "bad": "#ff8f7a",
    "unknown": "#bcc2c6",
}

HEAT_LIGHT: tuple[tuple[str, str], ...] = (
    ("#eef4fa", "#0b0c0c"),
    ("#d3e3f2", "#0b0c0c"),
    ("#aecbe5", "#0b0c0c"),
    ("#7fadd6", "#0b0c0c"),
    ("#3474aa", "#ffffff"),
    ("#1f5f97", "#ffffff"),
    ("#12436d", "#ffffff"),
)
"""Ground and text of each step of a heat matrix, lowest first, on a light page."""

HEAT_DARK: tuple[tuple[str, str], ...] = (
    ("#182530", "#f5f6f6"),
    ("#1b3448", "#f5f6f6"),
    ("#1f4768", "#f5f6f6"),
    ("#245d8c", "#f5f6f6"),
    ("#6ba3d6", "#0b0c0c"),
    ("#97c3ea", "#0b0c0c"),
    ("#c9e2f8", "#0b0c0c"),
)
"""The same on a dark page."""

SERIES = tuple(name for name in LIGHT if name.startswith("series-"))


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.2, relative luminance).

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    bright, dim = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def variables_css() -> str:
    """The custom properties of both themes as CSS; paper always gets the light one."""
    light = _properties(LIGHT, HEAT_LIGHT)
    dark = _properties(DARK, HEAT_DARK)
    return (
        f":root{{color-scheme:light dark;{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    )


def _properties(colours: Mapping[str, str], heat: tuple[tuple[str, str], ...]) -> str:
    parts = [f"--{name}:{value};" for name, value in colours.items()]
    parts += [f"--heat-{step}:{ground};--heat-ink-{step}:{ink};" for step, (ground, ink) in enumerate(heat)]
    return "".join(parts)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
