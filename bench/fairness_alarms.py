"""How often errors by group are called unequal where they are not, and whether a planted inequality is found.

    python bench/fairness_alarms.py [--records 20000] [--reports 300] [--planted 5] [--seed 1]

A generated county is linked without configuration. Its people are then divided by lot, as a report divides them
(20 groups in four divisions), again and again: every clear difference is a false alarm. For each planted inequality
one person in ten is drawn, six in ten of their records lose date of birth and e-mail, and the county is linked
again. Ends with one JSON line.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from joinedup.linkage import link_files
from joinedup.linkage.evaluate import truth_of
from joinedup.linkage.fairness import assess
from joinedup.linkage.fairness_counts import PersonCounts, person_counts
from joinedup.linkage.fairness_groups import Labels
from joinedup.linkage.run_files import open_run
from joinedup.people.county import linkage_table

ON = date(2026, 3, 31)
WAYS = (2, 6, 10, 2)


def linked(folder: Path, records: pa.Table, truth: pa.Table) -> tuple[PersonCounts, np.ndarray]:
    """The errors of a linked county by person, and the true person's number of each entry."""
    pq.write_table(records, folder / "records.parquet")
    pq.write_table(truth, folder / "truth.parquet")
    link_files([folder / "records.parquet"], folder / "run", id_column="record_id")
    run = open_run(folder / "run")
    clusters, _, names = truth_of(run, folder / "truth.parquet")
    counts = person_counts(run, clusters)
    person = np.zeros(len(counts), np.int64)
    person[counts.record] = np.array([int(name) for name in names])[clusters]
    return counts, person


def by_lot(people: int, rng: np.random.Generator) -> list[Labels]:
    return [
        Labels(
            f"lot {at}",
            f"Lot {at}",
            tuple(map(str, range(ways))),
            rng.integers(0, ways, people),
            "drawn by lot",
        )
        for at, ways in enumerate(WAYS)
    ]


def hurt(records: pa.Table, whose: np.ndarray, rng: np.random.Generator) -> pa.Table:
    """The records with date of birth and e-mail taken from six in ten of some people's."""
    lost = whose & (rng.random(len(whose)) < 0.6)
    for name in ("date_of_birth", "email"):
        left = [None if gone else value for gone, value in zip(lost, records[name].to_pylist(), strict=True)]
        records = records.set_column(records.schema.get_field_index(name), name, pa.array(left, pa.string()))
    return records


def main() -> None:
    """Measure and say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--reports", type=int, default=300)
    parser.add_argument("--planted", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    made = linkage_table(records=chosen.records, seed=chosen.seed)
    rng = np.random.default_rng(chosen.seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        counts, _ = linked(folder, made.records, made.truth())
        alarms = sum(assess(counts, by_lot(len(counts), rng), on=ON).clear for _ in range(chosen.reports))
        found = others = 0
        for _ in range(chosen.planted):
            unlucky = rng.random(int(made.clusters.max()) + 1) < 0.1
            worse, person = linked(folder, hurt(made.records, unlucky[made.clusters], rng), made.truth())
            planted = Labels(
                "planted", "Planted", ("others", "hurt"), unlucky[person].astype(np.int64), "planted"
            )
            told = assess(worse, [planted, *by_lot(len(worse), rng)], on=ON)
            clear = [
                [any(g.verdict.value == "clear" for g in x.gaps.values()) for x in each.groups]
                for each in told.groupings
            ]
            found += any(clear[0])
            others += any(any(each) for each in clear[1:])
    print(
        json.dumps(
            {
                "claim": "errors by group are called unequal where they are, and seldom where they are not",
                "records": chosen.records,
                "people": len(counts),
                "reports": chosen.reports,
                "comparisons_a_report": 2 * (1 + 6 + 10 + 1),
                "false_alarms": round(alarms / chosen.reports, 4),
                "planted": chosen.planted,
                "planted_found": found,
                "planted_reports_with_another_alarm": others,
                "met": alarms / chosen.reports <= 0.05 and found == chosen.planted,
            }
        )
    )


if __name__ == "__main__":
    main()
