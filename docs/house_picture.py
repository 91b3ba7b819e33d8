"""The house as a picture: its floors from the import contracts, rooms that are built drawn solid."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, FLOOR, GAP, MARGIN = 860, 46, 8, 24
TOLD = {
    "cli": "the command line: parse, call, print",
    "settings": "read once, at the doors",
    "portfolio": "how it all stands",
    "feedback": "what people say",
    "assurance": "fraud and error",
    "eligibility": "who may have what",
    "casework": "a case, its owner and clock",
    "exchange": "a request answered",
    "sharing": "who may share what",
    "linkage": "which records are one person",
    "catalogue": "what data exist",
    "quality": "six dimensions, measured",
    "identity": "who is asking",
    "people": "UK person fields, standardised",
    "text": "what words say",
    "sources": "read any file",
    "engines": "run data work",
    "llm": "language models",
    "ports": "the outside world",
    "audit": "what happened",
    "charts": "pictures, reports",
    "values": "small shared values: NHS number, NINO, postcode",
    "errors": "what, where, how to mend it",
}


def house_svg(floors: Sequence[Sequence[str]], built: Sequence[str]) -> str:
    """An SVG of the floors, top first. Rooms in `built` are solid, those only planned are outlined."""
    height = 2 * MARGIN + 54 + len(floors) * (FLOOR + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'aria-labelledby="title desc" font-family="system-ui, sans-serif">',
        '<title id="title">The house of Joinedup</title>',
        f'<desc id="desc">{escape(_in_words(floors, built))}</desc>',
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff"/>',
        f'<text x="{MARGIN}" y="{MARGIN + 14}" font-size="17" font-weight="700" fill="#0b0c0c">'
        "The house: imports only go down</text>",
        f'<text x="{MARGIN}" y="{MARGIN + 36}" font-size="13" fill="#505a5f">'
        "Solid rooms are built, outlined ones planned. Rooms on one floor do not know each other.</text>",
    ]
    top = MARGIN + 54
    for at, floor in enumerate(floors):
        parts += _floor(floor, set(built), top + at * (FLOOR + GAP))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _floor(floor: Sequence[str], built: set[str], y: int) -> list[str]:
    width = (WIDTH - 2 * MARGIN - GAP * (len(floor) - 1)) / len(floor)
    marks = []
    for at, room in enumerate(floor):
        x = MARGIN + at * (width + GAP)
        fill, edge, ink, dash = (
            ("#1d70b8", "#1d70b8", "#ffffff", "")
            if room in built
            else ("#ffffff", "#505a5f", "#505a5f", ' stroke-dasharray="5 4"')
        )
        marks.append(
            f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{FLOOR}" rx="4" '
            f'fill="{fill}" stroke="{edge}" stroke-width="1.5"{dash}/>'
        )
        middle = x + width / 2
        for line, (text, size, weight) in enumerate(((room, 14, 700), (TOLD.get(room, ""), 11, 400))):
            marks.append(
                f'<text x="{middle:.1f}" y="{y + 20 + 16 * line}" font-size="{size}" font-weight="{weight}" '
                f'fill="{ink}" text-anchor="middle">{escape(text)}</text>'
            )
    return marks


def _in_words(floors: Sequence[Sequence[str]], built: Sequence[str]) -> str:
    storeys = "; ".join(
        ", ".join(room if room in built else f"{room} (planned)" for room in floor) for floor in floors
    )
    return f"Floors from the top: {storeys}. A room imports only from floors below its own."
