"""`python -m joinedup.people.county`: write the county's benchmark tables, or its five extracts."""

from __future__ import annotations

import argparse
from pathlib import Path

from joinedup.people.county.linkage_files import write_linkage_tables
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
    write_linkage_tables(chosen.out, records=chosen.records, seed=chosen.seed, link=chosen.link)


if __name__ == "__main__":
    main()
