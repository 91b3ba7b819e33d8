"""Compiled inner loops of linkage: they see only codes, offsets and thresholds, never names of things."""
