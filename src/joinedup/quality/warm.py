"""Compile the kernels that read and profile a CSV once, so that the first real run is as fast as the next.

``python -m joinedup.quality.warm`` does so and says how long it took. What is compiled is kept beside the
kernels (Numba's cache), for this machine and this version of the sources.
"""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path

import pyarrow as pa

from joinedup.people import FieldKind, find_standing

from .run import profile
from .tally import ColumnTally


def warm() -> float:
    """Compile what is not compiled yet and return the seconds that it took."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warm.csv"
        lines = [f'{n},"Ann, {n % 7}",{n / 4},{2000 + n % 9}-01-02,' for n in range(200)]
        path.write_text("\n".join(["id,name,amount,opened,note", *lines, ""]), encoding="utf-8")
        profile(path, on=date(2026, 1, 1), validate=False, threads=1)
    find_standing(pa.array(["1.50", "12"]), FieldKind.NUMBER)
    find_standing(pa.array(["12 Mill Lane", "The Old Mill"]), FieldKind.ADDRESS_LINE)
    tally = ColumnTally(exact_limit=8, most_kept=16)  # so small that values are retired and counts estimated
    tally.update(pa.array([str(n) for n in range(100)] + [None]))
    tally.finish()
    return time.perf_counter() - start


if __name__ == "__main__":
    import sys

    sys.stdout.write(f"profile kernels ready in {warm():.1f} seconds\n")
