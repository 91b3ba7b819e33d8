"""Whether our run and Splink's of one recipe agree: candidate pairs, u and m of each level, weights of pairs.

Both must have kept every candidate and trained the same way. u is counted among random pairs of each tool's
own drawing, and m follows it, so they agree to sampling noise: within four standard errors of u, and as much
for m and for the weight of a pair as those errors and EM's own stopping rule leave open.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq

U_PAIRS = 1e7
FEWEST = 20  # chance hits below which a level's u is noise itself
ERRORS = 4.0
M_APART = 0.01  # EM stops at changes of 1e-4 a step; two stopped runs may differ by some steps
WEIGHT_BITS = 0.25  # median difference of a pair's weight


@dataclass(frozen=True)
class Agreement:
    """candidates: ours and Splink's. u_errors: the largest difference of u, in standard errors, of the levels that
    chance showed often enough. m_apart: the largest difference of m. bits: median difference of weights."""

    candidates: tuple[int, int]
    u_errors: float
    m_apart: float
    bits: float
    shared: int

    @property
    def same(self) -> bool:
        """Identical pairs; u, m and weights within sampling noise."""
        return (
            self.candidates[0] == self.candidates[1] == self.shared
            and self.u_errors <= ERRORS
            and self.m_apart <= M_APART
            and self.bits <= WEIGHT_BITS
        )

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "candidates": self.candidates,
            "u_standard_errors": round(self.u_errors, 2),
            "m_apart": round(self.m_apart, 4),
            "weight_bits_median": round(self.bits, 4),
            "same": self.same,
        }


def agreement(ours: Path, splink: Path, *, link: bool, possible_pairs: int) -> Agreement:
    """Compare two folders of results that kept every candidate pair."""
    u_errors, m_apart = _levels(ours / "model.json", splink / "model.json", min(U_PAIRS, possible_pairs))
    shared, bits = _weights(ours / "pairs.parquet", splink / "pairs.parquet", link=link)
    rows = tuple(pq.read_metadata(folder / "pairs.parquet").num_rows for folder in (ours, splink))
    return Agreement((rows[0], rows[1]), u_errors, m_apart, bits, shared)


def _levels(ours: Path, splink: Path, drawn: float) -> tuple[float, float]:
    worst_u = worst_m = 0.0
    mine = json.loads(ours.read_text())["comparisons"]
    theirs = json.loads(splink.read_text())["comparisons"]
    for own, other in zip(mine, theirs, strict=True):
        pairs = zip(own["levels"], other["comparison_levels"], strict=True)
        for level, their in pairs:
            if level.get("missing") or "u_probability" not in their:
                continue
            u, their_u = float(level["u"]), float(their["u_probability"])
            if min(u, their_u) * drawn >= FEWEST:
                # Splink pairs a few thousand drawn records with each other: besides the counts' own noise its u
                # has that of a mean over those records, whose chances of a hit vary about as much as their mean.
                error = math.sqrt((u + their_u) / drawn + 4 * their_u**2 / math.sqrt(2 * drawn))
                worst_u = max(worst_u, abs(u - their_u) / error)
            if "m_probability" in their:
                worst_m = max(worst_m, abs(float(level["m"]) - float(their["m_probability"])))
    return worst_u, worst_m


def _weights(ours: Path, splink: Path, *, link: bool) -> tuple[int, float]:
    """How many pairs both have, and the median difference of their weights in bits."""
    db = duckdb.connect()
    db.execute("set threads = 2")
    left, right = "record_id_l::varchar", "record_id_r::varchar"
    if not link:  # each tool has its own idea of which comes first
        left, right = f"least({left}, {right})", f"greatest({left}, {right})"
    apart = db.sql(
        f"""select o.match_weight - s.match_weight as bits from read_parquet('{ours}') o
        join (select {left} a, {right} b, match_weight from read_parquet('{splink}')) s
        on {"o.left_id" if link else "least(o.left_id, o.right_id)"} = s.a
        and {"o.right_id" if link else "greatest(o.left_id, o.right_id)"} = s.b"""
    ).fetchnumpy()["bits"]
    return len(apart), float(np.median(np.abs(apart))) if len(apart) else math.inf
