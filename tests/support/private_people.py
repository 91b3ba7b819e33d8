"""Small people files, an agreement and seeded randomness, for tests of linking without names."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from joinedup.linkage.private import LinkageAgreement, agreement_from_dict, starting_agreement

FIRST = (
    "marigold",
    "barnaby",
    "clementine",
    "thaddeus",
    "winifred",
    "leopold",
    "rosalind",
    "ambrose",
    "cordelia",
)
LAST = ("abernathy", "birtwhistle", "cholmondeley", "drinkwater", "entwistle", "fotheringay", "gathercole")


def seeded(seed: int):
    """Randomness that is the same each time."""
    return random.Random(seed).randbytes


def people_files(folder: Path, *, people: int = 400) -> tuple[Path, Path]:
    """Two files that hold two thirds of the same people each, some with a slip in the surname."""
    draw = random.Random(3)
    rows = []
    for number in range(people):
        born = f"{draw.randint(1940, 2005)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"
        home = f"LS{draw.randint(1, 28)} {draw.randint(1, 9)}{draw.choice('ABDEFG')}{draw.choice('HJLNPQ')}"
        rows.append(
            (f"{draw.choice(FIRST)}", f"{draw.choice(LAST)}{draw.choice('aeiou')}", born, home, number)
        )
    left, right = rows[: people * 2 // 3], rows[people // 3 :]
    right = [(f, s.replace("t", "tt", 1) if n % 9 == 0 else s, b, h, n) for f, s, b, h, n in right]
    paths = []
    for name, side in (("north", left), ("south", right)):
        table = pa.table(
            {
                "record_id": [f"{name}-secret-id-{n}" for *_, n in side],
                "first_name": [row[0].title() for row in side],
                "surname": [row[1].title() for row in side],
                "date_of_birth": [row[2] for row in side],
                "postcode": [row[3] for row in side],
            }
        )
        paths.append(folder / f"{name}.parquet")
        pq.write_table(table, paths[-1])
    return paths[0], paths[1]


def agreement(**hardening: Any) -> LinkageAgreement:
    """The agreement to start from, without e-mail, hardened as said."""
    said = starting_agreement("test", email=False, fold=0, epsilon=None).as_dict()
    said["hardening"] = {**said["hardening"], **hardening}
    for one in said["filters"]:
        one["length"] = 512 << said["hardening"]["fold"]
    return agreement_from_dict(said)
