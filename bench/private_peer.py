"""clkhash and anonlink at work, run by an interpreter that has them (they cannot be installed beside Joinedup).

    PEER/python bench/private_peer.py record OUT.json
    PEER/python bench/private_peer.py link LEFT.csv RIGHT.csv OUT.json

record: seeded filters, anonlink's Dice coefficient of all pairs and its greedy one-to-one matching, for a test to
hold ours against. link: encode two files (record_id first, then the fields), compare all pairs, match greedily at
several thresholds; with the seconds of each.
"""

from __future__ import annotations

import base64
import csv
import json
import random
import sys
import time
from importlib.metadata import version

import anonlink
from bitarray import bitarray
from clkhash import clk
from clkhash.comparators import NgramComparison
from clkhash.field_formats import BitsPerTokenStrategy, FieldHashingProperties, StringSpec
from clkhash.schema import Schema

BITS, FILTERS = 256, 40
THRESHOLDS = [round(0.6 + 0.02 * step, 2) for step in range(20)]
SECRET = "a secret of the benchmark"


def record(out: str) -> None:
    draw = random.Random(7)
    left = [[draw.random() < draw.choice((0.1, 0.3, 0.5)) for _ in range(BITS)] for _ in range(FILTERS)]
    right = []
    for number, bits in enumerate(left):
        chance = (0.0, 0.02, 0.1, 0.5)[number % 4]
        right.append([bit != (draw.random() < chance) for bit in bits])
    right[-1] = [False] * BITS
    sets = [[bitarray(bits) for bits in side] for side in (left, right)]
    scores, (ones, others) = anonlink.similarities.dice_coefficient_python(sets, 0.0)
    pairs = anonlink.candidate_generation.find_candidate_pairs(
        sets, anonlink.similarities.dice_coefficient_accelerated, 0.6
    )
    groups = anonlink.solving.greedy_solve(pairs)
    matched = sorted(
        [dict(group)[0], dict(group)[1]]
        for group in map(list, groups)
        if {side for side, _ in group} == {0, 1}
    )
    with open(out, "w") as file:
        json.dump(
            {
                "made_by": "python bench/private_peer.py record OUT.json",
                "versions": {name: version(name) for name in ("anonlink", "clkhash")},
                "bits": BITS,
                "left": [_text(bits) for bits in left],
                "right": [_text(bits) for bits in right],
                "dice": sorted([i, k, score] for score, i, k in zip(scores, ones, others, strict=False)),
                "threshold": 0.6,
                "matched": matched,
            },
            file,
            separators=(",", ":"),
        )


def _text(bits: list[bool]) -> str:
    return base64.b64encode(bitarray(bits, endian="little").tobytes()).decode().rstrip("=")


def link(left: str, right: str, out: str) -> None:
    start = time.perf_counter()
    rows = [_rows(path) for path in (left, right)]
    read = time.perf_counter()
    schema = _schema(rows[0][0])
    encoded = [
        clk.generate_clks([row[1:] for row in side[1:]], schema, SECRET, validate=False, max_workers=1)
        for side in rows
    ]
    coded = time.perf_counter()
    pairs = anonlink.candidate_generation.find_candidate_pairs(
        encoded, anonlink.similarities.dice_coefficient_accelerated, THRESHOLDS[0], k=20
    )
    compared = time.perf_counter()
    ids = [[row[0] for row in side[1:]] for side in rows]
    found = {}
    for threshold in THRESHOLDS:
        keep = sum(score >= threshold for score in pairs[0])  # they come in falling order
        part = (pairs[0][:keep], tuple(x[:keep] for x in pairs[1]), tuple(x[:keep] for x in pairs[2]))
        groups = [dict(group) for group in anonlink.solving.greedy_solve(part)]
        found[threshold] = [[ids[0][group[0]], ids[1][group[1]]] for group in groups if set(group) == {0, 1}]
    with open(out, "w") as file:
        json.dump(
            {
                "versions": {name: version(name) for name in ("anonlink", "clkhash")},
                "records": [len(side) for side in ids],
                "seconds": {"read": read - start, "encode": coded - read, "compare": compared - coded},
                "matched": found,
            },
            file,
        )


def _rows(path: str) -> list[list[str]]:
    with open(path, newline="") as file:
        return list(csv.reader(file))


def _schema(header: list[str]) -> Schema:
    """Bigrams, for the date of birth single characters with their place; 15 bits a token (a CLK of 1024 bits)."""
    fields = []
    for name in header[1:]:
        date = name == "date_of_birth"
        comparison = NgramComparison(1 if date else 2, date)
        hashing = FieldHashingProperties(comparator=comparison, strategy=BitsPerTokenStrategy(15))
        fields.append(StringSpec(name, hashing))
    return Schema(fields, 1024)


if __name__ == "__main__":
    {"record": record, "link": link}[sys.argv[1]](*sys.argv[2:])
