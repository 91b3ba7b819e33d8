"""A few paper forms as scans: applications for housing, typed and stamped, a little askew and dirty.

Needs Pillow (extra: joinedup[ocr]). The layout beside them says where each field stands; the truth says
what is written and who wrote it.
"""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from joinedup.people.county import identifiers
from joinedup.people.county.draw import generator
from joinedup.people.county.observe import Habits, iso_dates, observe
from joinedup.people.county.organisations import street_line
from joinedup.people.county.population import Population

WIDTH, HEIGHT = 1240, 1754  # A4 at 150 dots an inch
FIELDS = (
    ("surname", "Surname"),
    ("first_name", "First name(s)"),
    ("date_of_birth", "Date of birth"),
    ("nino", "National Insurance number"),
    ("address", "Address"),
    ("town", "Town"),
    ("postcode", "Postcode"),
    ("phone", "Telephone"),
)
_TOP, _STEP, _LEFT, _RIGHT = 330, 130, 480, 1150  # of the boxes, in dots
_CLEAN = Habits(surname_missing=0, first_name_missing=0, date_missing=0, postcode_missing=0, town_missing=0)


def can_draw_forms() -> bool:
    """Whether Pillow is installed."""
    return find_spec("PIL") is not None


def write_forms(directory: Path, truth: Path, block: Population, *, count: int, seed: int) -> list[Path]:
    """Write so many scans (form_01.png …) and forms.layout.toml, and the truth of them as CSV.

    block: part of the county to draw applicants from. The truth has the columns source (the file's stem),
    one for each field as it is written on the form, and cluster.
    """
    rng = generator(seed, "forms")
    adults = np.flatnonzero((block.age >= 18) & ~block.no_fixed_address)
    rows = rng.choice(adults, size=min(count, len(adults)), replace=False)
    seen = observe(block, rows, habits=_CLEAN, rng=rng)
    columns = {
        "surname": pc.utf8_upper(seen.surname).to_pylist(),
        "first_name": pc.utf8_upper(seen.first_name).to_pylist(),
        "date_of_birth": [f"{d[8:]}/{d[5:7]}/{d[:4]}" for d in iso_dates(seen.born).to_pylist()],
        "nino": identifiers.ninos(block.person[rows]).to_pylist(),
        "address": street_line(seen).to_pylist(),
        "town": seen.town.to_pylist(),
        "postcode": seen.postcode.to_pylist(),
        "phone": identifiers.phones(block.person[rows], block.household[rows]).to_pylist(),
    }
    paths = []
    with truth.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["source", *columns, "cluster"])
        for number in range(len(rows)):
            values = {name: texts[number] for name, texts in columns.items()}
            path = directory / f"form_{number + 1:02d}.png"
            _draw(path, values, rng)
            writer.writerow([path.stem, *values.values(), int(block.person[rows[number]])])
            paths.append(path)
    (directory / "forms.layout.toml").write_text(_layout(), encoding="utf-8")
    return paths


def _layout() -> str:
    text = "# Where the fields of the housing application stand: left, top, right, bottom as shares.\n"
    for place, (name, _) in enumerate(FIELDS):
        top = _TOP + place * _STEP
        box = [_LEFT / WIDTH, (top - 15) / HEIGHT, _RIGHT / WIDTH, (top + 75) / HEIGHT]
        text += f'\n[[field]]\nname = "{name}"\nbox = {[round(share, 4) for share in box]}\n'
    return text


def _draw(path: Path, values: dict[str, str], rng: np.random.Generator) -> None:
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (WIDTH, HEIGHT), 250)
    pen = ImageDraw.Draw(page)
    pen.text((90, 90), "Aldermarch Homes", fill=20, font=ImageFont.load_default(52))
    pen.text((90, 170), "Application for housing", fill=20, font=ImageFont.load_default(40))
    for place, (name, label) in enumerate(FIELDS):
        top = _TOP + place * _STEP
        pen.text((90, top + 12), label, fill=40, font=ImageFont.load_default(28))
        pen.rectangle((_LEFT, top - 5, _RIGHT, top + 65), outline=130)
        jolt = rng.integers(-4, 5, 2)
        ink = int(rng.integers(10, 90))
        where = (_LEFT + 20 + int(jolt[0]), top + 10 + int(jolt[1]))
        pen.text(where, values[name], fill=ink, font=ImageFont.load_default(36))
    pen.text(
        (90, 1500),
        "I declare that this is true to the best of my knowledge.",
        font=ImageFont.load_default(26),
    )
    page = page.rotate(float(rng.uniform(-0.8, 0.8)), resample=Image.Resampling.BICUBIC, fillcolor=250)
    dirt = np.asarray(page, dtype=np.float64) + rng.normal(0, 9, (HEIGHT, WIDTH))
    specks = rng.random((HEIGHT, WIDTH)) < 0.0004
    scanned = np.where(specks, rng.integers(0, 160, (HEIGHT, WIDTH)), dirt).clip(0, 255)
    grey = scanned.astype(np.uint8) // 32 * 32 + 16  # eight greys, as cheap scanners save
    Image.fromarray(grey).save(path, compress_level=4)
