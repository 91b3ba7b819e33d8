"""Reading what people write: masked first, then read by models, of which people sign off what they say."""

from __future__ import annotations

from .features import FEATURES, Feature

__all__ = ["FEATURES", "Feature"]
