"""Compiled inner loops of linkage: they see only codes, offsets and thresholds, never names of things."""

import joinedup.values.begin_numba  # noqa: F401  # before any kernel is called
