"""A few hundred made-up people with seeded repeats and slips: enough for a whole linkage job to learn from."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

FIRST = ("mary", "john", "ann", "peter", "susan", "omar", "li", "grace", "zofia", "ivan", "noor", "sean")
LAST = (
    "smith",
    "jones",
    "khan",
    "patel",
    "taylor",
    "brown",
    "evans",
    "o'neil",
    "nowak",
    "wu",
    "hughes",
    "ali",
    "walker",
    "green",
    "hall",
    "wood",
    "clarke",
    "begum",
    "singh",
    "murphy",
    "price",
    "lewis",
    "cole",
)
TOWNS = ("LS1 4", "LS2 9", "M1 1", "M2 5", "BD7 1", "YO1 7", "HX1 2", "S10 2")
FIELDS = ("first_name", "surname", "date_of_birth", "postcode")
Row = dict[str, str | None]


def people_rows(people: int, *, seed: int, prefix: str = "r") -> list[Row]:
    """Two records for about half of the people, with slips; ``id`` is unique, ``person`` is the truth."""
    draw = random.Random(seed)
    rows: list[Row] = []
    for person in range(people):
        row: Row = {
            "first_name": draw.choice(FIRST),
            "surname": draw.choice(LAST),
            "date_of_birth": f"{draw.randint(1940, 2005)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}",
            "postcode": f"{draw.choice(TOWNS)}{draw.choice('ABDEFGHJ')}{draw.choice('LNPQRSTU')}",
            "person": str(person),
        }
        rows.append(row)
        if draw.random() < 0.5:
            rows.append(_slipped(row, draw))
    for number, row in enumerate(rows):
        row["id"] = f"{prefix}{number}"
    return rows


def _slipped(row: Row, draw: random.Random) -> Row:
    other = dict(row)
    field = draw.choice((*FIELDS, "none", "none"))
    value = row.get(field)
    if value is None:
        return other
    if field == "postcode":
        other[field] = None
    elif field == "date_of_birth":
        other[field] = value[:-1] + str((int(value[-1]) + 1) % 9)
    else:
        other[field] = value[:-1] + draw.choice("aeiou")
    return other


def as_table(rows: list[Row], *, columns: tuple[str, ...] = ("id", *FIELDS)) -> pa.Table:
    """The rows as a table of texts, without the truth."""
    return pa.table({c: pa.array([row.get(c) for row in rows], pa.string()) for c in columns})


def write_rows(path: Path, rows: list[Row]) -> Path:
    """Write the rows as the file's ending says: .csv or .parquet."""
    if path.suffix == ".parquet":
        pq.write_table(as_table(rows), path)
    else:
        pa_csv.write_csv(as_table(rows), path)
    return path


MODEL = {
    "prior": 0.003,
    "comparisons": [
        {
            "name": "surname",
            "levels": [
                {"when": "missing(surname)"},
                {"when": "equal(surname)", "m": 0.8, "u": 0.05, "term_frequency": "surname"},
                {"when": "jaro_winkler(surname) >= 0.88", "m": 0.15, "u": 0.02},
                {"when": "otherwise", "m": 0.05, "u": 0.93},
            ],
        },
        {
            "name": "first_name",
            "levels": [
                {"when": "missing(first_name)"},
                {"when": "equal(first_name)", "m": 0.8, "u": 0.08},
                {"when": "levenshtein(first_name) <= 1", "m": 0.15, "u": 0.02},
                {"when": "otherwise", "m": 0.05, "u": 0.9},
            ],
        },
        {
            "name": "date_of_birth",
            "levels": [
                {"when": "missing(date_of_birth)"},
                {"when": "equal(date_of_birth)", "m": 0.85, "u": 0.0001},
                {"when": "days_apart(date_of_birth) <= 31", "m": 0.1, "u": 0.0025},
                {"when": "otherwise", "m": 0.05, "u": 0.9974},
            ],
        },
    ],
    "blocking_rules": [["surname"], ["date_of_birth"], ["first_name", "year(date_of_birth)"]],
}
