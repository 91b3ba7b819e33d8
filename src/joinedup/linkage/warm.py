"""Compile every kernel of linkage once, so that the first real run is as fast as the next.

``python -m joinedup.linkage.warm`` runs tiny jobs of each kind in a temporary folder and says how long it took.
What is compiled is kept beside the kernels (numba's cache), for this machine and this version of the sources.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from joinedup.linkage.compare import condition_filter
from joinedup.linkage.decisions import COLUMNS
from joinedup.linkage.encode import encode
from joinedup.linkage.expression import parse_condition
from joinedup.linkage.index.build import build
from joinedup.linkage.index.change import add
from joinedup.linkage.index.match import open_index
from joinedup.linkage.pipeline import link, link_files
from joinedup.linkage.private.encode import encode_file
from joinedup.linkage.private.secret import Secret
from joinedup.linkage.private.starting import starting_agreement
from joinedup.linkage.private.third_party import link_encoded
from joinedup.linkage.spec import spec_from_dict

_FIRST = ("mary", "marie", "bob", "robert", "ann", "anne", "zoë", "li", "ivan", "noor")
_LAST = ("smith", "smyth", "jones", "khan", "o'neil", "wu", "nowak", "patel")
_FIELDS = ("first_name", "surname", "date_of_birth", "postcode", "nino", "tags")
_QUESTIONS = (
    "equal(first_name)",
    "jaro_winkler(first_name) >= 0.9",
    "jaro(surname) >= 0.9",
    "jaccard(surname) >= 0.8",
    "levenshtein(surname) <= 1",
    "damerau_levenshtein(first_name) <= 2",
    "nickname(first_name)",
    "overlap(tags) >= 1",
    "days_apart(date_of_birth) <= 30",
    "difference(year(date_of_birth)) <= 1",
    "day_month_swapped(date_of_birth)",
    "swapped(first_name, surname)",
    'both(surname, "wu")',
)
# What an index does not hold, and a link has all the same.
_MORE = (
    "hamming(nino) <= 1",
    "proportion_apart(year(date_of_birth)) <= 0.1",
    "kilometres_apart(place) <= 5",
    "cosine(tags) >= 0.5",
    "subset(tags)",
    "any_jaro_winkler(tags) >= 0.9",
    "any_levenshtein(tags) <= 1",
)


def warm() -> float:
    """Compile what is not compiled yet and return the seconds that it took."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in ("one", "two"):
            _write(folder / f"{source}.csv", _rows(source))
        _write(folder / "decisions.csv", _decisions())
        link_files([folder / "one.csv"], folder / "alone", id_column="id")
        link_files([folder / "one.csv", folder / "two.csv"], folder / "across", id_column="id")
        for clusters in ({"least_mean_weight": 0.0}, {}):
            spec = spec_from_dict(_spec({"identifiers": ["nino"], **clusters}), folder=folder)
            link(spec, folder / "given", decisions=folder / "decisions.csv")
        _link_privately(folder)
        _compare_more()
        at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        build(folder / "index", spec, run=folder / "given", at=at, by="nobody")
        _write(folder / "newer.csv", [row | {"postcode": "LS9 9ZZ"} for row in _rows("two")[:20]])
        add(folder / "index", folder / "newer.csv", "two", at=at, by="nobody")
        with open_index(folder / "index") as index:
            index.match({name: text for name, text in _rows("one")[1].items() if name != "id"})
    return time.perf_counter() - start


def _compare_more() -> None:
    rows = {name: [row[name] for row in _rows("one")[:20]] for name in ("id", *_FIELDS)}
    table = pa.table({**rows, "place": ["53.8 -1.5"] * 20})
    records = encode({"one": table}, id_columns={"one": "id"}, columns=[*_FIELDS, "place"])
    pairs = np.arange(19, dtype=np.int32)
    for question in _MORE:
        condition_filter(records, parse_condition(question))(pairs, pairs + np.int32(1))


def _link_privately(folder: Path) -> None:
    """A linkage of encodings, with the hardening that the agreement to start from has."""
    coded = [
        encode_file(
            folder / f"{name}.csv",
            starting_agreement("warm", email=False),
            Secret(bytes(32)),
            out=folder / f"{name}.encoded",
            pseudonyms=folder / f"{name}.own",
            randomness=random.Random(name).randbytes,
            id_column="id",
        )
        for name in ("one", "two")
    ]
    link_encoded([one.encoded for one in coded], folder / "private")


def _rows(source: str) -> list[dict[str, str]]:
    """A few hundred records, some of them repeats of others."""
    rows = []
    for number in range(300):
        n = number * 7 % 240
        values = (
            _FIRST[n % 10] if number % 11 else "",
            _LAST[n // 10 % 8] if number % 13 else "",
            f"{1950 + n % 50}-{1 + n % 12:02d}-{1 + n % 28:02d}",
            f"LS{1 + n % 9} {n % 9}AB",
            "" if number % 3 else f"AB{100000 + n}C",
            f"a{n % 4}|b{n % 5}",
        )
        rows.append({"id": f"{source}{number}", **dict(zip(_FIELDS, values, strict=True))})
    return rows


def _decisions() -> list[dict[str, str]]:
    pairs = (("one1", "two9", "same"), ("one2", "two5", "different"), ("one3", "one4", "different"))
    rows = [
        (left[:3], left, right[:3], right, verdict, "nobody", "2026-01-01", "")
        for left, right, verdict in pairs
    ]
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def _spec(clusters: dict[str, Any]) -> dict[str, Any]:
    """A job that asks everything a model can ask, with every constraint on its clusters."""
    comparisons: list[dict[str, Any]] = [
        {"name": f"question {n}", "levels": [{"when": question}, {"when": "otherwise"}]}
        for n, question in enumerate(_QUESTIONS)
    ]
    comparisons[0]["levels"][0] |= {"term_frequency": "first_name"}
    return {
        "kind": "link_and_dedupe",
        "sources": [
            {"path": f"{name}.csv", "id": "id", "one_record_per_person": name == "one"}
            for name in ("one", "two")
        ],
        "model": {
            "comparisons": comparisons,
            "blocking_rules": [
                ["surname", "first_name"],
                {"on": ["date_of_birth"], "where": "levenshtein(surname) <= 3"},
                ["postcode_sector(postcode)", "year(date_of_birth)"],
            ],
        },
        "clusters": clusters,
    }


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    import sys

    sys.stdout.write(f"linkage kernels ready in {warm():.1f} seconds\n")
