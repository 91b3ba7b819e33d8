"""Linking without names beside clkhash and anonlink on the same generated tables: F1 and encoding speed.

    python bench/private_vs_clkhash.py [--records 20000] [--seed 1] [--peer PYTHON]

The peers pin a version of cryptography that we cannot be installed with, so they run apart: by PYTHON, or else in a
virtual environment that is made for them in a temporary folder (pip install clkhash anonlink). They get the five
fields as our own standardising leaves them (and again four, without e-mail; the better counts), in one CLK of 1024
bits without hardening, compared all with all and matched one to one; of twenty thresholds the one that is best by the
truth is taken, which nobody could know. Ours runs twice: without hardening, and under the agreement to start from; its
threshold is its own. Encoding is timed on one core each: ours from standardised values to hardened text. The last
line is one JSON object.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from county_data import county
from joinedup.linkage import Source
from joinedup.linkage.encode import Records
from joinedup.linkage.private import LinkageAgreement, Secret, starting_agreement
from joinedup.linkage.private.encode import encoded_table, standardised
from private_job import private_job
from processes import load

FIELDS = ("first_name", "surname", "date_of_birth", "postcode", "email")


def peer_python(folder: Path) -> Path:
    """An interpreter with the peers, made in the folder."""
    subprocess.run([sys.executable, "-m", "venv", folder / "peers"], check=True)
    subprocess.run([folder / "peers/bin/pip", "install", "-q", "clkhash", "anonlink"], check=True)
    return folder / "peers/bin/python"


def write_csv(records: Records, path: Path, fields: Sequence[str]) -> None:
    """record_id and the fields, as standardised; missing is empty."""
    columns = [[*records.columns[f].values.to_pylist(), ""] for f in fields]
    codes = [records.columns[f].codes for f in fields]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["record_id", *fields])
        for n, identifier in enumerate(records.ids.to_pylist()):
            writer.writerow([identifier, *(values[c[n]] for values, c in zip(columns, codes, strict=True))])


def peer_run(python: Path, folder: Path, held: Sequence[Records], fields: Sequence[str]) -> dict[str, Any]:
    """What the peers say of two tables with these fields."""
    files = [folder / "left.csv", folder / "right.csv", folder / "peer.json"]
    for records, path in zip(held, files, strict=False):
        write_csv(records, path, fields)
    subprocess.run([python, Path(__file__).with_name("private_peer.py"), "link", *files], check=True)
    found: dict[str, Any] = json.loads(files[2].read_text())
    return {**found, "fields": len(fields)}


def f1(matched: list[list[str]], truth: set[tuple[str, str]]) -> tuple[float, float, float]:
    """F1, precision and recall of pairs of record ids."""
    right = sum((left, other) in truth for left, other in matched)
    precision, recall = right / max(1, len(matched)), right / len(truth)
    return 2 * precision * recall / max(1e-9, precision + recall), precision, recall


def true_pairs(path: Path) -> set[tuple[str, str]]:
    """The pairs of the left and the right table that are one person."""
    sides: dict[str, dict[str, str]] = {"left": {}, "right": {}}
    for row in pq.read_table(path).to_pylist():
        sides[row["source"]][str(row["cluster"])] = str(row["record_id"])
    return {(sides["left"][c], sides["right"][c]) for c in sides["left"].keys() & sides["right"].keys()}


def encoding_seconds(records: Records, agreement: LinkageAgreement) -> float:
    """Seconds to encode records that are standardised; the least of two, the first of which compiles."""
    taken = []
    for _ in range(2):
        start = time.perf_counter()
        encoded_table(records, agreement, Secret(bytes(32)), source="left")
        taken.append(time.perf_counter() - start)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=20_000, help="records in each table")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peer", type=Path, default=None, help="an interpreter with clkhash and anonlink")
    options = parser.parse_args()
    data = county(records=options.records, link=True, seed=options.seed)
    bare = starting_agreement("county", fold=0, epsilon=None, salted=False)
    start = starting_agreement("county")
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name:
        folder = Path(name)
        held = [standardised(Source(str(p), p.stem, "record_id"), start)[0] for p in data.inputs]
        python = options.peer or peer_python(folder)
        peers = [peer_run(python, folder, held, fields) for fields in (FIELDS, FIELDS[:-1])]
    truth = true_pairs(data.truth)
    peer, best, score = max(
        ((peer, best, f1(matched, truth)) for peer in peers for best, matched in peer["matched"].items()),
        key=lambda found: found[2],
    )
    rows: dict[str, dict[str, float]] = {
        "clkhash and anonlink": {
            "f1": score[0],
            "precision": score[1],
            "recall": score[2],
            "records_per_second": sum(peer["records"]) / peer["seconds"]["encode"],
        }
    }
    for label, agreement in (("ours, no hardening", bare), ("ours, agreement to start from", start)):
        found = private_job(data.inputs, data.truth, agreement, seed=options.seed).evaluation.cluster
        rows[label] = {
            "f1": found.f1,
            "precision": found.precision,
            "recall": found.recall,
            "records_per_second": len(held[0]) / encoding_seconds(held[0], agreement),
        }
    for label, row in rows.items():
        print(label, "|", " | ".join(f"{value:,.4f}" for value in row.values()))
    ours, theirs = rows["ours, agreement to start from"], rows["clkhash and anonlink"]
    print(
        json.dumps(
            {
                "claim": "linking without names, beside clkhash and anonlink",
                "value": round(ours["f1"] - theirs["f1"], 4),
                "speed_ratio": round(ours["records_per_second"] / theirs["records_per_second"], 2),
                "peer_threshold": best,
                "peer_fields": peer["fields"],
                "rows": {label: {k: round(v, 4) for k, v in row.items()} for label, row in rows.items()},
                "records_each": options.records,
                "load": load(),
                "seed": options.seed,
                "versions": {**peer["versions"], "joinedup": version("joinedup")},
            }
        )
    )


if __name__ == "__main__":
    main()
