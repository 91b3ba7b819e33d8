"""Linking without names beside linking in clear text: what is lost, at several strengths of hardening.

    python bench/private_linkage.py [--records 50000] [--seed 1] [--only default]

Two generated tables are linked in clear text (zero configuration; once with every column and once with the five that
the private agreement uses), then privately under agreements of rising strength, and scored against the truth. The
agreement to start from (`joinedup private agreement --new`) is to lose at most 0.03 of F1 against the better of the
two. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from county_data import County, county
from joinedup.linkage import Evaluation, JobKind, Source, Spec, evaluate, link, link_files
from joinedup.linkage.private import LinkageAgreement, starting_agreement
from private_job import Scored, private_job, salted_throughout, varied
from processes import load

TARGET = 0.03
FIELDS = ("first_name", "surname", "date_of_birth", "postcode", "email")


def strengths() -> dict[str, LinkageAgreement]:
    """Agreements by what hardens them."""

    def start(**hardening: Any) -> LinkageAgreement:
        return starting_agreement("county", **{"salted": False, **hardening})

    none = start(fold=0, epsilon=None)
    return {
        "none, each name in a filter of its own": varied(none, apart=True),
        "none, names together": none,
        "folded": start(epsilon=None),
        "balanced": start(fold=0, epsilon=None, balance=True),
        **{f"folded, noise epsilon {e}": start(epsilon=float(e)) for e in (40, 30, 20, 15, 10)},
        "folded, names salted by year of birth": starting_agreement("county", epsilon=None),
        "default: folded, names salted, noise epsilon 30": starting_agreement("county"),
        "folded, names salted, noise epsilon 20": starting_agreement("county", epsilon=20.0),
        "folded, everything salted, noise epsilon 30": salted_throughout(starting_agreement("county")),
    }


def clear(data: County, fields: Sequence[str] | None, seed: int) -> Evaluation:
    """The clear-text link with zero configuration, of all columns or some."""
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name:
        if fields is None:
            link_files(data.inputs, name, id_column="record_id", seed=seed)
        else:
            chosen = {field: (field,) for field in fields}
            sources = tuple(Source(str(p), p.stem, "record_id", fields=chosen) for p in data.inputs)
            link(Spec(JobKind.LINK, sources, seed=seed), name)
        return evaluate(name, data.truth)


def told(label: str, found: Evaluation, scored: Scored | None = None) -> dict[str, object]:
    """One row of the table, printed and returned."""
    row: dict[str, object] = {
        "hardening": label,
        "f1": round(found.cluster.f1, 4),
        "precision": round(found.cluster.precision, 4),
        "recall": round(found.cluster.recall, 4),
        "best_pairwise_f1": round(found.best.f1, 4),
        "blocking_recall": round(found.blocking_recall or 0.0, 4),
    }
    if scored is not None:
        row["encode_seconds"] = round(scored.encode_seconds, 1)
        row["link_seconds"] = round(scored.link_seconds, 1)
        row["encoded_mb"] = round(scored.encoded_bytes / 1e6, 1)
    print(" | ".join(str(value) for value in row.values()), flush=True)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=50_000, help="records in each table")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="only the strengths whose label holds this text")
    options = parser.parse_args()
    data = county(records=options.records, link=True, seed=options.seed)
    everything = told("clear text, every column", clear(data, None, options.seed))
    same = told("clear text, the agreement's columns", clear(data, FIELDS, options.seed))
    rows = [
        told(label, scored.evaluation, scored)
        for label, agreement in strengths().items()
        if options.only in label
        for scored in [private_job(data.inputs, data.truth, agreement, seed=options.seed)]
    ]
    default = next(row for row in rows if str(row["hardening"]).startswith("default:"))
    best = max(float(str(everything["f1"])), float(str(same["f1"])))
    lost = best - float(str(default["f1"]))
    print(
        json.dumps(
            {
                "claim": "F1 lost by linking without names",
                "value": round(lost, 4),
                "target": TARGET,
                "met": lost <= TARGET,
                "clear": [everything, same],
                "private": rows,
                "load": load(),
                "records_each": options.records,
                "seed": options.seed,
                "versions": {"python": platform.python_version(), "joinedup": version("joinedup")},
            }
        )
    )


if __name__ == "__main__":
    main()
