"""How often the naming rules name the tradition from which the county gave somebody a name.

    python bench/naming_rules.py [--people 20000] [--seed 1]

The project made up both the names and the rules, so real names fare worse. Ends with one JSON line.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter

import pyarrow as pa

from joinedup.linkage.naming_traditions import NOT_RECOGNISED, naming_rules
from joinedup.people.county import population
from joinedup.people.county.names import name_book
from joinedup.people.county.traits import traits


def main() -> None:
    """Measure and say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    people, book = population(people=chosen.people, seed=chosen.seed), name_book()
    first = book.first_names.take(pa.array(people.first_name)).to_pylist()
    last = book.surnames.take(pa.array(people.surname)).to_pylist()
    said = naming_rules().of_names(first, last)
    true = traits(people)["naming_tradition"].to_pylist()
    both, named, whole = Counter(zip(true, said, strict=True)), Counter(said), Counter(true)
    print(
        json.dumps(
            {
                "claim": "rules guess most of the county's naming traditions, and err on many people",
                "people": chosen.people,
                "right": round(sum(both[name, name] for name in whole) / chosen.people, 3),
                "not_recognised": round(named[NOT_RECOGNISED] / chosen.people, 3),
                "by_tradition": {
                    name: {
                        "people": count,
                        "recall": round(both[name, name] / count, 3),
                        "precision": round(both[name, name] / max(1, named[name]), 3),
                    }
                    for name, count in sorted(whole.items())
                },
                "met": True,
            }
        )
    )


if __name__ == "__main__":
    main()
