"""A person index under SIGKILL: every phase of every kind of change, broken off at random moments.

    python bench/index_kill.py [--times 20] [--operation build add remove erase compact refresh]

Each time a process is killed with SIGKILL at a random moment of one phase, commit included. Then the index must
open, be whole (``check --deep``: contents, lookups, and people by a clustering from scratch), hold either all of
the change or nothing of it, all of it if the call had returned, and take the change again. The last line is one
JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from processes import load
from support.index_breaks import OPERATIONS, break_off, prepare


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--operation", nargs="+", choices=OPERATIONS, default=list(OPERATIONS))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    told = []
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name:
        for operation in options.operation:
            prepared = prepare(Path(name) / operation, operation)
            for number, phase in enumerate(prepared.phases):
                before = prepared.phases[number - 1].name if number else "begun"
                found = Counter(
                    break_off(prepared, number, seed=options.seed * 1000 + turn)
                    for turn in range(options.times)
                )
                row = {"operation": operation, "from": before, "to": phase.name, **found}
                told.append(row)
                counts = ", ".join(f"{n} {what}" for what, n in sorted(found.items()))
                print(f"{operation:<8} {before + ' .. ' + phase.name:<40} {counts}", flush=True)
    kills = sum(row.get("before", 0) + row.get("after", 0) for row in told)
    summary = {
        "claim": "a kill at any moment leaves the index whole and loses nothing acknowledged",
        "value": kills,
        "target": options.times * len(told),
        "met": kills == options.times * len(told),
        "phases": told,
        "load": load(),
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
