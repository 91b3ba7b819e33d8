"""`python -m joinedup.people.county`: write the county's benchmark tables, or its five extracts."""

from __future__ import annotations

import argparse
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from joinedup.people.county.linkage_table import linkage_pair, linkage_table
from joinedup.people.county.write import write_county


def main(arguments: list[str] | None = None) -> None:
    """Parse, make, write."""
    parser = argparse.ArgumentParser(prog="python -m joinedup.people.county", description=__doc__)
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--records", type=int, help="benchmark tables of so many records (--link: in each)")
    size.add_argument("--people", type=int, help="the five extracts of a county of so many people")
    parser.add_argument("--link", action="store_true", help="two tables to link in place of one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="directory for the Parquet files")
    chosen = parser.parse_args(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    if chosen.people is not None:
        write_county(chosen.out, people=chosen.people, seed=chosen.seed)
        return
    if chosen.link:
        sides = dict(
            zip(("left", "right"), linkage_pair(records_each=chosen.records, seed=chosen.seed), strict=True)
        )
    else:
        sides = {"records": linkage_table(records=chosen.records, seed=chosen.seed)}
    truths = []
    for name, side in sides.items():
        pq.write_table(side.records, chosen.out / f"{name}.parquet")
        truths.append(side.truth().add_column(0, "source", pa.array([name] * len(side.clusters))))
    pq.write_table(pa.concat_tables(truths), chosen.out / "truth.parquet")


if __name__ == "__main__":
    main()
