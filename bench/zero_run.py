"""Zero configuration as a whole process: `python bench/zero_run.py FILE [FILE …] --out DIR`."""

from __future__ import annotations

import argparse
from pathlib import Path

from joinedup.linkage import link_files


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    link_files(chosen.inputs, chosen.out)


if __name__ == "__main__":
    main()
