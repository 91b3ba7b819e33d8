"""The distribution of a column's numbers in bounded memory.

Count, sum, spread, least and greatest are exact. Quantiles come from logarithmic buckets (DDSketch, Masson,
Rim and Lee 2019) and are within 1% of the true value, between 1e-12 and 1e18; beyond that range they stay
at its edge.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

_KERNEL: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}  # as in `kernels`
ACCURACY = 0.01
_GAMMA = (1 + ACCURACY) / (1 - ACCURACY)
_LOG_GAMMA = math.log(_GAMMA)
_LOW = math.ceil(math.log(1e-12) / _LOG_GAMMA)
_ROOM = math.ceil(math.log(1e18) / _LOG_GAMMA) - _LOW + 1


class NumberSketch:
    """Weighted numbers, added in any order, asked for their distribution."""

    def __init__(self) -> None:
        self.count = 0
        self.zeros = 0
        self.negative = 0
        self.low = math.inf
        self.high = -math.inf
        self._mean = 0.0
        self._squares = 0.0
        self._above = np.zeros(_ROOM, np.int64)
        self._below = np.zeros(_ROOM, np.int64)

    def add(self, values: npt.NDArray[np.float64], weights: npt.NDArray[np.int64]) -> None:
        """Take in values, each as often as its weight says."""
        if not len(values):
            return
        total = int(weights.sum())
        mean = float(np.average(values, weights=weights))
        squares = float(np.sum(weights * (values - mean) ** 2))
        joint = self.count + total  # means and squares joined as by Chan, Golub and LeVeque (1979)
        gap = mean - self._mean
        self._squares += squares + gap * gap * self.count * total / joint
        self._mean += gap * total / joint
        self.count = joint
        self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))
        self.zeros += int(weights[values == 0].sum())
        self.negative += int(weights[values < 0].sum())
        for side, wanted in ((self._above, values > 0), (self._below, values < 0)):
            if wanted.any():
                add_to_sketch(np.abs(values[wanted]), weights[wanted], _LOW, _LOG_GAMMA, side)

    @property
    def mean(self) -> float:
        """The mean; NaN without values."""
        return self._mean if self.count else math.nan

    @property
    def deviation(self) -> float:
        """The sample standard deviation; NaN with fewer than two values."""
        return math.sqrt(self._squares / (self.count - 1)) if self.count > 1 else math.nan

    def quantile(self, share: float) -> float:
        """The value below which ``share`` of the values lie, within 1%; NaN without values."""
        if not self.count:
            return math.nan
        values, weights = self._points()
        reached = np.cumsum(weights)
        place = int(np.searchsorted(reached, share * (self.count - 1), side="right"))
        return min(max(float(values[min(place, len(values) - 1)]), self.low), self.high)

    def bins(self, edges: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """About how many values lie between the edges (values are placed to within 1%)."""
        if not self.count:
            return np.zeros(len(edges) - 1, np.int64)
        values, weights = self._points()
        held = np.clip(np.clip(values, self.low, self.high), edges[0], edges[-1])
        return np.histogram(held, edges, weights=weights)[0].astype(np.int64)

    def _points(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        """Bucket middles and their weights, in rising order."""
        below, above = np.flatnonzero(self._below)[::-1], np.flatnonzero(self._above)
        middle = 2 / (1 + _GAMMA)
        values = np.concatenate(
            [
                -middle * np.exp((below + _LOW) * _LOG_GAMMA),
                np.zeros(1 if self.zeros else 0),
                middle * np.exp((above + _LOW) * _LOG_GAMMA),
            ]
        )
        zeros = np.full(1 if self.zeros else 0, self.zeros, np.int64)
        return values, np.concatenate([self._below[below], zeros, self._above[above]])


@njit(**_KERNEL)  # type: ignore[untyped-decorator]  # Numba's own decorator tells no types
def add_to_sketch(
    values: npt.NDArray[np.float64],
    weights: npt.NDArray[np.int64],
    low_key: int,
    log_gamma: float,
    counts: npt.NDArray[np.int64],
) -> None:
    """Add weighted positive values to logarithmic buckets (DDSketch); out of range goes to the edges."""
    for at in range(values.shape[0]):
        key = np.int64(np.ceil(np.log(values[at]) / log_gamma)) - low_key
        counts[min(max(key, 0), counts.shape[0] - 1)] += weights[at]
